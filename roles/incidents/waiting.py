"""Which kasus wait for whom: the families of a pendamping to see to, and what only a koordinator can answer."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from roles.models import Incident, IncidentStep

AHEAD = timedelta(days=3)  # a deadline so near is one to act on
State = Incident.State
FOR_KOORDINATOR = Q(state=State.APPEALED) | Q(state=State.WAITING, waits_for=Incident.Waits.KOORDINATOR)


class Waiting(NamedTuple):
    """How many kasus of an area wait for a koordinator: a first decision, a second one; and how many are late."""

    decisions: int
    appeals: int
    overdue: int


def waiting_for(user, day):
    """The Waiting of the kasus that `user` may open, as of `day`; one query."""
    of_koordinator = Q(state=State.WAITING, waits_for=Incident.Waits.KOORDINATOR)
    return Waiting(
        **Incident.objects.visible_to(user)
        .open()
        .aggregate(
            decisions=Count("pk", filter=of_koordinator),
            appeals=Count("pk", filter=Q(state=State.APPEALED)),
            overdue=Count("pk", filter=Q(due_on__lt=day)),
        )
    )


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
