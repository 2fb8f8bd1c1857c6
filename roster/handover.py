"""What is read of handovers: what waits for whom, stand-ins whose time is over, families whose holder is gone."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.db.models.functions import Substr

from accounts.models import User
from kpm.changes import moves_for
from kpm.models import CaseLimit, Household

from .models import Difference, Handover, HandoverFamily, ToType

State = HandoverFamily.State
KECAMATAN = 6


@dataclass(frozen=True)
class Waits:
    """What waits in an area: families offered, since when, stand-ins to end, families whose holder is switched off, people
    who are to move between families, differences to a file of SIKS-NG, and what is to be typed there.
    """

    offered: int
    oldest: date | None
    returns: int
    orphans: int
    moves: int
    differences: int
    to_type: int
    today: date

    @property
    def oldest_days(self):
        return (self.today - self.oldest).days if self.oldest else 0

    def __bool__(self):
        return bool(
            self.offered or self.returns or self.orphans or self.moves or self.differences or self.to_type
        )


def waits_for(user, today):
    """The Waits of a koordinator: six queries."""
    rows = HandoverFamily.objects.visible_to(user).waiting()
    rows = rows.aggregate(Count("pk"), oldest=Min("handover__offered_on"))
    return Waits(
        offered=rows["pk__count"],
        oldest=rows["oldest"],
        returns=len(returns_due(user, today)),
        orphans=orphans(Household.objects.visible_to(user)).count(),
        moves=moves_for(user),
        differences=Difference.objects.visible_to(user).open().count(),
        to_type=ToType.objects.visible_to(user).waiting().count(),
        today=today,
    )


def orphans(families):
    """Those of `families` whose holder's account is switched off."""
    return families.active().filter(pendamping__in=User.objects.pendamping().filter(is_active=False))


def strays(families):
    """Those of `families` that live outside their holder's kecamatan and are offered to nobody: they moved."""
    waiting = HandoverFamily.objects.waiting().filter(household=OuterRef("pk"))
    near = Q(wilayah__code__startswith=Substr(F("pendamping__wilayah__code"), 1, KECAMATAN))
    return families.active().filter(~near & ~Exists(waiting), pendamping__is_active=True)


def news_for(user):
    """(offered, unread): how many families wait for the answer of a pendamping, and how many taken ones nobody has read
    about yet, of a handover that another answered for. One query.
    """
    mine = HandoverFamily.objects.visible_to(user).filter(handover__receiver=user)
    return tuple(
        mine.aggregate(
            offered=Count("pk", filter=Q(state=State.WAITING)),
            unread=Count("pk", filter=Q(state=State.TAKEN, read_at=None)),
        ).values()
    )


def just_given(user, today):
    """What `user` gave on so lately that own work for it may still be added: HandoverFamily rows with the number of the case
    and the kelurahan of their household, and no more of it. Two queries.
    """
    days = CaseLimit.objects.number_of(CaseLimit.Code.ADD_AFTER, today)
    rows = HandoverFamily.objects.filter(
        state=State.TAKEN, handover__holder=user, decided_on__gte=today - timedelta(days=days)
    )
    seen = ("household_id", "household__case_number", "household__wilayah_id", "decided_on")
    rows = rows.exclude(household__pendamping=user).select_related("household").only(*seen)
    return list(rows.order_by("-decided_on", "pk"))


def returns_due(user, today):
    """Leaves in the area of `user` that are over by `today` and whose families are still with the stand-in and not yet
    offered back: Handovers with `families_left`.
    """
    back = HandoverFamily.objects.filter(household=OuterRef("families__household"), state=State.WAITING)
    still = Q(families__state=State.TAKEN) & Q(families__household__pendamping=F("receiver"))
    leaves = Handover.objects.visible_to(user).filter(kind=Handover.Kind.LEAVE, back_on__lte=today)
    leaves = leaves.alias(is_offered=Exists(back)).annotate(
        families_left=Count("families", filter=still & Q(is_offered=False), distinct=True)
    )
    return list(
        leaves.filter(families_left__gt=0).select_related("holder", "receiver").order_by("back_on", "pk")
    )
