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


def test_list_and_map_show_the_same_and_follow_the_filter(open_browser, places, people, sign_in, check_page):
    page = sign_in(open_browser(viewport=DESKTOP).new_page(), "sri")
    page.goto("/sumber-daya/")

    expect(page.locator(".map__pin")).to_have_count(2)
    expect(page.locator(".map__shape")).to_have_count(1)
    expect(page.get_by_text("Batas indikatif. Sumber: Contoh")).to_be_visible()
    expect(page.get_by_text("1 di daftar tanpa titik di peta.")).to_be_visible()
    page.get_by_role("button", name="Kelompok jahit").click()
    expect(page.locator(".leaflet-popup").get_by_role("link", name="Kelompok jahit")).to_be_visible()
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")  # it fades in
    check_page(page)

    page.get_by_text("Saring", exact=True).click()
    page.get_by_label("Perlu diperiksa").check(force=True)
    expect(page.locator(".map__pin")).to_have_count(1)
    expect(page.locator("#resource-rows .row")).to_have_count(1)
    expect(page).to_have_url(re.compile("periksa=1"))
    page.reload()
    expect(page.locator("#resource-rows .row")).to_have_count(1)


def test_on_a_phone_the_map_waits_until_it_is_asked_for(phone, places, people, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"/sumber-daya/?kpm={people['families'][0].case_number}")

    expect(page.get_by_text("Jarak perkiraan, dari tengah Kelurahan Kebon Jayanti")).to_be_visible()
    assert not [url for url in loaded if "leaflet" in url]
    page.get_by_text("Lihat di peta").click()
    expect(page.locator(".map__pin--family")).to_have_count(1)
    expect(page.locator(".map__pin")).to_have_count(3)
    check_page(page)


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
