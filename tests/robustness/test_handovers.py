"""Twenty handovers that cross each other: whoever comes first, each family has exactly one holder on every day."""

from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F

from entries.operations import Refused
from kpm.models import Assignment, Household
from pkh_casework.ids import uuid7
from roster.operations import offer
from tests.factories import GroupFactory, HouseholdFactory, UserFactory
from wilayah.clock import local_today

from .parallel import InParallel

AT_ONCE = 20

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_crossing_handovers_leave_one_holder_a_family_on_every_day(transactional_db):
    koordinator = UserFactory(koordinator=True)
    people = [UserFactory() for _ in range(4)]
    for holder in people:
        group = GroupFactory(pendamping=holder)
        for number in range(5):
            HouseholdFactory(pendamping=holder, group=group if number % 2 else None)
    start = Barrier(AT_ONCE)

    def hand_over(number):
        start.wait()
        try:
            offer(
                by=koordinator,
                op_id=uuid7(),
                sent="",
                today=local_today(),
                holder=people[number % 4],
                receiver=people[(number + 1 + number // 4 % 3) % 4],
                kind="pemerataan",
                for_them=True,
            )
        except Refused:
            return False
        return True

    threads = [InParallel(hand_over, number) for number in range(AT_ONCE)]
    done = [thread.result() for thread in threads]

    assert any(done)
    assert Household.objects.count() == 20
    terms = Assignment.objects.filter(to_on=None)
    assert terms.count() == terms.filter(pendamping=F("household__pendamping")).count() == 20
    assert not Household.objects.exclude(group=None).exclude(group__pendamping=F("pendamping")).exists()
    with connection.cursor() as cursor:
        # Every day since the first term is covered once: terms that are not empty follow each other without a gap.
        cursor.execute(
            "SELECT count(*) FROM (SELECT from_on, lag(to_on) OVER (PARTITION BY household_id ORDER BY from_on, id) AS was"
            " FROM kpm_assignment WHERE to_on IS NULL OR to_on > from_on) terms WHERE was <> from_on"
        )
        assert cursor.fetchone() == (0,)
