"""Which families of a pendamping are due, and why: promises, kasus, answers to bring, what is stuck, and long waits.

Each reason has points; the families with most of them are proposed first (desk.plan). A promise is worth most on its
day and more when it is late, a danger more than anything, and each day of waiting a little:

    kasus, a danger or late 60, near 40   its decision to be told 35    step of a kasus, promise, step of a goal, referral:
    late 45, today 40, tomorrow 15        answer of a partner 30        check after graduation 30
    benefit that is stuck 25              absent, commitment 15         each indicator at the lowest level 3, at most 15
    a point for six days without a visit, at most 30
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.db.models import F, Q

from kpm.models import GoalStep, Household, PaymentCheck, WatchCheck
from pkh_casework.templatetags.formats import tanggal
from resources.models import Referral
from roles.commitments.follow_up import to_follow_up, words_of
from roles.incidents.waiting import AHEAD
from roles.models import ActivityHousehold, Incident, IncidentStep, Postponement
from roles.operations.meeting import absences

# The project's own rhythm, no rule of PKH: a family that was not visited for so long is due.
VISIT_EVERY = timedelta(days=30)
LOOK_AHEAD = timedelta(days=1)
ANSWERS_BACK = timedelta(
    days=60
)  # a partner's answer is brought to the family within this time, or it is stale
COLUMNS = [
    "id", "case_number", "name", "address", "dusun", "rt", "rw", "wilayah_id", "last_visited_on", "latitude", "longitude",
]  # fmt: skip
LATE, SOON, VISIT = "late", "soon", "visit"
PRIVATE = "perlu bicara berdua"
NUMBER = re.compile("[0-9]+")
LATE_POINTS, TODAY_POINTS, TOMORROW_POINTS = 45, 40, 15
DAYS_A_POINT, MOST_WAITING = 6, 30
LOW_POINTS, MOST_LOW = 3, 15


class Reason(NamedTuple):
    """Why a family is due: `short` for its line, `words` for who opens it; `url` is where to act, which `label` names;
    `step` is a step of a goal that can be ticked at once. `points` rank it.
    """

    tone: str
    short: str
    words: str
    points: float
    url: str = ""
    label: str = ""
    step: object = None
    is_pressing: bool = False


@dataclass
class Due:
    """One family with its reasons; `family` is a row of the COLUMNS. `put_off` is its Postponement while one lasts."""

    family: object
    reasons: list = field(default_factory=list)
    put_off: object = None
    low: int | None = None  # indicators at the lowest level, once somebody asked (desk.plan)

    @property
    def told(self):
        """One Reason of each sort, the earliest: three steps that are late are told, and count, once."""
        sorts = {}
        for reason in self.reasons:
            sorts.setdefault(NUMBER.sub("", reason.short), reason)
        return list(sorts.values())

    @property
    def points(self):
        return sum(reason.points for reason in self.told) + min((self.low or 0) * LOW_POINTS, MOST_LOW)

    @property
    def is_pressing(self):
        """A visit can be put off, a kasus that is late or a danger can't."""
        return any(reason.is_pressing for reason in self.reasons)

    @property
    def line(self):
        """All reasons in a few words: "106 hari, janji lewat 2 hari"."""
        alone = len(self.reasons) == 1 and not self.low
        said = [reason.words if alone and reason.tone == VISIT else reason.short for reason in self.told]
        return ", ".join([*said, f"{self.low} hal rentan"] if self.low else said)

    @property
    def paper(self):
        """The line as it may lie open on a table: a kasus, or how a family stands, is nobody else's matter."""
        return ", ".join(dict.fromkeys(PRIVATE if one.is_pressing else one.short for one in self.told))

    @property
    def tone(self):
        tones = {reason.tone for reason in self.reasons}
        return next((tone for tone in (LATE, SOON) if tone in tones), VISIT)


