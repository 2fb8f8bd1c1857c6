"""The people of a family on screen: nested addresses, components, pengurus, leaving the card."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import Member
from kpm.operations import change_member
from pkh_casework.ids import uuid7
from tests.factories import (
    BABAKAN_SURABAYA,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    nik,
)
from tests.kpm.pages import as_shown, hidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def pendamping():
    return UserFactory(name="Sri Lestari")


@pytest.fixture
def household(pendamping, client):
    client.force_login(pendamping)
    return HouseholdFactory(pendamping=pendamping, name="Sari Rahayu")


def create_url(household):
    return reverse("kpm:member_create", args=[household.case_number])


def edit_url(member, household=None):
    return reverse("kpm:member_edit", args=[(household or member.household).case_number, member.pk])


def new_person(**changes):
    return {"op_id": str(uuid7()), "name": "Budi Hartono", "sex": "L", "relation": "anak", **changes}


def today():
    return timezone.localdate()


def test_a_person_is_added_once_with_a_component(client, household):
    sent = new_person(
        component="sd", component_place="SDN 1", component_from="2025-07-14", nik=nik(3, sex="L")
    )

    first, second = client.post(create_url(household), sent), client.post(create_url(household), sent)

    assert first.url == second.url == household.get_absolute_url()
    assert household.members.count() == 2
    assert household.components.get().from_on == date(2025, 7, 14)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"nik": "12"}, "nik"),
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"component": "sd", "component_from": ""}, "component_from"),
        ({"component": "sd", "component_from": "2999-01-01"}, "component_from"),
        ({"component": "sd", "component_from": "2020-01-01", "birth_date": "2021-01-01"}, "component_from"),
        ({"component_place": "SDN 1"}, "component"),
        ({"component": "astronot"}, "component"),
        ({"relation": "tetangga"}, "relation"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client, household, changes, field):
    response = client.post(create_url(household), new_person(**changes))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert household.members.count() == 1


def test_a_nik_that_another_of_the_family_has_is_asked_about(client, household):
    MemberFactory(household=household, name="Wati", nik=nik(3))

    response = client.post(create_url(household), new_person(sex="P", birth_date="1985-03-12", nik=nik(3)))

    assertContains(response, "NIK ini sama dengan NIK Wati.")
    assert household.members.count() == 2


def test_a_family_or_person_of_another_is_not_found(client, household):
    stranger = MemberFactory()

    for url in (
        create_url(stranger.household),
        edit_url(stranger),
        edit_url(stranger, household),
        edit_url(household.members.get(), stranger.household),
    ):
        assert client.get(url).status_code == client.post(url, new_person()).status_code == 404
    assert Member.objects.filter(household=stranger.household).count() == 2


def test_strangers_are_led_to_the_login_page_and_other_methods_refused(client, household):
    member = household.members.get()

    assert client.delete(edit_url(member)).status_code == 405
    client.logout()
    assert client.get(edit_url(member)).url.startswith("/masuk/")


def test_a_koordinator_of_another_area_finds_nobody(client, household):
    client.logout()
    client.force_login(UserFactory(koordinator=True, wilayah_id=BABAKAN_SURABAYA))

    assert client.get(edit_url(household.members.get())).status_code == 404


def test_the_name_of_the_pengurus_is_the_name_of_the_family(client, household):
    url = edit_url(household.members.get())

    client.post(url, as_shown(client, url, name="Sari Ningsih"))

    household.refresh_from_db()
    assert household.name == "Sari Ningsih"


def test_the_nik_is_masked_and_stays_unless_a_new_one_is_typed(client, household):
    member = MemberFactory(household=household, nik=nik(3))

    page = client.get(edit_url(member))
    assertContains(page, "3273 •••• •••• ••••")
    assertNotContains(page, nik(3)[4:])

    client.post(edit_url(member), as_shown(client, edit_url(member), name="Wati"))
    member.refresh_from_db()
    assert member.nik.reveal() == nik(3)
    client.post(edit_url(member), as_shown(client, edit_url(member), nik=nik(4)))
    member.refresh_from_db()
    assert member.nik.reveal() == nik(4)


def test_a_component_ends_and_another_begins_in_one_go(client, household):
    period = MemberComponentFactory(member__household=household)
    sent = as_shown(
        client,
        edit_url(period.member),
        component="smp",
        component_from="2026-07-13",
        **{f"end_{period.pk}": "2026-07-01"},
    )

    client.post(edit_url(period.member), sent)

    period.refresh_from_db()
    assert period.to_on == date(2026, 7, 1)
    assert period.member.components.get(to_on=None).component_id == "smp"


def test_a_component_that_counts_already_or_ends_too_early_is_refused_beside_its_field(client, household):
    period = MemberComponentFactory(member__household=household)
    again = as_shown(client, edit_url(period.member), component="sd", component_from="2026-07-13")
    early = as_shown(client, edit_url(period.member), **{f"end_{period.pk}": period.from_on.isoformat()})

    for sent, field in ((again, "component"), (early, f"end_{period.pk}")):
        response = client.post(edit_url(period.member), sent)
        assert list(response.context["form"].errors) == [field]


def test_another_person_becomes_pengurus_with_an_heir(client, household):
    first, new = household.members.get(), MemberFactory(household=household, name="Wati Lestari")

    client.post(edit_url(new), as_shown(client, edit_url(new), pengurus="on", heir=first.pk))

    household.refresh_from_db()
    term = household.pengurus_terms.get(to_on=None)
    assert (household.name, term.member, term.heir) == ("Wati Lestari", new, first)


def test_the_heir_must_be_another_present_person_of_the_family(client, household):
    pengurus = household.members.get()
    gone = MemberFactory(household=household, left_on=date(2026, 1, 1))

    for heir in (MemberFactory(), gone, pengurus):
        response = client.post(edit_url(pengurus), as_shown(client, edit_url(pengurus), heir=heir.pk))
        assert response.context["form"].errors == {"heir": ["Pilihan ini tidak ditemukan."]}
    child = MemberFactory(household=household)
    response = client.post(edit_url(child), as_shown(client, edit_url(child), heir=pengurus.pk))
    assert "heir" in response.context["form"].errors


def test_the_pengurus_leaves_only_after_another_took_over(client, household):
    pengurus = household.members.get()

    response = client.post(
        edit_url(pengurus),
        as_shown(client, edit_url(pengurus), left_on=today().isoformat(), left_reason="Wafat"),
    )

    assert list(response.context["form"].errors) == ["left_on"]
    assertContains(response, "Jadikan anggota lain pengurus dulu")


def test_a_reason_to_leave_needs_its_day(client, household):
    child = MemberFactory(household=household)

    response = client.post(edit_url(child), as_shown(client, edit_url(child), left_reason="Menikah"))

    assert list(response.context["form"].errors) == ["left_on"]


def test_two_people_at_one_person_see_each_others_values(client, household):
    child = MemberFactory(household=household, name="Budi", nik=nik(3))
    sent = as_shown(client, edit_url(child), name="Budi Satu")
    koordinator = UserFactory(koordinator=True)
    change_member(child, by=koordinator, op_id=uuid7(), sent="", today=today(), name="Budi Dua", nik=nik(4))

    warned = client.post(edit_url(child), sent)

    assertContains(warned, "Data ini berubah oleh Rina Koordinator")
    assertContains(warned, "Sekarang tersimpan: Budi Dua")
    assertNotContains(warned, nik(4)[4:])
    client.post(edit_url(child), {**sent, "version": hidden(warned, "version")})
    child.refresh_from_db()
    assert child.name == "Budi Satu"


def test_dates_in_the_future_are_refused_everywhere(client, household):
    period = MemberComponentFactory(member__household=household)
    tomorrow = (today() + timedelta(days=1)).isoformat()

    for field in ("birth_date", "left_on", f"end_{period.pk}"):
        response = client.post(
            edit_url(period.member), as_shown(client, edit_url(period.member), **{field: tomorrow})
        )
        assert response.context["form"].errors == {field: ["Tanggal tidak boleh di masa depan."]}
