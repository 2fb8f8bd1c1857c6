"""The demo's way to independence: written as the operations would have, and something to do for everyone."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db.models import Count, F, Q

from demo.logins import DEMO_LOGINS
from demo.wording import BRACES
from entries.models import Period, Receipt
from kpm.independence.levels import differences, months_to_keep
from kpm.models import (
    Assessment,
    Deferral,
    Goal,
    GoalStep,
    GraduationCase,
    GraduationFile,
    Household,
    LevelMonth,
    Score,
    Threshold,
    WatchCheck,
)
from kpm.operations import Answer, record_assessment
from kpm.operations.assessment import KIND, summarise
from kpm.operations.graduation import MOVES, STATUS_IN, move_case, prepare_case, record_check
from kpm.operations.plan import Step, close_goal, defer, set_goal
from pkh_casework.ids import uuid7
from resources.models import Referral
from roles.models import ActivityHousehold, VisitAct
from sinergi.models import Enrolment

WORKERS = [login.username for login in DEMO_LOGINS if login.duty == "pendamping"]
State = GraduationCase.State
# The move that leads to a state, whatever it came from.
MOVE_TO = {move.target: name for name, move in MOVES.items() if name != "tolak-kembali"}


def _rows(rows, *columns):
    return [tuple(getattr(row, name) for name in columns) for row in rows]


def _assessments(household):
    """The family's assessments and scores, all columns but ids and moments."""
    assessments = Assessment.objects.filter(household=household).order_by("assessed_on")
    scores = Score.objects.filter(household=household).order_by("assessed_on", "code")
    return (
        _rows(
            assessments, "wilayah_id", "pendamping_id", "instrument_id", "form", "path", "assessed_on", "notes",
            "rule_id", "mean", "lowest", "lacking", "is_ready",
        ),
        _rows(
            scores, "wilayah_id", "indicator_id", "code", "state", "family_level", "level", "note", "reason",
            "assessed_on", "until_on",
        ),
    )  # fmt: skip


def _plan(household):
    goals = Goal.objects.filter(household=household).order_by("started_on", "slot")
    steps = GoalStep.objects.filter(household=household).order_by("goal__wish", "due_on", "text")
    deferrals = Deferral.objects.filter(household=household).order_by("assessment__assessed_on", "code")
    return (
        _rows(
            goals, "wilayah_id", "pendamping_id", "indicator_id", "code", "from_level", "slot", "wish", "why",
            "started_on", "target_on", "state", "closed_on", "closed_reason",
        ),
        _rows(steps, "whose", "text", "due_on"),
        _rows(deferrals, "wilayah_id", "pendamping_id", "code", "reason", "written_on"),
    )  # fmt: skip


def _forget_plan(household):
    # By id, not by a join: see _with_everything.
    links = {"activityhousehold__in": list(household.activity_rows.values_list("pk", flat=True))}
    ActivityHousehold.goals.through.objects.filter(**links).delete()
    ActivityHousehold.goal_steps.through.objects.filter(**links).delete()
    Referral.objects.filter(household=household).update(goal=None)
    for model in (GoalStep, Goal, Deferral):
        model.objects.filter(household=household).delete()


def _with_everything():
    """A family that was assessed at least three times, closed a goal, put one off, skipped an indicator."""
    times = Counter(Assessment.objects.values_list("household", flat=True))
    # One plain question each: a test's database has no statistics, so that a join of all may take minutes.
    wanted = {household for household, number in times.items() if number >= 3}
    for rows in (
        Goal.objects.exclude(state=Goal.State.OPEN),
        Deferral.objects.all(),
        Score.objects.filter(state=Score.State.SKIPPED),
    ):
        wanted &= set(rows.values_list("household", flat=True))
    wanted -= set(GraduationCase.objects.values_list("household", flat=True))
    wanted -= set(
        Enrolment.objects.values_list("household", flat=True)
    )  # a programme stands on its assessment
    return Household.objects.get(pk=min(wanted))


