"""The lists behind the figures and the tables that compare them. Reads only; a fixed number of queries each."""

from datetime import date

from django.db.models import Count, Exists, F, Max, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from kpm.models import Assignment, Component, Household, Indicator, Instrument
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.paging import merged_after, rows_after
from pkh_casework.places import WITHOUT_RW
from roles.models import Activity, ActivityHousehold, ActivityKind, Role, SubRole
from wilayah.models import DIGITS_BELOW, Wilayah

from .counting import nothing_of
from .declared.activities import ACTIVITIES
from .declared.late import LATE
from .declared.locked import kept_rows_of, key_of, may_be_locked, open_rows_of
from .values import by_area, by_pendamping, by_rw, values_by

PAGE = 50
NEVER = date.min  # stands for "never visited", so that such families come first
MOST_COLLEAGUES = 60  # more pendamping than these are not compared in one table
FAMILIES_NAMED = 3  # of a group activity; the rest is a number

MASTER_DATA = (Component, Role, SubRole, ActivityKind)

# What an officer of the kelurahan may know of a family (contract C1); nothing else is fetched for them.
PLAIN_FACE = ("id", "case_number", "rw", "status")
FULL_FACE = (*PLAIN_FACE, "name", "wilayah__name", "group__name", "pendamping__name")
# What a row still tells of a family that is not the asker's by now.
STAYS = {"key", "day", "family_id", "number", "author", "family"}


def sees_people(user):
    """Whether `user` works with families by name; kelurahan staff get figures and case numbers only."""
    return user.duty in {PENDAMPING, KOORDINATOR}


# --- the rows behind a figure ----------------------------------------------------------------------------------------


def figure_page(figure, lens, after=""):
    """One page of the rows that `figure` counts, as (rows, cursor): dicts with `day`, a unique `key`, what the source
    tells the asker, and of a family `number` (of the case) and, where the asker may see it today, `family`; activities
    have `families` instead. `cursor` continues the list, "" at its end.
    """
    lens = figure.source.seen(lens)
    order = ["-row_day", "-row_key"] if figure.source.period.newest_first else ["row_day", "row_key"]
    stands = _rows_to_list(figure, lens)
    if figure.source.frozen and may_be_locked(lens):
        page, cursor = merged_after([stands, _kept_to_list(figure, lens)], after, order, size=PAGE)
        _tell_kept(page, figure, lens)
    else:
        page, cursor = rows_after(stands, after, order, size=PAGE)
    for row in page:
        row["day"], row["key"] = row.pop("row_day"), row.pop("row_key")
    if figure.source is ACTIVITIES or figure.source is LATE:
        _add_families_reached(page, lens.user)
    elif "family_id" in figure.source.shown.columns:
        faces = faces_of(lens.user, {row["family_id"] for row in page})
        for row in page:
            row["family"] = faces.get(row["family_id"])
        _leave_out_later_life(page, figure, lens.user)
    for row in page:
        row["day"] = None if row["day"] == NEVER else row["day"]
    return page, cursor


def _rows_to_list(figure, lens):
    """The figure's rows as dicts of exactly the columns that the asker may see, with `row_day` and a unique `row_key`; of
    locked months none.
    """
    rows, period, shown = open_rows_of(figure, lens).order_by(), figure.source.period, figure.source.shown
    if figure.once_per_family:
        case = F("household__case_number")
        families = rows.values(family_id=F("household_id"), number=case, row_key=case)
        return families.annotate(row_day=Max(period.day))
    columns = shown.columns | (shown.in_full if sees_people(lens.user) else {})
    day = Coalesce(period.day, NEVER) if period.undated else F(period.day)
    return rows.values(row_day=day, row_key=F(shown.key), **columns)


