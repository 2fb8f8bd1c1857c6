"""The way out of the programme: preparing, proposing, deciding, and watching afterwards.

Every change of state is one of MOVES, each with its own GraduationMove; the family's status follows from the state.
"""

from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction

from accounts.models import User
from entries.operations import Refused, check_keys_now, locked, operation
from entries.workflow import Move, refuse_late, refuse_without_reason
from kpm.models import (
    Assessment,
    GraduationCase,
    GraduationFile,
    GraduationKind,
    GraduationMove,
    GraduationPaper,
    Household,
    Member,
    WatchCheck,
)
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.days import months_after
from pkh_casework.media import keep_photos

State = GraduationCase.State

# The project's own rhythm, no rule of PKH: soon enough to help, and at last a year to judge by.
WATCH_MONTHS = (3, 6, 12)

STATUS_IN = {
    State.DRAFT: Household.Status.CALON_GRADUASI,
    State.PROPOSED: Household.Status.CALON_GRADUASI,
    State.RETURNED: Household.Status.AKTIF,
    State.APPROVED: Household.Status.GRADUASI,
    State.WITHDRAWN: Household.Status.AKTIF,
    State.UNDONE: Household.Status.AKTIF,
    State.ASKED_BACK: Household.Status.GRADUASI,
    State.BACK: Household.Status.AKTIF,
}
# Who brought a case this far never decides on it, whatever duty they have by then.
PROPOSING = (State.DRAFT, State.PROPOSED, State.ASKED_BACK)


MOVES = {
    "usulkan": Move((State.DRAFT, State.RETURNED), State.PROPOSED, PENDAMPING),
    "tarik": Move(GraduationCase.OPEN, State.WITHDRAWN, PENDAMPING, needs_reason=True),
    "setujui": Move((State.PROPOSED,), State.APPROVED, KOORDINATOR),
    "kembalikan": Move((State.PROPOSED,), State.RETURNED, KOORDINATOR, needs_reason=True),
    "batalkan": Move((State.APPROVED,), State.UNDONE, KOORDINATOR, needs_reason=True),
    "minta-kembali": Move((State.APPROVED,), State.ASKED_BACK, PENDAMPING, needs_reason=True),
    "terima-kembali": Move((State.ASKED_BACK,), State.BACK, KOORDINATOR),
    "tolak-kembali": Move((State.ASKED_BACK,), State.APPROVED, KOORDINATOR, needs_reason=True),
}


def may_move(case: GraduationCase, move: Move, user: User) -> bool:
    """Whether `move` is for `user`: the family's holder proposes, a koordinator of its area who never proposed
    decides. The state of the case is another question.
    """
    household = case.household
    if move.whose == PENDAMPING:
        return user.duty == PENDAMPING and household.is_held_by(user)
    if user.duty != KOORDINATOR or not household.wilayah_id.startswith(user.wilayah_id or "-"):
        return False
    own = GraduationMove.objects.filter(case=case, by=user, to_state__in=PROPOSING)
    return case.proposed_by_id != user.pk and not own.exists()


def papers_of(kind_id: str, day: date):
    """The documents that a kind of graduation asks for on `day`."""
    return GraduationPaper.objects.valid_on(day).filter(kind=kind_id)


def still_needed(case: GraduationCase, day: date) -> list[str]:
    """What must be there before `case` can be proposed, in words."""
    needed = []
    if not case.statement.strip():
        needed.append("alasan dan keadaan keluarga")
    if case.kind.needs_family and not (case.signed_by_id and case.signed_on):
        needed.append("siapa dari keluarga yang menandatangani, dan kapan")
    there = GraduationFile.objects.filter(case=case).values("paper")
    missing = papers_of(case.kind_id, day).filter(required=True).exclude(pk__in=there)
    return [*needed, *(f"foto: {name}" for name in missing.values_list("name", flat=True))]


@operation(kind="kpm_graduasi", title="Usulan graduasi", makes=GraduationCase)
def prepare_case(
    household: Household,
    *,
    by: User,
    pk: UUID,
    op_id: UUID,
    today: date,
    kind: GraduationKind,
    statement: str = "",
    signed_by: Member | None = None,
    signed_on: date | None = None,
) -> GraduationCase:
    """Begin the proposal that a family graduates. Raises Refused when one is under way or the family has left."""
    case = GraduationCase(
        id=pk,
        op_id=op_id,
        household=household,
        kind=kind,
        statement=statement,
        signed_by=signed_by,
        signed_on=signed_on,
        proposed_by=by,
    )
    stored = locked(Household.objects, household.pk)
    if not stored.is_held_by(by):
        raise Refused("Keluarga ini sekarang didampingi orang lain.")
    if GraduationCase.objects.filter(household=stored).open().exists():
        raise Refused("Keluarga ini sudah punya usulan graduasi yang berjalan.")
    if stored.status not in Household.ACTIVE:
        raise Refused("Keluarga ini sudah tidak didampingi, jadi tidak dapat diusulkan.")
    case.wilayah_id = stored.wilayah_id
    case.save(force_insert=True)
    _note(case, State.DRAFT, stored, by=by, op_id=op_id)
    return case


