"""Two taps on one family of a programme at the same moment: one step, one enrolment, and no family left behind."""

import pytest
from django.db import transaction

from entries.operations import Refused
from sinergi.models import Enrolment, StageMove
from sinergi.operations.enrolment import advance
from sinergi.operations.programme import close_programme
from tests.factories import HouseholdFactory, assess
from tests.programmes import LEVELS, START, TODAY, end, go_on, join, make_programme, put, said

from .parallel import InParallel, waits_for_a_lock
from .test_referral_races import at_once

ROUNDS = 4


@pytest.fixture
def programme(transactional_db):
    return make_programme()


def family():
    household = HouseholdFactory()
    assess(household, LEVELS, on=START)
    return household


def test_two_taps_at_once_are_one_step(programme):
    for _ in range(ROUNDS):
        enrolment = join(family(), programme, levels={})
        assess(enrolment.household, LEVELS, on=TODAY)

        def tap(enrolment=enrolment):
            seen = {enrolment.pk: 1}
            return advance(programme, by=enrolment.pendamping, **said(), today=TODAY, enrolments=seen)

        moved = at_once(tap, tap)

        assert sorted(moved) == [0, 1]
        assert list(enrolment.moves.values_list("number", flat=True)) == [1, 2]


def test_by_evidence_and_by_hand_at_once_the_second_is_told(programme):
    for _ in range(ROUNDS):
        enrolment = join(family(), programme, levels={})
        assess(enrolment.household, LEVELS, on=TODAY)

        at_once(
            lambda: go_on(enrolment),  # noqa: B023  ends in this round
            lambda: put(enrolment, "Pemasaran", seen=1),  # noqa: B023
        )

        moves = list(enrolment.moves.all())
        assert [move.number for move in moves] == list(range(1, len(moves) + 1))
        # By hand first, the evidence leads on from there only if it fits; by evidence first, the hand is refused.
        assert len(moves) == 2


def test_two_programmes_at_once_take_a_family_once(programme):
    other = make_programme(name="Sinergi Lain")
    for _ in range(ROUNDS):
        household = family()
        outcomes = at_once(
            lambda: join(household, programme, levels={}),  # noqa: B023  ends in this round
            lambda: join(household, other, levels={}),  # noqa: B023
        )

        assert sum(isinstance(one, Refused) for one in outcomes) == 1
        assert Enrolment.objects.filter(household=household).count() == 1


def test_a_family_that_joins_while_the_programme_is_closed_is_not_left_in_it(programme):
    household = family()
    with transaction.atomic():
        close_programme(programme, by=programme.created_by, **said(), closed_on=TODAY, words="")
        joining = InParallel(lambda: join(household, programme, levels={}))
        assert waits_for_a_lock()
    with pytest.raises(Refused, match="sudah ditutup"):
        joining.result()

    assert not Enrolment.objects.open().exists() and not StageMove.objects.exists()


def test_a_handover_and_a_tap_at_once_never_let_the_former_holder_move_the_family(programme):
    enrolment = join(family(), programme, levels={})
    household, former = enrolment.household, enrolment.household.pendamping
    assess(household, LEVELS, on=TODAY)
    with transaction.atomic():
        household.pendamping = programme.created_by
        household.save(update_fields=["pendamping"])
        tap = {**said(), "today": TODAY, "enrolments": {enrolment.pk: 1}}
        moving = InParallel(lambda: advance(programme, by=former, **tap))
        assert waits_for_a_lock()

    assert moving.result() == 0
    assert enrolment.moves.count() == 1


def test_a_family_that_leaves_while_the_programme_is_closed_is_told_and_ends_once(programme):
    enrolment = join(family(), programme, levels={})
    with transaction.atomic():
        close_programme(programme, by=programme.created_by, **said(), closed_on=TODAY, words="")
        leaving = InParallel(lambda: end(enrolment, "berhenti"))
        assert waits_for_a_lock()
    with pytest.raises(Refused, match="sudah ditutup"):
        leaving.result()

    enrolment.refresh_from_db()
    assert (enrolment.ending, enrolment.left_why) == ("ditutup", "")


def test_all_at_once_never_wait_for_each_other_in_a_circle(programme):
    for _ in range(ROUNDS):
        first, second = (join(family(), programme, levels={}) for _ in range(2))
        third = family()
        for one in (first, second):
            assess(one.household, LEVELS, on=TODAY)

        outcomes = at_once(
            lambda: go_on(first),  # noqa: B023  ends in this round
            lambda: end(first),  # noqa: B023
            lambda: put(second, "Pemasaran", seen=1),  # noqa: B023
            lambda: join(third, programme, levels={}),  # noqa: B023
        )

        assert outcomes[1:] == [None, None, Enrolment.objects.get(household=third)]
