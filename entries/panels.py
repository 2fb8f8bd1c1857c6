"""What this room shows on pages of other rooms: how many entries wait for a decision."""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.timezone import localdate

from pkh_casework.waits import Waiting, waits

from .models import HeldEntry


@waits
def held_entries(user, today):
    """Titipan of the area."""
    held = HeldEntry.objects.visible_to(user).waiting().order_by()
    held = held.aggregate(number=Count("pk"), first=Min("received_at"))
    since = held["first"] and localdate(held["first"])
    url = reverse("entries:held_list")
    return [Waiting("inbox", "titipan menunggu keputusan", held["number"], url, since, presses=True)]
