"""The map of resources: numbered as in the list beside it, those without a point, and placing one."""

import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from pkh_casework.ids import uuid7
from resources.models import ResourceCheck
from tests.factories import (
    BANDUNG,
    KEBON_JAYANTI,
    KIARACONDONG,
    SUKAPURA,
    HouseholdFactory,
    ResourceFactory,
    UserFactory,
)
from tests.kpm.pages import hidden
from tests.queries import count_queries

MAP = "/sumber-daya/peta/"
HERE = {"latitude": -6.92744, "longitude": 107.64680}


@pytest.fixture
def worker(client, db):
    worker = UserFactory(name="Sri Wahyuni")
    client.force_login(worker)
    return worker


def numbers(page):
    """{name of a resource: its number on the map, None without} of the lists beside the map."""
    return {row.resource.name: row.number for part in ("placed", "placeless") for row in page.context[part]}


def test_what_the_list_shows_is_numbered_on_the_map_and_below_it(client, worker):
    ResourceFactory(name="Ada titik", **HERE, checked_on=None)
    ResourceFactory(name="Di kelurahan", wilayah_id=KEBON_JAYANTI)
    ResourceFactory(name="Entah")

    page = client.get(MAP)

    assert numbers(page) == {"Ada titik": 1, "Di kelurahan": 2, "Entah": None}
    drawn = re.findall(r'aria-label="(\S+: [^"]+)"', page.content.decode())
    assert drawn == ["1: Ada titik", "2: Di kelurahan"]
    assert [row.resource.name for row in page.context["placeless"]] == ["Di kelurahan", "Entah"]
    assertContains(page, "Letakkan Entah di peta")
    assertNotContains(page, "Letakkan Ada titik di peta")


def test_every_pin_leads_to_its_row_which_is_there(client, worker):
    for number in range(4):
        ResourceFactory(name=f"Tempat {number}", latitude=-6.927 - number / 1000, longitude=107.646)

    page = client.get(MAP).content.decode()

    leads = re.findall(r'href="#(tempat-\d+)"', page)
    assert len(leads) == 4
    assert {f'id="{lead}"' in page for lead in leads} == {True}


def test_what_stands_at_one_place_is_one_pin(client, worker):
    for name in "ABC":
        ResourceFactory(name=name, **HERE)
    ResourceFactory(name="D", latitude=-6.93, longitude=107.647)

    page = client.get(MAP)

    assert [(pin.words, pin.names) for pin in page.context["pins"]] == [("1–3", "A, B, C"), ("4", "D")]
    assert numbers(page) == {"A": 1, "B": 2, "C": 3, "D": 4}


def test_what_lies_beyond_is_said_and_seen_on_the_map_of_the_kota(client, worker):
    ResourceFactory(name="Jauh", latitude=-6.99, longitude=107.55)

    near, wide = client.get(MAP), client.get(MAP, {"sekitar": BANDUNG})

    assert near.context["area"] == KEBON_JAYANTI
    assert numbers(near) == {"Jauh": None}
    assertContains(near, "di luar peta ini")
    assert client.get(MAP, {"sekitar": "3201"}).context["area"] == KEBON_JAYANTI
    assert wide.context["area"] == BANDUNG


def test_filters_hold_on_the_map_too(client, worker):
    ResourceFactory(name="Modal", services=["modal"], **HERE)
    ResourceFactory(name="Alat", services=["alat"], **HERE)

    page = client.get(MAP, {"layanan": "modal"}, headers={"HX-Request": "true", "HX-Target": "resource-map"})

    assert numbers(page) == {"Modal": 1}
    assertNotContains(page, "<html")


def test_for_a_family_its_house_is_on_the_map_and_the_nearest_is_first(client, worker):
    family = HouseholdFactory(pendamping=worker, **HERE)
    ResourceFactory(name="A jauh", latitude=-6.929, longitude=107.65)
    ResourceFactory(name="B dekat", latitude=-6.9275, longitude=107.647)

    page = client.get(MAP, {"kpm": family.case_number})

    assert page.context["home"]
    assertContains(page, "rumah keluarga")
    assert list(numbers(page)) == ["B dekat", "A jauh"]
    assertContains(page, "± 50 m")


