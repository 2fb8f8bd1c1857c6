"""The kelompok on screen."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import Group, Household
from pkh_casework.ids import uuid7
from tests.factories import (
    BABAKAN_SURABAYA,
    BANDUNG,
    KEBON_JAYANTI,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("kpm:group_list"), reverse("kpm:group_create")
NOT_FOUND = "Pilihan ini tidak ditemukan."


@pytest.fixture
def pendamping(client):
    user = UserFactory(name="Sri Lestari")
    client.force_login(user)
    return user


def edit_url(group):
    return reverse("kpm:group_edit", args=[group.pk])


def sent(**changes):
    return {"op_id": str(uuid7()), "name": "Melati 1", "wilayah": KEBON_JAYANTI, **changes}


def test_a_pendamping_sees_the_own_kelompok_with_ketua_and_size(
    client, pendamping, django_assert_max_num_queries
):
    for number in range(3):
        group = GroupFactory(pendamping=pendamping, name=f"Melati {number}")
        household = HouseholdFactory(pendamping=pendamping, group=group, name=f"Ketua {number}")
        HouseholdFactory(pendamping=pendamping, group=group, graduated=True)
        group.chairs.create(household=household, from_on="2025-01-01")
    GroupFactory(name="Anggrek Rekan")

    with count_queries() as queries:
        page = client.get(LIST)

    assert len(queries) == 3
    assertContains(page, "Melati 2")
    assertContains(page, "Ketua: Ketua 1")
    assertContains(page, "1 KPM", count=3)
    assertNotContains(page, "Anggrek Rekan")


def test_a_pendamping_makes_a_kelompok_once(client, pendamping):
    entry = sent()

    assert client.post(NEW, entry).url == client.post(NEW, entry).url == LIST

    group = Group.objects.get()
    assert (group.name, group.pendamping) == ("Melati 1", pendamping)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 61}, "name"), ({"wilayah": BABAKAN_SURABAYA}, "wilayah")],
)
def test_what_cannot_be_is_refused_beside_its_field(client, pendamping, changes, field):
    response = client.post(NEW, sent(**changes))

    assert list(response.context["form"].errors) == [field]
    assert not Group.objects.exists()


def test_one_name_once_per_pendamping(client, pendamping):
    GroupFactory(name="Melati 1")
    mine = GroupFactory(pendamping=pendamping, name="Melati 2")
    client.post(NEW, sent())

    again = client.post(NEW, sent())
    renamed = client.post(edit_url(mine), sent())

    for response in (again, renamed):
        assert response.context["form"].errors == {"name": ["Sudah ada kelompok dengan nama ini."]}


def test_the_ketua_and_new_families_are_chosen_on_the_kelompoks_page(client, pendamping):
    group = GroupFactory(pendamping=pendamping)
    member = HouseholdFactory(pendamping=pendamping, group=group)
    free = HouseholdFactory(pendamping=pendamping)

    client.post(edit_url(group), sent(chair=member.pk, families=[free.pk]))

    assert group.chairs.get(to_on=None).household == member
    assert set(Household.objects.filter(group=group)) == {member, free}


def test_families_of_others_can_be_neither_ketua_nor_members(client, pendamping):
    group, foreign = GroupFactory(pendamping=pendamping), HouseholdFactory(name="Tuti Rahasia")

    response = client.post(edit_url(group), sent(chair=foreign.pk, families=[foreign.pk]))

    assert set(response.context["form"].errors) == {"chair", "families"}
    assertNotContains(response, "Tuti Rahasia")
    foreign.refresh_from_db()
    assert foreign.group is None


def test_a_colleagues_kelompok_is_not_found(client, pendamping):
    group = GroupFactory(name="Anggrek")

    assert client.get(edit_url(group)).status_code == client.post(edit_url(group), sent()).status_code == 404
    group.refresh_from_db()
    assert group.name == "Anggrek"


@pytest.mark.parametrize("duty", ["kelurahan", "admin"])
def test_staff_and_admin_see_no_kelompok(client, duty):
    client.force_login(UserFactory(**{duty: True}))

    for url in (LIST, NEW, edit_url(GroupFactory())):
        assert client.get(url).status_code == 404


def test_strangers_are_led_to_the_login_page_and_other_methods_refused(client, pendamping):
    assert client.post(LIST).status_code == client.delete(NEW).status_code == 405
    client.logout()
    for url in (LIST, NEW, edit_url(GroupFactory())):
        assert client.get(url).url.startswith("/masuk/")


def test_a_koordinator_makes_a_kelompok_for_a_pendamping_and_finds_the_way_to_hand_it_over(client):
    first, second = UserFactory(), UserFactory()
    client.force_login(UserFactory(koordinator=True, wilayah_id=BANDUNG))
    client.post(f"{NEW}?di=327316", sent(pendamping=first.pk))
    group = Group.objects.get()

    page = client.get(edit_url(group)).content.decode()
    client.post(edit_url(group), sent(pendamping=second.pk, reason="Pindah tugas"))

    assert f"/serah-terima/baru/?kelompok={group.pk}" in page
    group.refresh_from_db()
    assert group.pendamping == first
