"""Writes of a family: one holder a day, caches that follow their rows, replays that change nothing."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from entries.models import Receipt
from entries.operations import ChangedMeanwhile, OtherContent, Refused, version_of
from kpm.models import Assignment, GroupChair, Household, MemberComponent, Pengurus
from kpm.operations import (
    add_member,
    assign,
    change_household,
    change_member,
    close_component,
    hand_over_group,
    join_group,
    name_chair,
    name_pengurus,
    next_case_numbers,
    open_component,
    register_household,
)
from pkh_casework.ids import uuid7
from tests.factories import (
    KEBON_JAYANTI,
    LONG_AGO,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    component,
    nik,
    no_kk,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
PENGURUS = {
    "name": "Sari Rahayu",
    "sex": "P",
    "relation": "pasangan",
    "nik": nik(1),
    "birth_date": date(1985, 3, 12),
}
HOME = {
    "no_kk": no_kk(9001),
    "address": "Gang Kenanga 4",
    "rt": 2,
    "rw": 5,
    "wilayah_id": KEBON_JAYANTI,
    "joined_on": LONG_AGO,
}


def register(pendamping, *, op_id=None, **changes):
    fields = {**HOME, **changes}
    return register_household(
        by=pendamping,
        pendamping=pendamping,
        pengurus=PENGURUS,
        op_id=op_id or uuid7(),
        sent=str(fields),
        today=TODAY,
        **fields,
    )


def assert_every_cached_holder_is_the_open_assignment():
    holders = dict(Household.objects.values_list("pk", "pendamping_id"))
    open_terms = list(Assignment.objects.filter(to_on=None).values_list("household_id", "pendamping_id"))
    assert len(open_terms) == len(holders)
    assert dict(open_terms) == holders


def test_case_numbers_are_short_and_never_repeat():
    numbers = next_case_numbers(40) + next_case_numbers(2)

    assert len(set(numbers)) == 42
    assert all(len(number) == 9 and number.startswith("PKH-") for number in numbers)


def test_a_registered_family_has_its_pengurus_its_holder_and_its_receipt():
    pendamping = UserFactory()
    op_id = uuid7()

    household = register(pendamping, op_id=op_id)

    household.refresh_from_db()
    assert household.name == "Sari Rahayu"
    assert household.no_kk.reveal() == no_kk(9001)
    assert household.members.get().nik.reveal() == nik(1)
    assert household.pengurus_terms.get().member == household.members.get()
    assert household.assignments.get().from_on == TODAY
    assert Receipt.objects.get(op_id=op_id).object_id == household.pk
    assert_every_cached_holder_is_the_open_assignment()


def test_registering_twice_under_one_id_gives_the_same_family():
    pendamping = UserFactory()
    op_id = uuid7()

    first = register(pendamping, op_id=op_id)
    second = register(pendamping, op_id=op_id)

    assert first == second
    assert Household.objects.count() == 1


def test_the_same_id_with_another_address_is_another_entry_and_stores_nothing():
    pendamping = UserFactory()
    op_id = uuid7()
    register(pendamping, op_id=op_id)

    with pytest.raises(OtherContent):
        register(pendamping, op_id=op_id, address="Gang Mawar 9")

    assert Household.objects.get().address == "Gang Kenanga 4"


def test_a_handover_ends_the_old_term_and_starts_the_new_one_on_the_same_day():
    old, new = UserFactory(), UserFactory()
    household = HouseholdFactory(pendamping=old)

    assign(household, to=new, by=UserFactory(koordinator=True), on=TODAY, reason="Pindah tugas")

    first, second = household.assignments.order_by("from_on")
    assert (first.pendamping, first.to_on) == (old, TODAY)
    assert (second.pendamping, second.from_on, second.to_on) == (new, TODAY, None)
    assert household.pendamping == new
    assert_every_cached_holder_is_the_open_assignment()


def test_a_handover_to_the_present_holder_changes_nothing():
    household = HouseholdFactory()

    assign(household, to=household.pendamping, by=household.pendamping, on=TODAY)

    assert household.assignments.get().to_on is None


def test_two_handovers_on_one_day_leave_the_last_holder():
    household = HouseholdFactory()
    koordinator, middle, last = UserFactory(koordinator=True), UserFactory(), UserFactory()

    assign(household, to=middle, by=koordinator, on=TODAY)
    assign(household, to=last, by=koordinator, on=TODAY)

    household.refresh_from_db()
    assert household.pendamping == last
    assert_every_cached_holder_is_the_open_assignment()


@pytest.mark.parametrize("duty", ["koordinator", "kelurahan", "admin"])
def test_only_a_pendamping_can_hold_a_family(duty):
    household = HouseholdFactory()

    with pytest.raises(Refused):
        assign(household, to=UserFactory(**{duty: True}), by=household.pendamping, on=TODAY)


def test_a_handover_before_the_present_term_is_refused():
    household = HouseholdFactory(held_from=TODAY)

    with pytest.raises(Refused):
        assign(household, to=UserFactory(), by=household.pendamping, on=LONG_AGO)


def test_the_database_refuses_two_holders_on_one_day():
    household = HouseholdFactory()

    with pytest.raises(IntegrityError, match="assignment_one_holder_a_day"), transaction.atomic():
        Assignment.objects.create(
            household=household, pendamping=UserFactory(), from_on=TODAY, by=household.pendamping
        )


def test_the_database_refuses_two_pengurus_on_one_day():
    household = HouseholdFactory()

    with pytest.raises(IntegrityError, match="pengurus_one_a_day"), transaction.atomic():
        Pengurus.objects.create(household=household, member=household.members.get(), from_on=TODAY)


def test_a_family_handed_over_alone_leaves_the_kelompok_and_its_office():
    group = GroupFactory()
    household = HouseholdFactory(pendamping=group.pendamping, group=group)
    name_chair(group, household=household, by=group.pendamping, on=LONG_AGO)

    assign(household, to=UserFactory(), by=UserFactory(koordinator=True), on=TODAY)

    household.refresh_from_db()
    assert household.group is None
    assert GroupChair.objects.get().to_on == TODAY


def test_a_kelompok_handed_over_takes_its_families_along():
    group = GroupFactory()
    households = [HouseholdFactory(pendamping=group.pendamping, group=group) for _ in range(3)]
    new = UserFactory()

    assert hand_over_group(group, to=new, by=UserFactory(koordinator=True), on=TODAY) == 3

    assert {row.pendamping for row in Household.objects.all()} == {new}
    assert {row.group for row in Household.objects.all()} == {group}
    assert households[0].assignments.count() == 2
    assert_every_cached_holder_is_the_open_assignment()


def test_only_families_of_the_same_pendamping_without_kelompok_join():
    group = GroupFactory()
    free = HouseholdFactory(pendamping=group.pendamping)
    HouseholdFactory(pendamping=group.pendamping)  # not asked for
    taken = HouseholdFactory(pendamping=group.pendamping, group=GroupFactory(pendamping=group.pendamping))
    foreign = HouseholdFactory()

    join_group(group, households=[free, taken, foreign], by=group.pendamping)

    assert list(Household.objects.filter(group=group)) == [free]


def test_a_family_of_another_kelompok_cannot_be_ketua():
    with pytest.raises(Refused):
        name_chair(GroupFactory(), household=HouseholdFactory(), by=UserFactory(), on=TODAY)


def test_changing_the_no_kk_changes_its_index_too():
    household = HouseholdFactory()
    before = bytes(household.no_kk_index)

    change_household(
        household, by=household.pendamping, op_id=uuid7(), sent="", today=TODAY, no_kk=no_kk(9002)
    )

    household.refresh_from_db()
    assert household.no_kk.reveal() == no_kk(9002)
    assert bytes(household.no_kk_index) != before


def test_a_change_of_what_another_changed_meanwhile_is_refused_and_frees_its_id():
    household = HouseholdFactory(address="Gang Lama")
    pendamping, seen, op_id = household.pendamping, version_of(household), uuid7()
    change_household(household, by=pendamping, op_id=uuid7(), sent="", today=TODAY, address="Gang Baru")

    with pytest.raises(ChangedMeanwhile) as refusal:
        change_household(
            household, by=pendamping, op_id=op_id, sent="", today=TODAY, version=seen, address="Gang Lain"
        )

    assert refusal.value.row.address == "Gang Baru"
    assert not Receipt.objects.filter(op_id=op_id).exists()


def test_a_repeated_change_is_answered_like_the_first_although_the_family_is_another_now():
    household = HouseholdFactory()
    sent = {
        "by": household.pendamping,
        "op_id": uuid7(),
        "sent": "Gang Baru",
        "today": TODAY,
        "version": version_of(household),
    }
    change_household(household, **sent, address="Gang Baru")

    change_household(household, **sent, address="Gang Baru")

    household.refresh_from_db()
    assert household.address == "Gang Baru"


def test_the_family_follows_the_name_of_its_pengurus_and_of_nobody_else():
    household = HouseholdFactory()
    pengurus, other = household.members.get(), MemberFactory(household=household)
    sent = {"by": household.pendamping, "sent": "", "today": TODAY}

    change_member(pengurus, **sent, op_id=uuid7(), name="Sari Rahayu Ningsih")
    change_member(other, **sent, op_id=uuid7(), name="Budi Baru")

    household.refresh_from_db()
    assert household.name == "Sari Rahayu Ningsih"


def test_another_pengurus_starts_a_term_and_gives_the_family_its_name():
    household = HouseholdFactory()
    heir, new = MemberFactory(household=household), MemberFactory(household=household, name="Wati Lestari")

    name_pengurus(household, member=new, heir=heir, by=household.pendamping, on=TODAY)

    household.refresh_from_db()
    assert household.name == "Wati Lestari"
    assert list(household.pengurus_terms.order_by("from_on").values_list("to_on", flat=True)) == [TODAY, None]
    assert household.pengurus_terms.get(to_on=None).heir == heir


def test_the_heir_of_the_present_pengurus_can_change_within_the_term():
    household = HouseholdFactory()
    heir = MemberFactory(household=household)

    name_pengurus(household, member=household.members.first(), heir=heir, by=household.pendamping, on=TODAY)

    assert household.pengurus_terms.get().heir == heir


def test_a_person_of_another_family_can_be_neither_pengurus_nor_heir():
    household, stranger = HouseholdFactory(), MemberFactory()
    own = household.members.get()

    for persons in ({"member": stranger}, {"member": own, "heir": stranger}, {"member": own, "heir": own}):
        with pytest.raises(Refused):
            name_pengurus(household, **persons, by=household.pendamping, on=TODAY)


def test_a_new_member_may_come_with_a_component_and_comes_only_once():
    household = HouseholdFactory()
    sent = {
        "by": household.pendamping,
        "op_id": uuid7(),
        "sent": "",
        "today": TODAY,
        "opened": {"component": component("sd"), "from_on": LONG_AGO, "place": "SDN 1"},
        "name": "Budi",
        "sex": "L",
        "relation": "anak",
    }

    assert add_member(household, **sent) == add_member(household, **sent)

    assert household.members.count() == 2
    assert household.components.get().place == "SDN 1"


def test_a_component_counts_once_at_a_time():
    member = MemberFactory()
    by = member.household.pendamping
    first = open_component(member, component=component("sd"), from_on=LONG_AGO, by=by)

    with pytest.raises(Refused):
        open_component(member, component=component("sd"), from_on=TODAY, by=by)
    close_component(first, to_on=date(2025, 7, 1), by=by)
    with pytest.raises(Refused):
        open_component(member, component=component("sd"), from_on=date(2025, 6, 1), by=by)
    open_component(member, component=component("sd"), from_on=date(2025, 7, 1), by=by)

    assert MemberComponent.objects.on(TODAY).count() == 1


def test_a_component_ends_after_its_start():
    period = MemberComponentFactory()

    with pytest.raises(Refused):
        close_component(period, to_on=period.from_on, by=period.household.pendamping)
    with pytest.raises(IntegrityError, match="component_ends_after_start"), transaction.atomic():
        MemberComponent.objects.filter(pk=period.pk).update(to_on=period.from_on)


def test_who_leaves_the_card_stops_counting_and_the_pengurus_cannot_leave():
    household = HouseholdFactory()
    child = MemberComponentFactory(member__household=household).member
    sent = {
        "by": household.pendamping,
        "sent": "",
        "today": TODAY,
        "left_on": TODAY,
        "left_reason": "Menikah",
    }

    change_member(child, **sent, op_id=uuid7())

    assert household.components.get().to_on == TODAY
    with pytest.raises(Refused):
        change_member(household.pengurus_terms.get().member, **sent, op_id=uuid7())


def test_the_field_history_names_who_changed_what_outside_of_requests_too():
    household = HouseholdFactory()
    koordinator = UserFactory(koordinator=True)

    change_household(household, by=koordinator, op_id=uuid7(), sent="", today=TODAY, address="Gang Baru")

    event = household.events.order_by("-pgh_id").first()
    assert event.address == "Gang Baru"
    assert event.pgh_context.metadata["user"] == koordinator.pk


def test_the_field_history_keeps_the_names_and_the_ketua_of_a_kelompok():
    family = HouseholdFactory(group=GroupFactory(name="Melati"))
    group, by = family.group, UserFactory(koordinator=True)

    name_chair(group, household=family, by=by, on=TODAY)
    group.name = "Kenanga"
    group.save(update_fields=["name"])
    name_chair(group, household=None, by=by, on=TODAY)

    assert list(group.events.order_by("pgh_id").values_list("pgh_label", "name")) == [
        ("insert", "Melati"),
        ("update", "Kenanga"),
    ]
    terms = group.chairs.get().events.order_by("pgh_id")
    assert [(term.pgh_label, term.to_on) for term in terms] == [("insert", None), ("update", TODAY)]
    assert {term.pgh_context.metadata["user"] for term in terms} == {by.pk}


def test_a_family_out_of_range_is_refused_by_the_database():
    household = HouseholdFactory()

    for wrong in ({"rt": 0}, {"rw": 1000}, {"desil": 11}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Household.objects.filter(pk=household.pk).update(**wrong)
