"""Which RHK an activity serves, where a person says otherwise than the map."""

from accounts.models import User
from entries.months import MonthLocked, open_month
from entries.operations import Refused, operation
from reports.figures.declared.rhk import rhk_in
from roles.models import Activity

LOCKED = "Bulan kegiatan ini sudah dikunci. Minta koordinator membukanya dulu."
NOT_LISTED = "Rencana aksi ini tidak ada dalam daftar RHK bulan itu."


@operation(kind="laporan.rhk_kegiatan", title="RHK kegiatan", about=Activity)
def choose_rhk(activity: Activity, *, by: User, action: str) -> Activity:
    """Let `activity` serve the rencana aksi with the key `action`, or with "" what the map says. The field history keeps
    who chose. Raises Refused: the month is locked, or its list has no such rencana aksi.
    """
    stored = Activity.objects.select_for_update(of=["self"]).get(pk=activity.pk)
    if action and action not in rhk_in(stored.occurred_on.replace(day=1)).actions:
        raise Refused(NOT_LISTED, "action")
    try:
        open_month(stored.wilayah_id, stored.occurred_on)
    except MonthLocked as locked:
        raise Refused(LOCKED) from locked
    stored.rhk_action = action
    stored.save(update_fields=["rhk_action"])
    return stored
