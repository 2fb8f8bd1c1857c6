"""Two who verify the same class at once: the second waits, and hears of the first."""

from datetime import date

import pytest
from django.db import transaction

from entries.operations import ChangedMeanwhile
from pkh_casework.ids import uuid7
from roles.commitments.people import Bound
from roles.commitments.rules import rule_for
from roles.commitments.told import Told
from roles.models import Commitment
from roles.operations.commitment import record_commitments, version_of_rows
from tests.factories import HouseholdFactory, MemberFactory

from .parallel import InParallel, waits_for_a_lock

TODAY, MONTH, PLACE = date(2026, 11, 24), date(2026, 11, 1), "SDN 1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pupils():
    family = HouseholdFactory()
    return [MemberFactory(household=family) for _ in range(3)]


def save(pupils, absent, *, seen=""):
    rule = rule_for("sd", None, MONTH)
    told = [
        Told(
            Bound(pupil, pupil.household, rule, PLACE, MONTH),
            MONTH,
            effective=20,
            absent=absent,
            leave=0,
            ill=0,
        )
        for pupil in pupils
    ]
    said = {"month": MONTH, "category": "pendidikan", "place": PLACE, "today": TODAY, "seen": seen}
    return record_commitments(told, by=pupils[0].household.pendamping, op_id=uuid7(), **said)


def at_once(first, second):
    with transaction.atomic():
        first()
        waiting = InParallel(second)
        assert waits_for_a_lock(), waiting.error
    return waiting.result()


def test_two_saves_of_a_class_leave_one_row_a_child(pupils):
    outcome = at_once(lambda: save(pupils, 4), lambda: save(pupils[::-1], 1))
    assert len(outcome.changed) == 3
    assert list(Commitment.objects.values_list("absent", flat=True)) == [1, 1, 1]


def test_the_second_is_shown_what_the_first_stored(pupils):
    seen = version_of_rows([])
    with pytest.raises(ChangedMeanwhile):
        at_once(lambda: save(pupils, 4, seen=seen), lambda: save(pupils, 1, seen=seen))
    assert set(Commitment.objects.values_list("absent", flat=True)) == {4}
