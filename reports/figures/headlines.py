"""What a dashboard says first: the worst of what its figures tell, in words, and where most of it is.

Each rule watches one figure. What costs somebody every day comes first, then the largest share of its whole. Where no rule
finds anything, that is said too, with what was looked at.
"""

from dataclasses import dataclass, replace

from django.utils.formats import date_format

from kpm.payments import term_of
from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import angka, tanggal
from reports.models import due_on

from .declared.registry import FIGURES
from .periods import is_running, over

# When a figure is looked at: while its period runs, once that is over, at any time, or in the last month that is over,
# whose reports and commitments had time to come.
RUNS, OVER, ALWAYS, LAST_MONTH = "berjalan", "selesai", "selalu", "bulan lalu"
SHOWN = 3
MOST_OF, MUCH_OF = 0.5, 0.25  # shares from which one place is told: as the place, or as that with the most


@dataclass(frozen=True)
class Rule:
    """One figure to watch: `words` follow its number, `fine` is said where it is zero. `presses` where each day costs
    somebody, `least` is the share of the whole below which it is not worth a headline, `beyond` another figure that it has
    to be larger than. `milder_than` names a figure of which this one is the milder form.
    """

    slug: str
    words: str
    fine: str
    when: str = ALWAYS
    presses: bool = False
    least: float = 0
    beyond: str = ""
    milder_than: str = ""


RULES = (
    Rule(
        "kasus-terlambat",
        "kasus sudah lewat batas waktunya",
        "tidak ada kasus yang lewat batas",
        RUNS,
        presses=True,
    ),
    Rule(
        "kpm-tanpa-pemegang",
        "keluarga dipegang akun yang sudah nonaktif",
        "setiap keluarga ada pendampingnya",
        RUNS,
        presses=True,
    ),
    Rule(
        "belum-90-hari",
        "keluarga lebih dari 90 hari belum dikunjungi",
        "semua keluarga sudah dikunjungi dalam 90 hari",
        RUNS,
    ),
    Rule(
        "akhir-bulan-belum-90",
        "keluarga pada {day} lebih dari 90 hari belum dikunjungi",
        "pada {day} semua keluarga sudah dikunjungi dalam 90 hari",
        OVER,
    ),
    Rule(
        "lapor-belum-masuk",
        "laporan {due} belum masuk",
        "semua laporan {due} sudah masuk",
        LAST_MONTH,
    ),
    Rule(
        "bantuan-bermasalah",
        "keluarga bantuannya macet pada {term}",
        "tidak ada bantuan yang macet pada {term}",
    ),
    Rule(
        "komitmen-belum",
        "komitmen {due} belum terpenuhi",
        "hampir semua komitmen {due} terpenuhi",
        LAST_MONTH,
        least=0.1,
    ),
    Rule(
        "turun",
        "asesmen menunjukkan tingkat yang turun, lebih banyak daripada yang naik",
        "tingkat yang turun tidak lebih banyak daripada yang naik",
        beyond="naik",
    ),
    Rule(
        "belum-60-hari",
        "keluarga lebih dari 60 hari belum dikunjungi",
        "semua keluarga sudah dikunjungi dalam 60 hari",
        RUNS,
        milder_than="belum-90-hari",
    ),
    Rule(
        "langkah-terlambat",
        "janji sudah lewat tanggal",
        "semua janji masih dalam waktunya",
        RUNS,
    ),
)


def watched(lens):
    """(the figures that the rules look at through `lens`, those of its last month that is over)."""
    now, then = set(), set()
    for rule in RULES:
        if _is_time(rule, lens):
            slugs = {rule.slug, rule.beyond, FIGURES[rule.slug].share_of} - {""}
            (then if rule.when == LAST_MONTH else now).update(slugs)
    return now, then


@dataclass(frozen=True)
class Part:
    """One of the places that an area is made of: how the address narrows to it, its name, and its values."""

    param: str
    key: object
    name: str
    values: dict


@dataclass(frozen=True)
class Headline:
    """`value` of the figure of `rule`, in `words`; `place` is the Part where most of it is, `in_place` how much. `month` is
    the month that it is of, None where that is the period looked at.
    """

    rule: Rule
    value: int
    words: str
    share: float
    month: object = None
    place: Part | None = None
    in_place: int = 0

    @property
    def is_mostly_there(self):
        return self.in_place >= self.value * MOST_OF

    @property
    def sentence(self):
        said = f"{angka(self.value)} {self.words}"
        if self.place is None:
            return f"{said}."
        if self.in_place == self.value:
            return f"{said}, semuanya di {self.place.name}."
        most = "" if self.is_mostly_there else "terbanyak "
        return f"{said}, {most}{angka(self.in_place)} di {self.place.name}."


def last_month(lens):
    """`lens` over the last month of its period that is over, or where none is over month before it."""
    month = over(replace(lens, until=None), "")
    return replace(month, month=months_after(month.month, -1)) if is_running(month) else month


def headlines(lens, values, of_last_month, parts, parts_last_month):
    """(Headlines, the worst first; what is fine, in words) of the figures `values`, those of last_month, and both by place.

    Figures that are not among the values are not looked at.
    """
    due = last_month(lens)
    term = term_of(lens.month)
    names = {
        "day": tanggal(lens.last_day),
        "due": date_format(due.month, "F Y"),
        "term": term.name if term else "tahap ini",
    }
    found, fine = [], []
    for rule in RULES:
        is_late = rule.when == LAST_MONTH
        told, places = (of_last_month, parts_last_month) if is_late else (values, parts)
        if rule.slug not in told or not _is_time(rule, lens):
            continue
        value, whole = told[rule.slug], told.get(FIGURES[rule.slug].share_of)
        share = value / whole if whole else 0
        if rule.milder_than and values[rule.milder_than]:
            continue
        if value and share >= rule.least and value > told.get(rule.beyond, 0):
            place, in_place = _place_of(rule.slug, value, places)
            month = due.month if is_late else None
            words = rule.words.format(**names)
            found.append(Headline(rule, value, words, share, month, place, in_place))
        elif whole or (whole is None and values["kpm-aktif"]):
            fine.append(rule.fine.format(**names))
    found.sort(key=lambda one: (not one.rule.presses, -one.share))
    return found[:SHOWN], fine[:SHOWN]


def _is_time(rule, lens):
    if rule.when == LAST_MONTH:
        return due_on(last_month(lens).month) < lens.today
    return rule.when == ALWAYS or (rule.when == RUNS) == is_running(lens)


def _place_of(slug, value, parts):
    """(the Part with the most of the figure, how much); (None, 0) where there is one part alone, or all have about as much."""
    there = [part for part in parts if slug in part.values]
    if len(there) < 2:
        return None, 0
    most = max(there, key=lambda part: part.values[slug])
    return (most, most.values[slug]) if most.values[slug] > max(value * MUCH_OF, 1) else (None, 0)
