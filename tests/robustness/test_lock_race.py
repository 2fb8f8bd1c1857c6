"""Writers that meet: at the lock of a month, at the last visit of a family, at the first entries of a month."""

from datetime import date
from threading import Barrier, Event

import pytest
from django.db import transaction

from entries.models import Period
from entries.months import MonthLocked
from pkh_casework.ids import uuid7
from reports.models import FrozenRow, MonthLock
from reports.monthly.frozen import is_genuine
from roles.models import ActivityHousehold, ActivityKind, SubRole
from roles.operations import activity as operations
from roles.operations.activity import Entry, change_activity, record_activity
from tests.factories import KEBON_JAYANTI, SUKAPURA, HouseholdFactory, UserFactory
from tests.monthly import lock

from .parallel import InParallel, waits_for_a_lock

TRIALS = 100
ENTRIES = 4
DAY = date(2026, 11, 20)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pendamping(transactional_db):
    return UserFactory()


@pytest.fixture
def koordinator(transactional_db):
    return UserFactory(koordinator=True)


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(pendamping=pendamping)


@pytest.fixture
def visit(transactional_db):
    """Make the Entry of a home visit: visit(DAY, family, …)."""
    kind, sub_role = ActivityKind.objects.get(pk="kunjungan_rumah"), SubRole.objects.get(pk="FAS-1")

    def make(day, *families, notes="Melihat warung."):
        return Entry(
            occurred_on=day,
            kind=kind,
            sub_role=sub_role,
            notes=notes,
            families=[(family, True) for family in families],
        )

    return make


def rows_of(month):
    return ActivityHousehold.objects.filter(
        wilayah=KEBON_JAYANTI, occurred_on__year=month.year, occurred_on__month=month.month
    ).count()


def the_month_has_begun():
    """So that the writers meet at the family, and not before it at the month's first entry."""
    Period.objects.create(wilayah_id=KEBON_JAYANTI, month=DAY.replace(day=1))


def test_no_row_slips_into_a_month_after_its_total_is_frozen(
    pendamping, koordinator, family, visit, monkeypatch
):
    """The locker starts at the worst moment: when a writer has found the month open and has written nothing yet."""
    looked, check = [], operations.open_month
    turn = {}

    def watched(area, day, **kwargs):
        check(area, day, **kwargs)
        looked.append(day)
        if len(looked) == turn["at"]:
            turn["begin"].set()

    monkeypatch.setattr(operations, "open_month", watched)

    def one(day):
        """The Activity of a visit on `day`, None when its month is locked by now."""
        try:
            return record_activity(by=pendamping, op_id=uuid7(), entry=visit(day, family))
        except MonthLocked:
            return None

    def write(month):
        return [one(month.replace(day=2 + number)) for number in range(ENTRIES)]

    def freeze(month):
        turn["begin"].wait(10)
        return lock(koordinator, KEBON_JAYANTI, month=month)

    late, refused = 0, 0
    for trial in range(TRIALS):
        month = date(2018 + trial // 12, 1 + trial % 12, 1)
        looked.clear()
        turn.update(at=1 + trial % ENTRIES, begin=Event())
        locker, writer = InParallel(freeze, month), InParallel(write, month)
        recorded, frozen = writer.result(), locker.result()

        stored = rows_of(month)
        kept = FrozenRow.objects.filter(lock=frozen, source="kunjungan").count()
        assert frozen.totals["kunjungan"]["jumlah"] == kept
        late += stored - kept
        refused += sum(answer is None for answer in recorded)
        assert stored == sum(answer is not None for answer in recorded)
        assert one(month) is None

    print(
        f"\n{TRIALS} months locked under fire: {late} rows after the frozen total, {refused} entries refused"
    )
    assert late == 0
    assert all(is_genuine(one) for one in MonthLock.objects.select_related("period"))
    assert ActivityHousehold.objects.count() + refused == TRIALS * ENTRIES


@pytest.mark.parametrize("first_day", [3, 20])
def test_of_two_visits_to_a_family_at_once_the_later_day_is_the_last_visit(
    first_day, pendamping, family, visit
):
    days = [DAY.replace(day=first_day), DAY.replace(day=23 - first_day)]
    the_month_has_begun()
    with transaction.atomic():
        record_activity(by=pendamping, op_id=uuid7(), entry=visit(days[0], family))
        second = InParallel(
            lambda: record_activity(by=pendamping, op_id=uuid7(), entry=visit(days[1], family))
        )
        assert waits_for_a_lock()
    second.result()

    family.refresh_from_db()
    assert family.last_visited_on == max(days)


def test_a_correction_and_a_visit_at_once_leave_the_right_last_visit(pendamping, family, visit):
    first = record_activity(by=pendamping, op_id=uuid7(), entry=visit(DAY, family))
    activity = operations.Activity.objects.get(pk=first.pk)
    with transaction.atomic():
        change_activity(activity, by=pendamping, op_id=uuid7(), entry=visit(DAY.replace(day=1), family))
        second = InParallel(
            lambda: record_activity(by=pendamping, op_id=uuid7(), entry=visit(DAY.replace(day=10), family))
        )
        assert waits_for_a_lock()
    second.result()

    family.refresh_from_db()
    assert family.last_visited_on == DAY.replace(day=10)


def test_visits_to_the_same_families_in_opposite_order_do_not_block_each_other(pendamping, visit):
    """Nor do the first entries of a month in two areas: nobody gets a deadlock's error."""
    families = [
        HouseholdFactory(pendamping=pendamping, wilayah_id=area) for area in (KEBON_JAYANTI, SUKAPURA)
    ]
    start = Barrier(2)

    def send(order):
        answers = []
        for trial in range(40):
            start.wait(10)
            entry = visit(date(2020 + trial // 12, 1 + trial % 12, 5), *order)
            answers.append(record_activity(by=pendamping, op_id=uuid7(), entry=entry))
        return answers

    one, other = InParallel(send, families), InParallel(send, families[::-1])

    assert len(one.result() + other.result()) == 80
    assert ActivityHousehold.objects.count() == 160
