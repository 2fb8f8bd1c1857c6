"""A family moves to another address of the installation. Its rows of past months keep the area of their day."""

from datetime import date
from uuid import UUID

from accounts.models import User
from entries.operations import Refused, operation
from kpm.models import CaseReason, FamilyChange, Household
from kpm.operations.change import keep_change, refuse_before_last
from kpm.operations.rows import now, store
from pkh_casework.ids import uuid7
from roster.models import Handover, HandoverFamily

from .handover import TAKEN_ALREADY, refuse_unfit


@operation(kind="kpm_pindah", title="Keluarga pindah alamat", about=Household)
def move_family(
    household: Household,
    *,
    by: User,
    op_id: UUID,
    today: date,
    home: dict,
    reason: CaseReason,
    on: date,
    words: str = "",
    receiver: User | None = None,
) -> Household:
    """Give the family the address `home` (fields of Household) from `on`; to a `receiver`, who works there, it is offered.

    Who holds it goes on until then. The point of the old house is forgotten. Raises Refused.
    """
    if receiver:
        refuse_unfit(receiver)
    stored = now(household)
    refuse_before_last(stored, on, {FamilyChange.Kind.HOME}, "keluarga pindah terakhir kali")
    was = ", ".join(filter(None, [stored.address, stored.place, stored.wilayah.name]))
    to = home["wilayah"]
    keep_change(stored, FamilyChange.Kind.HOME, by, op_id, reason, on, words, former=was[:400], to_wilayah=to)
    store(stored, {**home, "latitude": None, "longitude": None})
    if receiver:
        _offer(stored, receiver, by, today)
    return stored


def _offer(household, receiver, by, today):
    handover = Handover.objects.create(
        op_id=uuid7(),
        holder_id=household.pendamping_id,
        receiver=receiver,
        by=by,
        kind=Handover.Kind.OTHER,
        reason=f"Keluarga pindah ke {household.wilayah.name}.",
        offered_on=today,
    )
    row = HandoverFamily(handover=handover, household=household, group_id=household.group_id)
    HandoverFamily.objects.bulk_create([row], ignore_conflicts=True)
    if not HandoverFamily.objects.filter(handover=handover).exists():
        raise Refused(f"{TAKEN_ALREADY} Selesaikan dulu, atau pindahkan tanpa memilih penerima.", "receiver")
