"""Kasus: written down, handled, decided, told, appealed against. Every change of state is one of MOVES and leaves its own
IncidentMove. A family is locked before its kasus, like everywhere.
"""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pgtrigger

from accounts.models import User
from entries.operations import Refused, locked, operation
from entries.workflow import Move, refuse_late, refuse_without_reason
from kpm.models import Household
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.fields import identity_keys
from pkh_casework.templatetags.formats import tanggal
from roles.models import Incident, IncidentKind, IncidentMove, IncidentNote, IncidentStep

State = Incident.State
NOT_MINE = "Keluarga ini sekarang didampingi orang lain."

MOVES = {
    "tangani": Move((State.NEW,), State.HANDLED, words="Mulai menangani", asks="Apa yang dilakukan pertama"),
    "tunggu": Move(
        (State.NEW, State.HANDLED),
        State.WAITING,
        needs_reason=True,
        words="Menunggu pihak lain",
        asks="Apa yang ditunggu",
    ),
    "lanjut": Move((State.WAITING,), State.HANDLED, words="Lanjut menangani", asks="Apa jawaban mereka"),
    "putuskan": Move(
        Incident.ANSWERABLE,
        State.DECIDED,
        needs_reason=True,
        words="Catat keputusan",
        asks="Apa keputusannya",
    ),
    "tetapkan": Move(
        Incident.ANSWERABLE,
        State.DECIDED,
        KOORDINATOR,
        needs_reason=True,
        words="Putuskan",
        asks="Apa keputusannya",
    ),
    "selesai": Move(
        (State.DECIDED,), State.DONE, words="Sudah disampaikan ke keluarga", asks="Apa kata keluarga"
    ),
    "keberatan": Move(
        (State.DECIDED, State.DONE, State.CLOSED),
        State.APPEALED,
        needs_reason=True,
        words="Keluarga keberatan",
        asks="Mengapa keluarga keberatan",
    ),
    "cabut": Move(
        (State.APPEALED,),
        State.DECIDED,
        needs_reason=True,
        words="Keberatan dicabut",
        asks="Mengapa dicabut",
    ),
    "jawab": Move(
        (State.APPEALED,),
        State.DECIDED,
        KOORDINATOR,
        needs_reason=True,
        words="Putuskan keberatan",
        asks="Apa keputusannya",
    ),
    "tutup": Move(
        Incident.ANSWERABLE,
        State.CLOSED,
        needs_reason=True,
        words="Tutup tanpa tindak lanjut",
        asks="Mengapa tidak ditindaklanjuti",
    ),
    # The state stays; `target` is read nowhere.
    "percepat": Move(
        Incident.ANSWERABLE,
        State.HANDLED,
        KOORDINATOR,
        needs_reason=True,
        words="Majukan batas waktu",
        asks="Mengapa lebih cepat",
    ),
}
STAYS = "percepat"


def may_move(incident: Incident, name: str, user: User) -> bool:
    """Whether the move `name` of MOVES is for `user`: the family's holder, or a koordinator of its area; a second decision
    is not for who wrote down the first. The state of the kasus is another question.
    """
    household, move = incident.household, MOVES[name]
    if move.whose == PENDAMPING:
        return user.duty == PENDAMPING and household.is_held_by(user)
    if user.duty != KOORDINATOR or not household.wilayah_id.startswith(user.wilayah_id or "-"):
        return False
    return name != "jawab" or incident.decided_with_id != user.pk


def moves_for(incident: Incident, user: User) -> dict[str, Move]:
    """The moves that are open to `user` now, by name: what leads on first."""
    return {
        name: move
        for name, move in MOVES.items()
        if incident.state in move.origins
        and may_move(incident, name, user)
        and not (name == "keberatan" and incident.appealed_on)
    }