def test_assessments_and_plans_are_what_the_operations_write(today):
    """One family with everything in its history is taken back and lived through again."""
    household = _with_everything()
    before, planned = _assessments(household), _plan(household)
    told = list(
        Assessment.objects.filter(household=household)
        .order_by("assessed_on")
        .prefetch_related("scores__indicator")
    )
    answers = {row.pk: list(row.scores.order_by("pk")) for row in told}
    goals = list(Goal.objects.filter(household=household).order_by("slot").prefetch_related("steps"))
    deferrals = list(Deferral.objects.filter(household=household).order_by("pk"))
    Period.objects.filter(wilayah=household.wilayah_id).update(
        state=Period.State.OPEN
    )  # past months are locked
    VisitAct.objects.filter(row__household=household).delete()
    _forget_plan(household)
    Score.objects.filter(household=household).delete()
    Assessment.objects.filter(household=household).delete()

    again = {}
    for row in told:
        stored, receipt = record_assessment(
            household,
            by=row.pendamping,
            op_id=uuid7(),
            on=row.assessed_on,
            form=row.form,
            instrument=row.instrument,
            answers=[
                Answer(one.indicator, one.state, one.family_level, one.level, one.note, one.reason)
                for one in answers[row.pk]
            ],
            notes=row.notes,
        )
        first = Receipt.objects.get(op_id=row.op_id)
        assert (receipt.author_id, receipt.kind) == (first.author_id, KIND)
        said = {"by": row.pendamping, "today": row.assessed_on}
        for goal in [goal for goal in goals if goal.closed_on == row.assessed_on]:
            how = {"state": goal.state, "reason": goal.closed_reason, "sent": goal.closed_reason}
            close_goal(again[goal.pk], op_id=uuid7(), **how, **said)
        standing = {score.code: score for score in Score.objects.standing().filter(household=household)}
        for goal in [goal for goal in goals if goal.started_on == row.assessed_on]:
            again[goal.pk] = set_goal(
                household,
                op_id=uuid7(),
                sent=goal.wish,
                score=standing[goal.code],
                wish=goal.wish,
                why=goal.why,
                target_on=goal.target_on,
                steps=[Step(step.whose, step.text, step.due_on) for step in goal.steps.all()],
                **said,
            )
        for one in [one for one in deferrals if one.written_on == row.assessed_on]:
            defer(
                household, op_id=uuid7(), sent=one.reason, score=standing[one.code], reason=one.reason, **said
            )
        assert stored.pk
    assert _assessments(household) == before
    assert _plan(household) == planned


@pytest.mark.parametrize("state", [State.APPROVED, State.RETURNED, State.BACK, State.UNDONE])
def test_graduations_are_what_the_operations_write(today, state):
    """A case is taken through its moves again, on a second case of the family."""
    held_once = Household.objects.annotate(terms=Count("assignments")).filter(terms=1)
    case = GraduationCase.objects.filter(state=state, household__in=held_once).order_by("pk")[0]
    household, files = case.household, list(case.files.all())
    moves, checks = list(case.moves.order_by("at")), list(case.checks.order_by("months"))
    columns = [
        "wilayah_id", "kind_id", "state", "statement", "lens", "signed_by_id", "signed_on",
        "proposed_by_id", "proposed_on", "decided_by_id", "decided_on", "decision", "graduated_on",
    ]  # fmt: skip
    before = (
        _rows([case], *columns),
        _rows(checks, "wilayah_id", "months", "due_on", "done_on", "by_id", "outcome"),
    )
    GraduationCase.objects.filter(pk=case.pk).update(state=State.WITHDRAWN, graduated_on=None)
    Household.objects.filter(pk=household.pk).update(status="aktif")
    household.refresh_from_db()

    first, *others = moves
    again = prepare_case(
        household,
        by=first.by,
        op_id=uuid7(),
        sent="",
        today=today,
        kind=case.kind,
        statement=case.statement,
        signed_by=case.signed_by,
        signed_on=case.signed_on,
    )
    GraduationFile.objects.filter(pk__in=[file.pk for file in files]).update(case=again)
    for move in others:
        if move.to_state == State.ASKED_BACK:
            _check_again(again, checks, today)
        done_on = case.proposed_on if move.to_state == State.PROPOSED else move.at.date()
        name, way = MOVE_TO[move.to_state], {"lens": case.lens, "reason": move.reason}
        again = move_case(again, name, by=move.by, op_id=uuid7(), sent="", today=done_on, **way)
    if state == State.APPROVED:
        _check_again(again, checks, today)

    again.refresh_from_db()
    found = again.checks.order_by("months")
    assert _rows([again], *columns) == before[0]
    assert _rows(found, "wilayah_id", "months", "due_on", "done_on", "by_id", "outcome") == before[1]
    assert _rows(again.moves.order_by("pk"), "to_state", "by_id", "reason") == _rows(
        moves, "to_state", "by_id", "reason"
    )
    household.refresh_from_db()
    assert household.status == STATUS_IN[state]


def _check_again(case, checks, today):
    for check in [check for check in checks if check.done_on]:
        said = {name: getattr(check, name) for name in ("done_on", "by_phone", "outcome", "note")}
        mine = case.checks.get(months=check.months)
        if not mine.done_on:
            record_check(mine, by=check.by, op_id=uuid7(), sent="", today=today, **said)


