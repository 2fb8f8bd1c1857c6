"""Sumber daya in a browser: list and map, with filters, for a family, and one tap that says it is still true."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from resources.models import Resource
from tests.e2e.conftest import DESKTOP
from tests.factories import KEBON_JAYANTI, PartnerFactory, ResourceFactory
from wilayah.models import Boundary

SQUARE = [[107.64, -6.93], [107.65, -6.93], [107.65, -6.92], [107.64, -6.92], [107.64, -6.93]]


MIDDLE = """(() => {
  const map = document.querySelector('[data-map]');
  return [(map.scrollLeft + map.clientWidth / 2) / map.scrollWidth, (map.scrollTop + map.clientHeight / 2) / map.scrollHeight];
})()"""


@pytest.fixture
def places(people):
    """Two resources with a point and one of the whole city, and the outline of Kebon Jayanti."""
    Boundary.objects.create(
        wilayah_id=KEBON_JAYANTI,
        shape={"type": "Polygon", "coordinates": [SQUARE]},
        source="Contoh",
        dated=timezone.localdate(),
    )
    here = {"wilayah_id": KEBON_JAYANTI, "lifts": ["C1"]}
    return [
        ResourceFactory(name="Kelompok jahit", latitude=-6.927, longitude=107.646, **here),
        ResourceFactory(name="Bank sampah", latitude=-6.924, longitude=107.642, checked_on=None, **here),
        ResourceFactory(name="Kredit usaha", lifts=["B4"]),
    ]


def test_the_map_shows_what_the_list_shows_and_follows_the_filter(
    open_browser, places, people, sign_in, check_page
):
    page = sign_in(open_browser(viewport=DESKTOP).new_page(), "sri")
    page.goto("/sumber-daya/")
    page.get_by_role("link", name="Peta", exact=True).click()

    expect(page.locator(".map__pin")).to_have_count(2)
    expect(page.locator(".map__shape")).to_have_count(1)
    expect(page.get_by_text("Batas indikatif. Sumber: Contoh")).to_be_visible()
    expect(page.get_by_role("heading", name="Belum punya titik 1")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="1: Bank sampah").click()
    expect(page.locator("li:target")).to_contain_text("Bank sampah")

    page.get_by_text("Saring", exact=True).click()
    page.get_by_label("Perlu diperiksa").check(force=True)
    expect(page.locator(".map__pin")).to_have_count(1)
    expect(page.locator("#resource-map .row")).to_have_count(1)
    expect(page).to_have_url(re.compile("periksa=1"))
    page.reload()
    expect(page.locator("#resource-map .row")).to_have_count(1)


def test_the_map_comes_nearer_by_buttons_and_by_keys_and_keeps_its_middle(
    phone, places, people, sign_in, check_page
):
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/sumber-daya/peta/?kpm={people['families'][0].case_number}")
    seen, sheet = page.locator("[data-map]"), page.locator(".map__sheet")
    side = sheet.bounding_box()["width"]

    expect(page.get_by_role("button", name="Perkecil peta")).to_be_disabled()
    page.get_by_role("button", name="Perbesar peta").click()
    assert sheet.bounding_box()["width"] == pytest.approx(2 * side, rel=0.02)
    assert page.evaluate(MIDDLE) == pytest.approx([0.5, 0.5], abs=0.02)
    seen.focus()
    page.keyboard.press("-")
    assert sheet.bounding_box()["width"] == pytest.approx(side, rel=0.02)
    check_page(page)


def point_in(field):
    return [float(number) for number in field.input_value().split(", ")]


def test_a_tap_on_the_map_places_a_resource(phone, places, people, sign_in, check_page):
    resource = places[2]
    page = sign_in(phone.new_page(), "sri")
    page.goto("/sumber-daya/peta/")
    page.get_by_role("link", name=f"Letakkan {resource.name} di peta").click()
    page.get_by_role("button", name="Perbesar peta").click()
    box = page.locator("[data-map]").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    field = page.get_by_label("Lintang, bujur")
    expect(field).to_have_value(re.compile(r"-6\.\d{6}, 107\.\d{6}"))
    typed = point_in(field)
    expect(page.locator("[data-map-mark]")).to_have_attribute("visibility", "visible")
    check_page(page)
    page.get_by_role("button", name="Simpan titik").click()

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    resource.refresh_from_db()
    assert [float(resource.latitude), float(resource.longitude)] == typed
    page.get_by_role("link", name="Pindahkan").click()
    mark, seen = page.locator("[data-map-mark]").bounding_box(), page.locator("[data-map]").bounding_box()
    middle = [mark["x"] + mark["width"] / 2 - seen["x"], mark["y"] + mark["height"] / 2 - seen["y"]]
    assert middle == pytest.approx([seen["width"] / 2, seen["height"] / 2], abs=4)


def test_a_point_is_placed_by_keys_alone_and_by_typing(phone, places, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/sumber-daya/{places[2].pk}/titik/")
    field = page.get_by_label("Lintang, bujur")

    page.locator("[data-map]").focus()
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile(r"-6\.\d{6}, 107\.\d{6}"))
    field.fill("-6.2, 106.8")
    expect(page.locator("[data-map-mark]")).to_have_attribute("visibility", "hidden")
    expect(page).to_have_url(re.compile("/titik/$"))


def test_a_house_is_marked_with_a_tap_too(phone, places, people, sign_in, check_page):
    family = people["families"][0]
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/kpm/{family.case_number}/titik/")
    page.locator("[data-map]").click()
    expect(page.get_by_label("Lintang, bujur")).to_have_value(re.compile(r"-6\.\d{6}, 107\.\d{6}"))
    page.get_by_label("Keluarga setuju").check(force=True)
    check_page(page)
    page.get_by_role("button", name="Simpan titik").click()

    expect(page.get_by_text("Titik rumah tersimpan")).to_be_visible()
    family.refresh_from_db()
    assert family.latitude is not None


def test_without_javascript_the_map_is_a_picture_and_a_point_is_typed(open_browser, places, people, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto("/sumber-daya/peta/")
    expect(page.locator(".map__pin")).to_have_count(2)
    expect(page.get_by_role("button", name="Perbesar peta")).to_be_hidden()

    page.get_by_role("link", name=f"Letakkan {places[2].name} di peta").click()
    page.get_by_label("Lintang, bujur").fill("-6,92744; 107,6468")
    page.get_by_role("button", name="Simpan titik").click()

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    places[2].refresh_from_db()
    assert float(places[2].latitude) == -6.92744


def test_without_javascript_the_list_is_filtered_and_a_resource_confirmed(
    open_browser, places, people, sign_in
):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto("/sumber-daya/")
    page.get_by_text("Saring", exact=True).click()
    page.get_by_label("Perlu diperiksa").check(force=True)
    page.get_by_role("button", name="Terapkan").click()

    page.get_by_role("link", name="Bank sampah").click()
    page.get_by_role("button", name="Masih benar").click()

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    assert Resource.objects.get(name="Bank sampah").checked_on == timezone.localdate()


def test_a_new_resource_warns_of_its_twin_while_typing(phone, places, people, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/sumber-daya/baru/")
    page.get_by_label("Nama").press_sequentially("kelompok jait")

    expect(page.locator("#twins").get_by_role("link", name="Kelompok jahit")).to_be_visible()
    check_page(page)


def test_partners_are_asked_for_only_where_somebody_was_spoken_to(phone, people, sign_in):
    PartnerFactory(name="Baznas")
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/kegiatan/catat/?kpm={people['families'][0].case_number}")

    expect(page.locator(".partner-pick")).to_be_hidden()
    page.goto("/kegiatan/catat/?jenis=koordinasi&mitra=999999")
    expect(page.locator(".partner-pick")).to_be_visible()
