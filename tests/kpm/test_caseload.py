"""The list of families: whose it shows, how it is found, sorted and paged, and what it costs."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from kpm.caseload import visit_age
from kpm.models import Household
from tests.factories import (
    BABAKAN_SURABAYA,
    BANDUNG,
    LONG_AGO,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    UserFactory,
    component,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

PAGE = 5


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    monkeypatch.setattr("kpm.caseload.PAGE", PAGE)


@pytest.fixture
def pendamping():
    return UserFactory(name="Sri Lestari")


@pytest.fixture
def page_of(client):
    """The list as `user` sees it: page_of(user, q="sari") → response."""

    def get(user, headers=None, **query):
        client.logout()
        client.force_login(user)
        return client.get(reverse("kpm:household_list"), query, headers=headers)

    return get


def names_in(response):
    return [row["name"] for row in response.context["page"].rows]


def walk(client, response):
    """Names on this page and all that follow it by `Muat lagi`."""
    names = names_in(response)
    while next_url := response.context["page"].next_url:
        response = client.get(next_url)
        names += names_in(response)
    return names


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def test_a_pendamping_sees_the_families_held_now_and_no_others(page_of, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Sari Milik Sendiri")
    HouseholdFactory(name="Tuti Milik Rekan")

    response = page_of(pendamping)

    assert names_in(response) == ["Sari Milik Sendiri"]
    assertContains(response, "1 KPM")
    assertNotContains(response, "Tuti Milik Rekan")


def test_a_koordinator_sees_the_area_and_may_choose_a_pendamping(page_of, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Sari")
    HouseholdFactory(pendamping=UserFactory(wilayah_id=BABAKAN_SURABAYA), name="Tuti")
    koordinator = UserFactory(koordinator=True)

    assert names_in(page_of(koordinator)) == ["Sari", "Tuti"]
    assert names_in(page_of(koordinator, pendamping=pendamping.pk)) == ["Sari"]
    assert names_in(page_of(UserFactory(koordinator=True, wilayah_id=BABAKAN_SURABAYA))) == ["Tuti"]


def test_a_pendamping_cannot_ask_for_the_families_of_another(page_of, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Sari")
    other = HouseholdFactory(name="Tuti").pendamping

    assert names_in(page_of(pendamping, pendamping=other.pk)) == ["Sari"]


@pytest.mark.parametrize("duty", ["kelurahan", "admin"])
def test_staff_and_admin_have_no_list_of_families(page_of, duty):
    assert page_of(UserFactory(**{duty: True})).status_code == 404


def test_strangers_are_led_to_the_login_page(client):
    assert client.get(reverse("kpm:household_list")).url.startswith("/masuk/")


def test_the_list_is_read_only(client, pendamping):
    client.force_login(pendamping)

    assert client.post(reverse("kpm:household_list")).status_code == 405


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("rahayu", True),
        ("RAHAYU sari", True),
        ("sri rahayu", True),
        ("rahyu", True),
        ("rahayuu", True),
        ("sari rahaju", True),
        ("RW 7", True),
        ("rw07", True),
        ("RT.03/RW.07", True),
        ("rw 7 rt 3", True),
        ("003/007", True),
        ("RT03 RW07", True),
        ("rt 4", False),
        ("RT 3 RW 7", True),
        ("3/7", True),
        ("RT 4 RW 7", False),
        ("anggrek", True),
        ("dahlia", False),
        ("wulandari", False),
        ("maulana (", False),
        ("sari\0", True),
        ("%", False),
    ],
)
def test_people_find_a_family_by_what_they_remember(page_of, pendamping, asked, found):
    group = GroupFactory(pendamping=pendamping, name="Anggrek 2")
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu", rt=3, rw=7, group=group)
    HouseholdFactory(pendamping=pendamping, name="Yusuf Maulana", rt=1, rw=1)

    assert ("Sari Rahayu" in names_in(page_of(pendamping, q=asked))) == found


def test_a_case_number_finds_its_family_however_it_is_written(page_of, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    HouseholdFactory(pendamping=pendamping, name="Yusuf Maulana")
    symbols = household.case_number.removeprefix("PKH-")

    for written in (household.case_number, symbols, symbols.lower(), f"pkh {symbols}"):
        assert household.name in names_in(page_of(pendamping, q=written))


def test_the_koordinator_of_a_kota_finds_by_name_and_kelompok_too(page_of, pendamping):
    group = GroupFactory(pendamping=pendamping, name="Anggrek 2")
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu", group=group)
    HouseholdFactory(pendamping=pendamping, name="Yusuf Maulana")
    koordinator = UserFactory(koordinator=True, wilayah_id=BANDUNG)

    for asked in ("rahayu", "anggrek", "sari rahaju"):
        assert names_in(page_of(koordinator, q=asked)) == ["Sari Rahayu"]


def test_only_families_still_accompanied_are_shown_unless_asked(page_of, pendamping):
    for status in Household.Status:
        HouseholdFactory(pendamping=pendamping, name=status.label, status=status)

    assert names_in(page_of(pendamping)) == ["Aktif", "Calon graduasi"]
    assert names_in(page_of(pendamping, status="graduasi")) == ["Graduasi"]
    assert len(names_in(page_of(pendamping, status="semua"))) == 4


def test_filters_narrow_by_rw_kelompok_component_and_days_without_visit(page_of, pendamping):
    group = GroupFactory(pendamping=pendamping)
    HouseholdFactory(pendamping=pendamping, name="RW", rw=9, last_visited_on=days_ago(1))
    HouseholdFactory(pendamping=pendamping, name="Kelompok", group=group, last_visited_on=days_ago(29))
    pupil = HouseholdFactory(pendamping=pendamping, name="Murid", last_visited_on=days_ago(30))
    MemberComponentFactory(member__household=pupil, component=component("sd"))
    ended = HouseholdFactory(pendamping=pendamping, name="Lulus", last_visited_on=None)
    MemberComponentFactory(member__household=ended, component=component("sd"), to_on=days_ago(1))

    assert names_in(page_of(pendamping, rw=9)) == ["RW"]
    assert names_in(page_of(pendamping, kelompok=group.pk)) == ["Kelompok"]
    assert names_in(page_of(pendamping, komponen="sd")) == ["Murid"]
    assert names_in(page_of(pendamping, lama=30)) == ["Lulus", "Murid"]


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 30, "\0", "²"])
def test_an_unreadable_filter_is_no_filter(page_of, pendamping, junk):
    HouseholdFactory(pendamping=pendamping, name="Sari")

    response = page_of(
        pendamping, rw=junk, kelompok=junk, lama=junk, urut=junk, pendamping=junk, sesudah=junk, status=junk
    )

    assert names_in(response) == ["Sari"]


def test_the_very_letters_come_before_nearly_the_same(page_of, pendamping):
    for name in ("Dewi Sartika", "Sari Ningsih", "Ani Permatasari"):
        HouseholdFactory(pendamping=pendamping, name=name)

    assert names_in(page_of(pendamping, q="sari")) == ["Sari Ningsih", "Ani Permatasari", "Dewi Sartika"]


def test_sorting_puts_who_waits_longest_or_lives_nearest_first(page_of, pendamping):
    HouseholdFactory(pendamping=pendamping, name="ani", rt=2, rw=1, last_visited_on=days_ago(5))
    HouseholdFactory(pendamping=pendamping, name="Budi", rt=1, rw=1, last_visited_on=days_ago(50))
    HouseholdFactory(pendamping=pendamping, name="Cici", rt=1, rw=2, last_visited_on=None)

    assert names_in(page_of(pendamping)) == ["ani", "Budi", "Cici"]
    assert names_in(page_of(pendamping, urut="kunjungan")) == ["Cici", "Budi", "ani"]
    assert names_in(page_of(pendamping, urut="rt")) == ["Budi", "ani", "Cici"]


@pytest.mark.parametrize("sort", ["", "nama", "kunjungan", "rt"])
def test_paging_shows_every_family_once_in_every_order(client, page_of, pendamping, sort):
    for number in range(2 * PAGE + 7):
        HouseholdFactory(
            pendamping=pendamping,
            name=f"Ibu {number % 8:02d}",
            rt=1 + number % 3,
            last_visited_on=days_ago(number % 5) if number % 4 else None,
        )

    first = page_of(pendamping, urut=sort)
    seen = walk(client, first)

    assert len(names_in(first)) == PAGE
    assertContains(first, f"{2 * PAGE + 7} KPM")
    assertContains(first, "Muat lagi")
    assert sorted(seen) == sorted(Household.objects.values_list("name", flat=True))


def test_a_family_visited_while_the_list_is_open_hides_nobody(client, page_of, pendamping):
    for number in range(PAGE + 3):
        HouseholdFactory(
            pendamping=pendamping, name=f"Ibu {number:02d}", last_visited_on=days_ago(100 - number)
        )
    first = page_of(pendamping, urut="kunjungan")

    Household.objects.filter(name=names_in(first)[-1]).update(last_visited_on=days_ago(0))

    assert set(walk(client, first)) == {f"Ibu {number:02d}" for number in range(PAGE + 3)}


def test_the_address_of_the_next_page_tells_no_name(page_of, pendamping):
    for number in range(PAGE + 1):
        HouseholdFactory(pendamping=pendamping, name=f"Ibu Rahasia {number:02d}")

    assert "Rahasia" not in page_of(pendamping).context["page"].next_url


def test_a_wide_area_is_walked_by_place_and_never_counted(client, page_of):
    pendamping = UserFactory()
    for number in range(PAGE + 1):
        HouseholdFactory(pendamping=pendamping, name=f"Ibu {number:02d}", rw=9 - number % 9)
    koordinator = UserFactory(koordinator=True, wilayah_id=BANDUNG)

    response = page_of(koordinator)

    assertContains(response, f"{PAGE}+ KPM")
    seen = walk(client, response)
    assert len(set(seen)) == PAGE + 1
    rw_of = dict(Household.objects.values_list("name", "rw"))
    assert [rw_of[name] for name in seen] == sorted(rw_of.values())


@pytest.mark.parametrize("families", [3, PAGE + 20])
@pytest.mark.parametrize(
    "query", [{}, {"q": "ibu", "lama": 30, "komponen": "sd", "urut": "kunjungan"}], ids=["plain", "filtered"]
)
def test_a_caseload_costs_at_most_five_statements(client, pendamping, families, query):
    group = GroupFactory(pendamping=pendamping)
    for number in range(families):
        household = HouseholdFactory(pendamping=pendamping, group=group, name=f"Ibu {number:02d}")
        MemberComponentFactory(member__household=household)
    client.force_login(pendamping)

    with count_queries() as queries:
        response = client.get(reverse("kpm:household_list"), query)

    assert len(queries) <= 5
    assert len(names_in(response)) == min(families, PAGE)


@pytest.mark.parametrize("chosen", [True, False])
def test_the_list_of_a_koordinator_costs_at_most_six_statements(client, pendamping, chosen):
    for number in range(PAGE + 3):
        HouseholdFactory(pendamping=pendamping, name=f"Ibu {number:02d}")
    client.force_login(UserFactory(koordinator=True, wilayah_id=BANDUNG))
    query = {"q": "ibu", "pendamping": pendamping.pk if chosen else ""}

    with count_queries() as queries:
        client.get(reverse("kpm:household_list"), query)

    # Over a wide area one for the kelompok, and one for the people, who are called so.
    assert len(queries) <= (5 if chosen else 6)


def test_searching_while_typing_gets_the_rows_alone(page_of, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Sari Rahayu")

    response = page_of(pendamping, headers={"HX-Request": "true", "HX-Target": "household-rows"}, q="sari")

    assertContains(response, "Sari Rahayu")
    assertNotContains(response, "<html")
    assertNotContains(response, "Saring dan urutkan")


def test_searching_while_typing_replaces_the_address_and_adds_nothing_to_go_back_to(page_of, pendamping):
    form = re.search(r'<form class="filters"[^>]*>', page_of(pendamping).content.decode())[0]

    assert "hx-get" in form
    assert 'hx-replace-url="true"' in form and "push-url" not in form


def test_more_rows_come_without_the_page_around_them(client, page_of, pendamping):
    for number in range(PAGE + 1):
        HouseholdFactory(pendamping=pendamping, name=f"Ibu {number:02d}")
    next_url = page_of(pendamping).context["page"].next_url

    response = client.get(next_url, headers={"HX-Request": "true", "HX-Target": "household-more"})

    assertContains(response, "Ibu 05")
    assertNotContains(response, "<section")


def test_a_row_tells_who_where_since_when_and_leads_to_logging(page_of, pendamping):
    group = GroupFactory(pendamping=pendamping, name="Melati 1")
    household = HouseholdFactory(
        pendamping=pendamping, name="Sari & Budi", group=group, rt=2, rw=5, last_visited_on=days_ago(32)
    )
    for _ in range(2):
        MemberComponentFactory(member__household=household)

    response = page_of(pendamping)

    for words in (
        "Sari &amp; Budi",
        household.case_number,
        "RW\xa005\xa0/\xa0RT\xa002",
        "SD ×2",
        "32 hari lalu",
        "Aktif",
        f'href="{household.get_absolute_url()}"',
        f"{reverse('roles:activity_create')}?kpm={household.case_number}",
    ):
        assertContains(response, words)


def test_a_koordinator_is_offered_no_logging_but_sees_who_holds_the_family(page_of, pendamping):
    HouseholdFactory(pendamping=pendamping)

    response = page_of(UserFactory(koordinator=True))

    assertContains(response, "Sri Lestari")
    assertNotContains(response, "?kpm=")
    assertNotContains(response, 'type="checkbox"')


def test_no_identity_number_is_on_the_list(page_of, pendamping):
    household = HouseholdFactory(pendamping=pendamping)

    page = page_of(pendamping).content.decode()

    assert household.no_kk.reveal() not in page
    assert household.no_kk.reveal()[6:] not in page


def test_an_empty_list_says_what_to_do_next(page_of, pendamping):
    assertContains(page_of(pendamping), "Tambahkan keluarga pertama")
    assertContains(page_of(pendamping, q="tidak ada"), "Tidak ada yang cocok")


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, ("none", "Belum pernah")),
        (date(2026, 11, 24), ("ok", "Hari ini")),
        (date(2026, 11, 23), ("ok", "Kemarin")),
        (date(2026, 10, 26), ("ok", "29 hari lalu")),
        (date(2026, 10, 25), ("soon", "30 hari lalu")),
        (date(2026, 9, 25), ("overdue", "60 hari lalu")),
        (LONG_AGO, ("overdue", "1051 hari lalu")),
    ],
)
def test_the_last_visit_is_told_in_days_and_gets_urgent_after_one_and_two_months(last, expected):
    assert visit_age(last, date(2026, 11, 24)) == expected
