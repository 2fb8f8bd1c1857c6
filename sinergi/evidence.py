"""What shows that a family may go on: rows that other rooms keep already, read for many families at once.

Pure reading. Each check of CHECKS is one sort of row; a condition holds as soon as any of its checks finds one. The
cost is a few queries, however many families there are.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kpm.models import Assessment, Consent, Goal, Score
from pkh_casework.templatetags.formats import tanggal
from resources.models import Referral
from roles.models import Attendance, TrainingPlace

from .models import BusinessMember, Condition, Enrolment, Stage, StageMove

ACCEPTED = (Referral.State.ACCEPTED, Referral.State.RUNNING, Referral.State.DONE)


@dataclass(frozen=True)
class ConditionCheck:
    """One sort of evidence, by its `name`. `rows()` are all rows that may show it; `day`, `words` and `url` speak of one
    row.
    """

    name: str
    rows: Callable
    day: Callable
    words: Callable
    url: Callable = lambda row: ""


@dataclass(frozen=True)
class Evidence:
    """The row `id` of the check `kind` that shows something since the day `on`; `code` is the indicator, if one."""

    kind: str
    id: str
    on: date
    words: str
    code: str = ""


def _risen():
    return Score.objects.standing().filter(level__isnull=False).select_related("indicator")


CHECKS = {
    "ikut": ConditionCheck(
        "persetujuan keluarga",
        Consent.objects.all,
        lambda row: row.given_on,
        lambda row: f"Setuju ikut, {tanggal(row.given_on)}",
    ),
    "asesmen": ConditionCheck(
        "asesmen",
        Assessment.objects.all,
        lambda row: row.assessed_on,
        lambda row: f"Asesmen {tanggal(row.assessed_on)}",
        lambda row: row.get_absolute_url(),
    ),
    "tujuan": ConditionCheck(
        "tujuan keluarga",
        Goal.objects.all,
        lambda row: row.started_on,
        lambda row: f"Tujuan: {row.wish}",
        lambda row: row.get_absolute_url(),
    ),
    "pelatihan": ConditionCheck(
        "hadir di pelatihan",
        lambda: TrainingPlace.objects.filter(
            state=TrainingPlace.State.PRESENT, training__held_on__isnull=False
        ).select_related("training"),
        lambda row: row.training.held_on,
        lambda row: f"{row.training.title}, {tanggal(row.training.held_on)}",
        lambda row: row.training.get_absolute_url(),
    ),
    "rujukan": ConditionCheck(
        "rujukan diterima",
        lambda: Referral.objects.filter(state__in=ACCEPTED).select_related("resource"),
        lambda row: row.answered_on,
        lambda row: f"Rujukan diterima: {row.resource.name}",
        lambda row: row.get_absolute_url(),
    ),
    "p2k2": ConditionCheck(
        "hadir di P2K2",
        lambda: Attendance.objects.filter(state=Attendance.State.PRESENT).select_related(
            "group_session__session"
        ),
        lambda row: row.held_on,
        lambda row: f"P2K2 {row.group_session.session.name}, {tanggal(row.held_on)}",
        lambda row: row.group_session.get_absolute_url(),
    ),
    "kelompok": ConditionCheck(
        "masuk kelompok usaha",
        lambda: BusinessMember.objects.select_related("group"),
        lambda row: row.joined_on,
        lambda row: f"Anggota {row.group.name}",
        lambda row: row.group.get_absolute_url(),
    ),
    "naik": ConditionCheck(
        "naik tingkat",
        _risen,
        lambda row: row.assessed_on,
        lambda row: f"{row.indicator.name} sekarang tingkat {row.level}",
        lambda row: f"/asesmen/{row.assessment_id}/",
    ),
}


@dataclass
class Standing:
    """Where an open enrolment stands on a day: its newest `move`, the stage `following` it (None at the last), and
    for each condition of going on the Evidence of it, or None.
    """

    enrolment: Enrolment
    move: StageMove
    following: Stage | None
    conditions: list
    days: int
    is_stuck: bool

    @property
    def missing(self):
        return [condition for condition, evidence in self.conditions if evidence is None]

    @property
    def evidence(self):
        """What came last and so completed the conditions; None while one is missing or nothing is asked."""
        found = [evidence for _, evidence in self.conditions]
        return max(found, key=lambda one: one.on) if found and None not in found else None

    @property
    def may_advance(self):
        return self.following is not None and self.evidence is not None

    @property
    def may_finish(self):
        return self.following is None and self.evidence is not None


def standings(programme, enrolments, day, rule) -> list[Standing]:
    """The Standing of each of `enrolments` (open ones of `programme`, with `household` and `baseline`), in their order."""
    enrolments = list(enrolments)
    stages = list(programme.stages.all())
    after = dict(zip(stages, [*stages[1:], None], strict=True))
    conditions = Condition.objects.in_bulk(
        {code for stage in stages for code in f"{stage.entry} {stage.exit}".split()}
    )
    moves = StageMove.objects.filter(enrolment__in=enrolments).newest().select_related("stage", "by")
    moves = {move.enrolment_id: move for move in moves}
    asked = {check for condition in conditions.values() for check in condition.checks.split()}
    found = collect(enrolments, asked)
    return [
        _standing(enrolment, moves[enrolment.pk], after, conditions, found[enrolment.household_id], day, rule)
        for enrolment in enrolments
    ]


def _standing(enrolment, move, after, conditions, found, day, rule):
    following = after[move.stage]
    codes = dict.fromkeys([*move.stage.exit.split(), *(following.entry.split() if following else ())])
    days = (day - move.moved_on).days
    return Standing(
        enrolment,
        move,
        following,
        [(conditions[code], first_shown(conditions[code], enrolment, move, found)) for code in codes],
        days,
        days >= rule.stuck_days,
    )


def first_shown(condition, enrolment, move, found):
    """The first Evidence that `condition` holds for an enrolment whose newest move is `move`, or None; `found` is the
    family's part of what `collect` gives.
    """
    wanted, shows = set(condition.codes.split()), []
    for check in condition.checks.split():
        since = move.moved_on if condition.since == Condition.Since.STAGE else enrolment.enrolled_on
        if check in {"asesmen", "naik"}:
            # The baseline itself shows nothing, also when it was taken on the day of enrolment.
            shows += [
                one for one in found[check] if one.on >= since and one.on > enrolment.baseline.assessed_on
            ]
        elif check in {"ikut", "tujuan"}:
            shows += found[check]
        else:
            shows += [one for one in found[check] if one.on >= since]
    return min(
        (one for one in shows if not (wanted and one.code) or one.code in wanted),
        key=lambda one: one.on,
        default=None,
    )


def collect(enrolments, asked):
    """{household id: {check: [Evidence]}} of the checks (names) that are `asked`, a query or two for each."""
    found = defaultdict(lambda: defaultdict(list))
    by_household = {enrolment.household_id: enrolment for enrolment in enrolments}
    before = _baseline_levels(by_household) if "naik" in asked else {}
    for name in asked:
        rows = CHECKS[name].rows().filter(household__in=by_household)
        if name == "ikut":
            rows = rows.filter(pk__in=[enrolment.consent_id for enrolment in enrolments])
        for row in rows:
            enrolment = by_household[row.household_id]
            if name == "naik" and not row.level > before.get((row.household_id, row.code), 4):
                continue
            if name == "tujuan" and not (row.is_open or row.started_on >= enrolment.enrolled_on):
                continue
            if name == "kelompok" and row.left_on:
                continue
            found[row.household_id][name].append(evidence_of(name, row))
    return found


def evidence_of(name, row) -> Evidence:
    """The Evidence that `row` of the check `name` is."""
    check = CHECKS[name]
    return Evidence(name, str(row.pk), check.day(row), check.words(row), row.code if name == "naik" else "")


def _baseline_levels(by_household):
    """{(household id, code): level} as each family stood at its baseline."""
    levels = {}
    scores = Score.objects.filter(household__in=by_household, level__isnull=False).order_by("assessed_on")
    for household, code, on, level in scores.values_list("household", "code", "assessed_on", "level"):
        if on <= by_household[household].baseline.assessed_on:
            levels[household, code] = level
    return levels


def explained(moves) -> list:
    """(move, words, url) for the history: what each of `moves` names as its evidence; words "" for one by hand."""
    wanted = defaultdict(set)
    for move in moves:
        if move.evidence_kind:
            wanted[move.evidence_kind].add(move.evidence_id)
    rows = {
        (name, str(row.pk)): row
        for name, ids in wanted.items()
        for row in CHECKS[name].rows().filter(pk__in=ids)
    }
    told = []
    for move in moves:
        row, check = rows.get((move.evidence_kind, move.evidence_id)), CHECKS.get(move.evidence_kind)
        # A row may have changed since (a referral that ended, a level that fell): the move still stands.
        words = check.words(row) if row else (f"Bukti {check.name}" if check else "")
        told.append((move, words, check.url(row) if row else ""))
    return told
