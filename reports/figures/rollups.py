"""The roll-up of months: the figures of a month that is over are counted once, by area and by pendamping, and kept.

Rows stay the truth (contract C9): `fill_month` counts a month anew from them at will, `differences` says where the two
disagree, and a month that somebody has written into since it was counted (entries.LateWrite) is read from the rows until it
is counted again, every night. Only figures whose writers hold their month open are kept (`Source.kept`). When these
figures change, so does `counting()`, and all months are read from the rows until they are counted again.
"""

from hashlib import md5

from django.db import connection, transaction
from django.db.models import Min

from accounts.models import User
from entries.models import LateWrite
from kpm.independence.levels import closed_months
from pkh_casework.access import KELURAHAN, KOORDINATOR
from pkh_casework.dated import kept_a_minute
from reports.models import MonthCount, RHKRule
from roles.models import Activity, SubRole
from wilayah.clock import local_today
from wilayah.models import LEVEL_BY_LENGTH, Wilayah

from .counting import by_area, by_pendamping, count
from .declared.registry import FIGURES
from .declared.sources import Lens

LEVELS = (2, 4, 6, 10)  # digits of the codes of a province, a kota, a kecamatan, a kelurahan
RECENT_MONTHS = 3  # counted anew every night, in case anything was missed
BATCH = 2000
LOCK = "LOCK TABLE reports_monthcount IN SHARE ROW EXCLUSIVE MODE"
# Sees every row, as a koordinator of the whole country would; nobody logs in as this.
COUNTRY = User(duty=KOORDINATOR, wilayah_id="")


# --- counting --------------------------------------------------------------------------------------------------------


def kept_figures():
    """The figures that are rolled up, by slug."""
    return {slug: figure for slug, figure in FIGURES.items() if figure.source.period.kept}


def counting():
    """The name of the present set of kept figures: another one where a figure is new, gone, or defined anew, and where
    the master data says otherwise what counts.

    Whoever mends how a figure is counted and leaves its definition as it was runs `roll_up --all`.
    """
    kept = sorted((slug, figure.definition) for slug, figure in kept_figures().items())
    return md5(repr((kept, _what_decides())).encode(), usedforsecurity=False).hexdigest()


@kept_a_minute
def _what_decides():
    """The master data by which kept figures choose their rows: what serves which RHK and when, and whose role a sub-role is."""
    rhk = (f"action__rhk__{name}" for name in ("number", "valid_from", "valid_to"))
    rules = RHKRule.objects.values_list("kind", "sub_role", "valid_from", "valid_to", *rhk)
    return sorted(map(repr, rules)), sorted(SubRole.objects.values_list("code", "role"))


def count_month(month):
    """The kept figures of the month that begins on `month`, from the rows: {(area code, pendamping id): {slug: int}};
    the id is None for all of an area. Zeros are left out.
    """
    lens, slugs = Lens(COUNTRY, local_today(), month), list(kept_figures())
    cells = {}
    for digits in LEVELS:
        for of in ((), (by_pendamping,)):
            for (part, *worker), row in count(slugs, lens, by_area(digits), *of).items():
                if values := {slug: number for slug, number in row.items() if number}:
                    cells[part, worker[0] if of else None] = values
    return cells


@transaction.atomic
def fill_month(month):
    """Count the month that begins on `month` anew and keep it; two at once wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    # Before counting: what is written from here on leaves a mark of its own.
    LateWrite.objects.filter(month=month).delete()
    MonthCount.objects.filter(month=month).delete()
    of = {"month": month, "counting": counting()}
    MonthCount.objects.bulk_create(
        [
            MonthCount(**of, wilayah_id=area, pendamping_id=worker, values=values)
            for (area, worker), values in count_month(month).items()
        ],
        batch_size=BATCH,
    )


def months_to_keep():
    """First days of all months that are over, from the first activity on, oldest first."""
    first = Activity.objects.aggregate(first=Min("occurred_on"))["first"]
    return list(closed_months(first, None)) if first else []


def roll_up(*, anew=False):
    """Fill each month that is missing, was counted by other figures or was written into, and the last RECENT_MONTHS; or
    all `anew`. Returns how many.
    """
    months = months_to_keep()
    held = _counted_among(months)
    late = set(LateWrite.objects.values_list("month", flat=True).distinct())
    due = [
        month
        for month in months
        if anew or month not in held or month in late or month in months[-RECENT_MONTHS:]
    ]
    for month in due:
        fill_month(month)
    return len(due)


def differences(month):
    """The places (area code, pendamping id) where the kept `month` says something else than the rows do."""
    counted = count_month(month)
    rows = MonthCount.objects.filter(month=month).values_list("wilayah_id", "pendamping_id", "values")
    kept = {(area, worker): values for area, worker, values in rows}
    return [place for place in counted.keys() | kept.keys() if counted.get(place) != kept.get(place)]


# --- reading ---------------------------------------------------------------------------------------------------------


def readable_months(lens, months):
    """Those of `months` (first days) whose kept counts may stand for the rows seen through `lens`.

    A whole area, of all its pendamping or of one; not narrowed further; over, counted, and not written into since.
    """
    if (
        lens.user.duty not in {KELURAHAN, KOORDINATOR}
        or lens.rw is not None
        or lens.group_id
        or lens.sub_role
    ):
        return set()
    over = {month for month in months if month < lens.today.replace(day=1)}
    if not over or not lens.here.startswith(lens.user.wilayah_id):
        return set()
    late = LateWrite.objects.filter(month__in=over, wilayah__code__startswith=lens.here)
    return _counted_among(over - set(late.values_list("month", flat=True)))


def _counted_among(months):
    """Those of `months` that the present figures counted; an index look each, however many areas there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.month FROM unnest(%s::date[]) AS asked(month)"
            " WHERE EXISTS (SELECT FROM reports_monthcount WHERE month = asked.month AND counting = %s)",
            [list(months), counting()],
        )
        return {month for (month,) in cursor.fetchall()}


def kept_values(lens, months):
    """{month: {slug: int}} of the area looked at; months without any work are missing."""
    rows = MonthCount.objects.filter(wilayah=lens.here, month__in=months, pendamping=lens.pendamping_id)
    return dict(rows.values_list("month", "values"))


def kept_by(lens, digits=None):
    """{area code: {slug: int}} of the areas with codes of `digits` digits in the area looked at, in the lens's month;
    without `digits` by pendamping, {id: {slug: int}}.
    """
    rows = MonthCount.objects.filter(month=lens.month)
    if digits is None:
        rows = rows.filter(wilayah=lens.here, pendamping__isnull=False)
        if lens.pendamping_id:
            rows = rows.filter(pendamping=lens.pendamping_id)
        return dict(rows.values_list("pendamping_id", "values"))
    parts = Wilayah.objects.under(lens.here).filter(level=LEVEL_BY_LENGTH[digits])
    rows = rows.filter(wilayah__in=parts, pendamping=lens.pendamping_id)
    return dict(rows.values_list("wilayah_id", "values"))
