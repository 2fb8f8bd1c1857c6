"""Sending a family to a resource: planned, asked for, answered, under way, ended; and the family's yes behind it.

Every change of state is one of MOVES and leaves its own ReferralMove. Whoever comes second with a change that is not
possible any more loses nothing: what was said stays as a move that does not count. A family is locked before its
referral, like everywhere.
"""

from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, locked, operation
from entries.workflow import Move
from kpm.at_home import done_at_home
from kpm.models import Consent, Goal, Household
from kpm.operations.consent import Yes, keep_consent
from resources.models import PartnerLink, Referral, ReferralMove, Resource

PLAN_DAYS = 7  # a plan that nobody has handed in after so many days is looked at again
NOT_MINE = "Keluarga ini sekarang didampingi orang lain."
State = Referral.State


MOVES = {
    "ajukan": Move((State.PLANNED,), State.SENT, words="Ajukan ke mitra", due_days=14),
    "terima": Move(
        (State.SENT,),
        State.ACCEPTED,
        words="Diterima mitra",
        asks="Catatan dari mitra",
        due_days=7,
        by_partner=True,
    ),
    "tolak": Move(
        (State.SENT,),
        State.REFUSED,
        words="Ditolak mitra",
        asks="Alasan mitra",
        needs_reason=True,
        by_partner=True,
    ),
    "mulai": Move((State.ACCEPTED,), State.RUNNING, words="Sudah berjalan", due_days=30),
    "selesai": Move(
        (State.ACCEPTED, State.RUNNING),
        State.DONE,
        words="Selesai",
        asks="Hasil bagi keluarga",
        needs_reason=True,
        by_partner=True,
    ),
    "gagal": Move(
        (State.ACCEPTED, State.RUNNING),
        State.FAILED,
        words="Gagal",
        asks="Mengapa tidak berhasil",
        needs_reason=True,
    ),
    "batalkan": Move(
        Referral.OPEN,
        State.CANCELLED,
        words="Batalkan rujukan",
        asks="Alasan membatalkan",
        needs_reason=True,
    ),
}
DATED = {State.SENT: "sent_on", State.ACCEPTED: "answered_on", State.REFUSED: "answered_on"}


def moves_from(state: str, *, by_partner: bool = False) -> dict[str, Move]:
    """The MOVES that are possible in `state`, by name; with `by_partner` only those a partner may take."""
    return {
        name: move
        for name, move in MOVES.items()
        if state in move.origins and (move.by_partner or not by_partner)
    }


def may_leave(referral: Referral, day: date) -> bool:
    """Whether something about the family may go to the partner on `day`: it was sent, and the family's yes stands."""
    if referral.state in {State.PLANNED, State.CANCELLED} or referral.consent is None:
        return False
    return referral.consent.holds_on(day)


@operation(kind="roles.rujukan", title="Rujukan", makes=Referral)
def plan_referral(
    household: Household,
    *,
    by: User,
    pk: UUID,
    op_id: UUID,
    today: date,
    resource: Resource,
    need: str,
    due_on: date,
    goal: Goal | None = None,
    code: str = "",
    visited_on: date | None = None,
) -> Referral:
    """Plan to send a family to `resource`; `visited_on` as for done_at_home. Raises Refused when one to it is under way or it is gone, OtherContent."""
    referral = Referral(
        id=pk,
        op_id=op_id,
        household=household,
        pendamping=by,
        resource=resource,
        partner_id=resource.partner_id,
        goal=goal,
        code=goal.code if goal else code,
        need=need,
        planned_on=today,
        due_on=due_on,
    )
    stored = _own_family(household.pk, by)
    if resource.ended_on:
        raise Refused("Sumber daya ini sudah tidak ada. Pilih yang lain.")
    if Referral.objects.filter(household=stored, resource=resource).open().exists():
        raise Refused("Keluarga ini sudah punya rujukan yang berjalan ke sana.")
    referral.wilayah_id = stored.wilayah_id
    referral.save(force_insert=True)
    note_move(referral, State.PLANNED, op_id=op_id, on=today, by=by)
    if visited_on:
        done_at_home(referral, by=by, visited_on=visited_on)
    return referral