def test_every_score_holds_until_the_next_of_its_indicator(today):
    chains = defaultdict(list)
    for score in Score.objects.exclude(state="dilewati").order_by("assessed_on"):
        chains[score.household_id, score.code].append(score)
    for chain in chains.values():
        assert all(one.until_on == after.assessed_on for one, after in pairwise(chain))
        assert chain[-1].until_on is None
    assert max(map(len, chains.values())) > 2


def test_what_assessments_know_is_what_would_be_reckoned_now(today):
    columns = ["pk", "mean", "lowest", "lacking", "is_ready"]
    before = _rows(Assessment.objects.order_by("pk"), *columns)
    for household in Household.objects.order_by("pk")[::6]:
        summarise(household, since=today - timedelta(days=1000))
    assert _rows(Assessment.objects.order_by("pk"), *columns) == before


def test_copies_on_rows_are_those_of_their_assessment(today):
    for score in Score.objects.select_related("assessment", "indicator"):
        copied = score.household_id, score.wilayah_id, score.assessed_on, score.code
        row = score.assessment
        assert copied == (row.household_id, row.wilayah_id, row.assessed_on, score.indicator.code)
        assert score.indicator.instrument_id == row.instrument_id


def test_most_families_have_two_to_four_rounds_and_stand_or_rise_slowly(today):
    rounds = Counter(Household.objects.annotate(n=Count("assessments")).values_list("n", flat=True))
    total = sum(rounds.values())
    assert max(rounds) == 4
    assert sum(rounds[n] for n in (2, 3, 4)) / total > 0.7
    stories, steps = defaultdict(list), Counter()
    for score in Score.objects.filter(level__isnull=False).order_by("assessed_on"):
        stories[score.household_id, score.code].append(score.level)
    for levels in stories.values():
        if len(levels) > 1:
            steps[max(-1, min(1, levels[-1] - levels[0]))] += 1
    assert steps[0] > steps[1] > steps[-1] > 0.05 * steps.total()


def test_family_and_pendamping_differ_with_a_note_and_rarely_by_two(today):
    apart = Counter(
        abs(score.level - score.family_level) for score in Score.objects.filter(level__isnull=False)
    )
    assert 0.05 < apart[1] / apart.total() < 0.25
    assert 0 < apart[2] / apart.total() < 0.02
    assert set(Score.objects.values_list("state", flat=True)) == {"dijawab", "dilewati", "tidak_berlaku"}


def test_steps_are_ticked_at_visits_that_exist(today):
    links = ActivityHousehold.goal_steps.through.objects.select_related("activityhousehold", "goalstep")
    served = set(ActivityHousehold.goals.through.objects.values_list("activityhousehold", "goal"))
    assert links
    for link in links:
        row, step = link.activityhousehold, link.goalstep
        assert (row.household_id, row.occurred_on) == (step.household_id, step.done_on)
        assert (row.pk, step.goal_id) in served


def test_at_most_three_goals_run_and_lowest_levels_have_a_goal_or_a_reason(today):
    running = Goal.objects.open().values("household").annotate(n=Count("pk"))
    assert max(running.values_list("n", flat=True)) == 3
    lowest = Score.objects.standing().filter(level=1)
    spoken = lowest.filter(
        Q(household__goals__code=F("code"), household__goals__state="berjalan")
        | Q(assessment__deferrals__code=F("code"))
    ).distinct()
    assert 0.6 * lowest.count() < spoken.count() < lowest.count()
    assert set(Goal.objects.values_list("state", flat=True)) == set(Goal.State.values)


def test_the_roll_up_holds_every_month_that_is_over(today):
    months = months_to_keep()
    assert set(LevelMonth.objects.values_list("month", flat=True)) == set(months)
    assert not any(differences(month) for month in months)


def test_texts_are_filled_in(today):
    for model, columns in (
        (Assessment, ["notes"]),
        (Score, ["note", "reason"]),
        (Goal, ["wish", "why", "closed_reason"]),
        (GoalStep, ["text"]),
        (Deferral, ["reason"]),
        (GraduationCase, ["statement", "decision"]),
        (WatchCheck, ["note"]),
    ):
        for texts in model.objects.values_list(*columns):
            assert not any(BRACES.search(text) or "{" in text for text in texts)


def test_the_poverty_line_is_marked_as_an_example(today):
    line = Threshold.objects.get(code=Threshold.Code.POVERTY_LINE)
    assert "angka contoh demo" in line.source
