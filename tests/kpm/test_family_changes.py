"""What a change of a family, its people or its kelompok takes along, and what it refuses."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from entries.operations import Refused, version_of
from kpm.models import Group, GroupChair, Household, Member, Pengurus
from kpm.operations import (
    assign,
    change_household,
    change_member,
    close_component,
    hand_over_group,
    name_chair,
    name_pengurus,
    open_component,
    register_household,
    save_group,
)
from pkh_casework.ids import uuid7
from tests.factories import (
    BABAKAN_SURABAYA,
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
OF_FAMILY = (
    *("no_kk", "address", "rt", "rw", "wilayah", "group"),
    *("status", "path", "desil", "joined_on", "notes", "pendamping"),
)
OF_PERSON = ("name", "nik", "birth_date", "sex", "relation", "left_on", "left_reason")


def said(by, **more):
    return {"by": by, "op_id": uuid7(), "sent": "", "today": TODAY, **more}


def chair_of(group):
    """A family of the kelompok that is its ketua."""
    household = HouseholdFactory(pendamping=group.pendamping, group=group)
    name_chair(group, household=household, by=group.pendamping, on=LONG_AGO)
    return household


# --- what a form saw ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", OF_FAMILY)
def test_every_field_that_a_form_of_the_family_offers_is_in_its_mark(field):
    household = HouseholdFactory(desil=1)
    seen = version_of(household)
    other = {
        "no_kk": no_kk(9700),
        "rt": 7,
        "rw": 8,
        "wilayah": HouseholdFactory(wilayah_id=BABAKAN_SURABAYA).wilayah,
        "group": GroupFactory(),
        "pendamping": UserFactory(),
        "desil": 4,
        "joined_on": TODAY,
    }
    setattr(household, field, other.get(field, "lain"))
    household.save()

    assert version_of(Household.objects.get(pk=household.pk)) != seen


@pytest.mark.parametrize("field", OF_PERSON)
def test_every_field_that_a_form_of_a_person_offers_is_in_its_mark(field):
    member = MemberFactory()
    seen = version_of(member)
    other = {"nik": nik(77), "birth_date": date(1990, 1, 1), "sex": "L", "left_on": TODAY}
    setattr(member, field, other.get(field, "lain"))
    member.save()

    assert version_of(Member.objects.get(pk=member.pk)) != seen


def test_a_visit_leaves_the_mark_as_it_was():
    household = HouseholdFactory()
    seen = version_of(household)
    household.last_visited_on = TODAY
    assert version_of(household) == seen


# --- the kelompok ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaves", [True, False])
def test_a_ketua_who_leaves_the_kelompok_by_a_change_is_none_any_more(leaves):
    group = GroupFactory()
    household = chair_of(group)

    change_household(
        household, group=None if leaves else group, address="Gang Baru", **said(group.pendamping)
    )

    assert GroupChair.objects.get().to_on == (TODAY if leaves else None)
    assert Household.objects.get().group == (None if leaves else group)


def test_a_family_joins_only_a_kelompok_of_who_holds_it_afterwards():
    household, theirs = HouseholdFactory(), GroupFactory()
    by = UserFactory(koordinator=True)

    with pytest.raises(Refused) as refused:
        change_household(household, group=theirs, **said(by))
    assert refused.value.field == "group"
    with pytest.raises(Refused):
        register_household(
            pendamping=household.pendamping,
            pengurus={"name": "Sari", "sex": "P", "relation": "pasangan", "birth_date": LONG_AGO},
            no_kk=no_kk(9701),
            address="Gang",
            rt=1,
            rw=1,
            wilayah_id=household.wilayah_id,
            joined_on=TODAY,
            group=theirs,
            **said(household.pendamping),
        )

    assign(household, to=theirs.pendamping, by=by, on=TODAY, reason="Pindah tugas")
    change_household(household, group=theirs, **said(by))
    household.refresh_from_db()
    assert (household.group, household.pendamping) == (theirs, theirs.pendamping)
    term = household.assignments.get(to_on=None)
    assert (term.by, term.reason, term.from_on) == (by, "Pindah tugas", TODAY)


def test_a_handover_within_the_kelompok_of_the_new_holder_keeps_its_ketua():
    group = GroupFactory()
    household = chair_of(group)

    assert hand_over_group(group, to=UserFactory(), by=UserFactory(koordinator=True), on=TODAY) == 1

    household.refresh_from_db()
    assert household.group == group and GroupChair.objects.get().to_on is None


def test_the_ketua_changes_ends_and_stays():
    group = GroupFactory()
    first, second = chair_of(group), HouseholdFactory(pendamping=group.pendamping, group=group)

    name_chair(group, household=first, by=group.pendamping, on=TODAY)
    assert GroupChair.objects.get().from_on == LONG_AGO
    name_chair(group, household=second, by=group.pendamping, on=TODAY)
    assert GroupChair.objects.get(household=first).to_on == TODAY
    name_chair(group, household=None, by=group.pendamping, on=TODAY + timedelta(days=1))
    assert not GroupChair.objects.filter(to_on=None).exists()
    assert GroupChair.objects.get(household=first).to_on == TODAY


def test_a_kelompok_is_made_renamed_and_handed_over_under_a_name_of_its_own():
    group, other = GroupFactory(), UserFactory()
    kept = {"wilayah": group.wilayah, "pendamping": group.pendamping}
    GroupFactory(name="Mawar", pendamping=group.pendamping)
    GroupFactory(name=group.name, pendamping=other)

    for row, changes in (
        (None, {"name": group.name}),
        (group, {"name": "Mawar"}),
    ):
        with pytest.raises(Refused) as refused:
            save_group(row, **{**kept, **changes}, **said(group.pendamping))
        assert refused.value.field == "name"
    with pytest.raises(Refused, match="sudah punya kelompok") as refused:
        hand_over_group(group, to=other, by=UserFactory(koordinator=True), on=TODAY)
    assert refused.value.field == "name"

    once = said(group.pendamping)
    made = save_group(None, name="Anggrek", **kept, **once)
    assert (made.name, made.pendamping, made.wilayah) == ("Anggrek", group.pendamping, group.wilayah)
    assert save_group(None, name="Anggrek", **kept, **once) is None
    assert save_group(group, name="Kenanga", **kept, **said(group.pendamping)) == group
    assert Group.objects.get(pk=group.pk).name == "Kenanga"


def test_another_mistake_is_not_told_as_a_name_taken():
    group = GroupFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        save_group(
            None, name=None, wilayah=group.wilayah, pendamping=group.pendamping, **said(group.pendamping)
        )


def test_a_kelompok_handed_over_since_the_form_was_opened_is_not_saved():
    group = GroupFactory()
    seen = Group.objects.get(pk=group.pk)
    hand_over_group(group, to=UserFactory(), by=UserFactory(koordinator=True), on=TODAY)

    with pytest.raises(Refused, match="baru saja dialihkan"):
        save_group(
            seen, name="Lain", wilayah=seen.wilayah, pendamping=seen.pendamping, **said(seen.pendamping)
        )


# --- the people --------------------------------------------------------------------------------------------------------


def test_who_left_and_the_pengurus_as_own_heir_are_refused():
    household = HouseholdFactory()
    first = household.members.get()
    gone = MemberFactory(household=household, left_on=TODAY, left_reason="Menikah")

    for member, heir in ((gone, None), (first, gone), (first, first)):
        with pytest.raises(Refused) as refused:
            name_pengurus(household, member=member, heir=heir, by=household.pendamping, on=TODAY)
        assert refused.value.field == "heir"


@pytest.mark.parametrize(("days", "is_fine"), [(-1, False), (0, True)])
def test_another_pengurus_begins_no_earlier_than_the_one_before(days, is_fine):
    household = HouseholdFactory(held_from=TODAY)
    other = MemberFactory(household=household)
    begin = {"member": other, "by": household.pendamping, "on": TODAY + timedelta(days=days)}
    if not is_fine:
        with pytest.raises(Refused):
            name_pengurus(household, **begin)
        return

    name_pengurus(household, **begin)

    household.refresh_from_db()
    assert household.name == other.name
    assert [row.to_on for row in Pengurus.objects.order_by("pk")] == [TODAY, None]


@pytest.mark.parametrize(("days", "is_fine"), [(0, False), (1, True)])
def test_who_leaves_the_card_leaves_after_each_component_began(days, is_fine):
    household = HouseholdFactory()
    member = MemberFactory(household=household)
    period = MemberComponentFactory(member=member, from_on=TODAY)
    other = MemberComponentFactory(member=member, component_id="smp", from_on=LONG_AGO)
    close_component(other, to_on=LONG_AGO + timedelta(days=9), by=household.pendamping)
    left_on = TODAY + timedelta(days=days)
    if not is_fine:
        with pytest.raises(Refused) as refused:
            change_member(member, left_on=left_on, left_reason="Menikah", **said(household.pendamping))
        assert refused.value.field == "left_on"  # the field that was typed, not that of the component
        return

    change_member(member, left_on=left_on, left_reason="Menikah", **said(household.pendamping))

    period.refresh_from_db()
    other.refresh_from_db()
    assert (period.to_on, other.to_on) == (left_on, LONG_AGO + timedelta(days=9))


def test_a_component_begins_again_on_the_day_it_ended():
    period = MemberComponentFactory()
    by = period.household.pendamping
    close_component(period, to_on=TODAY, by=by)

    with pytest.raises(Refused):
        open_component(period.member, component=period.component, from_on=TODAY - timedelta(days=1), by=by)
    other = open_component(
        period.member, component=component("smp"), from_on=TODAY - timedelta(days=1), by=by
    )
    assert close_component(other, to_on=TODAY, by=by) == other
    again = open_component(period.member, component=period.component, from_on=TODAY, by=by, place="SDN 2")

    assert (again.household, again.place, again.to_on) == (period.household, "SDN 2", None)


def test_a_person_who_is_pengurus_hands_the_name_on_and_another_does_not():
    household = HouseholdFactory()
    pengurus, other = household.members.get(), MemberFactory(household=household)

    change_member(other, name="Budi Baru", **said(household.pendamping))
    household.refresh_from_db()
    assert household.name == pengurus.name
    change_member(pengurus, relation="kepala", **said(household.pendamping))
    change_member(pengurus, name="Sari Baru", **said(household.pendamping))

    household.refresh_from_db()
    assert household.name == "Sari Baru"


def test_assigning_tells_the_family_in_hand_too():
    household, to = HouseholdFactory(), UserFactory()
    assign(household, to=to, by=UserFactory(koordinator=True), on=TODAY)
    assert household.pendamping == to
