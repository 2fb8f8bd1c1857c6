"""The way out of the programme: proposals in every state, the koordinator's decisions, and the checks afterwards.

Rows come out as kpm.operations.graduation would have written them, one move after another.
"""

from datetime import timedelta
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from kpm.independence.lens import read_lens
from kpm.models import (
    GraduationCase,
    GraduationFile,
    GraduationKind,
    GraduationMove,
    GraduationPaper,
    WatchCheck,
)
from kpm.operations.graduation import STATUS_IN, WATCH_MONTHS
from pkh_casework.days import months_after

from . import pictures
from .cast import Cast
from .families import local_moment
from .script import DUE_SINCE
from .wording import fill, texts

KIND_CASE, KIND_CHANGE, KIND_MOVE, KIND_CHECK = (
    "kpm_graduasi",
    "kpm_graduasi_ubah",
    "kpm_graduasi_langkah",
    "kpm_graduasi_cek",
)
State, Outcome = GraduationCase.State, WatchCheck.Outcome
# Which texts of graduasi.toml go with a move.
WORDS = {
    State.APPROVED: "disetujui",
    State.RETURNED: "dikembalikan",
    State.UNDONE: "dibatalkan",
    State.WITHDRAWN: "ditarik",
    State.ASKED_BACK: "kembali",
}
OUTCOMES = [(80, Outcome.STANDS), (13, Outcome.SHAKY), (7, Outcome.UNREACHED)]