def _kept_to_list(figure, lens):
    """What locked months keep of the figure's rows, as dicts with `row_day` and `row_key`, and the rest in `data`."""
    rows, shown = kept_rows_of(figure, lens).order_by(), figure.source.shown
    if figure.once_per_family:
        case = F("household__case_number")
        families = rows.values(family_id=F("household_id"), number=case, row_key=case)
        return families.annotate(row_day=Max("day"))
    told = {"family_id": F("household_id")} if "family_id" in shown.columns else {}
    if "author" in shown.in_full and sees_people(lens.user):
        told["author"] = F("pendamping__name")
    return rows.values("data", row_day=F("day"), row_key=key_of(figure.source, lens), **told)


def _tell_kept(page, figure, lens):
    """Complete the kept rows of `page` with what was kept, and for who works with families with what the rows tell
    today; one that is there no more `is_gone`.
    """
    kept = {row["row_key"]: row for row in page if "data" in row}
    for row in kept.values():
        row |= row.pop("data")
    if kept and sees_people(lens.user):
        shown = figure.source.shown
        known = {name: path for name, path in shown.in_full.items() if name != "author"}
        there = figure.source.start(lens).model.objects.filter(pk__in=kept)
        found = {row.pop("row_key"): row for row in there.values(row_key=F(shown.key), **known)}
        for key, row in kept.items():
            row |= found.get(key) or dict.fromkeys(known) | {"is_gone": True}


def faces_of(user, household_ids):
    """What `user` may see today of these families, by id; one out of scope by now is missing."""
    families = Household.objects.filter(pk__in=household_ids)
    if sees_people(user):
        rows = families.visible_to(user).values(*FULL_FACE)
    else:
        rows = families.counted_for(user).values(*PLAIN_FACE)
    return {row["id"]: row | {"status": Household.Status(row["status"]).label} for row in rows}


def _leave_out_later_life(page, figure, user):
    """Of a family that is not the asker's by now a row tells the number of the case, who did the work and what the
    figure measures; the day too, unless it came after the asker gave the family away. Whatever else a source declares
    is about the family and may have been written since (contract C1). A row whose page is open to its author without
    the family (a visit) is that work itself.
    """
    shown = figure.source.shown
    closed = [row for row in page if row["family"] is None] if shown.needs_family else []
    if not closed:
        return
    measured = {name for name, path in shown.columns.items() if path == F(figure.median_of)}
    given_away = {}
    if user.duty == PENDAMPING:
        held = Assignment.objects.filter(pendamping=user, household__in=[row["family_id"] for row in closed])
        given_away = dict(held.order_by().values_list("household").annotate(Max("to_on")))
    for row in closed:
        until = given_away.get(row["family_id"])
        if until and row["day"] >= until:
            row["day"] = None
        for name in row.keys() - STAYS - measured:
            del row[name]


def _add_families_reached(page, user):
    """Give each activity of `page` its `families` (the first few, as rows) and `more`, how many others there were."""
    reached = ActivityHousehold.objects.counted_for(user).filter(activity__in=[row["key"] for row in page])
    if not sees_people(user):
        reached = reached.filter(household__in=Household.objects.counted_for(user))
    by_activity = {}
    reached = reached.order_by("household__case_number")
    for activity, household, case in reached.values_list("activity", "household", "household__case_number"):
        by_activity.setdefault(activity, []).append({"family_id": household, "number": case})
    for row in page:
        families = by_activity.get(row["key"], [])
        row["families"], row["more"] = families[:FAMILIES_NAMED], len(families[FAMILIES_NAMED:])
    shown = [family for row in page for family in row["families"]]
    faces = faces_of(user, {family["family_id"] for family in shown})
    for family in shown:
        family["family"] = faces.get(family["family_id"])


# --- tables of a dashboard -------------------------------------------------------------------------------------------


