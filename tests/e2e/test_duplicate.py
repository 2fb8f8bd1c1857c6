"""A koordinator finds a family that is there twice, merges the two and parts them again, on a small phone."""

from datetime import date

from playwright.sync_api import expect

from kpm.models import Household
from tests.factories import HouseholdFactory

BORN = date(1985, 3, 12)


def test_two_families_become_one_and_two_again_on_a_phone(open_browser, people, sign_in, check_page):
    sri = people["pendamping"]
    one = HouseholdFactory(pendamping=sri, name="Siti Komariah", rt=4, rw=9, pengurus__birth_date=BORN)
    other = HouseholdFactory(pendamping=sri, name="Hj. St. Komariyah", rt=4, rw=9, pengurus__birth_date=BORN)
    page = sign_in(open_browser().new_page(), "rina")
    page.goto("/ganda/")
    check_page(page)
    page.get_by_role("button", name="Periksa data sekarang").click()
    expect(page.locator("#messages")).to_contain_text("Data sudah diperiksa")
    check_page(page)
    page.get_by_role("link", name="Siti Komariah").first.click()
    expect(page.get_by_role("heading", name="Mungkin tercatat dua kali")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Gabungkan").click()
    check_page(page)
    page.get_by_role("button", name="Gabungkan").click()
    expect(page.locator("#messages")).to_contain_text("Kedua keluarga sudah menjadi satu")
    check_page(page)
    assert Household.objects.filter(pk__in=[one.pk, other.pk]).count() == 1
    page.goto(f"/kpm/{other.case_number}/")
    expect(page.get_by_text("Digabung dari")).to_be_visible()
    page.get_by_role("link", name=other.case_number).or_(
        page.get_by_role("link", name=one.case_number)
    ).first.click()
    page.get_by_role("button", name="Urungkan penggabungan").click()
    expect(page.get_by_text("Semua kembali seperti semula")).to_be_visible()
    check_page(page)


def test_who_types_a_family_again_is_told_before_saving(open_browser, people, sign_in, check_page):
    HouseholdFactory(pendamping=people["pendamping"], name="Siti Komariah", pengurus__birth_date=BORN)
    page = sign_in(open_browser().new_page(), people["pendamping"].username)
    page.goto("/kpm/baru/")
    page.get_by_label("Nama pengurus").fill("Hj. St. Komariyah")
    page.get_by_label("Tanggal lahir").fill("1985-03-12")
    page.get_by_label("NIK pengurus").focus()
    expect(page.locator("#known")).to_contain_text("Mungkin sudah ada")
    expect(page.locator("#known")).to_contain_text("Siti Komariah")
    check_page(page)