@operation(
    kind="kpm_graduasi_ubah",
    title="Perubahan usulan graduasi",
    about=GraduationCase,
    checks_keys=False,
)
def change_case(
    case: GraduationCase,
    *,
    by: User,
    today: date,
    photos: dict | None = None,
    dropped: list | None = None,
    **changes,
) -> GraduationCase:
    """Change what a proposal says while it is prepared or returned. `photos`: {GraduationPaper: [CleanPhoto]};
    `dropped`: GraduationFiles to take out. Raises Refused once it is proposed.
    """
    household = locked(Household.objects, case.household_id)
    stored = _case(case.pk)
    if not household.is_held_by(by):
        raise Refused("Keluarga ini sekarang didampingi orang lain.")
    if stored.state not in {State.DRAFT, State.RETURNED}:
        raise Refused(f"Usulan ini sekarang {stored.get_state_display().lower()}, isinya tidak dapat diubah.")
    for name, value in changes.items():
        setattr(stored, name, value)
    stored.save(update_fields=list(changes))
    for file in dropped or []:
        file.delete()
        transaction.on_commit(partial(file.file.storage.delete, file.file.name))
    check_keys_now()
    for paper, pictures in (photos or {}).items():
        fields = {"case": stored, "household": household, "paper": paper, "added_by": by}
        keep_photos(pictures, stored.files.filter(paper=paper), **fields)
    return stored


@operation(kind="kpm_graduasi_langkah", title="Langkah usulan graduasi", about=GraduationCase)
def move_case(
    case: GraduationCase,
    move: str,
    *,
    by: User,
    op_id: UUID,
    today: date,
    seen: str = "",
    reason: str = "",
    lens: dict | None = None,
) -> GraduationCase:
    """Take `case` one of MOVES further, on the day `today`. `seen` names the last move that the person saw; `lens` is
    kept with a proposal. Raises Refused: not theirs to do, another came first, papers are missing.
    """
    household = locked(Household.objects, case.household_id)
    stored = _case(case.pk)
    stored.household = household
    way = MOVES[move]
    refuse_late(stored, way, seen=seen, called="Usulan")
    if not may_move(stored, way, by):
        raise Refused("Ini bukan bagian Anda. Pengusul tidak memutuskan usulannya sendiri.")
    refuse_without_reason(way, reason)
    if move == "usulkan":
        _propose(stored, household, by=by, today=today, lens=lens)
    elif way.whose == KOORDINATOR and move != "tolak-kembali":  # then the approval stands as it was
        stored.decided_by, stored.decided_on, stored.decision = by, today, reason
    if move == "setujui":
        stored.graduated_on, stored.wilayah_id = today, household.wilayah_id
        _watch(stored, today)
    elif move == "batalkan":
        stored.graduated_on = None
    stored.state = way.target
    stored.save()
    _note(stored, way.target, household, by=by, op_id=op_id, reason=reason)
    return stored


@operation(kind="kpm_graduasi_cek", title="Cek sesudah graduasi", about=GraduationCase, by_its="case_id")
def record_check(check: WatchCheck, *, by: User, op_id: UUID, today: date, **said) -> WatchCheck:
    """Write down a look after graduation; `said` are done_on, by_phone, outcome and note. Raises Refused when it was
    done already or the graduation does not stand any more.
    """
    household = locked(Household.objects, check.household_id)
    stored = locked(WatchCheck.objects, check.pk)
    if not household.is_held_by(by):
        raise Refused("Keluarga ini sekarang didampingi orang lain.")
    if stored.done_on:
        raise Refused("Cek ini sudah diisi. Lihat hasilnya di halaman graduasi keluarga ini.")
    if not GraduationCase.objects.filter(pk=stored.case_id).standing().exists():
        raise Refused("Graduasi keluarga ini sudah tidak berlaku, jadi tidak perlu dicek lagi.")
    for name, value in said.items():
        setattr(stored, name, value)
    stored.by, stored.op_id = by, op_id
    stored.save()
    return stored


def _propose(case, household, *, by, today, lens):
    if needed := still_needed(case, today):
        raise Refused(f"Belum lengkap: {'; '.join(needed)}.")
    case.proposed_by, case.proposed_on, case.wilayah_id = by, today, household.wilayah_id
    case.decided_by = case.decided_on = None
    case.decision, case.lens = "", lens or {}
    case.assessment = Assessment.objects.filter(household=household).order_by("-assessed_on").first()


def _watch(case, today):
    WatchCheck.objects.bulk_create(
        WatchCheck(
            case=case,
            household_id=case.household_id,
            wilayah_id=case.wilayah_id,
            months=months,
            due_on=months_after(today, months),
        )
        for months in WATCH_MONTHS
    )


def _note(case, state, household, *, by, op_id, reason=""):
    """Keep the move, and let the family's status follow."""
    GraduationMove.objects.create(
        op_id=op_id, case=case, household=household, to_state=state, by=by, reason=reason
    )
    if household.status != STATUS_IN[state]:
        household.status = STATUS_IN[state]
        household.save(update_fields=["status"])


def _case(pk):
    return locked(GraduationCase.objects.select_related("kind"), pk)
