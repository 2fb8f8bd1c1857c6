import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from wilayah.models import Wilayah

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_as(client):
    """A function that searches as a new user of a duty and an area."""

    def open_as(duty, wilayah, query, **headers):
        user = User.objects.create_user(f"{duty}.{wilayah}", name="Uji", duty=duty, wilayah_id=wilayah)
        client.force_login(user)
        return client.get(reverse("wilayah:search"), {"q": query}, headers=headers)

    return open_as


@pytest.mark.parametrize("text", ["kebonjayanti", "KEBON JAYANTI", "Kebon jayanti", " kebon-jayanti "])
def test_case_and_spaces_do_not_matter(text):
    assert [area.code for area in Wilayah.objects.named_like(text)] == ["3273161002"]


def test_part_of_a_name_finds_all_and_a_whole_name_comes_first():
    assert {area.name for area in Wilayah.objects.named_like("kebon")} == {"Kebon Jayanti", "Kebon Kangkung"}
    Wilayah.objects.create(code="3273161007", name="Kebon", level=4, parent_id="327316", search_name="kebon")
    assert Wilayah.objects.named_like("kebon").first().name == "Kebon"


@pytest.mark.parametrize("text", ["", "  ", "--", "%", "_"])
def test_text_without_letters_finds_nothing(text):
    assert not Wilayah.objects.named_like(text).exists()


def test_a_koordinator_finds_areas_of_the_own_area_with_where_they_lie(open_as):
    response = open_as("koordinator", "327316", "kebonjayanti")

    assertContains(response, "Kebon Jayanti")
    assertContains(response, "Kelurahan/desa di Kecamatan Kiaracondong, Kota Bandung, Jawa Barat")
    assertContains(response, "3273161002")


def test_a_koordinator_finds_nothing_outside_the_own_area(open_as):
    response = open_as("koordinator", "3204", "kebonjayanti")

    assertNotContains(response, "Kebon Jayanti<")
    assertContains(response, "Wilayah tidak ditemukan")


def test_an_admin_finds_areas_everywhere(open_as):
    assertContains(open_as("admin", None, "kebonjayanti"), "3273161002")


def test_a_pendamping_has_no_such_page(open_as):
    assert open_as("pendamping", "3273161002", "kebon").status_code == 404


def test_htmx_gets_the_list_alone(open_as):
    headers = {"HX-Request": "true", "HX-Target": "area-list"}
    response = open_as("koordinator", "3273", "cicaheum", **headers)

    assertContains(response, "Cicaheum")
    assertNotContains(response, "<html")


def test_at_most_twenty_areas_are_shown_and_the_page_says_so(open_as):
    response = open_as("admin", None, "a")

    assertContains(response, 'class="row"', count=20)
    assertContains(response, "Masih ada wilayah lain")


def test_the_results_and_where_they_lie_come_in_one_query(open_as):
    with CaptureQueriesContext(connection) as queries:
        open_as("admin", None, "kota")

    assert len([query for query in queries if "wilayah_wilayah" in query["sql"]]) == 1