def due_families(user, day):
    """{id: Due} of the families of a pendamping that are due on `day`, those put off too; ten queries, however many."""
    reasons, lasting = defaultdict(list), defaultdict(list)
    for read in (_promises, _goal_steps, _referrals, _payments, _absences, _commitments):
        for household, reason in read(user, day):
            reasons[household].append(reason)
    for read in (_incidents, _incident_steps, _checks):  # these go on when a family has left the programme
        for household, reason in read(user, day):
            lasting[household].append(reason)
    unseen = Q(last_visited_on=None) | Q(last_visited_on__lte=day - VISIT_EVERY)
    waiting = Q(status__in=Household.ACTIVE) & unseen
    families = Household.objects.visible_to(user).filter(waiting | Q(pk__in=[*reasons, *lasting]))
    dues = {}
    for row in families.order_by().values_list(*COLUMNS, "status", named=True):
        found = lasting[row.id]
        if row.status in Household.ACTIVE:
            waits = _waits(row.last_visited_on, day)
            found = [*([waits] if waits else []), *reasons[row.id], *found]
        if found:
            dues[row.id] = Due(row, found)
    for row in Postponement.objects.visible_to(user).hiding_on(day):
        due = dues.get(row.household_id)
        if due and not due.is_pressing:
            due.put_off = row
    return dues


def _waits(last_visited_on, day):
    """The Reason of a family that was not visited for VISIT_EVERY; None of one that was."""
    if last_visited_on is None:
        words = "belum pernah dikunjungi"
        return Reason(VISIT, words, words, MOST_WAITING)
    days = (day - last_visited_on).days
    if days < VISIT_EVERY.days:
        return None
    points = min(days / DAYS_A_POINT, MOST_WAITING)
    return Reason(VISIT, f"{days} hari", f"{days} hari belum dikunjungi", points)


def _agreed(what, due_on, text, day, **more):
    """The Reason of something agreed for `due_on`."""
    days = (due_on - day).days
    if days < 0:
        return Reason(
            LATE, f"{what} lewat {-days} hari", f"{what} {tanggal(due_on)}: {text}", LATE_POINTS, **more
        )
    when, points = ("hari ini", TODAY_POINTS) if days == 0 else ("besok", TOMORROW_POINTS)
    return Reason(SOON, f"{what} {when}", f"{what} {when}: {text}", points, **more)


def _promises(user, day):
    rows = ActivityHousehold.objects.visible_to(user).open_steps().filter(step_due_on__lte=day + LOOK_AHEAD)
    rows = rows.order_by("step_due_on", "id")
    for household, due_on, text in rows.values_list("household", "step_due_on", "activity__next_step"):
        yield household, _agreed("janji", due_on, text, day)


def _goal_steps(user, day):
    rows = GoalStep.objects.visible_to(user).waiting().filter(due_on__lte=day + LOOK_AHEAD)
    rows = rows.order_by("due_on", "id")
    for household, due_on, text, pk in rows.values_list("household", "due_on", "text", "pk"):
        yield household, _agreed("langkah tujuan", due_on, text, day, step=pk)


def _referrals(user, day):
    """Referrals to look after, and those that a partner answered since the family was last visited."""
    State = Referral.State
    answered = Q(state__in=[State.ACCEPTED, State.REFUSED], answered_on__gt=day - ANSWERS_BACK)
    answered &= Q(household__last_visited_on=None) | Q(answered_on__gt=F("household__last_visited_on"))
    rows = Referral.objects.visible_to(user).filter(
        Q(state__in=Referral.OPEN, due_on__lte=day + LOOK_AHEAD) | answered
    )
    rows = rows.order_by("due_on", "id")
    for pk, household, due_on, state, name, visited_on, answered_on in rows.values_list(
        "pk", "household", "due_on", "state", "resource__name", "household__last_visited_on", "answered_on"
    ):
        way = {"url": f"/rujukan/{pk}/", "label": "Lihat rujukan"}
        if state in Referral.OPEN and due_on and due_on <= day + LOOK_AHEAD:
            yield household, _agreed("rujukan", due_on, f"{State(state).label.lower()}, {name}", day, **way)
        if state in {State.ACCEPTED, State.REFUSED} and (visited_on is None or answered_on > visited_on):
            words = f"sampaikan jawaban rujukan: {State(state).label.lower()}, {name}"
            yield household, Reason(SOON, "sampaikan jawaban rujukan", words, 30, **way)


