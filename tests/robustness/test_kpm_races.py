"""Writers that meet at a family or a kelompok: the second hears of the first, and nobody waits for ever."""

from contextlib import suppress
from datetime import date
from threading import Barrier

import pytest
from django.db import transaction

from entries.operations import Refused
from kpm.models import Goal, Group, Household
from kpm.operations import (
    Step,
    add_step,
    change_household,
    change_member,
    close_goal,
    finish_steps,
    hand_over_group,
    join_group,
    name_chair,
    save_group,
)
from pkh_casework.ids import uuid7
from tests.factories import (
    KEBON_JAYANTI,
    GroupFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    make_goal,
)
from wilayah.models import Wilayah

from .parallel import InParallel, waits_for_a_lock

TODAY = date(2026, 11, 24)
ROUNDS = 40

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def koordinator(transactional_db):
    return UserFactory(koordinator=True)


def at_once(first, second):
    """The outcome of `second`, begun while `first` is done and not yet in the database for others to see."""
    with transaction.atomic():
        first()
        waiting = InParallel(second)
        assert waits_for_a_lock(), waiting.error
    return waiting.result()


def save(group, by, **changes):
    fields = {
        "name": group.name if group else "Melati 1",
        "wilayah": Wilayah.objects.get(pk=KEBON_JAYANTI),
        "pendamping": group.pendamping if group else by,
    }
    return save_group(group, by=by, op_id=uuid7(), sent="", today=TODAY, **{**fields, **changes})


def change(row, **changes):
    """What the pendamping sends about a family or a person."""
    write, holder = (
        (change_household, row.pendamping)
        if isinstance(row, Household)
        else (change_member, row.household.pendamping)
    )
    return write(row, by=holder, op_id=uuid7(), sent="", today=TODAY, **changes)


def test_of_two_new_kelompok_of_one_name_at_once_the_second_is_refused(transactional_db):
    pendamping = UserFactory()

    with pytest.raises(Refused) as refusal:
        at_once(lambda: save(None, pendamping), lambda: save(None, pendamping))

    assert refusal.value.field == "name"
    assert Group.objects.count() == 1


def test_a_kelompok_renamed_to_a_name_that_is_just_being_stored_is_refused(transactional_db):
    group = GroupFactory(name="Melati 2")
    pendamping = group.pendamping

    with pytest.raises(Refused) as refusal:
        at_once(lambda: save(None, pendamping), lambda: save(group, pendamping, name="Melati 1"))

    assert refusal.value.field == "name"
    group.refresh_from_db()
    assert group.name == "Melati 2"


def test_an_edit_of_a_kelompok_that_is_just_being_handed_over_is_refused(koordinator):
    group, new = GroupFactory(name="Melati 2"), UserFactory()
    old = group.pendamping
    seen, free = Group.objects.get(pk=group.pk), HouseholdFactory(pendamping=old)

    with pytest.raises(Refused):
        at_once(
            lambda: hand_over_group(group, to=new, by=koordinator, on=TODAY),
            lambda: save(seen, old, name="Melati 3", families=[free]),
        )

    group.refresh_from_db()
    free.refresh_from_db()
    assert (group.name, group.pendamping, free.group) == ("Melati 2", new, None)


def test_a_family_does_not_join_a_kelompok_that_is_just_being_handed_over(koordinator):
    group, new = GroupFactory(), UserFactory()
    family = HouseholdFactory(pendamping=group.pendamping)
    seen = Group.objects.get(pk=group.pk)

    with pytest.raises(Refused) as refusal:
        at_once(
            lambda: hand_over_group(group, to=new, by=koordinator, on=TODAY),
            lambda: change(family, group=seen),
        )

    assert refusal.value.field == "group"
    family.refresh_from_db()
    assert family.group is None


def test_a_new_name_of_who_just_ceases_to_be_pengurus_is_not_the_familys(transactional_db):
    family = HouseholdFactory()
    old, new = family.members.get(), MemberFactory(household=family, name="Wati Lestari")

    at_once(lambda: change(new, pengurus={"heir": None}), lambda: change(old, name="Sari Ningsih"))

    family.refresh_from_db()
    old.refresh_from_db()
    assert (family.name, old.name) == ("Wati Lestari", "Sari Ningsih")


def test_writers_of_a_kelompok_and_of_its_families_do_not_block_each_other(koordinator):
    """Nobody gets a deadlock's error; what the other made impossible meanwhile is refused in words."""
    group = GroupFactory()
    families = [HouseholdFactory(pendamping=group.pendamping, group=group) for _ in range(3)]
    start = Barrier(2)

    def of_the_group():
        for number in range(ROUNDS):
            start.wait(10)
            seen = Group.objects.get(pk=group.pk)
            with suppress(Refused):
                save(seen, koordinator, name=f"Melati {number}", families=families, chair=families[-1])

    def of_a_family():
        for _ in range(ROUNDS):
            start.wait(10)
            for family in reversed(families):
                change(Household.objects.get(pk=family.pk), group=None)
                change(Household.objects.get(pk=family.pk), group=group)

    one, other = InParallel(of_the_group), InParallel(of_a_family)
    other.result()
    one.result()
    name_chair(group, household=families[0], by=koordinator, on=TODAY)
    assert set(Household.objects.filter(group=group)) == set(families)


def test_two_kelompok_take_the_same_families_in_turn(transactional_db):
    pendamping = UserFactory()
    groups = [GroupFactory(pendamping=pendamping) for _ in range(2)]
    families = [HouseholdFactory(pendamping=pendamping) for _ in range(4)]

    at_once(
        lambda: join_group(groups[0], households=families, by=pendamping),
        lambda: join_group(groups[1], households=families[::-1], by=pendamping),
    )

    assert Household.objects.filter(group=groups[0]).count() == 4


def test_of_two_goals_at_once_for_the_last_place_the_second_is_refused(transactional_db):
    family = HouseholdFactory()
    for code in ("A1", "A2"):
        make_goal(family, code)

    with pytest.raises(Refused, match="Sudah ada tiga tujuan"):
        at_once(lambda: make_goal(family, "A3"), lambda: make_goal(family, "B2"))

    assert Goal.objects.open().count() == 3


def test_a_goal_that_is_just_being_closed_takes_no_step(transactional_db):
    goal = make_goal(HouseholdFactory())
    by = {"by": goal.pendamping, "sent": "", "today": TODAY}

    with pytest.raises(Refused, match="sudah ditutup"):
        at_once(
            lambda: close_goal(goal, **by, op_id=uuid7(), state="tercapai", reason="Ya"),
            lambda: add_step(goal, **by, op_id=uuid7(), step=Step("keluarga", "Terlambat", TODAY)),
        )

    assert goal.steps.count() == 1


def test_a_step_that_two_finish_at_once_is_finished_by_one(transactional_db):
    step = make_goal(HouseholdFactory()).steps.get()

    with transaction.atomic():
        assert finish_steps([step.pk], on=TODAY) == {step.pk}
        second = InParallel(lambda: transaction.atomic()(finish_steps)([step.pk], on=TODAY))
        assert waits_for_a_lock()

    assert second.result() == set()