class Registrar:
    """Writes graduation cases; `cases`, `moves`, `checks` and `files` are all rows to be stored."""

    def __init__(self, rng, log, today, koordinators):
        self.rng, self.log, self.today, self.koordinators = rng, log, today, koordinators
        self.kinds = GraduationKind.objects.in_bulk()
        self.papers = list(GraduationPaper.objects.filter(required=True))
        self.pictures, self.households = {}, {}
        self.cases, self.moves, self.checks, self.files = [], [], [], []

    def with_lens(self):
        """The cases, with what the lens said at the proposal; it reads what is stored of the families by then."""
        for case in self.cases:
            if case.proposed_on:
                case.lens = read_lens(self.households[case.household_id], case.proposed_on).snapshot()
            yield case

    def everyone(self, courses):
        """The cases of all families; `courses` by family, in order."""
        for family, course in courses.items():
            if family.part.moves:
                self._go_through(course)

    def _go_through(self, course):
        """All moves of a family's case, and the checks since it left."""
        part = course.family.part
        (_, begun_on), *moves = part.moves
        case = self._draft(course, part.case, begun_on)
        for state, day in moves:
            if state == State.PROPOSED:
                self._propose(course, case, day)
            elif state in {State.WITHDRAWN, State.ASKED_BACK}:
                self._move(course, case, state, course.family.holder_on(day), day, self._words(state))
            else:
                self._decide(course, case, state, day)
        self._look_after(course, case)

    def _look_after(self, course, case):
        """The checks that were done: the one that found the family in need again, and while it was gone all in time."""
        part = course.family.part
        checks = [check for check in self.checks if check.case_id == case.pk]
        if part.fell_on:
            fallen = [check for check in checks if check.due_on <= part.fell_on][-1]
            self._look_in(course, fallen, part.fell_on, Outcome.FALLEN)
        for check in checks if part.ended_on else ():
            if not check.done_on and check.due_on < self.today - timedelta(days=DUE_SINCE):
                day = check.due_on + timedelta(days=self.rng.randint(0, 9))
                found = [found for _, found in OUTCOMES]
                [outcome] = self.rng.choices(found, [share for share, _ in OUTCOMES])
                self._look_in(course, check, day, outcome)

    # --- one move each ------------------------------------------------------------------------------------------

    def _draft(self, course, kind, day):
        rng, family = self.rng, course.family
        at = self._at(family, day)
        worker = family.holder_on(day)
        slots = Cast(rng, family, day, self.today).slots(day)
        case = GraduationCase(
            id=self.log.id_at(at),
            op_id=self.log.op_id(at),
            household_id=family.row.pk,
            wilayah_id=family.row.wilayah_id,
            kind=self.kinds[kind],
            statement=fill(rng.choice(texts("graduasi")[kind]["pernyataan"]), slots, rng),
            proposed_by_id=worker.pk,
            created_at=at,
        )
        if case.kind.needs_family:
            case.signed_by_id, case.signed_on = family.speaker_on(day).row.pk, day
        self.cases.append(case)
        self.households[family.row.pk] = family.row
        sent = case.statement
        self._receipt(worker, KIND_CASE, sent, at, op_id=case.op_id, about=case.pk)
        self._note(family.row, case, worker, at, case.op_id)
        self._scan(case, worker, at + timedelta(minutes=6))
        return case

    def _propose(self, course, case, day):
        family = course.family
        worker = family.holder_on(day)
        known = [one for one in course.assessments if one.assessed_on <= day]
        case.proposed_by_id, case.proposed_on = worker.pk, day
        case.decided_by_id = case.decided_on = None
        case.decision, case.assessment_id = "", known[-1].pk if known else None
        self._move(course, case, State.PROPOSED, worker, day)

    def _decide(self, course, case, state, day):
        """The koordinator's move to `state`, with a word about it."""
        by, reason = self.rng.choice(self.koordinators), self._words(state)
        case.decided_by_id, case.decided_on, case.decision = by.pk, day, reason
        if state == State.APPROVED:
            case.graduated_on = day
            self.checks += [
                WatchCheck(
                    case_id=case.pk,
                    household_id=case.household_id,
                    wilayah_id=case.wilayah_id,
                    months=months,
                    due_on=months_after(day, months),
                )
                for months in WATCH_MONTHS
            ]
        elif state == State.UNDONE:
            case.graduated_on = None
        self._move(course, case, state, by, day, reason)

    def _move(self, course, case, state, by, day, reason=""):
        family = course.family
        at = self._at(family, day)
        op_id = self.log.op_id(at)
        case.state = state
        self._receipt(by, KIND_MOVE, f"{state} {reason}", at, op_id=op_id, about=case.pk)
        self._note(family.row, case, by, at, op_id, reason)

    def _note(self, household, case, by, at, op_id, reason=""):
        household.status = STATUS_IN[case.state]
        self.moves.append(
            GraduationMove(
                op_id=op_id,
                case_id=case.pk,
                household_id=case.household_id,
                to_state=case.state,
                by_id=by.pk,
                at=at,
                reason=reason,
            )
        )

    def _words(self, state):
        return self.rng.choice(texts("graduasi")["keputusan"][WORDS[state]]) if state in WORDS else ""

    def _look_in(self, course, check, day, outcome):
        """Fill in a check."""
        rng, family = self.rng, course.family
        by, at = family.holder_on(day), self._at(family, day)
        check.done_on, check.by_id, check.op_id = day, by.pk, self.log.op_id(at)
        check.by_phone = rng.random() < 0.6
        check.outcome = outcome
        check.note = fill(rng.choice(texts("graduasi")["tengok"][check.outcome]), {}, rng)
        self._receipt(by, KIND_CHECK, check.note, at, op_id=check.op_id, about=check.case_id)

    def _scan(self, case, worker, at):
        """A picture for each document that the kind asks for."""
        for paper in self.papers:
            if paper.kind_id != case.kind.pk:
                continue
            if paper.pk not in self.pictures:
                self.pictures[paper.pk] = pictures.draw(
                    self.rng, case.kind.name, paper.name.split(" yang ")[0]
                )
            jpeg = self.pictures[paper.pk]
            width, height = pictures.SIZE
            path = f"graduasi/{at:%Y/%m}/{self.rng.randbytes(16).hex()}.jpg"
            self.files.append(
                GraduationFile(
                    case_id=case.pk,
                    household_id=case.household_id,
                    paper=paper,
                    file=default_storage.save(path, ContentFile(jpeg)),
                    sha256=sha256(jpeg).hexdigest(),
                    width=width,
                    height=height,
                    added_by_id=worker.pk,
                    added_at=at,
                )
            )
            self._receipt(worker, KIND_CHANGE, paper.pk, at, op_id=self.log.op_id(at), about=case.pk)

    def _at(self, family, day):
        """A moment of working time on `day`."""
        return local_moment(family.row.wilayah_id, day, self.rng.randint(9, 15), self.rng.randint(0, 53))

    def _receipt(self, by, kind, sent, at, *, op_id, about):
        self.log.receipt(by.pk, kind, {"sent": sent}, at, op_id=op_id, about=about)