def _move_made(receipt, referral, name):
    return ReferralMove.objects.get(op_id=receipt.op_id)


@operation(kind="roles.rujukan_langkah", title="Langkah rujukan", about=Referral, again=_move_made)
def move_referral(
    referral: Referral,
    name: str,
    *,
    by: User,
    op_id: UUID,
    today: date,
    happened_on: date,
    note: str = "",
    due_on: date | None = None,
    consent: Yes | None = None,
) -> ReferralMove:
    """Take `referral` the move `name` of MOVES further, as it happened on `happened_on`; look again on `due_on`.

    The move comes back with `counts` False when another came first. `consent` is the family's yes, where none stands
    yet. Raises Refused: not theirs, before the move that it follows, without consent; OtherContent.
    """
    household = _own_family(referral.household_id, by)
    stored, move = locked(Referral.objects, referral.pk), MOVES[name]
    if stored.state not in move.origins:
        return note_move(stored, move.target, op_id=op_id, on=happened_on, by=by, note=note, counts=False)
    if happened_on < stored.moves.filter(counts=True).latest("at").happened_on:
        raise Refused("Tanggal ini sebelum langkah yang mendahuluinya.", "happened_on")
    if name == "ajukan":
        stored.consent = _consent(stored, household, consent, by=by)
    return take_move(stored, move, op_id=op_id, on=happened_on, by=by, note=note, due_on=due_on)


@operation(kind="roles.rujukan_tarik", title="Penarikan persetujuan", about=Referral)
def withdraw_consent(referral: Referral, *, by: User, op_id: UUID, today: date, note: str) -> Referral:
    """The family takes its yes back: from now on nothing leaves, and what is under way is cancelled.

    Raises Refused when there is no yes to take back, OtherContent.
    """
    _own_family(referral.household_id, by)
    stored = locked(Referral.objects, referral.pk)
    consent = stored.consent_id and Consent.objects.select_for_update(of=["self"]).get(pk=stored.consent_id)
    if not consent or consent.withdrawn_on:
        raise Refused("Tidak ada persetujuan yang dapat ditarik.")
    consent.withdrawn_on = today
    consent.save(update_fields=["withdrawn_on"])
    PartnerLink.objects.filter(referral=stored, revoked_at=None).update(revoked_at=timezone.now())
    if stored.state in Referral.OPEN:
        words = f"Persetujuan ditarik. {note}".strip()
        take_move(stored, MOVES["batalkan"], op_id=op_id, on=today, by=by, note=words)
    return stored


def take_move(referral, move, *, op_id, on, by=None, answered_by="", note="", due_on=None) -> ReferralMove:
    """Carry out `move` on a locked `referral` whose state it fits; `by` empty for a partner."""
    referral.state, referral.due_on = move.target, None
    if move.due_days:
        referral.due_on = due_on or on + timedelta(days=move.due_days)
    else:
        referral.ended_on = on
    if day_field := DATED.get(move.target):
        setattr(referral, day_field, on)
    if move.target == State.DONE:
        referral.outcome = note
    referral.save()
    return note_move(referral, move.target, op_id=op_id, on=on, by=by, answered_by=answered_by, note=note)


def note_move(referral, state, *, op_id, on, by=None, answered_by="", note="", counts=True) -> ReferralMove:
    """Keep what somebody did or had to say, once for `op_id`."""
    return ReferralMove.objects.create(
        op_id=op_id,
        referral=referral,
        household_id=referral.household_id,
        to_state=state,
        happened_on=on,
        by=by,
        answered_by=answered_by,
        reason=note,
        counts=counts,
    )


def _consent(referral, household, yes, *, by):
    """The consent that lets `referral` leave: written down now from `yes`. Raises Refused without one."""
    if yes is None:
        raise Refused("Minta persetujuan keluarga sebelum mengajukan.")
    return keep_consent(household, yes, by=by)


def _own_family(pk, by):
    household = locked(Household.objects, pk)
    if not household.is_held_by(by):
        raise Refused(NOT_MINE)
    return household
