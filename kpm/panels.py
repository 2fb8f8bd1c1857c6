"""What this room shows on pages of other rooms: proposals about families that wait for a decision."""

from django.db.models import Count, Max, Min
from django.urls import reverse
from django.utils.timezone import localdate

from pkh_casework.waits import Waiting, waits

from .listings import GraduationListing
from .models import GraduationCase, MemberMove


@waits
def graduations(user, today):
    """What the list of graduations shows first: proposed, or asked to be taken up again."""
    _, states = GraduationListing.STATES[GraduationListing.WAITING]
    cases = GraduationCase.objects.visible_to(user).filter(state__in=states)
    moved = cases.annotate(at=Max("moves__at")).values_list("at", flat=True)
    moments = [at for at in moved if at]
    url = f"{reverse('kpm:graduation_list')}?keadaan={GraduationListing.WAITING}"
    since = localdate(min(moments)) if moments else None
    return [Waiting("graduation-cap", "usulan graduasi menunggu keputusan", len(moved), url, since)]


@waits
def people_who_move(user, today):
    """People who are to go to another family, proposed by others."""
    moves = MemberMove.objects.visible_to(user).waiting().exclude(by=user).order_by()
    moves = moves.aggregate(number=Count("pk"), since=Min("moved_on"))
    url = reverse("kpm:move_list")
    return [Waiting("arrow-right-left", "orang diusulkan pindah keluarga", url=url, **moves)]
