"""The way out of the programme: proposals in every state, the koordinator's decisions, and the checks afterwards.

Rows come out as kpm.operations.graduation would have written them, one move after another.
"""

from datetime import timedelta
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from desk.lens import read_lens
from kpm.models import (
    GraduationCase,
    GraduationFile,
    GraduationKind,
    GraduationMove,
    GraduationPaper,
    Household,
    WatchCheck,
)
from kpm.operations.graduation import STATUS_IN, WATCH_MONTHS
from pkh_casework.days import months_after

from . import pictures
from .calendar import workday
from .cast import Cast
from .families import local_moment
from .wording import fill, texts

KIND_CASE, KIND_CHANGE, KIND_MOVE, KIND_CHECK = (
    "kpm_graduasi",
    "kpm_graduasi_ubah",
    "kpm_graduasi_langkah",
    "kpm_graduasi_cek",
)
State, Outcome, Status = GraduationCase.State, WatchCheck.Outcome, Household.Status
# What waits at each pendamping, beside those who left: the state in which the case stands today.
WAITING = [State.PROPOSED, State.RETURNED, State.DRAFT, State.WITHDRAWN, State.UNDONE, State.PROPOSED]
OUTCOMES = [(80, Outcome.STANDS), (13, Outcome.SHAKY), (7, Outcome.UNREACHED)]
DUE_SINCE = 12  # days for which a check may wait undone
OFTEN_RETURNED = 0.15


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
        by_worker = {}
        for family, course in courses.items():
            by_worker.setdefault(family.row.pendamping, []).append(course)
        for part in by_worker.values():
            for course in part:
                if course.family.leaving or course.family.away:
                    self._left(course)
            self._ask_back(part)
            self._waiting(part)

    def _left(self, course):
        """A family that graduated and, when it was away, came back."""
        family = course.family
        day = family.ended_on or family.away[0]
        case = self._draft(
            course, family.leaving or "mandiri", day - timedelta(days=self.rng.randint(16, 40))
        )
        self._propose(course, case, day - timedelta(days=self.rng.randint(8, 12)))
        if self.rng.random() < OFTEN_RETURNED:
            self._decide(course, case, State.RETURNED, day - timedelta(days=6), "dikembalikan")
            self._propose(course, case, day - timedelta(days=3))
        self._decide(course, case, State.APPROVED, day, "disetujui")
        if family.away:
            self._come_back(course, case)
        for check in self._checks_of(case):
            if check.done_on is None and case.state == State.APPROVED:
                self._look_in(course, check)

    def _ask_back(self, part):
        """One family of each pendamping that fell, whose return waits for the koordinator."""
        standing = [case for case in self.cases if case.state == State.APPROVED]
        own = {course.family.row.pk: course for course in part}
        since = self.today - timedelta(days=120)
        fallen = [
            case
            for case in standing
            if case.household_id in own and case.kind.needs_family and case.graduated_on < since
        ]
        if fallen:
            course, case = own[fallen[0].household_id], fallen[0]
            latest = [check for check in self._checks_of(case) if check.due_on < self.today][-1]
            self._fall(course, case, latest, max(latest.due_on, self.today - timedelta(days=6)))

    def _come_back(self, course, case):
        _, back_on = course.family.away
        first = self._checks_of(case)[0]
        self._fall(course, case, first, min(first.due_on + timedelta(days=2), back_on - timedelta(days=5)))
        self._decide(course, case, State.BACK, back_on, "")

    def _fall(self, course, case, check, day):
        """A check finds the family in need again, and its pendamping asks for it back."""
        self._look_in(course, check, on=day, outcome=Outcome.FALLEN)
        asked_on = min(check.done_on + timedelta(days=2), self.today - timedelta(days=1))
        reason = self.rng.choice(texts("graduasi")["keputusan"]["kembali"])
        self._move(course, case, State.ASKED_BACK, course.family.holder_on(asked_on), asked_on, reason)

    def _waiting(self, part):
        """Cases under way of one pendamping, of the families that come nearest to the rule."""
        taken = {case.household_id for case in self.cases}
        near = [
            course
            for course in part
            if course.family.ended_on is None
            and course.family.row.pk not in taken
            and len(course.assessments) > 1
            and course.family.row.path != Household.Path.PERLINDUNGAN
        ]
        near.sort(key=lambda course: (-course.assessments[-1].is_ready, -course.assessments[-1].mean))
        for state, course in zip(WAITING, near, strict=False):
            self._under_way(course, state)

    def _under_way(self, course, state):
        rng, family = self.rng, course.family
        grant = family.trade and rng.random() < 0.25
        kind = "administratif" if state == State.UNDONE else "ppse" if grant else "mandiri"
        case = self._draft(course, kind, self.today - timedelta(days=rng.randint(24, 34)))
        if state == State.DRAFT:
            return
        ago = {State.PROPOSED: rng.randint(2, 6)}.get(state, rng.randint(14, 18))
        self._propose(course, case, self.today - timedelta(days=ago))
        later = self.today - timedelta(days=rng.randint(2, 8))
        if state == State.RETURNED:
            self._decide(course, case, State.RETURNED, later, "dikembalikan")
        elif state == State.WITHDRAWN:
            reason = rng.choice(texts("graduasi")["keputusan"]["ditarik"])
            self._move(course, case, State.WITHDRAWN, family.holder_on(later), later, reason)
        elif state == State.UNDONE:
            approved_on = self.today - timedelta(days=11)
            self._decide(course, case, State.APPROVED, approved_on, "disetujui")
            self._decide(course, case, State.UNDONE, later, "dibatalkan")

    # --- one move each ------------------------------------------------------------------------------------------

    def _draft(self, course, kind, day):
        rng, family = self.rng, course.family
        day = workday(rng, max(day, family.row.joined_on + timedelta(days=7)))
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
        case.proposed_by_id, case.proposed_on = worker.pk, workday(self.rng, day)
        case.decided_by_id = case.decided_on = None
        case.decision, case.assessment_id = "", known[-1].pk if known else None
        self._move(course, case, State.PROPOSED, worker, case.proposed_on)

    def _decide(self, course, case, state, day, words):
        """The koordinator's move to `state`, with one of the texts named `words`."""
        day = workday(self.rng, day)
        by = self.rng.choice(self.koordinators)
        reason = self.rng.choice(texts("graduasi")["keputusan"][words]) if words else ""
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

    def _checks_of(self, case):
        return [check for check in self.checks if check.case_id == case.pk]

    def _look_in(self, course, check, *, on=None, outcome=None):
        """Fill in a check whose time has come, unless it still waits."""
        rng, family = self.rng, course.family
        if on is None and check.due_on >= self.today - timedelta(days=DUE_SINCE):
            return
        day = on or min(check.due_on + timedelta(days=rng.randint(0, 9)), self.today - timedelta(days=1))
        by, at = family.holder_on(day), self._at(family, day)
        check.done_on, check.by_id, check.op_id = day, by.pk, self.log.op_id(at)
        check.by_phone = rng.random() < 0.6
        found = [found for _, found in OUTCOMES]
        check.outcome = outcome or rng.choices(found, [share for share, _ in OUTCOMES])[0]
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