def values_by_colleague(slugs, lens):
    """The pendamping of the area looked at with their values, as a list of (User, {slug: int}) by name.

    None when there are too many to compare on one page. Those who hold or did nothing are there too, with zeros.
    """
    colleagues = User.objects.visible_to(lens.user).pendamping().filter(wilayah__code__startswith=lens.here)
    if colleagues.count() > MOST_COLLEAGUES:
        return None
    values = values_by(slugs, lens, by_pendamping)
    named = Q(pk__in=values)
    if lens.rw is None:  # who has nothing at all is worth seeing for an area, not for one RW of it
        named |= Q(pk__in=colleagues.filter(is_active=True).values("pk"))
    nothing = dict.fromkeys(slugs, 0)
    return [(person, values.get(person.pk, nothing)) for person in User.objects.filter(named).only("name")]


def values_by_part(slugs, lens):
    """The areas one level below the one looked at as a list of (Wilayah, {slug: int}): all of them, also those without any
    number; where one pendamping is looked at, those with some.
    """
    digits = DIGITS_BELOW[len(lens.here)]
    values = values_by(slugs, lens, by_area(digits))
    parts = Wilayah.objects.under(lens.user.wilayah_id)
    told = Q(code__in=list(values))
    if sees_all(lens):
        told |= Q(parent=lens.here)
    nothing = nothing_of(slugs)
    return [(part, values.get(part.code, nothing)) for part in parts.filter(told)]


def named_parts(user, codes):
    """The areas `codes` (Wilayah) that `user` may open: a pendamping's families may live beyond the own area."""
    return Wilayah.objects.under(user.wilayah_id).filter(code__in=list(codes))


def values_by_rw(slugs, lens):
    """The RWs of the kelurahan looked at as a list of (int, {slug: int}), see by_number: all in which a family ever lived,
    also those without any number; where one pendamping is looked at, those with some.
    """
    values = values_by(slugs, lens, by_rw)
    if sees_all(lens):
        lived_in = Household.objects.counted_for(lens.user).filter(wilayah=lens.here).order_by()
        for rw in lived_in.values_list("rw", flat=True).distinct():
            values.setdefault(rw, nothing_of(slugs))
    return by_number(values)


def sees_all(lens):
    """Whether `lens` looks at all that an area has, and not at the part of one pendamping."""
    return lens.user.duty != PENDAMPING and not lens.pendamping_id


def by_number(values):
    """`values` ({RW or None: anything}) as a list in the order of the numbers, WITHOUT_RW for None at the end."""
    numbered = sorted((rw, row) for rw, row in values.items() if rw is not None)
    return [*numbered, (WITHOUT_RW, values[None])] if None in values else numbered


def narrowable_pendamping(user, pendamping_id):
    """The pendamping (User) to whom `user` may narrow, or None: oneself, or for a koordinator a colleague of the
    area, one who holds a family of the area, or one who worked in it.
    """
    if user.duty == PENDAMPING:
        return user if user.pk == pendamping_id else None
    if user.duty != KOORDINATOR:
        return None
    known = (
        Q(pk__in=User.objects.visible_to(user).pendamping().values("pk"))
        | Exists(Household.objects.visible_to(user).filter(pendamping=pendamping_id))
        | Exists(Activity.objects.counted_for(user).filter(pendamping=pendamping_id))
    )
    return User.objects.filter(known, pk=pendamping_id).first()


def indicators(day):
    """The indicators of the instrument in force on `day`, with their dimension, in their order."""
    return list(
        Indicator.objects.filter(instrument__in=Instrument.objects.valid_on(day)).select_related("dimension")
    )


# --- what an admin looks after ---------------------------------------------------------------------------------------


def house_counts():
    """Accounts by duty, areas by level and rows of master data, for an admin: nothing of any family."""
    duties = User.objects.order_by("duty").values_list("duty")
    levels = Wilayah.objects.order_by("level").values_list("level")
    return {
        "accounts": [
            (User.Duty(duty).label, number)
            for duty, number in duties.annotate(number=Count("pk", filter=Q(is_active=True)))
        ],
        "areas": [
            (Wilayah.Level(level).label, number) for level, number in levels.annotate(number=Count("pk"))
        ],
        "master": [(model._meta.verbose_name, model.objects.count()) for model in MASTER_DATA],
    }
