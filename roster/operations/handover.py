"""Handing families over: offered by a koordinator, taken or refused by the receiver, row by row.

A family changes hands at the very moment it is taken and not before, so it is never a day without holder nor with two.
Rows are locked in one order: the account of the receiver, rows of handovers, kelompok, families by id.
"""

from datetime import date
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, locked, operation
from kpm.models import Group, Household
from kpm.operations import hand_over, join_group
from roster.models import Handover, HandoverFamily

KECAMATAN = 6
State = HandoverFamily.State
TAKEN_ALREADY = "Sudah ditawarkan dalam serah terima lain."
TOO_FAR = "Di luar kecamatan tugas penerima."
ANOTHER_HOLDER = "Sudah dipegang pendamping lain."
NOBODY = "Tidak ada KPM yang bisa ditawarkan. Periksa apakah semuanya sudah dalam serah terima lain."
ANSWERS = {"terima": State.TAKEN, "tolak": State.REFUSED, "tarik": State.WITHDRAWN}


@operation(kind="serah_terima", title="Serah terima KPM", makes=Handover)
def offer(
    *,
    by: User,
    pk: UUID,
    op_id,
    today: date,
    holder: User,
    receiver: User,
    kind: str,
    families: list[UUID] | None = None,
    reason: str = "",
    back_on: date | None = None,
    returns: Handover | None = None,
    for_them: bool = False,
) -> Handover:
    """Offer `families` (ids), or None for all that `holder` holds, to `receiver`; `for_them`: taken at once in their name.

    Families that can't be offered stand in the handover as withdrawn, each with its `fault`. Raises Refused when none can.
    """
    refuse_unfit(receiver)
    held = Household.objects.visible_to(by).filter(pendamping=holder)
    if families is not None:
        held = held.filter(pk__in=families)
    handover = Handover.objects.create(
        id=pk,
        op_id=op_id,
        holder=holder,
        receiver=receiver,
        by=by,
        kind=kind,
        reason=reason,
        is_whole=families is None,
        offered_on=today,
        back_on=back_on,
        returns=returns,
    )
    rows = {
        one.pk: HandoverFamily(handover=handover, household=one, group_id=one.group_id)
        for one in held.order_by("pk")
    }
    near = (receiver.wilayah_id or "-")[:KECAMATAN]
    far = [row for row in rows.values() if not row.household.wilayah_id.startswith(near)]
    fit = [row for row in rows.values() if row.household.wilayah_id.startswith(near)]
    # In the order of the families: two who offer the same ones wait for each other in turn.
    HandoverFamily.objects.bulk_create(fit, ignore_conflicts=True)
    made = set(HandoverFamily.objects.filter(handover=handover).values_list("pk", flat=True))
    if not made:
        raise Refused(TOO_FAR if far and not fit else NOBODY, "receiver" if far and not fit else None)
    left = [(row, TOO_FAR) for row in far] + [(row, TAKEN_ALREADY) for row in fit if row.pk not in made]
    for row, words in left:
        row.state, row.fault, row.decided_on, row.decided_by = State.WITHDRAWN, words, today, by
    HandoverFamily.objects.bulk_create([row for row, _ in left])
    if for_them:
        _take(handover, HandoverFamily.objects.filter(handover=handover), by=by, today=today)
    return handover


@operation(kind="serah_terima_jawab", title="Jawaban serah terima", about=Handover)
def answer(
    handover: Handover,
    *,
    by: User,
    today: date,
    decision: str,
    rows: list[UUID] | None = None,
    reason: str = "",
) -> Handover:
    """Take (`terima`), refuse (`tolak`, with a reason) or withdraw (`tarik`) `rows` (ids of HandoverFamily), or None for
    all that wait. What can't be taken goes on waiting, each row with its `fault`. Raises Refused.
    """
    wanted = HandoverFamily.objects.visible_to(by).filter(handover=handover)
    if rows is not None:
        wanted = wanted.filter(pk__in=rows)
    if decision == "terima":
        taken = _take(handover, wanted, by=by, today=today)
    else:
        ids = _waiting(wanted).values_list("pk", flat=True)
        taken = HandoverFamily.objects.filter(pk__in=list(ids)).update(
            state=ANSWERS[decision], reason=reason, fault="", decided_on=today, decided_by=by
        )
    if not taken:
        raise Refused("Tidak ada lagi KPM yang menunggu di antara yang dipilih. Muat ulang halaman ini.")
    return handover


