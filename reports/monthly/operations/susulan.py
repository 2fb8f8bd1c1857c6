"""Susulan: letting in an entry that was held because its month is locked."""

from datetime import date
from uuid import UUID

from accounts.models import User
from kpm.operations import Refused, operation
from ledger.models import HeldEntry, Period
from ledger.operations import OtherContent, resolve_entry, take_receipt
from reports.models import LateEntry
from roles.operations.held import store_late

KIND_LATE = "laporan_susulan"


@operation
def accept_late(held: HeldEntry, *, by: User, op_id: UUID, sent: str, today: date, reason: str) -> LateEntry:
    """Store the activity of a held entry as its author sent it, with its roll call, and list it with `reason` in the
    report of this month. The locked month stays locked, its totals as they are.

    Raises Refused: decided already, not held for its month, or its content can't be stored any more; OtherContent.
    """
    _, is_new = take_receipt(op_id=op_id, author=by, kind=KIND_LATE, content={"sent": sent}, object_id=None)
    if not is_new:
        return LateEntry.objects.get(held=held)
    stored = HeldEntry.objects.select_for_update(of=["self"]).select_related("author").get(pk=held.pk)
    if stored.resolved_at:
        raise Refused("Titipan ini sudah diputuskan.")
    if stored.reason != HeldEntry.Reason.MONTH_LOCKED:
        raise Refused("Titipan ini tertahan karena hal lain, bukan karena bulannya terkunci.")
    if stored.author_id == by.pk:
        raise Refused("Kiriman sendiri diputuskan koordinator lain.")
    try:
        entry, recorded = store_late(stored)
    except OtherContent as conflict:
        raise Refused("Kiriman dengan nomor ini sudah tersimpan dengan isi lain.") from conflict
    if recorded.replay:
        raise Refused("Kiriman ini sudah tersimpan. Tutup titipannya dengan catatan.")
    period, _ = Period.objects.get_or_create(
        wilayah_id=stored.wilayah_id, month=entry.occurred_on.replace(day=1)
    )
    late = LateEntry.objects.create(
        held=stored,
        period=period,
        pendamping=stored.author,
        activity_id=recorded.activity_id,
        told_in=today.replace(day=1),
        reason=reason,
        by=by,
    )
    resolve_entry(
        stored, by=by, note=f"Diterima sebagai susulan. {reason}"[:500], decision=HeldEntry.Decision.ACCEPTED
    )
    return late
