"""Twenty merges that cross each other: whoever comes first, no row is lost and no family goes twice."""

from threading import Barrier

import pytest

from entries.operations import Refused
from kpm.models import Household, Member
from pkh_casework.ids import uuid7
from roles.models import ActivityHousehold
from roster.models import Merge
from roster.operations import merge, undo_merge
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory
from wilayah.clock import local_today

from .parallel import InParallel

AT_ONCE = 20

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_crossing_merges_lose_nothing_and_can_all_be_undone(transactional_db):
    people = [UserFactory(koordinator=True) for _ in range(4)]
    holder = UserFactory()
    families = [HouseholdFactory(pendamping=holder) for _ in range(10)]
    for family in families:
        ActivityFactory(pendamping=holder, families=[family])
    before = {row.pk: row.household_id for row in ActivityHousehold.objects.all()}
    start = Barrier(AT_ONCE)

    def join(number):
        survivor, loser = families[number % 10], families[(number * 3 + 1) % 10]
        start.wait()
        try:
            said = {"survivor": survivor, "loser": loser, "today": local_today()}
            return merge(by=people[number % 4], op_id=uuid7(), sent="", **said)
        except Refused:
            return None

    threads = [InParallel(join, number) for number in range(AT_ONCE)]
    done = [merged for thread in threads if (merged := thread.result())]

    assert done
    assert Household.objects.count() == 10 - len(done)
    standing = set(Household.objects.values_list("pk", flat=True))
    assert set(ActivityHousehold.objects.values_list("household", flat=True)) <= standing
    assert set(Household.every.exclude(merged_into=None).values_list("merged_into", flat=True)) <= standing
    for merged in Merge.objects.order_by("-at"):  # an id is older than the wait for a family
        undo_merge(merged, by=people[0], op_id=uuid7(), today=local_today())
    assert Household.objects.count() == 10
    assert {row.pk: row.household_id for row in ActivityHousehold.objects.all()} == before
    assert all(Member.objects.filter(household=family).count() == 1 for family in families)


def test_two_koordinators_who_merge_one_pair_at_once_merge_it_once(transactional_db):
    people = [UserFactory(koordinator=True) for _ in range(2)]
    one, other = HouseholdFactory(), HouseholdFactory()
    start = Barrier(2)

    def join(number):
        pair = (one, other) if number else (other, one)
        start.wait()
        try:
            merge(
                by=people[number],
                op_id=uuid7(),
                sent="",
                today=local_today(),
                survivor=pair[0],
                loser=pair[1],
            )
        except Refused:
            return False
        return True

    threads = [InParallel(join, number) for number in range(2)]
    assert sorted(thread.result() for thread in threads) == [False, True]
    assert Household.objects.count() == 1