@operation(kind="serah_terima_baca", title="Riwayat KPM dibaca", about=HandoverFamily)
def mark_read(row: HandoverFamily, *, by: User) -> HandoverFamily:
    """Keep that the receiver read what a family brings along."""
    HandoverFamily.objects.filter(pk=row.pk, read_at=None).update(read_at=timezone.now())
    return row


def _waiting(rows):
    """Those of `rows` that wait, held, in the order of their ids."""
    own = HandoverFamily.objects.filter(pk__in=rows.values("pk"))
    return own.waiting().order_by("pk").select_for_update(of=["self"], no_key=True)


def refuse_unfit(receiver):
    """Hold the account of `receiver`, so that it is not switched off while it gets families."""
    stored = locked(User.objects, receiver.pk)
    if not stored.is_active or not stored.is_pendamping:
        raise Refused(f"Akun {stored.name} tidak aktif. Pilih penerima lain.", "receiver")


def _take(handover, rows, *, by, today):
    """Let the receiver hold the families of the waiting `rows`; how many rows were looked at."""
    receiver = handover.receiver
    refuse_unfit(receiver)
    waiting = list(_waiting(rows))
    ids = [row.household_id for row in waiting]
    own = Group.objects.filter(pendamping=handover.holder).order_by("pk")
    mine = list(own.select_for_update(of=["self"], no_key=True))
    stored = Household.objects.in_bulk(ids)
    free = [
        stored[pk] for pk in ids if stored[pk].pendamping_id in {handover.holder_id, handover.receiver_id}
    ]
    groups = _going_along(handover, mine, {one.pk for one in free})
    given, faults = hand_over(free, groups=groups, to=receiver, by=by, on=today, reason=_words(handover))
    _rejoin(handover, groups, by)
    taken = [row.pk for row in waiting if row.household_id in given]
    own_rows = HandoverFamily.objects.filter(handover=handover)
    own_rows.filter(pk__in=taken).update(state=State.TAKEN, fault="", decided_on=today, decided_by=by)
    gone = [row.pk for row in waiting if row.household_id not in given and row.household_id not in faults]
    own_rows.filter(pk__in=gone).update(
        state=State.WITHDRAWN, fault=ANOTHER_HOLDER, decided_on=today, decided_by=by
    )
    for words in set(faults.values()):
        own_rows.filter(
            state=State.WAITING, household__in=[pk for pk in faults if faults[pk] == words]
        ).update(fault=words[:200])
    return len(waiting)


def _going_along(handover, groups, going):
    """Those kelompok of the holder of which every family is `going` (ids); with the last family also the empty ones."""
    members = {}
    held = Household.objects.filter(pendamping=handover.holder)
    for pk, group in held.values_list("pk", "group"):
        members.setdefault(group, set()).add(pk)
    everything = handover.is_whole and all(families <= going for families in members.values())
    return [group for group in groups if (members[group.pk] <= going if group.pk in members else everything)]


def _rejoin(handover, groups, by):
    """Put families that were taken before their kelompok followed back into it."""
    earlier = Household.objects.filter(
        handovers__handover=handover,
        handovers__state=State.TAKEN,
        handovers__group__in=groups,
        group=None,
        pendamping=handover.receiver,
    ).annotate(was_in=F("handovers__group"))
    by_group = {}
    for household in earlier:
        by_group.setdefault(household.was_in, []).append(household)
    for group in Group.objects.filter(pk__in=by_group, pendamping=handover.receiver).order_by("pk"):
        join_group(group, households=by_group[group.pk], by=by)


def _words(handover):
    said = handover.get_kind_display()
    return f"{said}: {handover.reason}"[:200] if handover.reason else said
