"""Doubts about a new family: asked once, never refused, and silent about families of others."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import Household
from tests.factories import HouseholdFactory, MemberFactory, UserFactory, nik, no_kk
from tests.kpm.pages import hidden, new_family

pytestmark = pytest.mark.django_db

NEW = reverse("kpm:household_create")


@pytest.fixture
def pendamping():
    return UserFactory(name="Sri Lestari")


def assert_asked_then_saved(client, url, sent, words):
    """The entry is shown with `words` and kept; with the tick it is stored. Returns the first answer."""
    before = Household.objects.count()
    asked = client.post(url, sent)
    assert asked.status_code == 200
    assertContains(asked, words)
    assertContains(asked, sent["address"])
    assert Household.objects.count() == before

    assert client.post(url, {**sent, "checked": hidden(asked, "checked")}).status_code == 302
    return asked


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"birth_date": "1985-03-13"}, "Tanggal lahir di NIK berbeda"),
        ({"sex": "L"}, "Jenis kelamin di NIK berbeda"),
        ({"no_kk": "3201010101209001"}, "di luar kota/kabupaten ini"),
    ],
)
def test_an_odd_number_is_asked_once_and_then_saved(client, pendamping, changes, words):
    client.force_login(pendamping)

    assert_asked_then_saved(client, NEW, new_family(**changes), words)


@pytest.mark.parametrize("kind", ["no_kk", "nik"])
def test_a_number_of_an_own_family_leads_to_that_family(client, pendamping, kind):
    known = HouseholdFactory(
        pendamping=pendamping, name="Tuti", rt=9, no_kk=no_kk(8001), pengurus__nik=nik(8001)
    )
    client.force_login(pendamping)
    taken = {"no_kk": no_kk(8001)} if kind == "no_kk" else {"nik": nik(8001)}

    asked = assert_asked_then_saved(client, NEW, new_family(**taken), "sudah tercatat pada keluarga lain")

    assertContains(asked, known.get_absolute_url())


@pytest.mark.parametrize("kind", ["no_kk", "nik"])
def test_a_number_of_a_colleagues_family_tells_nothing_but_to_ask_the_koordinator(client, pendamping, kind):
    known = HouseholdFactory(name="Tuti Rahasia", no_kk=no_kk(8001), pengurus__nik=nik(8001))
    client.force_login(pendamping)
    taken = {"no_kk": no_kk(8001)} if kind == "no_kk" else {"nik": nik(8001)}

    asked = assert_asked_then_saved(client, NEW, new_family(**taken), "perlu diperiksa koordinator")

    for secret in ("Tuti Rahasia", known.case_number, str(known.pk)):
        assertNotContains(asked, secret)


def test_the_nik_of_someone_who_left_the_other_card_raises_no_doubt(client, pendamping):
    MemberFactory(household__pendamping=pendamping, nik=nik(1), left_on=date(2026, 1, 1))
    client.force_login(pendamping)

    assert client.post(NEW, new_family(name="Sari", rt="9")).status_code == 302


def test_a_nearly_equal_name_in_the_same_rt_is_asked_about_in_the_own_scope_only(client, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu", rt=2, rw=5)
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu Jauh", rt=3, rw=5)
    HouseholdFactory(name="Sari Rahayu Rekan", rt=2, rw=5)
    client.force_login(pendamping)

    asked = assert_asked_then_saved(
        client, NEW, new_family(name="Sari Rahayuu"), "Nama mirip di RT yang sama"
    )

    assertNotContains(asked, "Jauh")
    assertNotContains(asked, "Rekan")


def test_a_tick_for_one_doubt_does_not_cover_another(client, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Tuti", no_kk=no_kk(8001))
    client.force_login(pendamping)
    tick = hidden(client.post(NEW, new_family(sex="L")), "checked")

    response = client.post(NEW, new_family(sex="L", no_kk=no_kk(8001), checked=tick))

    assertContains(response, "sudah tercatat pada keluarga lain")
    assert Household.objects.count() == 1
