"""Writes about what a family is: set inactive or taken up again, and another pengurus. Each keeps its reason and its day."""

from datetime import date
from uuid import UUID

from accounts.models import User
from entries.operations import Refused, operation
from kpm.models import CaseReason, FamilyChange, Household, Member, MemberComponent

from .family import close_component, name_pengurus
from .rows import end_chair, now, refuse_own_graduation, store

Kind, Status = FamilyChange.Kind, Household.Status


@operation(kind="kpm_status", title="Perubahan status keluarga", about=Household)
def change_status(
    household: Household, *, by: User, op_id: UUID, to: str, reason: CaseReason, on: date, words: str = ""
) -> Household:
    """Set the family inactive (`to` Status.NONAKTIF), or take it up again as `to`, on the day `on`. Raises Refused.

    An inactive family leads no kelompok. Its graduation, if one runs or stands, comes first.
    """
    stored = now(household)
    ends = to == Status.NONAKTIF
    if ends == (stored.status == Status.NONAKTIF):
        raise Refused(f"Keluarga ini sudah {'nonaktif' if ends else 'aktif'}. Muat ulang halaman ini.")
    refuse_own_graduation(stored, to)
    refuse_before_last(stored, on, {Kind.INACTIVE, Kind.ACTIVE_AGAIN}, "perubahan status yang terakhir")
    if ends:
        end_chair(stored, on)
    store(stored, {"status": to})
    keep_change(stored, Kind.INACTIVE if ends else Kind.ACTIVE_AGAIN, by, op_id, reason, on, words)
    return stored


@operation(kind="kpm_pengurus", title="Pengurus baru", about=Household)
def change_pengurus(
    household: Household,
    *,
    by: User,
    op_id: UUID,
    successor: Member,
    heir: Member | None,
    reason: CaseReason,
    on: date,
    words: str = "",
    was: Member | None = None,
) -> Household:
    """Make `successor` the pengurus from `on`, with `heir` to follow; with a reason that `leaves`, who was the pengurus is
    off the card from that day, components and all. `was` is whom the person at the form saw. Raises Refused.
    """
    stored = now(household)
    term = stored.pengurus_terms.filter(to_on=None).select_related("member").first()
    former = now(term.member) if term else None
    if was and (former is None or was.pk != former.pk):
        raise Refused("Pengurus keluarga ini baru saja diganti. Muat ulang halaman ini.")
    if former and successor.pk == former.pk:
        raise Refused("Ini sudah pengurusnya. Pilih anggota lain.", "successor")
    if term and on < term.from_on:
        raise Refused("Tanggal ini sebelum pengurus sekarang mulai.", "on")
    name_pengurus(stored, member=now(successor), heir=heir, by=by, on=on)
    if former and reason.leaves:
        leave_card(former, by=by, on=on, reason=reason.name)
    keep_change(stored, Kind.PENGURUS, by, op_id, reason, on, words, member=former, successor=successor)
    return stored


@operation(kind="kpm_titik", title="Titik rumah", about=Household)
def set_point(household: Household, *, by: User, point: tuple[float, float] | None) -> Household:
    """Store where the house stands, (latitude, longitude) in degrees; None forgets it."""
    stored = now(household)
    store(stored, dict(zip(("latitude", "longitude"), point or (None, None), strict=True)))
    return stored


def leave_card(member, *, by, on, reason):
    """Take a person, who is held, off the card on `on`, and end what the person counts for. Raises Refused."""
    for period in MemberComponent.objects.filter(member=member, to_on=None):
        if on <= period.from_on:
            raise Refused("Ada komponen yang mulai sesudah tanggal ini.", "on")
        close_component(period, to_on=on, by=by)
    store(member, {"left_on": on, "left_reason": reason})


def keep_change(household, kind, by, op_id, reason, on, words, **more):
    """Write down what changed, with who held the family and where it lived on that day."""
    return FamilyChange.objects.create(
        op_id=op_id,
        household=household,
        wilayah_id=household.wilayah_id,
        pendamping_id=household.pendamping_id,
        kind=kind,
        reason=reason,
        words=words,
        changed_on=on,
        by=by,
        **more,
    )


def refuse_before_last(household, on, kinds, called):
    """A change of one of the `kinds`, the last of which is `called` so, never lies before it nor before the family came."""
    if on < household.joined_on:
        raise Refused("Tanggal ini sebelum keluarga menjadi KPM.", "on")
    last = FamilyChange.objects.filter(household=household, kind__in=kinds).first()
    if last and on < last.changed_on:
        raise Refused(f"Tanggal ini sebelum {called}.", "on")
