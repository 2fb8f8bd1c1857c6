"""Writing down what is on offer, whether it still is, and whom to talk to: each entry once, with its receipt."""

from functools import wraps

import pghistory
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from ledger.operations import take_receipt

from .models import Resource, ResourceCheck


def _signed(write):
    """One transaction, whose rows in the field history carry the name of `by`."""

    @wraps(write)
    def signed(*args, by, **kwargs):
        with transaction.atomic(), pghistory.context(user=by.pk):
            return write(*args, by=by, **kwargs)

    return signed


@_signed
def save_resource(resource, *, by, op_id, sent, today, services):
    """Store a Resource as it was filled in, new or changed, with its `services`; whoever saves it has just looked.

    Once for `op_id`. Raises OtherContent.
    """
    if not _is_new(op_id, sent, "sumber_daya", by):
        return
    is_added = resource.pk is None
    if is_added:
        resource.added_by = by
    resource.checked_on, resource.checked_by, resource.ended_on = today, by, None
    resource.save()
    resource.services.set(services)
    outcome = ResourceCheck.Outcome.TRUE if is_added else ResourceCheck.Outcome.CHANGED
    note = "Ditambahkan." if is_added else "Keterangan diperbarui."
    _keep_check(resource, by, op_id, today, outcome, note)


@_signed
def check_resource(resource, *, by, op_id, sent, today, outcome, note):
    """Somebody looked: still true, something changed, or gone. Once for `op_id`. Raises OtherContent.

    What has changed nobody has seen to be true until it is corrected, so it counts as not looked after.
    """
    if not _is_new(op_id, sent, "sumber_daya_periksa", by):
        return
    stored = Resource.objects.filter(pk=resource.pk)
    if outcome == ResourceCheck.Outcome.TRUE:
        stored.update(checked_on=Greatest(F("checked_on"), today), checked_by=by, ended_on=None)
    elif outcome == ResourceCheck.Outcome.CHANGED:
        stored.update(checked_on=None, checked_by=None)
    else:
        stored.filter(ended_on=None).update(ended_on=today)
    _keep_check(resource, by, op_id, today, outcome, note)


@_signed
def save_row(row, *, by, op_id, sent):
    """Store a row that an area shares (partner, contact, agreement, training, trainer), new or changed, once for
    `op_id`. Raises OtherContent.
    """
    if not _is_new(op_id, sent, f"mitra_{row._meta.model_name}", by):
        return
    if row.pk is None and hasattr(row, "added_by_id"):
        row.added_by = by
    row.save()


def _is_new(op_id, sent, kind, by):
    _, is_new = take_receipt(op_id=op_id, author=by, kind=kind, content={"sent": sent}, object_id=None)
    return is_new


def _keep_check(resource, by, op_id, today, outcome, note):
    ResourceCheck.objects.create(
        op_id=op_id, resource=resource, checked_on=today, by=by, outcome=outcome, note=note
    )
