"""Goals: three at most, each from a low indicator, each once; and what at level 1 still waits for one."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from entries.models import Receipt
from entries.operations import OtherContent, Refused
from kpm.models import Deferral, Goal, GoalStep, Score
from kpm.operations import (
    Step,
    add_step,
    change_goal,
    change_step,
    close_goal,
    defer,
    finish_steps,
    reopen_steps,
    set_goal,
    tick_step,
)
from kpm.plan import low_scores, open_goals, waiting_scores
from pkh_casework.ids import uuid7
from roles.operations.activity import reopen_goal_step
from tests.factories import HouseholdFactory, assess
from tests.queries import count_queries

DAY, ASSESSED = date(2026, 11, 20), date(2026, 11, 1)
TARGET = DAY + timedelta(days=90)


@pytest.fixture
def family(db):
    return HouseholdFactory()


def standing(family, code):
    return Score.objects.standing().get(household=family, code=code)


def goal_for(family, code="B2", *, op_id=None, sent="isi", steps=None, **fields):
    steps = [Step("keluarga", "Menyisihkan Rp5.000", DAY + timedelta(7))] if steps is None else steps
    return set_goal(
        family,
        by=family.pendamping,
        op_id=op_id or uuid7(),
        sent=sent,
        today=DAY,
        score=standing(family, code),
        **{"wish": f"Ingin {code}", "why": "Supaya tenang", "target_on": TARGET, **fields},
        steps=steps,
    )


def closed(goal, state="tercapai", *, on=DAY, op_id=None):
    return close_goal(
        goal,
        by=goal.pendamping,
        op_id=op_id or uuid7(),
        sent=state,
        today=on,
        state=state,
        reason="Sudah punya simpanan.",
    )


def codes(scores):
    return [score.code for score in scores]


def test_a_goal_remembers_what_it_was_born_from_and_takes_the_first_place(family):
    assess(family, {"B2": 1}, on=ASSESSED)

    goal = goal_for(family)

    assert (goal.code, goal.from_level, goal.slot, goal.started_on) == ("B2", 1, 1, DAY)
    assert goal.wilayah_id == family.wilayah_id
    assert [(step.whose, step.household_id) for step in goal.steps.all()] == [("keluarga", family.pk)]


def test_a_fourth_goal_is_refused_and_names_the_three(family):
    assess(family, dict.fromkeys(["A1", "A2", "B2", "B3"], 1), on=ASSESSED)
    for code in ("A1", "A2", "B2"):
        goal_for(family, code)

    with pytest.raises(Refused) as refused:
        goal_for(family, "B3")

    assert all(words in refused.value.text for words in ("Ingin A1", "Ingin A2", "Ingin B2"))
    assert Goal.objects.count() == Receipt.objects.filter(kind="kpm_tujuan").count() == 3


def test_a_closed_goal_gives_its_place_to_the_next(family):
    assess(family, dict.fromkeys(["A1", "A2", "B2", "B3"], 1), on=ASSESSED)
    goals = [goal_for(family, code) for code in ("A1", "A2", "B2")]
    closed(goals[1])

    assert goal_for(family, "B3").slot == 2


def test_the_database_holds_at_most_three_and_one_for_each_indicator(family):
    assess(family, {"A1": 1, "B2": 1}, on=ASSESSED)
    goal = goal_for(family)
    other = {"household": family, "wilayah_id": family.wilayah_id, "pendamping": family.pendamping}
    other |= {"wish": "x", "why": "x", "started_on": DAY, "target_on": TARGET}
    for changes in (
        {"slot": 1, "indicator_id": "1.A1", "code": "A1"},
        {"slot": 2, "indicator_id": "1.B2", "code": "B2"},
        {"slot": 4, "indicator_id": "1.A1", "code": "A1"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Goal.objects.create(op_id=uuid7(), **other, **changes)
    assert Goal.objects.get() == goal


def test_an_indicator_has_one_open_goal(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    goal_for(family)

    with pytest.raises(Refused, match="Sudah ada tujuan yang berjalan"):
        goal_for(family)


def test_what_is_sent_twice_is_one_goal_also_when_all_places_are_taken_by_then(family):
    assess(family, dict.fromkeys(["A1", "A2", "B2"], 1), on=ASSESSED)
    op_id = uuid7()
    first = goal_for(family, "A1", op_id=op_id)
    goal_for(family, "A2")
    goal_for(family, "B2")

    assert goal_for(family, "A1", op_id=op_id) == first
    with pytest.raises(OtherContent):
        goal_for(family, "A1", op_id=op_id, sent="isi lain")
    assert Goal.objects.count() == 3


@pytest.mark.parametrize("state", ["tercapai", "diganti", "dihentikan"])
def test_a_goal_is_closed_once_with_a_reason(state, family):
    assess(family, {"B2": 1}, on=ASSESSED)
    goal, op_id = goal_for(family), uuid7()

    closed(goal, state, op_id=op_id)
    closed(goal, state, op_id=op_id, on=DAY + timedelta(1))

    goal.refresh_from_db()
    assert (goal.state, goal.closed_on, goal.closed_reason) == (state, DAY, "Sudah punya simpanan.")
    with pytest.raises(Refused, match="sudah ditutup"):
        closed(goal, state)


def test_a_closed_goal_takes_no_change_and_no_step(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    goal = goal_for(family)
    step = goal.steps.get()
    closed(goal)
    by = {"by": family.pendamping, "sent": "", "today": DAY}
    new = Step("pendamping", "Menemani", DAY)

    for write in (
        lambda: change_goal(goal, **by, op_id=uuid7(), wish="x", why="x", target_on=TARGET),
        lambda: add_step(goal, **by, op_id=uuid7(), step=new),
        lambda: change_step(step, **by, op_id=uuid7(), step=new),
    ):
        with pytest.raises(Refused, match="sudah ditutup"):
            write()
    assert GoalStep.objects.get().text == "Menyisihkan Rp5.000"


def test_words_and_steps_change_once_and_the_trail_keeps_the_old_ones(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    goal, op_id = goal_for(family), uuid7()
    by = {"by": family.pendamping, "sent": "x", "today": DAY}

    for wish in ("Baru", "Tidak dihitung"):
        change_goal(goal, **by, op_id=op_id, wish=wish, why="y", target_on=TARGET)
    added = add_step(goal, **by, op_id=uuid7(), step=Step("pendamping", "Menemani", DAY))
    change_step(added, **by, op_id=uuid7(), step=Step("pendamping", "Menemani ke bank", TARGET))

    goal.refresh_from_db()
    added.refresh_from_db()
    assert (goal.wish, added.text, added.due_on) == ("Baru", "Menemani ke bank", TARGET)
    assert goal.events.order_by("-pgh_id").values_list("wish", flat=True)[0] == "Baru"
    assert goal.events.count() == 2


def test_a_step_is_ticked_once_and_opened_again(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    step = goal_for(family).steps.get()
    by = family.pendamping

    tick_step(step, by=by, op_id=uuid7(), on=DAY)
    tick_step(step, by=by, op_id=uuid7(), on=DAY + timedelta(1))
    step.refresh_from_db()
    assert step.done_on == DAY

    op_id = uuid7()
    reopen_goal_step(step, by=by, op_id=op_id)
    tick_step(step, by=by, op_id=uuid7(), on=DAY + timedelta(2))
    reopen_goal_step(step, by=by, op_id=op_id)  # the same tap, sent again
    step.refresh_from_db()
    assert step.done_on == DAY + timedelta(2)


def test_one_step_is_ticked_and_opened_and_no_other(family):
    assess(family, {"B2": 1, "B3": 1}, on=ASSESSED)
    steps = [Step("keluarga", text, DAY) for text in ("Satu", "Dua")]
    one, two = goal_for(family, steps=steps).steps.order_by("text")
    other = goal_for(family, "B3").steps.get()
    by = family.pendamping
    finish_steps([two.pk, other.pk], on=DAY)

    receipt = tick_step(one, by=by, op_id=uuid7(), on=TARGET)
    assert receipt.object_id == one.pk
    receipt = reopen_goal_step(two, by=by, op_id=uuid7())
    assert receipt.object_id == two.pk
    assert reopen_goal_step(two, by=by, op_id=receipt.op_id) == receipt

    done = dict(GoalStep.objects.values_list("pk", "done_on"))
    assert done == {one.pk: TARGET, two.pk: None, other.pk: DAY}


def test_finishing_steps_tells_which_were_open_and_taking_back_opens_only_those_asked(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    steps = [Step("keluarga", text, DAY) for text in ("Satu", "Dua", "Tiga")]
    one, two, three = goal_for(family, steps=steps).steps.all()
    finish_steps([one.pk], on=DAY)

    assert finish_steps([one.pk, two.pk], on=TARGET) == {two.pk}
    finish_steps([three.pk], on=DAY)
    reopen_steps([two.pk])

    done = dict(GoalStep.objects.values_list("pk", "done_on"))
    assert done == {one.pk: DAY, two.pk: None, three.pk: DAY}


def test_a_tap_for_one_step_is_none_for_another(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    steps = [Step("keluarga", text, DAY) for text in ("Satu", "Dua")]
    one, two = goal_for(family, steps=steps).steps.all()
    op_id = uuid7()
    tick_step(one, by=family.pendamping, op_id=op_id, on=DAY)

    with pytest.raises(OtherContent):
        tick_step(two, by=family.pendamping, op_id=op_id, on=DAY)


# --- what waits ---------------------------------------------------------------------------------------------------


def test_level_one_waits_until_there_is_a_goal_or_a_written_belum(family):
    assess(family, {"A1": 1, "B2": 1, "B3": 1, "E1": 2}, on=ASSESSED)
    assert codes(waiting_scores(family, DAY)) == ["A1", "B2", "B3"]

    goal_for(family, "B2")
    defer(
        family,
        by=family.pendamping,
        op_id=uuid7(),
        sent="",
        today=DAY,
        score=standing(family, "B3"),
        reason="Menunggu panen.",
    )

    assert codes(waiting_scores(family, DAY)) == ["A1"]


def test_a_belum_is_written_once_and_asked_anew_after_the_next_assessment(family):
    assess(family, {"B3": 1}, on=ASSESSED)
    score, op_id = standing(family, "B3"), uuid7()
    by = {"by": family.pendamping, "sent": "", "today": DAY, "score": score, "reason": "Menunggu."}
    first = defer(family, **by, op_id=op_id)
    assert (first.household, first.pendamping, first.written_on) == (family, family.pendamping, DAY)
    assert defer(family, **by, op_id=op_id) == first
    with pytest.raises(Refused):
        defer(family, **by, op_id=uuid7())
    assert Deferral.objects.count() == 1

    assess(family, {"A2": 3}, on=ASSESSED + timedelta(days=5))
    assert waiting_scores(family, DAY) == []
    assess(family, {"B3": 1}, on=ASSESSED + timedelta(days=10))
    assert codes(waiting_scores(family, DAY)) == ["B3"]


def test_a_goal_closed_since_the_score_counts_and_one_closed_before_does_not(family):
    assess(family, {"B2": 1}, on=ASSESSED)
    goal = goal_for(family)
    closed(goal, "dihentikan")
    assert waiting_scores(family, DAY) == []

    assess(family, {"B2": 1}, on=DAY + timedelta(days=30))
    assert codes(waiting_scores(family, DAY + timedelta(days=30))) == ["B2"]


def test_what_does_not_apply_to_the_family_any_more_does_not_wait(family):
    assess(family, {"C1": 1, "B2": 1}, on=ASSESSED)
    assert codes(waiting_scores(family, DAY)) == ["B2", "C1"]
    family.path = "kerja"
    family.save()

    assert codes(waiting_scores(family, DAY)) == ["B2"]
    assert codes(low_scores(family, DAY)) == ["B2"]


def test_a_goal_is_made_from_what_is_low_the_lowest_first(family):
    assess(family, {"A1": 3, "B2": 1, "B3": 4, "E1": 2}, on=ASSESSED)
    assert codes(low_scores(family, DAY)) == ["B2", "E1", "A1"]

    goal_for(family, "B2")
    assert codes(low_scores(family, DAY)) == ["E1", "A1"]


def test_the_plan_is_read_in_two_queries(family):
    assess(family, dict.fromkeys(["A1", "A2", "B2"], 1), on=ASSESSED)
    for code in ("A1", "A2", "B2"):
        goal_for(family, code)

    with count_queries() as queries:
        told = [(goal.indicator.name, goal.next_step.text, goal.done_steps) for goal in open_goals(family)]

    assert len(told) == 3
    assert len(queries) == 2
