"""Where a house stands: typed, pasted from a map app, with the family's yes each time, and forgotten on request."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import CaseLimit
from pkh_casework.ids import uuid7
from pkh_casework.points import ABROAD, WRONG, km_between, read_point
from tests.factories import HouseholdFactory, UserFactory
from tests.kpm.pages import hidden

pytestmark = pytest.mark.django_db
HERE = "-6.927440, 107.646800"


@pytest.fixture
def family(client):
    pendamping = UserFactory()
    client.force_login(pendamping)
    return HouseholdFactory(pendamping=pendamping, name="Sari Rahayu")


def url(family):
    return reverse("kpm:household_point", args=[family.case_number])


def sent(point=HERE, **changes):
    return {"op_id": str(uuid7()), "point": point, "consent": "on", **changes}


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("-6.92744, 107.64680", (-6.92744, 107.6468)),
        (" -6,92744 ; 107,6468 ", (-6.92744, 107.6468)),
        ("-6.92744 107.64680", (-6.92744, 107.6468)),
        ("geo:-6.92744,107.6468?q=-6.92744,107.6468", (-6.92744, 107.6468)),
        ("https://www.google.com/maps/@-6.92744,107.6468,17z", (-6.92744, 107.6468)),
        ("https://maps.google.com/?q=-6.92744,107.6468", (-6.92744, 107.6468)),
        ("https://www.google.com/maps/search/?api=1&query=-6.92744%2C107.6468", (-6.92744, 107.6468)),
    ],
)
def test_a_point_is_read_as_people_paste_it(text, point):
    assert read_point(text) == point


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", WRONG),
        ("Gang Kenanga", WRONG),
        ("-6.9", WRONG),
        ("107.6468, -6.92744", WRONG),
        ("52.09, 105.12", ABROAD),
        ("-6.9, 150.1", ABROAD),
    ],
)
def test_what_is_no_point_of_the_country_is_told(text, words):
    with pytest.raises(ValueError, match=words[:20]):
        read_point(text)


def test_a_kilometre_is_a_kilometre():
    assert km_between((-6.9, 107.6), (-6.9, 107.6)) == 0
    assert 110 < km_between((-6, 107), (-7, 107)) < 112


def test_a_point_is_stored_once_and_leads_to_the_house(client, family):
    data = sent()

    first, second = client.post(url(family), data), client.post(url(family), data)

    assert first.url == second.url == family.get_absolute_url()
    family.refresh_from_db()
    assert (float(family.latitude), float(family.longitude)) == (-6.92744, 107.6468)
    page = client.get(family.get_absolute_url())
    assertContains(page, "geo:-6.927440,107.646800")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"point": ""}, "point"),
        ({"point": "di sana"}, "point"),
        ({"point": "52.09, 105.12"}, "point"),
        ({"point": "1" * 301}, "point"),
        ({"consent": ""}, "consent"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_kept(client, family, changes, field):
    response = client.post(url(family), sent(**changes))

    assert list(response.context["form"].errors) == [field]
    assertContains(response, changes.get("point", HERE))
    family.refresh_from_db()
    assert family.latitude is None


def test_a_point_far_from_the_others_asks_first(client, family):
    HouseholdFactory(pendamping=family.pendamping, latitude=-6.92, longitude=107.64)
    far = sent("-6.2, 106.8")

    asked = client.post(url(family), far)
    assert asked.context["form"].doubts_wait
    assertContains(asked, "km dari Kebon Jayanti")
    client.post(url(family), {**far, "checked": hidden(asked, "checked")})

    family.refresh_from_db()
    assert float(family.latitude) == -6.2


def test_how_far_is_too_far_is_master_data(client, family):
    HouseholdFactory(pendamping=family.pendamping, latitude=-6.92, longitude=107.64)
    CaseLimit.objects.filter(code="titik_jauh_km").update(number=500)

    assert client.post(url(family), sent("-6.2, 106.8")).status_code == 302


def test_a_point_is_forgotten(client, family):
    client.post(url(family), sent())
    page = client.get(url(family))
    assertContains(page, "Hapus titik")

    client.post(url(family), {"op_id": str(uuid7()), "hapus": "ya"})

    family.refresh_from_db()
    assert family.latitude is None
    assertNotContains(client.get(url(family)), "Hapus titik")


def test_it_is_of_the_holder_and_the_koordinator_alone(client, family):
    client.post(url(family), sent())

    client.force_login(UserFactory(koordinator=True))
    assertContains(client.get(url(family)), "-6.927440")
    for stranger in (UserFactory(), UserFactory(kelurahan=True), UserFactory(admin=True)):
        client.force_login(stranger)
        assert client.get(url(family)).status_code == 404


def test_the_quality_page_leads_there(client, family):
    page = client.get(reverse("kpm:data_quality_rows", args=["tanpa-titik"]))

    assertContains(page, url(family))
    client.post(url(family), sent())
    assertNotContains(client.get(reverse("kpm:data_quality_rows", args=["tanpa-titik"])), url(family))
