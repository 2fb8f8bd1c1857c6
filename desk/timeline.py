"""What a family's page tells of the past: the timeline of all kinds, the role mix, and the promises still open."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat, LPad, TruncDate
from django.utils import timezone
from django.utils.formats import date_format

from kpm.changes import line_of_change
from kpm.models import (
    Assessment,
    Assignment,
    FamilyChange,
    Goal,
    GoalStep,
    GraduationMove,
    PaymentCheck,
    WatchCheck,
)
from pkh_casework.paging import union_page
from resources.models import Referral, ReferralMove
from roles.models import ActivityHousehold, Commitment, IncidentMove, Photo, Role, VisitAct
from sinergi.models import Enrolment, StageMove

HALF_YEAR, YEAR = timedelta(days=182), timedelta(days=365)


TIMELINE_PAGE = 10
KEY_LENGTH = 40
ORDER = ["-day", "-entry"]


@dataclass(frozen=True)
class Event:
    """One line of the timeline that is no activity."""

    on: date
    icon: str
    words: str
    note: str = ""
    by: str = ""
    url: str = ""


@dataclass(frozen=True)
class Told:
    """Rows that the timeline tells: found by `rows` (of those of a model that the asker may see), dated by `day`, read by
    `read` with what `tell` needs to make an Event of each. On one day those with the higher `rank` stand first.
    """

    part: str
    rank: str
    rows: Callable[[], QuerySet]
    day: object
    read: tuple
    tell: Callable


PARTS = {
    "kegiatan": "Kegiatan",
    "asesmen": "Asesmen",
    "rencana": "Tujuan",
    "rujukan": "Rujukan",
    "bantuan": "Bantuan",
    "komitmen": "Komitmen",
    "lainnya": "Lainnya",
}


def _by(row):
    return row.by.name if row.by else ""


def _assessment(row):
    words = f"Asesmen {row.get_form_display().lower()}"
    return Event(
        row.assessed_on, "clipboard-check", words, by=row.pendamping.name, url=row.get_absolute_url()
    )


def _goal(row):
    words = f"Tujuan baru: {row.wish}"
    return Event(row.started_on, "target", words, by=row.pendamping.name, url=row.get_absolute_url())


def _goal_closed(row):
    words = f"Tujuan {row.get_state_display().lower()}: {row.wish}"
    return Event(row.closed_on, "target", words, row.closed_reason, url=row.get_absolute_url())


def _step(row):
    return Event(row.done_on, "check", f"Langkah selesai: {row.text}", url=row.goal.get_absolute_url())


def _referral(row):
    words = f"Rujukan ke {row.referral.resource.name}: {row.get_to_state_display().lower()}"
    who = _by(row) or row.answered_by
    return Event(row.happened_on, "handshake", words, row.reason, who, row.referral.get_absolute_url())


def _payment(row):
    words = f"Bantuan {row.stage.name.lower()} {row.year}: {row.told.lower()}"
    return Event(row.checked_on, "wallet", words, row.note, row.pendamping.name, row.get_absolute_url())


def _stage(row):
    words = f"{row.enrolment.programme.name}: tahap {row.stage.name.lower()}"
    return Event(row.moved_on, "milestone", words, row.reason, _by(row), row.enrolment.get_absolute_url())


def _left(row):
    words = f"{row.programme.name}: {row.get_ending_display().lower()}"
    return Event(row.left_on, "milestone", words, row.left_why, url=row.get_absolute_url())


def _graduation(row):
    words = f"Graduasi: {row.get_to_state_display().lower()}"
    on = timezone.localdate(row.at)
    return Event(on, "graduation-cap", words, row.reason, _by(row), row.case.get_absolute_url())


def _check(row):
    words = f"Cek {row.months} bulan sesudah graduasi: {row.get_outcome_display().lower()}"
    return Event(row.done_on, "graduation-cap", words, row.note, _by(row), row.case.get_absolute_url())


def _incident(row):
    words = f"Kasus {row.incident.kind.name.lower()}: {row.get_to_state_display().lower()}"
    url = row.incident.get_absolute_url()
    return Event(row.happened_on, "triangle-alert", words, by=_by(row), url=url)


def _handover(row):
    return Event(row.from_on, "arrow-right-left", f"Didampingi {row.pendamping.name}", row.reason, _by(row))


def _change(row):
    line = line_of_change(row)
    return Event(line.on, line.icon, line.words, line.why, line.by)


def _handovers():
    earlier = Assignment.objects.filter(household=OuterRef("household"), from_on__lt=OuterRef("from_on"))
    return Assignment.objects.filter(Exists(earlier))


def _alone(rows):
    """Without what stands in the visit during which it was done."""
    return rows.exclude(visit_act__row__household=F("household"))


def _referral_moves():
    planned_alone = _alone(Referral.objects.all()).values("pk")
    moves = ReferralMove.objects.filter(counts=True)
    return moves.filter(~Q(to_state=Referral.State.PLANNED) | Q(referral__in=planned_alone))


TOLD = {
    told.rank: told
    for told in (
        Told(
            "asesmen",
            "80",
            lambda: _alone(Assessment.objects.all()),
            F("assessed_on"),
            ("pendamping",),
            _assessment,
        ),
        Told(
            "rencana",
            "70",
            lambda: _alone(Goal.objects.all()),
            F("started_on"),
            ("pendamping",),
            _goal,
        ),
        Told(
            "rencana",
            "72",
            lambda: Goal.objects.exclude(closed_on=None),
            F("closed_on"),
            ("pendamping",),
            _goal_closed,
        ),
        Told(
            "rencana",
            "71",
            lambda: GoalStep.objects.filter(activity_rows=None).exclude(done_on=None),
            F("done_on"),
            ("goal",),
            _step,
        ),
        Told("rujukan", "60", _referral_moves, F("happened_on"), ("referral__resource", "by"), _referral),
        Told(
            "bantuan",
            "50",
            lambda: _alone(PaymentCheck.objects.all()),
            F("checked_on"),
            ("stage", "trouble", "pendamping", "household"),
            _payment,
        ),
        Told(
            "lainnya",
            "30",
            lambda: StageMove.objects.all(),
            F("moved_on"),
            ("enrolment__programme", "stage", "by"),
            _stage,
        ),
        Told(
            "lainnya",
            "31",
            lambda: Enrolment.objects.exclude(left_on=None),
            F("left_on"),
            ("programme",),
            _left,
        ),
        Told(
            "lainnya",
            "32",
            lambda: GraduationMove.objects.all(),
            TruncDate("at"),
            ("case", "by"),
            _graduation,
        ),
        Told(
            "lainnya",
            "33",
            lambda: WatchCheck.objects.exclude(done_on=None),
            F("done_on"),
            ("case", "by"),
            _check,
        ),
        Told(
            "lainnya",
            "34",
            lambda: IncidentMove.objects.all(),
            F("happened_on"),
            ("incident__kind", "by"),
            _incident,
        ),
        Told("lainnya", "20", _handovers, F("from_on"), ("pendamping", "by"), _handover),
        Told(
            "lainnya",
            "21",
            lambda: FamilyChange.objects.all(),
            F("changed_on"),
            ("reason", "by", "member", "successor", "to_wilayah"),
            _change,
        ),
    )
}
ACTIVITIES, COMMITMENTS = "90", "40"


def timeline(request, household, part=""):
    """A Page of what happened with a family that the asker may open, of all kinds or of one `part`, newest first. A row has
    `activity` (an ActivityHousehold with `told`, what was done in it) or `event` (an Event). However long the past is:
    one statement, and one more for each kind on the page.
    """
    user = request.user
    asked = [
        _entries(told, told.rows(), household, user) for told in TOLD.values() if part in ("", told.part)
    ]
    if part in ("", "kegiatan"):
        reached = ActivityHousehold.objects.visible_to(user).filter(household=household)
        asked.append(_keyed(reached, ACTIVITIES, F("occurred_on"), Cast("pk", TextField())))
    found = Commitment.objects.visible_to(user).filter(household=household)
    # Among all kinds what was verified stands in its verification, which is an activity.
    found = found if part else found.filter(activity=None)
    if part in ("", "komitmen"):
        asked.append(_keyed(found, COMMITMENTS, F("recorded_on"), Cast("month", TextField())).distinct())
    page = union_page(asked, request, ORDER, size=TIMELINE_PAGE)
    ids = defaultdict(list)
    for row in page.rows:
        rank, _, key = row["entry"].partition(" ")
        row["key"] = rank, key.strip(), row["day"]
        ids[rank].append(row)
    read = {}
    for rank, rows in ids.items():
        keys = [row["key"] for row in rows]
        read |= _commitments(keys, found) if rank == COMMITMENTS else _read(rank, keys, request)
    for row in page.rows:
        row["activity" if row["key"][0] == ACTIVITIES else "event"] = read[row["key"]]
    return page


def _entries(told, rows, household, user):
    rows = rows.visible_to(user).filter(household=household)
    return _keyed(rows, told.rank, told.day, Cast("pk", TextField()))


def _keyed(rows, rank, day, key):
    """`rows` as dicts of their day, and of what tells one from all others and sorts those of a day."""
    entry = Concat(Value(f"{rank} "), LPad(key, KEY_LENGTH), output_field=TextField())
    return rows.order_by().annotate(day=day, entry=entry).values("day", "entry")


def _read(rank, keys, request):
    """{key of a row: its Event or ActivityHousehold} of those with one `rank`."""
    ids = [key for _, key, _ in keys]
    if rank == ACTIVITIES:
        stored = {str(row.pk): row for row in _activities(ids, request)}
        return {key: stored[key[1]] for key in keys}
    told = TOLD[rank]
    stored = {str(row.pk): row for row in told.rows().filter(pk__in=ids).select_related(*told.read)}
    return {key: told.tell(stored[key[1]]) for key in keys}


def _commitments(keys, rows):
    """What was found of all members in a month on one day is one line."""
    days = Q()
    for _, month, on in keys:
        days |= Q(month=month, recorded_on=on)
    found = _commitments_in_words(rows.filter(days), "month", "recorded_on")
    return {key: Event(key[2], "clipboard-list", found[date.fromisoformat(key[1]), key[2]]) for key in keys}


def _commitments_in_words(rows, *by):
    """{values of `by`: what was found, in words}; `by` begins with the month."""
    counts = defaultdict(dict)
    for *key, state, number in rows.order_by().values_list(*by, "state").annotate(Count("pk")):
        counts[tuple(key)][state] = number
    words = {}
    for key, said in counts.items():
        told = [f"{said[state]} {state.label.lower()}" for state in Commitment.State if state in said]
        words[key] = f"Komitmen {date_format(key[0], 'F Y')}: {', '.join(told)}"
    return words


def _activities(ids, request):
    """The ActivityHousehold rows with what the page prints of each: photos, what was done in it, whether it may be
    corrected.
    """
    rows = ActivityHousehold.objects.filter(pk__in=ids).select_related(
        "activity__kind", "activity__sub_role", "activity__pendamping"
    )
    rows = list(rows.prefetch_related("goal_steps"))
    photos, acts = defaultdict(list), defaultdict(list)
    # Only photos of activities that reached this family: the family was fetched in scope, so are they.
    for photo in Photo.objects.filter(activity__in=[row.activity_id for row in rows]):
        photos[photo.activity_id].append(photo)
    for act in VisitAct.objects.filter(row__in=ids).told():
        acts[act.row_id].append(act)
    verified = Commitment.objects.filter(
        activity__in=[row.activity_id for row in rows], household=rows[0].household_id
    )
    found = defaultdict(list)
    for (_, activity), words in sorted(_commitments_in_words(verified, "month", "activity").items()):
        found[activity].append(words)
    now = timezone.now()
    for row in rows:
        row.photos, row.told, row.found = photos[row.activity_id], acts[row.pk], found[row.activity_id]
        row.editable = row.activity.is_editable_by(request.user, now)
    return rows


def role_mix(household, day):
    """Activities that reached the family by role: {"half_year": {code: n}, "year": {code: n}, "hint": words or ""}.

    Every role is present, also with 0: what was not done is the point.
    """
    counted = (
        ActivityHousehold.objects.filter(household=household, occurred_on__gt=day - YEAR)
        .values_list("activity__sub_role__role")
        .annotate(year=Count("pk"), half_year=Count("pk", filter=Q(occurred_on__gt=day - HALF_YEAR)))
    )
    found = {role: (half_year, year) for role, year, half_year in counted}
    roles = list(Role.objects.all())
    half_year = {role.code: found.get(role.code, (0, 0))[0] for role in roles}
    year = {role.code: found.get(role.code, (0, 0))[1] for role in roles}
    return {"half_year": half_year, "year": year, "hint": _hint(half_year, roles)}


def _hint(counts, roles):
    """A nudge, not a score: the most used role beside those not used at all, once there is something to compare."""
    if sum(counts.values()) < 3:
        return ""
    missing = [role.name.lower() for role in roles if counts[role.code] == 0]
    most = max(roles, key=lambda role: counts[role.code])
    if not missing:
        return ""
    return f"{counts[most.code]}× {most.name.lower()}, " + ", ".join(f"0× {name}" for name in missing)


def open_steps(household):
    """ActivityHousehold rows with a promised step not yet done, the earliest due first."""
    rows = ActivityHousehold.objects.filter(household=household).open_steps()
    return list(rows.select_related("activity").order_by("step_due_on", "id"))


def last_call(household):
    """The day on which somebody last spoke with the family from afar, or None. A call is no visit."""
    calls = ActivityHousehold.objects.filter(household=household).calls().order_by("-occurred_on", "-id")
    return calls.values_list("occurred_on", flat=True).first()