def test_the_map_asks_the_same_number_of_questions_however_much_it_shows(client, worker):
    def asked():
        with count_queries() as queries:
            client.get(MAP)
        return len(queries)

    ResourceFactory(**HERE)
    few = asked()
    for number in range(20):
        ResourceFactory(latitude=-6.927 - number / 9000, longitude=107.646, services=["modal"])
        ResourceFactory()

    assert asked() == few <= 9


def test_a_province_has_a_list_but_no_map(client, db):
    client.force_login(UserFactory(koordinator=True, wilayah_id="32"))
    ResourceFactory(name="Ada titik", **HERE)

    page = client.get(MAP)

    assert numbers(page) == {"Ada titik": None}
    assertContains(page, "Peta tampil bila")


# --- placing ----------------------------------------------------------------------------------------------------------


def place(client, resource, point="-6.92744, 107.64680", **more):
    return client.post(url(resource), {"op_id": str(uuid7()), "point": point, **more})


def url(resource):
    return reverse("resources:resource_place", args=[resource.pk])


@pytest.mark.parametrize("duty", ["pendamping", "kelurahan", "koordinator"])
def test_everybody_of_the_area_places_a_resource_and_its_history_tells(client, db, duty):
    user = UserFactory(name="Sri Wahyuni", **({duty: True} if duty != "pendamping" else {}))
    client.force_login(user)
    resource = ResourceFactory(checked_on=None)

    answer = place(client, resource)

    assert answer.headers["Location"] == resource.get_absolute_url()
    resource.refresh_from_db()
    assert (float(resource.latitude), float(resource.longitude)) == (-6.92744, 107.6468)
    assert resource.checked_on is None  # where it is says nothing of whether it is still true
    assert not ResourceCheck.objects.exists()
    page = client.get(resource.get_absolute_url())
    assertContains(page, "Kode tanda terima")
    assertContains(page, "Lintang")
    assertContains(page, "– → -6.927440")
    assertContains(page, "Sri Wahyuni")


def test_a_tap_that_is_sent_twice_is_stored_once(client, worker):
    resource = ResourceFactory()
    sent = {"op_id": str(uuid7()), "point": "-6.92744, 107.64680"}

    for _ in range(2):
        assert client.post(url(resource), sent).status_code == 302

    assert resource.events.count() == 2  # made and placed


@pytest.mark.parametrize("point", ["", "di sana", "107.6, -6.9", "51.50, 100.12", "1" * 301, "😀, 😀"])
def test_what_is_no_point_is_told_beside_the_field_and_kept(client, worker, point):
    resource = ResourceFactory()

    page = place(client, resource, point)

    assert list(page.context["form"].errors) == ["point"]
    assertContains(page, point)
    resource.refresh_from_db()
    assert resource.latitude is None


def test_a_point_far_from_what_it_serves_asks_first(client, worker):
    resource = ResourceFactory(wilayah_id=KEBON_JAYANTI)

    asked = place(client, resource, "-6.2, 106.8")

    assert asked.context["form"].doubts_wait
    assertContains(asked, "km dari Kebon Jayanti. Benar di sana tempatnya?")
    place(client, resource, "-6.2, 106.8", checked=hidden(asked, "checked"))
    resource.refresh_from_db()
    assert float(resource.latitude) == -6.2


def test_of_a_wide_area_its_nearest_kelurahan_counts(client, worker):
    assert place(client, ResourceFactory(wilayah_id=BANDUNG), "-6.95, 107.70").status_code == 302


def test_the_map_to_tap_shows_where_it_is_now_and_can_show_the_whole_kota(client, worker):
    resource = ResourceFactory(**HERE)

    page, wide = client.get(url(resource)), client.get(url(resource), {"sekitar": BANDUNG})

    assert page.context["mark"]
    assertContains(page, 'data-map-tap="id_point"')
    assertContains(page, "-6.927440, 107.646800")
    assert (page.context["area"], wide.context["area"]) == (KIARACONDONG, BANDUNG)


def test_a_resource_of_another_area_is_not_placed(client, worker):
    resource = ResourceFactory(wilayah_id=SUKAPURA)

    assert client.get(url(resource)).status_code == place(client, resource).status_code == 404


def test_the_house_of_a_family_is_marked_on_the_same_map(client, worker):
    family = HouseholdFactory(pendamping=worker, **HERE)

    page = client.get(reverse("kpm:household_point", args=[family.case_number]))

    assert page.context["mark"]
    assertContains(page, 'data-map-tap="id_point"')
    assertContains(page, "data-map-mark")
