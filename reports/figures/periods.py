"""The periods that figures are told of, up to today while they run: a month, a tahap of PKH, a year; and those before them."""

from dataclasses import replace

from django.utils.formats import date_format

from kpm.payments import term_of, terms_back
from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import tanggal

MONTH, TERM, YEAR = "bulan", "tahap", "tahun"
PERIODS = (MONTH, TERM, YEAR)
TERMS_OFFERED, YEARS_OFFERED = 8, 3


def over(lens, period, until=None):
    """`lens` over the `period` in which its month lies, or as far as `until` in it; over the month where no tahap was in
    force, or for another word.
    """
    first, last = lens.month, lens.month
    if period == YEAR:
        first, last = lens.year[0], lens.month.replace(month=12)
    elif period == TERM and (term := term_of(lens.month)):
        first, last = term.first_on, term.last_on.replace(day=1)
    else:
        period = ""
    last = min(last, lens.today.replace(day=1))
    if until and first <= until < months_after(last, 1):
        last = until.replace(day=1)
    else:
        until = None
    return replace(lens, period=period, month=last, span=_months_from(first, last) + 1, until=until)


def _months_from(first, last):
    return (last.year - first.year) * 12 + last.month - first.month


def name_of(lens):
    """How people call the period of `lens`: 'November 2026', 'Tahap 4 2026', 'tahun 2026', with the day it is cut at."""
    name = _name_of(lens)
    return f"{name} sampai {tanggal(lens.until)}" if lens.until else name


def _name_of(lens):
    if lens.period == YEAR:
        return f"tahun {lens.month.year}"
    return term_of(lens.month).name if lens.period == TERM else date_format(lens.month, "F Y")


def short_name_of(lens):
    """The same for the heading of a narrow column."""
    if lens.period == YEAR:
        return str(lens.month.year)
    return term_of(lens.month).stage.name if lens.period == TERM else date_format(lens.month, "M")


def in_words(text, lens):
    """What a figure says of *its month*, said of the period of `lens`."""
    if lens.period:
        for words in ("bulan yang dipilih", "bulan itu", "bulan ini"):
            text = text.replace(words, words.replace(MONTH, lens.period))
    return text


def is_running(lens):
    """Whether the period of `lens` is not over."""
    last = over(replace(lens, today=months_after(lens.year[0], 12)), lens.period).month
    return months_after(last, 1) > lens.today


def choices(lens):
    """The periods to choose from in place of the one of `lens`, newest first: (a month of it, its name) each."""
    this_month = lens.today.replace(day=1)
    if lens.period == YEAR:
        months = [months_after(this_month, -12 * back) for back in range(YEARS_OFFERED)]
    elif lens.period == TERM:
        months = [term.first_on for term in terms_back(this_month, TERMS_OFFERED)]
    else:
        return []
    offered = [over(replace(lens, month=month), lens.period) for month in months]
    if lens.month not in [one.month for one in offered]:
        offered.append(lens)
    return [(one.month, name_of(one)) for one in offered]


def before(lens):
    """`lens` over the period before its own; None where no tahap was in force then."""
    if lens.period == YEAR:
        return _earlier(lens, 12)
    if not lens.period:
        return _earlier(lens, 1)
    this, *earlier = terms_back(lens.month, 2)
    return _earlier(lens, _months_from(earlier[0].first_on, this.first_on)) if earlier else None


def a_year_before(lens):
    """`lens` over the same period of the year before."""
    return _earlier(lens, 12)


def _earlier(lens, months):
    """The period so many months earlier: all of it, or of one that runs as far as it has come."""
    first = replace(lens, month=months_after(lens.months[0], -months))
    return over(first, lens.period, months_after(lens.today, -months) if is_running(lens) else None)
