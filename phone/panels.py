"""What this room shows on pages of other rooms: in Kiriman, what waits on this very phone; to a koordinator, phones of
which nothing was heard.
"""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.timezone import localdate, now

from pkh_casework.panels import panel
from pkh_casework.waits import Waiting, waits

from .models import SILENT, Phone


@panel("entries:held_list", "phone/outbox.html")
def on_this_phone(request, user):
    """The place where the script lists the entries on the phone; for who fills in forms."""
    return {} if user.is_pendamping else None


@waits
def silent_phones(user, today):
    """Phones of the area's workers that were not heard for SILENT: their entries may still rest there."""
    phones = Phone.objects.visible_to(user).in_use().filter(heard_at__lt=now() - SILENT)
    phones = phones.aggregate(number=Count("pk"), first=Min("heard_at"))
    since = phones["first"] and localdate(phones["first"])
    url = f"{reverse('phone:phone_list')}?keadaan={SILENT.days}"
    return [Waiting("phone", "HP pendamping tidak terhubung", phones["number"], url, since)]
