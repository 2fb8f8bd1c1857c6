"""Which kasus wait for a koordinator, and those of one family."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q

from roles.models import Incident

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


def of_family(household):
    """The kasus of a family for its page: the open ones first, by deadline, then those that ended, newest first; one
    query.
    """
    rows = list(Incident.objects.filter(household=household).select_related("kind").order_by("-id"))
    rows.sort(key=lambda row: (not row.is_open, row.due_on if row.is_open else row.due_on.max))
    return rows
