"""What changed for a family since it was last visited, told line by line on its page."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from kpm.changes import changes_of
from kpm.models import Goal, GoalStep, PaymentCheck
from kpm.payments import State as Paid
from resources.models import Referral
from roles.commitments.follow_up import State as Kept
from roles.commitments.follow_up import words_of
from roles.models import ActivityHousehold, Commitment

MOST_NAMES = 2  # indicators named in a line; how many there are is said always
GOOD, BAD, NEUTRAL = "good", "bad", ""
REFERRED = {
    Referral.State.ACCEPTED: GOOD,
    Referral.State.DONE: GOOD,
    Referral.State.REFUSED: BAD,
    Referral.State.FAILED: BAD,
}


@dataclass(frozen=True)
class News:
    """One line: its day, what happened, where it is read, and whether it is good, bad or neither."""

    on: date
    icon: str
    words: str
    url: str
    tone: str = NEUTRAL


@dataclass(frozen=True)
class Since:
    """`news` since the visit of the day `on`, the newest first; `on` is None before the first visit."""

    on: date | None
    news: list


def since_last_visit(household, user, drawn, day) -> Since:
    """What `user` may read of what happened to a family after its last visit and up to `day`; nine queries at most.

    A visit of today is the one that is going on, or was written down a moment ago: then it counts from the one before.
    `drawn` is the LifeMap of the family on `day`.
    """
    visits = ActivityHousehold.objects.filter(household=household, occurred_on__lt=day).home_visits()
    on = visits.order_by("-occurred_on").values_list("occurred_on", flat=True).first()
    if on is None:
        return Since(None, [])
    news = [
        *_assessed(drawn, on),
        *_paid(household, on),
        *_referred(household, on),
        *_kept(household, on),
        *_planned(household, on),
        *_done(household, on),
        *_changed(household, user, on),
    ]
    return Since(on, sorted((one for one in news if one.on <= day), key=lambda one: one.on, reverse=True))


def _assessed(drawn, on):
    if drawn.newest is None or drawn.newest <= on:
        return
    url = f"{drawn.household.get_absolute_url()}kemandirian/"
    for places, icon, word, tone in (
        (drawn.fallen, "arrow-right", "turun", BAD),
        (drawn.risen, "trending-up", "naik", GOOD),
    ):
        if places:
            named = ", ".join(place.indicator.name.lower() for place in places[:MOST_NAMES])
            more = f" dan {len(places) - MOST_NAMES} lagi" if len(places) > MOST_NAMES else ""
            yield News(drawn.newest, icon, f"{len(places)} indikator {word}: {named}{more}", url, tone)
    if not drawn.risen and not drawn.fallen:
        yield News(drawn.newest, "clipboard-check", "Asesmen baru, semua tingkat tetap", url)


def _paid(household, on):
    checks = PaymentCheck.objects.filter(household=household, checked_on__gt=on).newest()
    for check in checks.select_related("stage", "trouble"):
        tone = {Paid.PAID: GOOD, Paid.TROUBLE: BAD}.get(check.state, NEUTRAL)
        words = f"Bantuan {check.stage.name.lower()} {check.year}: {check.told.lower()}"
        yield News(
            check.checked_on, "wallet", words, f"{household.get_absolute_url()}keluarga/#bantuan", tone
        )


def _referred(household, on):
    moved = Q(sent_on__gt=on) | Q(answered_on__gt=on) | Q(ended_on__gt=on)
    for one in Referral.objects.filter(moved, household=household).select_related("resource"):
        days = [moment for moment in (one.sent_on, one.answered_on, one.ended_on) if moment]
        words = f"Rujukan ke {one.resource.name}: {one.get_state_display().lower()}"
        yield News(max(days), "send", words, one.get_absolute_url(), REFERRED.get(one.state, NEUTRAL))


def _kept(household, on):
    rows = Commitment.objects.filter(household=household, recorded_on__gt=on, state=Kept.NOT_KEPT)
    for row in rows.select_related("member", "kind"):
        yield News(row.recorded_on, "school", words_of(row), f"{household.get_absolute_url()}keluarga/", BAD)


def _planned(household, on):
    """Goals made and ended, and steps done."""
    goals = Goal.objects.filter(Q(started_on__gt=on) | Q(closed_on__gt=on), household=household)
    for goal in goals:
        ended = goal.state != Goal.State.OPEN
        tone = GOOD if goal.state == Goal.State.REACHED else NEUTRAL
        what = f"Tujuan {goal.get_state_display().lower()}" if ended else "Tujuan baru"
        yield News(
            goal.closed_on if ended else goal.started_on,
            "target",
            f"{what}: {goal.wish}",
            goal.get_absolute_url(),
            tone,
        )
    for step in GoalStep.objects.filter(household=household, done_on__gt=on).select_related("goal"):
        yield News(step.done_on, "check", f"Langkah selesai: {step.text}", step.goal.get_absolute_url(), GOOD)


def _done(household, on):
    """What was done with the family besides visits: one line for each kind of activity."""
    rows = ActivityHousehold.objects.filter(household=household, occurred_on__gt=on, is_visit=False)
    counted = rows.values_list("activity__kind__name", "met", "occurred_on").order_by("occurred_on")
    kinds = {}
    for name, met, done_on in counted:
        kinds.setdefault((name, met), []).append(done_on)
    for (name, met), days in kinds.items():
        times = f", {len(days)} kali" if len(days) > 1 else ""
        words = f"{name}{times}" if met else f"{name}{times}: tidak bertemu"
        yield News(
            days[-1], "users", words, f"{household.get_absolute_url()}riwayat/", NEUTRAL if met else BAD
        )


def _changed(household, user, on):
    for line in changes_of(household, user):
        if line.on > on:
            yield News(line.on, line.icon, line.words, f"{household.get_absolute_url()}keluarga/")
