"""Doubts about a new family: asked once, never refused, and silent about families of others."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains, assertNotContains

from entries.models import AccessLog
from kpm.models import Household
from pkh_casework.ids import uuid7
from tests.factories import HouseholdFactory, MemberFactory, UserFactory, nik, no_kk
from tests.kpm.pages import as_shown, hidden, new_family

pytestmark = pytest.mark.django_db

NEW = reverse("kpm:household_create")


@pytest.fixture
def pendamping():
    return UserFactory(name="Sri Lestari")


def beside(response, name):
    """The text that stands with the field `name` on the page, from its label to its box, without tags."""
    page = response.content.decode()
    part = re.search(rf'<label for="id_{name}">.*?name="{name}"', page, re.DOTALL)[0]
    return " ".join(strip_tags(part).split())


def assert_asked_then_saved(client, url, sent, words, *, field):
    """The entry is kept and shown with `words` beside `field`, led to from the head of the form; with the tick it is
    stored. Returns the first answer.
    """
    before = Household.objects.count()
    asked = client.post(url, sent)
    assert asked.status_code == 200
    assert words in beside(asked, field)
    assert words not in beside(asked, "address")
    head = re.findall(r'<a href="#id_(\w+)">([^<]+)</a>', asked.content.decode())
    assert any(name == field and words in text for name, text in head)
    assertContains(asked, "Sudah saya periksa, tetap simpan", count=1)
    assertContains(asked, sent["address"])
    assert Household.objects.count() == before

    assert client.post(url, {**sent, "checked": hidden(asked, "checked")}).status_code == 302
    return asked


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"birth_date": "1985-03-13"}, "nik", "Tanggal lahir di NIK berbeda"),
        ({"sex": "L"}, "nik", "Jenis kelamin di NIK berbeda"),
        ({"no_kk": "3201010101209001"}, "no_kk", "di luar kota/kabupaten ini"),
    ],
)
def test_an_odd_number_is_asked_about_once_beside_it_and_then_saved(
    client, pendamping, changes, field, words
):
    client.force_login(pendamping)

    assert_asked_then_saved(client, NEW, new_family(**changes), words, field=field)


def test_several_doubts_about_one_number_stand_together(client, pendamping):
    client.force_login(pendamping)

    asked = client.post(NEW, new_family(birth_date="1985-03-13", sex="L"))

    for words in ("Tanggal lahir di NIK berbeda", "Jenis kelamin di NIK berbeda"):
        assert words in beside(asked, "nik")


@pytest.mark.parametrize("kind", ["no_kk", "nik"])
def test_a_number_of_an_own_family_leads_to_that_family(client, pendamping, kind):
    known = HouseholdFactory(
        pendamping=pendamping, name="Tuti", rt=9, no_kk=no_kk(8001), pengurus__nik=nik(8001)
    )
    client.force_login(pendamping)
    taken = {"no_kk": no_kk(8001)} if kind == "no_kk" else {"nik": nik(8001)}

    words = f"sudah tercatat pada keluarga lain: Tuti ({known.case_number})"
    asked = assert_asked_then_saved(client, NEW, new_family(**taken), words, field=kind)

    assertContains(asked, known.get_absolute_url())


@pytest.mark.parametrize("kind", ["no_kk", "nik"])
def test_a_number_of_a_colleagues_family_tells_nothing_but_to_ask_the_koordinator(client, pendamping, kind):
    known = HouseholdFactory(name="Tuti Rahasia", no_kk=no_kk(8001), pengurus__nik=nik(8001))
    client.force_login(pendamping)
    taken = {"no_kk": no_kk(8001)} if kind == "no_kk" else {"nik": nik(8001)}

    words = "perlu diperiksa koordinator"
    asked = assert_asked_then_saved(client, NEW, new_family(**taken), words, field=kind)

    for secret in ("Tuti Rahasia", known.case_number, str(known.pk)):
        assertNotContains(asked, secret)


def test_the_nik_of_someone_who_left_the_other_card_raises_no_doubt(client, pendamping):
    family = HouseholdFactory(pendamping=pendamping, pengurus__birth_date=date(1980, 1, 1))
    MemberFactory(household=family, nik=nik(1), left_on=date(2026, 1, 1))
    client.force_login(pendamping)

    assert client.post(NEW, new_family(name="Sari", rt="9")).status_code == 302


def test_a_nearly_equal_name_in_the_same_rt_is_asked_about_in_the_own_scope_only(client, pendamping):
    born = {"pengurus__birth_date": date(1980, 1, 1)}
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu", rt=2, rw=5, **born)
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu Jauh", rt=3, rw=5, **born)
    HouseholdFactory(name="Sari Rahayu Rekan", rt=2, rw=5, **born)
    client.force_login(pendamping)

    words = "Nama mirip di RT yang sama: Sari Rahayu"
    asked = assert_asked_then_saved(client, NEW, new_family(name="Sari Rahayuu"), words, field="name")

    assertNotContains(asked, "Jauh")
    assertNotContains(asked, "Rekan")


def test_a_tick_for_one_doubt_does_not_cover_another(client, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Tuti", no_kk=no_kk(8001))
    client.force_login(pendamping)
    tick = hidden(client.post(NEW, new_family(sex="L")), "checked")

    response = client.post(NEW, new_family(sex="L", no_kk=no_kk(8001), checked=tick))

    assertContains(response, "sudah tercatat pada keluarga lain")
    assert Household.objects.count() == 1


def test_a_new_no_kk_of_a_known_family_is_asked_about_beside_it(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    url = reverse("kpm:household_edit", args=[household.case_number])
    client.force_login(pendamping)

    sent = as_shown(client, url, no_kk="3201010101209001")
    assert_asked_then_saved(client, url, sent, "di luar kota/kabupaten ini", field="no_kk")


def test_a_nik_of_the_same_card_is_asked_about_beside_it(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping, pengurus__nik=nik(7))
    url = reverse("kpm:member_create", args=[household.case_number])
    client.force_login(pendamping)
    sent = {"op_id": str(uuid7()), "name": "Budi", "nik": nik(7), "sex": "P", "relation": "anak"}

    asked = client.post(url, sent)

    assert f"NIK ini sama dengan NIK {household.name}." in beside(asked, "nik")
    assert client.post(url, {**sent, "checked": hidden(asked, "checked")}).status_code == 302


KNOWN = reverse("kpm:known_already")


def test_while_typing_the_families_of_the_asker_are_named(client):
    sri = UserFactory()
    family = HouseholdFactory(pendamping=sri, name="Siti Aminah", pengurus__birth_date=date(1985, 3, 12))
    client.force_login(sri)
    typed = {"name": "Hj. St. Aminah", "birth_date": "1985-03-12"}
    page = client.post(KNOWN, typed, headers={"HX-Request": "true", "HX-Target": "known"}).content.decode()
    assert family.case_number in page
    assert "<html" not in page
    assert family.case_number in client.post(KNOWN, typed).content.decode()
    joined = client.post(KNOWN, {**typed, "keluarga": family.case_number}).content.decode()
    assert "Belum ada keluarga yang mirip" in joined
    assert client.get(KNOWN).status_code == 405


def test_who_stands_elsewhere_is_left_to_the_koordinator(client):
    other = HouseholdFactory(name="Siti Aminah", no_kk=no_kk(6001), pengurus__birth_date=date(1985, 3, 12))
    sri = UserFactory()
    client.force_login(sri)
    for typed in (
        {"name": "Siti Aminah", "birth_date": "1985-03-12", "wilayah": sri.wilayah_id},
        {"no_kk": no_kk(6001)},
    ):
        page = client.post(KNOWN, typed).content.decode()
        assert "perlu diperiksa koordinator" in page
        assert other.case_number not in page
    assert AccessLog.objects.filter(route="kpm:known_already").count() == 1


def test_whole_numbers_are_looked_for_so_often_a_day(client):
    HouseholdFactory(no_kk=no_kk(6002))
    sri = UserFactory()
    client.force_login(sri)
    row = {"user": sri, "action": "look", "route": "kpm:known_already", "path": "/", "at": timezone.now()}
    AccessLog.objects.bulk_create(AccessLog(**row) for _ in range(100))
    assert "perlu diperiksa" not in client.post(KNOWN, {"no_kk": no_kk(6002)}).content.decode()


def test_odd_words_are_no_fault_while_typing(client):
    client.force_login(UserFactory())
    for typed in (
        {},
        {"name": "\0", "birth_date": "x", "rt": "?", "wilayah": "y", "nik": "12"},
        {"rt": "3/5", "name": "A"},
    ):
        assert client.post(KNOWN, typed).status_code == 200


def test_a_new_member_who_is_on_another_card_is_asked_about(client):
    sri = UserFactory()
    there = HouseholdFactory(pendamping=sri, name="Wati")
    MemberFactory(household=there, name="Moh. Yusuf", birth_date=date(2014, 5, 6))
    family = HouseholdFactory(pendamping=sri, name="Euis")
    client.force_login(sri)
    sent = {
        "op_id": str(uuid7()),
        "name": "Muhammad Yusup",
        "birth_date": "2014-05-06",
        "sex": "L",
        "relation": "anak",
    }
    address = reverse("kpm:member_create", args=[family.case_number])
    page = client.post(address, sent)
    assert there.case_number in page.content.decode()
    assert family.members.count() == 1
    again = client.post(address, {**sent, "checked": page.context["form"].doubts_mark})
    assert again.status_code == 302
    assert family.members.count() == 2
