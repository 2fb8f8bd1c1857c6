"""Writing down what is on offer, and whether it still is: each entry once, with its receipt."""

from django.db.models import F
from django.db.models.functions import Greatest

from entries.operations import locked, operation
from resources.models import Resource, ResourceCheck


@operation(kind="sumber_daya", title="Sumber daya")
def save_resource(resource, *, by, op_id, today, services):
    """Store a Resource as it was filled in, new or changed, with its `services`; whoever saves it has just looked.

    Once for `op_id`. Raises OtherContent.
    """
    is_added = resource.pk is None
    if is_added:
        resource.added_by = by
    resource.checked_on, resource.checked_by, resource.ended_on = today, by, None
    resource.save()
    resource.services.set(services)
    outcome = ResourceCheck.Outcome.TRUE if is_added else ResourceCheck.Outcome.CHANGED
    note = "Ditambahkan." if is_added else "Keterangan diperbarui."
    _keep_check(resource, by, op_id, today, outcome, note)


@operation(kind="sumber_daya_titik", title="Titik sumber daya")
def place_resource(resource, *, by, op_id, point):
    """Store where a Resource is, (latitude, longitude) in degrees. Once for `op_id`. Raises OtherContent."""
    stored = locked(Resource.objects, resource.pk)
    stored.latitude, stored.longitude = point
    stored.save(update_fields=["latitude", "longitude"])


@operation(kind="sumber_daya_periksa", title="Pemeriksaan sumber daya")
def check_resource(resource, *, by, op_id, today, outcome, note):
    """Somebody looked: still true, something changed, or gone. Once for `op_id`. Raises OtherContent.

    What has changed nobody has seen to be true until it is corrected, so it counts as not looked after.
    """
    stored = Resource.objects.filter(pk=resource.pk)
    if outcome == ResourceCheck.Outcome.TRUE:
        stored.update(checked_on=Greatest(F("checked_on"), today), checked_by=by, ended_on=None)
    elif outcome == ResourceCheck.Outcome.CHANGED:
        stored.update(checked_on=None, checked_by=None)
    else:
        stored.filter(ended_on=None).update(ended_on=today)
    _keep_check(resource, by, op_id, today, outcome, note)


def _keep_check(resource, by, op_id, today, outcome, note):
    ResourceCheck.objects.create(
        op_id=op_id, resource=resource, checked_on=today, by=by, outcome=outcome, note=note
    )