@operation(kind="roles.kasus", title="Kasus", makes=Incident)
def report_incident(
    household: Household,
    *,
    by: User,
    pk: UUID,
    op_id: UUID,
    kind: IncidentKind,
    what: str,
    reported_by: str,
    happened_on: date,
    reported_on: date,
    member=None,
) -> Incident:
    """Write down a kasus of a family, or of its `member`; its deadline follows from `kind`. Raises Refused: not theirs."""
    stored = _own_family(household.pk, by)
    incident = Incident(
        id=pk,
        op_id=op_id,
        household=stored,
        member=member,
        wilayah_id=stored.wilayah_id,
        pendamping=by,
        kind=kind,
        what=what,
        reported_by=reported_by,
        happened_on=happened_on,
        reported_on=reported_on,
        due_on=reported_on + timedelta(days=kind.days),
    )
    incident.save(force_insert=True)
    _note(incident, by=by, op_id=op_id, on=reported_on)
    return incident


@operation(kind="roles.kasus_langkah", title="Perkembangan kasus", about=Incident)
def move_incident(
    incident: Incident,
    name: str,
    *,
    by: User,
    op_id: UUID,
    today: date,
    seen: str = "",
    reason: str = "",
    **said,
) -> Incident:
    """Take `incident` the move `name` of MOVES further. `seen` names the last move that the person saw (last_move).

    `said` are, where the move asks for them: waits_for, referral; decided_by, decided_on; told_on; appealed_on; answer;
    due_on. Raises Refused: not theirs to do, another came first, a second appeal, no reason.
    """
    household = locked(Household.objects, incident.household_id)
    stored = locked(Incident.objects.select_related("kind"), incident.pk)
    stored.household = household
    move = MOVES[name]
    refuse_late(stored, move, seen=seen, called="Kasus")
    if not may_move(stored, name, by):
        raise Refused("Ini bukan bagian Anda. Keberatan diputus koordinator lain dari yang pertama.")
    refuse_without_reason(move, reason)
    on = CHANGES[name](stored, by=by, today=today, reason=reason, **said) or today
    if name != STAYS:
        stored.state = move.target
    stored.ended_on = None if stored.is_open else on
    if stored.state != State.WAITING:
        stored.waits_for, stored.waits_since = "", None
    stored.save()
    _note(stored, by=by, op_id=op_id, on=on, reason=_told(stored, name, reason))
    return stored


def _handle(incident, *, by, today, reason, referral=None):
    incident.referral = referral or incident.referral


def _wait(incident, *, by, today, reason, waits_for, referral=None):
    incident.waits_for, incident.waits_since = waits_for, today
    incident.referral = referral or incident.referral


def _decide(incident, *, by, today, reason, decided_by="", decided_on=None):
    on = decided_on or today
    if on < incident.reported_on:
        raise Refused("Keputusan ini sebelum kasusnya dilaporkan.", "decided_on")
    incident.decision, incident.decided_by = reason, decided_by or by.name
    incident.decided_on, incident.decided_with = on, by
    incident.due_on = today + timedelta(days=incident.kind.tell_days)
    return on


def _tell(incident, *, by, today, reason, told_on):
    if told_on < (incident.appeal_decided_on or incident.decided_on):
        raise Refused("Ini sebelum ada keputusannya.", "told_on")
    incident.told_on = told_on
    return told_on


def _appeal(incident, *, by, today, reason, appealed_on):
    if incident.appealed_on:
        raise Refused("Keluarga sudah pernah keberatan atas kasus ini, dan keberatannya sudah dijawab.")
    if appealed_on < (incident.ended_on or incident.decided_on):
        raise Refused("Keberatan datang sesudah keputusan.", "appealed_on")
    incident.appealed_on, incident.appeal_reason, incident.told_on = appealed_on, reason, None
    incident.due_on = appealed_on + timedelta(days=incident.kind.appeal_days)
    return appealed_on


def _withdraw(incident, *, by, today, reason):
    if not incident.decided_on:  # it was closed without an answer: that is what stands
        incident.decision, incident.decided_by = reason, by.name
        incident.decided_on, incident.decided_with = today, by
    incident.due_on = today + timedelta(days=incident.kind.tell_days)


def _answer(incident, *, by, today, reason, answer):
    incident.appeal_answer, incident.appeal_decision = answer, reason
    incident.appeal_decided_by, incident.appeal_decided_on = by, today
    if not incident.decided_on:
        incident.decision, incident.decided_by = reason, by.name
        incident.decided_on, incident.decided_with = today, by
    incident.due_on = today + timedelta(days=incident.kind.tell_days)