def _incidents(user, day):
    """Open kasus that are late, near or a danger, and those whose decision the family has not heard."""
    State = Incident.State
    near = Q(due_on__lte=day + AHEAD) | Q(kind__urgency="darurat") | Q(state=State.DECIDED, told_on=None)
    rows = Incident.objects.visible_to(user).open().filter(near).order_by("due_on", "id")
    for pk, household, due_on, state, urgency, kind in rows.values_list(
        "pk", "household", "due_on", "state", "kind__urgency", "kind__name"
    ):
        days = (due_on - day).days
        when = f"lewat {-days} hari" if days < 0 else "hari ini" if days == 0 else f"{days} hari lagi"
        words = f"kasus {kind.lower()}, {State(state).label.lower()}: {when}"
        way = {"url": f"/kasus/{pk}/", "label": "Buka kasus", "is_pressing": True}
        if days < 0 or urgency == "darurat":
            short = f"kasus lewat {-days} hari" if days < 0 else "kasus darurat"
            yield household, Reason(LATE, short, words, 60, **way)
        elif state == State.DECIDED:
            yield household, Reason(SOON, "sampaikan keputusan kasus", words, 35, **way)
        else:
            yield household, Reason(SOON, f"kasus {when}", words, 40, **way)


def _incident_steps(user, day):
    steps = IncidentStep.objects.visible_to(user).waiting().filter(due_on__lte=day + LOOK_AHEAD)
    steps = steps.filter(incident__state__in=Incident.OPEN).order_by("due_on", "id")
    for household, due_on, text, pk in steps.values_list("household", "due_on", "text", "incident"):
        way = {"url": f"/kasus/{pk}/", "label": "Buka kasus", "is_pressing": True}
        yield household, _agreed("langkah kasus", due_on, text, day, **way)


def _payments(user, day):
    checks = PaymentCheck.objects.visible_to(user).troubled().filter(look_again_on__lte=day)
    checks = checks.order_by("look_again_on", "id")
    for check in checks.select_related("household", "stage", "trouble"):
        words = (
            f"bantuan {check.stage.name.lower()} {check.year} macet: {check.trouble}, "
            f"dicek {tanggal(check.checked_on)}"
        )
        tone = LATE if check.look_again_on < day else SOON
        way = {"url": check.get_absolute_url(), "label": "Cek lagi bantuan"}
        yield check.household_id, Reason(tone, "bantuan macet", words, 25, **way)


def _absences(user, day):
    rows = absences(user, day).order_by("held_on", "id")
    for household, held_on, session in rows.values_list(
        "household", "held_on", "group_session__session__name"
    ):
        words = f"tidak hadir P2K2 {tanggal(held_on)}: {session}"
        yield household, Reason(SOON, "tidak hadir P2K2", words, 15)


def _commitments(user, day):
    for row in to_follow_up(user, day):
        yield row.household_id, Reason(SOON, "komitmen belum terpenuhi", words_of(row), 15)


def _checks(user, day):
    checks = WatchCheck.objects.visible_to(user).waiting().filter(due_on__lte=day)
    for check in checks.order_by("due_on", "id"):
        short = f"cek {check.months} bulan"
        words = f"cek {check.months} bulan sesudah graduasi, waktunya {tanggal(check.due_on)}, boleh lewat telepon"
        yield check.household_id, Reason(SOON, short, words, 30, check.get_absolute_url(), "Isi cek")
