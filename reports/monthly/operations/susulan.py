"""Susulan: letting in an entry that was held because its month is locked."""

from datetime import date

from django.urls import Resolver404, resolve

from accounts.models import User
from entries.decisions import resolve_entry, send_again, waiting
from entries.models import HeldEntry, Period
from entries.months import let_in_late
from entries.operations import Refused, operation
from reports.models import LateEntry
from roles.models import Activity
from roles.operations.activity import KIND_OF_ENTRY

# The forms whose entry a report can tell of as susulan.
LATE_FORMS = {"roles:activity_create", "roles:meeting_hold", "roles:training_hold"}


def may_be_late(held: HeldEntry) -> bool:
    """Whether what is held can be told of in the next report: an activity of a month that is locked."""
    path, _, query = held.payload["path"].partition("?")
    if held.reason != HeldEntry.Reason.MONTH_LOCKED or "perbaiki" in query:
        return False
    try:
        return resolve(path).view_name in LATE_FORMS
    except Resolver404:
        return False


def _let_in_then(receipt, held):
    return LateEntry.objects.get(held=held)


@operation(kind="laporan_susulan", title="Susulan", again=_let_in_then)
def accept_late(held: HeldEntry, *, by: User, request, today: date, reason: str) -> LateEntry:
    """Store the activity of a held entry as its author sent it, with its roll call, and list it with `reason` in the
    report of this month. The locked month stays locked, its totals as they are.

    `request` is the one in which `by` decides. Raises Refused: decided already, not held for its month, or its content
    can't be stored any more; OtherContent.
    """
    stored = waiting(held, by)
    if not may_be_late(stored):
        raise Refused("Titipan ini tertahan karena hal lain, bukan karena bulannya terkunci.")
    with let_in_late():
        receipt = send_again(stored, request)
    if receipt.kind != KIND_OF_ENTRY:
        raise Refused("Hanya kegiatan baru yang dapat menjadi susulan. Buka bulannya, lalu terima.")
    activity = Activity.objects.get(op_id=receipt.op_id)
    period, _ = Period.objects.get_or_create(
        wilayah_id=activity.wilayah_id, month=activity.occurred_on.replace(day=1)
    )
    late = LateEntry.objects.create(
        held=stored,
        period=period,
        pendamping=stored.author,
        activity=activity,
        told_in=today.replace(day=1),
        reason=reason,
        by=by,
    )
    resolve_entry(
        stored, by=by, note=f"Diterima sebagai susulan. {reason}"[:500], decision=HeldEntry.Decision.ACCEPTED
    )
    return late
