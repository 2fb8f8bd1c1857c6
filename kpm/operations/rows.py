"""What the writes about families share: rows held as they are stored now, and what stands against a change."""

from entries.operations import SEALED, Refused, locked
from kpm.models import GraduationCase, GroupChair, Household


def now(row):
    """`row` as it is stored now, held until the end of the transaction; None for None."""
    return row and locked(type(row)._default_manager, row.pk)


def in_turn(rows):
    """The rows of a queryset, held in the order of their ids."""
    return rows.order_by("pk").select_for_update(of=["self"], no_key=True)


def store(row, changes):
    """Save `changes` on `row`, and with an identity number its blind index."""
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=[*changes, *(f"{name}_index" for name in SEALED & changes.keys())])


def end_chair(household, on):
    """A family that leaves its kelompok is not its ketua any more."""
    GroupChair.objects.filter(household=household, to_on=None).update(to_on=on)


def refuse_own_graduation(household, status):
    """Graduation has one way, with four eyes (operations.graduation); the status never goes around it."""
    if status == household.status:
        return
    if status == Household.Status.GRADUASI:
        raise Refused("Graduasi hanya lewat usulan yang disetujui koordinator.", "status")
    cases = GraduationCase.objects.filter(household=household)
    if cases.standing().exists() or cases.open().exists():
        raise Refused(
            "Status keluarga ini mengikuti usulan graduasinya. Ubah lewat halaman Graduasi.", "status"
        )