def _close(incident, *, by, today, reason):
    incident.decided_with = by


def _hurry(incident, *, by, today, reason, due_on):
    if not today <= due_on < incident.due_on:
        raise Refused(f"Pilih hari sebelum {tanggal(incident.due_on)}, paling cepat hari ini.", "due_on")
    incident.due_on = due_on


CHANGES: dict[str, Callable] = {
    "tangani": _handle,
    "tunggu": _wait,
    "lanjut": _handle,
    "putuskan": _decide,
    "tetapkan": _decide,
    "selesai": _tell,
    "keberatan": _appeal,
    "cabut": _withdraw,
    "jawab": _answer,
    "tutup": _close,
    "percepat": _hurry,
}


def _told(incident, name, reason):
    """What the history says of a move besides its state."""
    if name == "tunggu":
        return f"{incident.get_waits_for_display()}: {reason}"
    if name == "putuskan":
        return f"{incident.decided_by}: {reason}"
    if name == "jawab":
        return f"{incident.get_appeal_answer_display()}. {reason}"
    if name == STAYS:
        return f"Batas waktu dimajukan ke {tanggal(incident.due_on)}. {reason}"
    return reason


@operation(kind="roles.kasus_tugas", title="Langkah kasus", makes=IncidentStep)
def add_step(
    incident: Incident, *, by: User, pk: UUID, op_id: UUID, text: str, whom: str, due_on: date
) -> IncidentStep:
    """Write down what is to be done for a kasus. Raises Refused: not theirs, or the kasus is over."""
    household = _own_family(incident.household_id, by)
    stored = locked(Incident.objects, incident.pk)
    if not stored.is_open:
        raise Refused(f"Kasus ini sekarang {stored.get_state_display().lower()}.")
    return IncidentStep.objects.create(
        id=pk, op_id=op_id, incident=stored, household=household, text=text, whom=whom, due_on=due_on
    )


@operation(kind="roles.kasus_tugas_selesai", title="Langkah kasus selesai", about=IncidentStep)
def finish_step(step: IncidentStep, *, by: User, op_id: UUID, on: date) -> IncidentStep:
    """Tick a step; one that is ticked already stays as it is. Raises Refused: not theirs."""
    _own_family(step.household_id, by)
    stored = locked(IncidentStep.objects, step.pk)
    if not stored.done_on:
        stored.done_on = on
        stored.save(update_fields=["done_on"])
    return stored


@operation(kind="roles.kasus_rahasia", title="Catatan rahasia", about=Incident)
def write_note(incident: Incident, *, by: User, op_id: UUID, text: str) -> Incident:
    """Seal a confidential note. Raises Refused for who may not read it either."""
    household = locked(Household.objects, incident.household_id)
    may = (
        household.is_held_by(by) if by.duty == PENDAMPING else household.wilayah_id.startswith(by.wilayah_id)
    )
    if not may:
        raise Refused(NOT_MINE)
    note = IncidentNote(op_id=op_id, incident=incident, household=household, by=by)
    note.write(text)
    note.save(force_insert=True)
    return incident


def reseal_notes():
    """Seal confidential notes with the current key: (notes read, written). Raises NumberUnreadable."""
    read = written = 0
    current = int(identity_keys()["current"]["encryption"])
    for note in IncidentNote.objects.order_by("pk"):
        read += 1
        if note.key_id != current:
            note.write(note.read())
            # What it says is no other, so the table of rows that never change may be written for once.
            with pgtrigger.ignore("roles.IncidentNote:insert_only"):
                note.save(update_fields=["sealed"])
            written += 1
    return read, written


def _note(incident, *, by, op_id, on, reason=""):
    IncidentMove.objects.create(
        op_id=op_id,
        incident=incident,
        household_id=incident.household_id,
        to_state=incident.state,
        happened_on=on,
        by=by,
        reason=reason,
    )


def _own_family(pk, by):
    household = locked(Household.objects, pk)
    if not household.is_held_by(by):
        raise Refused(NOT_MINE)
    return household
