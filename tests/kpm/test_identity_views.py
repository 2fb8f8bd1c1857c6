"""Identity numbers on screen: masked, opened once with a reason, found by the whole number only."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from entries.models import AccessLog
from kpm.views.identity import REVEALS_A_DAY, SEARCHES_A_DAY
from tests.factories import BABAKAN_SURABAYA, HouseholdFactory, MemberFactory, UserFactory, nik, no_kk

pytestmark = pytest.mark.django_db

SEARCH = reverse("kpm:identity_search")
DIGITS = "3273 9901 0120 8001"


@pytest.fixture
def pendamping(client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def household(pendamping):
    return HouseholdFactory(pendamping=pendamping, no_kk=no_kk(8001), pengurus__nik=nik(8001))


def reveal_url(household):
    return reverse("kpm:identity_reveal", args=[household.case_number])


def test_asking_shows_masks_and_no_digits(client, household):
    page = client.get(reveal_url(household))

    assertContains(page, "3273 •••• •••• ••••")
    for number in (no_kk(8001), nik(8001)):
        assertNotContains(page, number)
        assertNotContains(page, number[12:])


@pytest.mark.parametrize("kind", ["no_kk", "nik"])
def test_a_reason_opens_one_number_once_and_is_kept_in_the_trail(client, household, pendamping, kind):
    member = household.members.get()
    number = "no_kk" if kind == "no_kk" else str(member.pk)

    page = client.post(reveal_url(household), {"number": number, "reason": "kks", "note": "bank"})

    shown = DIGITS if kind == "no_kk" else " ".join(nik(8001)[at : at + 4] for at in range(0, 16, 4))
    assertContains(page, shown, count=1)
    assert page["Cache-Control"] == "no-store, private"
    entry = AccessLog.objects.get(action="reveal")
    assert (entry.user, entry.subject) == (pendamping, household.case_number)
    assert entry.reason == "Mencocokkan KKS atau rekening: bank"
    assert entry.fields[0].startswith(kind)
    assertNotContains(client.get(reveal_url(household)), shown)


@pytest.mark.parametrize(
    "sent", [{}, {"number": "no_kk"}, {"number": "no_kk", "reason": "lain"}, {"reason": "kks"}]
)
def test_no_reason_no_number(client, household, sent):
    page = client.post(reveal_url(household), sent)

    assert page.status_code == 200
    assertNotContains(page, DIGITS)
    assert not AccessLog.objects.filter(action="reveal").exists()


def test_the_nik_of_a_person_of_another_family_cannot_be_opened(client, household):
    stranger = MemberFactory(nik=nik(8002))

    page = client.post(reveal_url(household), {"number": str(stranger.pk), "reason": "kks"})

    assert page.context["form"].errors == {"number": ["Pilihan ini tidak ditemukan."]}
    assertNotContains(page, nik(8002)[4:])


def test_numbers_of_a_colleagues_family_are_not_found(client, pendamping):
    other = HouseholdFactory(no_kk=no_kk(8001))

    assert client.get(reveal_url(other)).status_code == 404
    assert client.post(reveal_url(other), {"number": "no_kk", "reason": "kks"}).status_code == 404


@pytest.mark.parametrize("duty", ["kelurahan", "admin"])
def test_staff_and_admin_open_no_number(client, duty):
    client.force_login(UserFactory(**{duty: True}))

    for url in (reveal_url(HouseholdFactory()), SEARCH):
        assert client.get(url).status_code == client.post(url).status_code == 404


def test_strangers_are_led_to_the_login_page_and_other_methods_refused(client, household):
    for url in (reveal_url(household), SEARCH):
        assert client.put(url).status_code == 405
    client.logout()
    for url in (reveal_url(household), SEARCH):
        assert client.get(url).url.startswith("/masuk/")


def test_after_thirty_numbers_a_day_the_koordinator_must_be_asked(client, household, pendamping):
    AccessLog.objects.bulk_create(
        AccessLog(user=pendamping, action="reveal", route="kpm:identity_reveal", path="/")
        for _ in range(REVEALS_A_DAY)
    )

    page = client.post(reveal_url(household), {"number": "no_kk", "reason": "kks"})

    assertContains(page, "Hubungi koordinator")
    assertNotContains(page, DIGITS)


@pytest.mark.parametrize("number", [no_kk(8001), DIGITS, nik(8001)])
def test_a_whole_number_finds_the_own_family(client, household, number):
    page = client.post(SEARCH, {"number": number})

    assertContains(page, household.get_absolute_url())
    assertNotContains(page, number)
    assert AccessLog.objects.get(route="kpm:identity_search").subject == household.case_number


def test_part_of_a_number_finds_nothing(client, household):
    page = client.post(SEARCH, {"number": no_kk(8001)[:8]})

    assertContains(page, "Harus 16 angka")
    assertNotContains(page, household.case_number)


def test_a_number_elsewhere_says_only_that_the_koordinator_must_look(client, pendamping):
    other = HouseholdFactory(name="Tuti Rahasia", no_kk=no_kk(8001))

    page = client.post(SEARCH, {"number": no_kk(8001)})

    assertContains(page, "Perlu diperiksa koordinator")
    for secret in ("Tuti Rahasia", other.case_number):
        assertNotContains(page, secret)


def test_an_unknown_number_is_unknown(client, pendamping):
    assertContains(client.post(SEARCH, {"number": no_kk(8009)}), "Belum tercatat")


def test_a_koordinator_finds_within_the_own_area(client, household):
    for area, words in (("327316", household.case_number), (BABAKAN_SURABAYA, "Perlu diperiksa koordinator")):
        client.logout()
        client.force_login(UserFactory(koordinator=True, wilayah_id=area))
        assertContains(client.post(SEARCH, {"number": no_kk(8001)}), words)


def test_a_number_in_the_address_is_not_looked_for(client, household):
    assertNotContains(client.get(SEARCH, {"number": no_kk(8001)}), household.case_number)


def test_searching_ends_after_a_hundred_numbers_a_day(client, household, pendamping):
    AccessLog.objects.bulk_create(
        AccessLog(user=pendamping, action="look", route="kpm:identity_search", path="/")
        for _ in range(SEARCHES_A_DAY)
    )

    page = client.post(SEARCH, {"number": no_kk(8001)})

    assertContains(page, "Hubungi koordinator")
    assertNotContains(page, household.case_number)
