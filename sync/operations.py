"""Deciding about what is held: let in, given back, written down for another family, or closed with a reason."""

from accounts.models import User
from kpm.models import Household
from kpm.operations import Refused, operation
from ledger.models import HeldEntry, Receipt
from ledger.operations import MonthLocked, resolve_entry
from ledger.submission import KIND, send_again
from roles.operations.held import store_again

Decision = HeldEntry.Decision
DECIDED = "Titipan ini sudah diputuskan."
OWN = "Kiriman sendiri diputuskan koordinator lain."
LOCKED = "Laporan bulan itu sudah dikunci. Buka bulannya dulu, atau terima sebagai susulan."


@operation
def accept(held: HeldEntry, *, by: User, request, note: str = "") -> Receipt:
    """Store what was sent in its author's name, as it was sent; returns the author's Receipt.

    `request` is the one in which `by` decides. Raises Refused with all that stands against it.
    """
    stored = _waiting(held, by)
    if stored.kind == KIND:
        sent = send_again(stored, request)
        if sent.receipt is None:
            raise Refused(" ".join(sent.faults))
        receipt = sent.receipt
    else:
        receipt = _store(stored)
    resolve_entry(stored, by=by, note=note, decision=Decision.ACCEPTED)
    return receipt


@operation
def attach(held: HeldEntry, *, by: User, household: Household, note: str = "") -> Receipt:
    """Store an activity for `household` instead of the families it was sent for, in its author's name. Raises Refused."""
    stored = _waiting(held, by)
    if stored.kind == KIND:
        raise Refused("Isian ini hanya bisa untuk keluarga yang tertulis. Kembalikan dengan catatan.")
    receipt = _store(stored, family=household)
    words = f"Dicatat untuk {household.case_number}. {note}".strip()
    resolve_entry(stored, by=by, note=words, decision=Decision.ATTACHED)
    return receipt


@operation
def give_back(held: HeldEntry, *, by: User, note: str) -> None:
    """Give an entry back to its author, who can open it again and send it anew. Raises Refused."""
    resolve_entry(_waiting(held, by), by=by, note=note, decision=Decision.RETURNED)


@operation
def close(held: HeldEntry, *, by: User, note: str) -> None:
    """Decide that an entry is not stored, with the reason. Raises Refused."""
    resolve_entry(_waiting(held, by), by=by, note=note, decision=Decision.CLOSED)


def _store(held, **instead):
    try:
        recorded = store_again(held, **instead)
    except MonthLocked as locked:
        raise Refused(LOCKED) from locked
    return recorded.receipt


def _waiting(held, by):
    stored = HeldEntry.objects.select_for_update(of=["self"]).select_related("author").get(pk=held.pk)
    if stored.resolved_at:
        raise Refused(DECIDED)
    if stored.author_id == by.pk:
        raise Refused(OWN)
    return stored
