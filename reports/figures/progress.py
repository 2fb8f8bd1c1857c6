"""How far families have come: their levels now and at the end of an earlier month, who rose, stood or fell, where
they are stuck, and what was done with them meanwhile.

Every function takes a `Lens` and gives plain data; `Pick` names one number of them and `rows_of` the rows behind it
(contract C5). *Now* is every family accompanied now (figures.FAMILIES) with its newest answers. *Then* is the end of
`lens.month`: for an area all families that stood there by that day, by the kelurahan of the day, read from the
roll-up; narrowed to an RW, a pendamping or a kelompok the families that are there today, as they stood then.

Nothing but the roll-up and the standing answers is read for levels, so a long history costs nothing. What compares
two answers of each family reads its history, and is told for up to MOST_FAMILIES.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, Sum

from kpm.independence.levels import is_rolled_up
from kpm.models import Assessment, Household, Level, LevelMonth, Score
from pkh_casework.access import KELURAHAN, KOORDINATOR
from pkh_casework.paging import rows_after
from roles.models import ActivityHousehold

from . import queries
from .declared.activities import ROLE_CODES
from .declared.assessments import INDICATORS_A_STEP
from .declared.families import FAMILIES
from .values import by_rw

ROSE, STOOD, FELL = "naik", "tetap", "turun"
GROUPS = (ROSE, STOOD, FELL)
STUCK_AT_MOST = Level.BERTAHAN
MOST_FAMILIES = 5_000  # a large kecamatan; comparing every answer of more than these is no page any more


@dataclass(frozen=True)
class Pick:
    """One number of the page. `kind` is one of KINDS; the other fields narrow it as the kind needs."""

    kind: str
    code: str = ""
    level: int | None = None
    before: int | None = None
    group: str = ""
    role: str = ""


def last_day(lens):
    """The day that *then* means: the end of the lens's month."""
    return lens.next_month - timedelta(days=1)


def families(lens):
    """The families of now, those that the figure kpm-aktif counts."""
    return FAMILIES.rows(lens)


def is_assessed():
    return Exists(Assessment.objects.filter(household=OuterRef("pk")))


def assessed(lens):
    """How many families there are and how many were ever assessed: {"active": int, "assessed": int}."""
    return families(lens).aggregate(active=Count("pk"), assessed=Count("pk", filter=Q(is_assessed())))


def assessed_by(lens, dimension):
    """The same for every group of `dimension` (figures.by_area, by_rw, by_pendamping): {group: {…}}."""
    rows = families(lens)
    if dimension is by_rw:
        rows = rows.filter(wilayah_id=lens.here)
    grouped = rows.order_by().values(part=dimension(FAMILIES))
    counted = grouped.annotate(active=Count("pk"), assessed=Count("pk", filter=Q(is_assessed())))
    return {row.pop("part"): row for row in counted}


# --- levels ----------------------------------------------------------------------------------------------------------


def answers_now(lens):
    """The newest answer of each indicator of each family of now (Score)."""
    return Score.objects.standing().filter(level__isnull=False, household__in=families(lens).values("pk"))


def answers_then(lens):
    """The answers that held at the end of the lens's month (Score), of the families that count for then."""
    rows = Score.objects.standing(last_day(lens)).filter(level__isnull=False)
    if not _is_area(lens):
        return rows.filter(household__in=families(lens).values("pk"))
    return _within(rows, lens)


def levels_now(lens):
    """How many families stand where: {code: {level: int}}."""
    # Rows and not their ids are counted: then the index of standing scores tells all, however many lie behind them.
    return _by_level(answers_now(lens).order_by().values_list("code", "level").annotate(number=Count("*")))


def levels_then(lens):
    """How many families stood where at the end of the lens's month: {code: {level: int}}."""
    if _is_area(lens):
        rows = _within(LevelMonth.objects.filter(month=lens.month), lens)
        counted = _by_level(rows.values_list("code", "level").annotate(Sum("families")))
        if counted or is_rolled_up(lens.month):
            return counted
    return _by_level(answers_then(lens).order_by().values_list("code", "level").annotate(Count("pk")))


def _is_area(lens):
    """Whether the lens shows a whole area and not some of its families."""
    return lens.user.duty in {KELURAHAN, KOORDINATOR} and not (
        lens.rw is not None or lens.pendamping_id or lens.group_id
    )


def _within(rows, lens):
    """Those of `rows` in the area looked at, and never beyond the asker's own."""
    return rows.filter(wilayah__code__startswith=lens.here).filter(
        wilayah__code__startswith=lens.user.wilayah_id
    )


def _by_level(rows):
    counts = {}
    for code, level, number in rows:
        counts.setdefault(code, {})[level] = number
    return counts


# --- from then to now ------------------------------------------------------------------------------------------------


def pairs(lens):
    """Answers given since then, each with `earlier`, the answer to the same indicator that held then."""
    then, path = last_day(lens), "household__scores__"
    held = Q(**{f"{path}until_on": None}) | Q(**{f"{path}until_on__gt": then})
    same = Q(**{f"{path}code": F("code"), f"{path}assessed_on__lte": then, f"{path}level__isnull": False})
    return (
        answers_now(lens)
        .filter(assessed_on__gt=then)
        .alias(earlier=FilteredRelation("household__scores", condition=held & same))
        .filter(earlier__level__isnull=False)
    )


def transitions(lens):
    """Families by level then and now: {code: {(then, now): int}}."""
    counts = {}
    rows = pairs(lens).order_by().values_list("code", "earlier__level", "level").annotate(Count("pk"))
    for code, before, level, number in rows:
        counts.setdefault(code, {})[before, level] = number
    return counts


