"""From a whole city down to one RW, from a number to its rows, and back to where one was."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import expect

from tests.factories import BANDUNG, ResourceFactory, UserFactory, assess

from .conftest import DESKTOP, PASSWORD


@pytest.fixture
def city(people):
    """A koordinator of the whole kota beside the people of Kebon Jayanti, and families who stand low."""
    UserFactory(koordinator=True, username="wawan", wilayah_id=BANDUNG, password=make_password(PASSWORD))
    for family in people["families"][:4]:
        assess(family, {"B2": 1, "A1": 2}, on=timezone.localdate() - timedelta(days=3))
    ResourceFactory(name="Bank sampah", lifts=["A1"])
    return people


def test_down_to_an_rw_into_a_number_and_back(phone, city, sign_in):
    page = sign_in(phone.new_page(), "wawan")
    page.goto("/dasbor/")

    for place in ("Kiaracondong", "Kebon Jayanti", "RW 05"):
        page.get_by_role("row", name=re.compile(f"^{place}")).get_by_role(
            "link", name=place, exact=True
        ).click()
        expect(page.locator(".page-head")).to_contain_text(place)
    page.get_by_role("link", name=re.compile("KPM aktif")).first.click()
    expect(page.get_by_role("heading", name="KPM aktif")).to_be_visible()
    assert page.locator(".rows > .row").count() == 4

    page.get_by_role("link", name="Kembali").click()
    expect(page.locator(".page-head__sub")).to_contain_text("RW 05")
    assert page.url.endswith("rw=5#kpm-aktif")
    page.get_by_role("link", name="Kebon Jayanti").first.click()
    expect(page.get_by_role("row", name=re.compile("^RW 05"))).to_be_in_viewport()


def test_a_folded_topic_opens_again_on_the_way_back(phone, city, sign_in):
    page = sign_in(phone.new_page(), "dedi")
    page.goto("/dasbor/")
    number = page.get_by_role("link", name=re.compile("4 *Asesmen"))
    expect(number).to_be_hidden()
    page.locator("summary", has_text="Asesmen dan tujuan").click()
    number.click()

    expect(page.get_by_role("heading", name="Asesmen")).to_be_visible()
    page.get_by_role("link", name="Kembali").click()
    expect(number).to_be_in_viewport()


def test_where_need_meets_nothing_leads_to_families_and_resources(phone, city, sign_in):
    page = sign_in(phone.new_page(), "rina")
    page.goto("/sumber-daya/")
    page.get_by_role("link", name="Kebutuhan yang belum terlayani").click()

    unserved = page.locator("section", has=page.get_by_role("heading", name="Belum ada yang melayani"))
    unserved.get_by_role("link", name=re.compile("4 KPM di tingkat 1 atau 2")).click()
    assert page.locator(".rows > .row").count() == 4
    page.get_by_role("link", name="Kembali").click()
    page.get_by_role("link", name=re.compile("1 sumber daya untuk Kecukupan pendapatan")).click()
    expect(page.get_by_role("link", name="Bank sampah")).to_be_visible()


def test_a_wide_screen_folds_nothing_and_the_address_is_shared(open_browser, city, sign_in):
    context = open_browser(viewport=DESKTOP)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = sign_in(context.new_page(), "rina")
    page.goto("/dasbor/?bulan=2026-10")

    expect(page.get_by_role("link", name=re.compile("Rujukan dijawab mitra"))).to_be_visible()
    page.evaluate("delete Navigator.prototype.share")
    page.get_by_role("button", name="Bagikan tautan").click()
    expect(page.get_by_text("Tautan sudah disalin.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_without_javascript_every_topic_can_be_unfolded(open_browser, city, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "dedi")
    page.goto("/dasbor/")
    expect(page.get_by_role("button", name="Bagikan tautan")).to_be_hidden()
    page.locator("summary", has_text="P2K2 dan pelatihan").click()
    expect(page.get_by_role("link", name=re.compile("P2K2 dilaksanakan"))).to_be_visible()


def test_the_worst_comes_first_with_where_it_is_and_what_to_do(phone, city, sign_in):
    page = sign_in(phone.new_page(), "rina")
    page.goto("/dasbor/")
    first = page.locator(".headlines__first")
    expect(first).to_have_text(re.compile(r"\d+ (keluarga|kasus|laporan|janji|asesmen|komitmen) "))
    number = int(re.search(r"\d+", first.inner_text())[0])
    assert 1 <= page.locator(".actions > li").count() <= 3

    first.get_by_role("link").first.click()
    expect(page.locator(".stat__num")).to_have_text(str(number))
    assert page.locator(".rows > .row").count() == number


def test_a_tahap_and_a_year_are_chosen_and_stay_in_the_address(phone, city, sign_in):
    page = sign_in(phone.new_page(), "rina")
    page.goto("/dasbor/")
    page.get_by_role("link", name="Tahap", exact=True).click()
    expect(page.locator(".page-head__sub")).to_contain_text(re.compile(r"Tahap \d \d{4}"))
    page.locator("summary", has_text="Kunjungan dan kegiatan").click()
    page.get_by_role("link", name=re.compile("KPM dikunjungi")).first.click()
    expect(page.locator(".page-head__sub").last).to_contain_text(re.compile(r"Tahap \d \d{4}"))
    page.get_by_role("link", name="Kembali").click()
    expect(page.get_by_role("link", name="Tahap", exact=True)).to_have_attribute("aria-current", "page")

    page.get_by_role("link", name="Tahun", exact=True).click()
    page.get_by_label("Tahun", exact=True).select_option(index=1)
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator(".page-head__sub")).to_contain_text(re.compile(r"tahun \d{4}"))
    assert "periode=tahun" in page.url


def test_an_officer_takes_the_sheet_for_the_lurah_without_javascript(open_browser, city, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "dedi")
    page.goto("/dasbor/")
    page.get_by_role("link", name="Ambil lembar untuk lurah").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.startswith("ringkasan-pkh-kebon-jayanti-")


def test_on_paper_a_table_shows_all_its_columns(open_browser, city, sign_in):
    page = sign_in(open_browser(viewport=DESKTOP).new_page(), "rina")
    page.goto("/dasbor/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1032, "height": 700})  # A4 lying, without its margins
    for table in page.locator(".table-wrap").all():
        assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
        assert table.evaluate("box => box.getBoundingClientRect().right <= innerWidth")
