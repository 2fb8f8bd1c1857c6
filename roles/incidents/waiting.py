"""Which kasus wait for whom: the families of a pendamping to see to, and what only a koordinator can answer."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q

from roles.models import Incident, IncidentStep

AHEAD = timedelta(days=3)  # a deadline so near is one to act on
State = Incident.State
FOR_KOORDINATOR = Q(state=State.WAITING, waits_for=Incident.Waits.KOORDINATOR)


class Pile(NamedTuple):
    """`number` of kasus (`words` say which) on the list at `url`, the first of them since the day `since`; `presses` where
    somebody may be in danger.
    """

    words: str
    number: int
    url: str
    since: date | None
    presses: bool


def piles_for(user, day):
    """What of the kasus that a koordinator may open waits for one, as of `day`: a first decision, a second one, and what is
    late whoever has to act; a Pile each, without those of nothing. One query.
    """
    waiting, appealed, late = FOR_KOORDINATOR, Q(state=State.APPEALED), Q(due_on__lt=day)
    found = Incident.objects.visible_to(user).open().order_by()
    found = found.aggregate(
        decisions=Count("pk", filter=waiting),
        decisions_since=Min("waits_since", filter=waiting),
        appeals=Count("pk", filter=appealed),
        appeals_since=Min("appealed_on", filter=appealed),
        overdue=Count("pk", filter=late),
        overdue_since=Min("due_on", filter=late),
    )
    return [
        Pile(
            words, found[name], f"/kasus/?keadaan={listed}", found[f"{name}_since"], presses=name == "overdue"
        )
        for name, words, listed in (
            ("decisions", "kasus menunggu keputusan Anda", "putusan"),
            ("appeals", "keberatan keluarga menunggu dijawab", "keberatan"),
            ("overdue", "kasus lewat batas waktu", "terlambat"),
        )
        if found[name]
    ]


def due_incidents(user, day):
    """Open kasus of the families of `user` that are late, due within AHEAD, or a danger, the earliest due first."""
    near = Q(due_on__lte=day + AHEAD) | Q(kind__urgency="darurat")
    rows = Incident.objects.visible_to(user).open().filter(near)
    return rows.select_related("household", "kind").order_by("due_on", "id")


def due_steps(user, day):
    """Steps of open kasus that are due by tomorrow, the earliest first."""
    steps = IncidentStep.objects.visible_to(user).waiting().filter(due_on__lte=day + timedelta(days=1))
    steps = steps.filter(incident__state__in=Incident.OPEN)
    return steps.select_related("household", "incident__kind").order_by("due_on", "id")


def of_family(household):
    """The kasus of a family for its page: the open ones first, by deadline, then those that ended, newest first; one
    query.
    """
    rows = list(Incident.objects.filter(household=household).select_related("kind").order_by("-id"))
    rows.sort(key=lambda row: (not row.is_open, row.due_on if row.is_open else row.due_on.max))
    return rows


def words_of(incident, day):
    """(kind, words) of an open kasus for a list of what to do: kind is late or soon."""
    words = f"kasus {incident.kind.name.lower()}, {incident.get_state_display().lower()}"
    if incident.due_on < day:
        return "late", f"{words}: lewat {(day - incident.due_on).days} hari"
    left = (incident.due_on - day).days
    return "soon", f"{words}: {'hari ini' if left == 0 else f'{left} hari lagi'}"