def changes(lens, among=None):
    """What became of each family answered at both times: {household id: (steps up or below 0 down, indicators)}.

    `among` (household ids) asks for these only.
    """
    rows = pairs(lens) if among is None else pairs(lens).filter(household__in=among)
    rows = rows.order_by().values_list("household_id")
    return {
        household: (steps, asked)
        for household, steps, asked in rows.annotate(
            steps=Sum(F("level") - F("earlier__level")), asked=Count("pk")
        )
    }


def group_of(steps, asked):
    """Whether a family rose, stood or fell by so many `steps` over so many indicators."""
    if steps * INDICATORS_A_STEP >= asked:
        return ROSE
    return FELL if -steps * INDICATORS_A_STEP >= asked else STOOD


def grouped(changed):
    """The families of `changes` by what became of them: {group: [household id, …]}, every group present."""
    groups = {group: [] for group in GROUPS}
    for household, (steps, asked) in changed.items():
        groups[group_of(steps, asked)].append(household)
    return groups


# --- where it does not move ------------------------------------------------------------------------------------------


def stuck_answers(lens):
    """Newest answers at level 1 or 2 whose answer before was at level 1 or 2 as well."""
    before = Score.objects.filter(
        household=OuterRef("household"),
        code=OuterRef("code"),
        until_on=OuterRef("assessed_on"),
        level__lte=STUCK_AT_MOST,
    )
    return answers_now(lens).filter(Exists(before), level__lte=STUCK_AT_MOST)


def stuck(lens):
    """Families that are stuck, by indicator: {code: int}."""
    return dict(stuck_answers(lens).order_by().values_list("code").annotate(Count("pk")))


# --- what was done meanwhile -----------------------------------------------------------------------------------------


def activity_rows(lens):
    """Activities that met a family of now, since then (ActivityHousehold)."""
    return ActivityHousehold.objects.filter(
        household__in=families(lens).values("pk"),
        occurred_on__gt=last_day(lens),
        occurred_on__lte=lens.today,
    ).in_person()


def activities(lens, groups):
    """Activities by role for the families of each of `groups` (see `grouped`): {group: {role: int}}."""
    group_by_family = {household: group for group, ids in groups.items() for household in ids}
    counts = {group: Counter(dict.fromkeys(ROLE_CODES, 0)) for group in groups}
    rows = activity_rows(lens).order_by().values_list("household_id", "activity__sub_role__role_id")
    for household, role, number in rows.annotate(Count("pk")):
        if household in group_by_family:
            counts[group_by_family[household]][role] += number
    return counts


# --- the rows behind a number ----------------------------------------------------------------------------------------


def rows_of(pick, lens):
    """What `pick` counts, one row each, as dicts with family_id, case, a unique `key`, and of what the number tells
    `before`, `level`, `day`, `role`, `activity_key`.

    COMPARING kinds read the history of every family; the caller asks them of no more than MOST_FAMILIES.
    """
    return KINDS[pick.kind](pick, lens)


def page_of(pick, lens, after=""):
    """One page of the rows behind `pick`, as (rows, cursor), as queries.figure_page gives them: `family` is what the
    asker may see of it today. Rows of a family that rose, stood or fell also have `steps` and `asked`.
    """
    page, cursor = rows_after(rows_of(pick, lens), after, ["key"], size=queries.PAGE)
    ids = {row["family_id"] for row in page}
    faces = queries.faces_of(lens.user, ids)
    changed = changes(lens, ids) if pick.kind in GROUPS else {}
    for row in page:
        row["family"] = faces.get(row["family_id"])
        row["steps"], row["asked"] = changed.get(row["family_id"], (None, None))
    return page, cursor


def _listed(scores, **columns):
    case = F("household__case_number")
    return scores.order_by().values(
        "level", family_id=F("household_id"), case=case, key=case, day=F("assessed_on"), **columns
    )


def _families_listed(households):
    return households.order_by().values(family_id=F("id"), case=F("case_number"), key=F("case_number"))


def _now(pick, lens):
    return _listed(answers_now(lens).filter(code=pick.code, level=pick.level))


def _then(pick, lens):
    return _listed(answers_then(lens).filter(code=pick.code, level=pick.level))


def _moved(pick, lens):
    rows = pairs(lens).filter(code=pick.code, earlier__level=pick.before, level=pick.level)
    return _listed(rows, before=F("earlier__level"))


def _stuck(pick, lens):
    return _listed(stuck_answers(lens).filter(code=pick.code))


def _in_group(pick, lens):
    return _families_listed(Household.objects.filter(pk__in=grouped(changes(lens))[pick.kind]))


def _not_compared(pick, lens):
    return _families_listed(families(lens).exclude(pk__in=list(changes(lens))))


def _activities(pick, lens):
    rows = activity_rows(lens).filter(
        household__in=grouped(changes(lens))[pick.group], activity__sub_role__role=pick.role
    )
    columns = {"activity_key": F("activity_id")} if queries.sees_people(lens.user) else {}
    return rows.order_by().values(
        family_id=F("household_id"),
        case=F("household__case_number"),
        key=F("id"),
        day=F("occurred_on"),
        role=F("activity__sub_role__role_id"),
        **columns,
    )


KINDS = {
    "sekarang": _now,
    "dulu": _then,
    "pindah": _moved,
    **dict.fromkeys(GROUPS, _in_group),
    "belum-lagi": _not_compared,
    "tertahan": _stuck,
    "kegiatan": _activities,
    "dinilai": lambda pick, lens: _families_listed(families(lens).filter(is_assessed())),
    "belum": lambda pick, lens: _families_listed(families(lens).exclude(is_assessed())),
}
COMPARING = {"pindah", *GROUPS, "belum-lagi", "kegiatan", "tertahan"}
