"""What this room shows on pages of other rooms: proposals of others that wait for a decision."""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.timezone import localdate

from pkh_casework.waits import Waiting, waits

from .models import Proposal


@waits
def proposals(user, today):
    """What another one proposed: nobody decides the own one."""
    rows = Proposal.objects.visible_to(user).waiting().exclude(by=user).order_by()
    rows = rows.aggregate(number=Count("pk"), first=Min("created_at"))
    since = rows["first"] and localdate(rows["first"])
    return [
        Waiting("settings", "usulan data induk menunggu", rows["number"], reverse("master:table_list"), since)
    ]
