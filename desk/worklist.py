"""Hari ini: which families are due, why, and where they live."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Case, F, Value, When
from django.db.models.functions import Length

from kpm.models import GoalStep, Household, PaymentCheck, WatchCheck
from pkh_casework.places import dusun_of, rw_words, walk_key
from pkh_casework.templatetags.formats import tanggal
from reports.figures import Lens
from reports.figures.values import values_of
from resources.models import Referral, Resource, ResourceCheck
from roles.commitments.follow_up import to_follow_up, words_of
from roles.incidents.waiting import due_incidents, due_steps
from roles.incidents.waiting import words_of as incident_words
from roles.models import ActivityHousehold, Postponement
from roles.operations.meeting import absences

# The project's own rhythm, no rule of PKH: a family that was not visited for so long is due.
VISIT_EVERY = timedelta(days=30)
LOOK_AHEAD = timedelta(days=1)
ENDED = [Household.Status.GRADUASI, Household.Status.NONAKTIF]
NEXT_HOUSES = 2
CHECKS_A_DAY = 3  # resources to look after; a small favour to all, never the day's work


@dataclass
class DueFamily:
    """One family on the list. `reasons` are (kind, words) pairs, kind one of late, soon, visit; `steps` the promises
    among them; `goal_steps` are (kind, words, GoalStep), which can be ticked on the list; `checks` are the
    WatchChecks of a family that graduated, `referrals` (kind, words, Referral) to look after, `payments`
    (kind, words, PaymentCheck) that are stuck, `incidents` (kind, words, Incident) to answer.
    """

    household: object
    reasons: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    goal_steps: list = field(default_factory=list)
    checks: list = field(default_factory=list)
    referrals: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    incidents: list = field(default_factory=list)
    postponement: object = None
    rank: int = 0

    @property
    def promises(self):
        return len(self.steps) + len(self.goal_steps) + len(self.referrals)


@dataclass
class DuePlace:
    """One RW with its due families, grouped by RT: `by_rt` is [(rt, [DueFamily, …]), …]. Where a desa has no RW, one
    dusun; `name` is what it is called.
    """

    name: str
    rw: int | None
    by_rt: list
    promises: int

    @property
    def count(self):
        return sum(len(dues) for _, dues in self.by_rt)


@dataclass
class Worklist:
    """`places` in walking order; `today` are the Dues with a promise for this very day, which come first of all.

    `promises` counts promises, steps of goals and referrals alike: each was agreed with the family, with a day.
    """

    places: list
    today: list
    count: int
    promises: int
    postponed: int


def due_by_place(user, day, *, with_postponed=False):
    """The Worklist of a pendamping on `day`; eleven queries, whatever the number of families.

    DueFamily is a family with a promise, a step of a goal or a referral up to tomorrow, one with a kasus to answer, one whose benefit is stuck and is
    to be looked at again, or one not visited for VISIT_EVERY, one that stayed away from its P2K2 or did not keep a
    commitment, and one that graduated and waits for its check. Promises come first within a place; places are in walking
    order, RW then RT; behind them the dusun of a desa without RW.
    """
    dues = {}
    families = Household.objects.visible_to(user).active()
    for household in families.not_visited_since(day - VISIT_EVERY + timedelta(days=1)):
        dues[household.pk] = DueFamily(household, [("visit", _visit_words(household, day))], rank=1)
    rows = ActivityHousehold.objects.visible_to(user).open_steps().filter(step_due_on__lte=day + LOOK_AHEAD)
    for row in rows.select_related("household", "activity").order_by("step_due_on", "id"):
        if row.household.status in ENDED:
            continue
        due = dues.setdefault(row.household_id, DueFamily(row.household))
        due.steps.append(row)
        due.reasons.insert(
            len(due.steps) - 1, _due_words("janji", row.step_due_on, row.activity.next_step, day)
        )
        due.rank = 0
    steps = GoalStep.objects.visible_to(user).waiting().filter(due_on__lte=day + LOOK_AHEAD)
    for step in steps.select_related("household").order_by("due_on", "id"):
        if step.household.status in ENDED:
            continue
        due = dues.setdefault(step.household_id, DueFamily(step.household))
        due.goal_steps.append((*_due_words("langkah tujuan", step.due_on, step.text, day), step))
        due.rank = 0
    for referral in _referrals_due(user, day):
        due = dues.setdefault(referral.household_id, DueFamily(referral.household))
        due.referrals.append((*_due_words("rujukan", referral.due_on, _waits_for(referral), day), referral))
        due.rank = 0
    for incident in due_incidents(user, day):
        due = dues.setdefault(incident.household_id, DueFamily(incident.household))
        due.incidents.append((*incident_words(incident, day), incident))
        due.rank = 0
    for step in due_steps(user, day):
        due = dues.setdefault(step.household_id, DueFamily(step.household))
        due.incidents.append((*_due_words("langkah kasus", step.due_on, step.text, day), step.incident))
        due.rank = 0
    for check in _payments_stuck(user, day):
        due = dues.setdefault(check.household_id, DueFamily(check.household, rank=1))
        due.payments.append(("late" if check.look_again_on < day else "soon", _stuck_words(check), check))
    for row in _absences(user, day):
        due = dues.setdefault(row.household_id, DueFamily(row.household, rank=1))
        due.reasons.append(
            ("soon", f"tidak hadir P2K2 {tanggal(row.held_on)}: {row.group_session.session.name}")
        )
    for row in to_follow_up(user, day):
        due = dues.setdefault(row.household_id, DueFamily(row.household, rank=1))
        due.reasons.append(("soon", words_of(row)))
    for check in _checks_due(user, day):
        due = dues.setdefault(check.household_id, DueFamily(check.household))
        due.checks.append(check)
        due.rank = 0
    postponed = {row.household_id: row for row in Postponement.objects.visible_to(user).hiding_on(day)}
    # A visit can be put off, a kasus that is late or a danger can't.
    hidden = [pk for pk in dues if pk in postponed and not dues[pk].incidents]
    for pk in hidden:
        dues[pk].postponement = postponed[pk]
        if not with_postponed:
            del dues[pk]
    promises = sum(due.promises for due in dues.values())
    return Worklist(_places(dues.values()), _of_today(dues.values(), day), len(dues), promises, len(hidden))


def _checks_due(user, day):
    checks = WatchCheck.objects.visible_to(user).waiting().filter(due_on__lte=day)
    return checks.select_related("household").order_by("due_on", "id")


def _absences(user, day):
    rows = absences(user, day).exclude(household__status__in=ENDED).order_by("held_on", "id")
    return rows.select_related("household", "group_session__session")


def _payments_stuck(user, day):
    checks = PaymentCheck.objects.visible_to(user).troubled().filter(look_again_on__lte=day)
    checks = checks.exclude(household__status__in=ENDED).order_by("look_again_on", "id")
    return checks.select_related("household", "stage", "trouble")


def _stuck_words(check):
    return f"bantuan {check.stage.name.lower()} {check.year} macet: {check.trouble}, dicek {tanggal(check.checked_on)}"


def _referrals_due(user, day):
    referrals = Referral.objects.visible_to(user).open().filter(due_on__lte=day + LOOK_AHEAD)
    referrals = referrals.exclude(household__status__in=ENDED).order_by("due_on", "id")
    return referrals.select_related("household", "resource")


def _waits_for(referral):
    return f"{referral.get_state_display().lower()}, {referral.resource.name}"


def _of_today(dues, day):
    def days(due):
        agreed = [row for *_, row in [*due.goal_steps, *due.referrals]]
        return [*(row.step_due_on for row in due.steps), *(row.due_on for row in agreed)]

    return [due for due in dues if day in days(due)]


def _visit_words(household, day):
    if household.last_visited_on is None:
        return "belum pernah dikunjungi"
    return f"{(day - household.last_visited_on).days} hari belum dikunjungi"


def _due_words(what, due_on, text, day):
    when = {0: "hari ini", 1: "besok"}.get((due_on - day).days)
    if when:
        return ("soon", f"{what} {when}: {text}")
    return ("late", f"{what} {tanggal(due_on)}: {text}")


def _places(dues):
    by_place = {}
    for due in sorted(dues, key=lambda due: (walk_key(due.household), due.rank, due.household.name)):
        family = due.household
        dusun = dusun_of(family) if family.rw is None else ""
        by_place.setdefault((family.rw, dusun), {}).setdefault(family.rt, []).append(due)
    return [
        DuePlace(
            dusun or (rw_words(rw) if rw else rw_words(None).capitalize()),
            rw,
            list(by_rt.items()),
            sum(due.promises for dues in by_rt.values() for due in dues),
        )
        for (rw, dusun), by_rt in by_place.items()
    ]


def next_houses(user, household, day):
    """Where a pendamping who just visited `household` may go next: families of the same RW not visited for VISIT_EVERY,
    of the same RT first, then who waits longest; at most NEXT_HOUSES of them, and none that was put off.
    """
    if household.rw is None:
        return []
    near = Household.objects.visible_to(user).active().filter(wilayah=household.wilayah_id, rw=household.rw)
    near = near.exclude(pk=household.pk).not_visited_since(day - VISIT_EVERY + timedelta(days=1))
    near = near.exclude(pk__in=Postponement.objects.visible_to(user).hiding_on(day).values("household"))
    farness = Case(When(rt=household.rt, then=Value(0)), default=Value(1))
    return list(
        near.order_by(farness, F("last_visited_on").asc(nulls_first=True), "rt", "name", "pk")[:NEXT_HOUSES]
    )


def month_progress(user, day):
    """The values of the figures behind the meter on top of Hari ini, by slug: the same the koordinator sees."""
    return values_of(("kpm-dikunjungi", "kpm-aktif"), Lens(user, day, day.replace(day=1)))


def resources_to_check(user, day):
    """Up to CHECKS_A_DAY resources that nobody looked after for long, those of the nearest area first, less what the
    user looked after on `day`; two queries.
    """
    done = ResourceCheck.objects.filter(by=user, checked_on=day).count()
    if done >= CHECKS_A_DAY:
        return []
    stale = Resource.objects.visible_to(user).active().stale_on(day).select_related("wilayah", "category")
    # The longer the code, the smaller and so the nearer the area; what was never checked comes first.
    nearest = stale.order_by(Length("wilayah").desc(), F("checked_on").asc(nulls_first=True), "pk")
    return list(nearest[: CHECKS_A_DAY - done])
