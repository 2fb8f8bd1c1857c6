"""A koordinator hands over everything, the receiver reads what a family brings along and takes it, on a small phone."""

import re

from playwright.sync_api import expect

from kpm.models import Household
from tests.factories import UserFactory


def test_everything_changes_hands_on_a_phone(open_browser, people, sign_in, check_page):
    budi = UserFactory(username="budi", name="Budi Santoso")
    page = sign_in(open_browser().new_page(), "rina")
    page.goto(f"/petugas/{people['pendamping'].pk}/")
    page.get_by_role("link", name="Serahkan semua KPM").click()
    page.get_by_label("Kepada pendamping").select_option(str(budi.pk))
    page.get_by_label("Pindah tugas").check()
    check_page(page)
    page.get_by_role("button", name="Serahkan", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("KPM ditawarkan.")
    check_page(page)

    page = sign_in(open_browser().new_page(), "budi")
    page.goto("/")
    page.locator(".line").get_by_role("link", name="12 KPM ditawarkan kepada Anda").click()
    check_page(page)
    page.get_by_role("link", name=re.compile("kepada")).click()
    check_page(page)
    family = people["families"][0]
    page.get_by_role("link", name=family.name).first.click()
    expect(page.get_by_role("heading", name="Tiga kegiatan terakhir")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Sudah saya baca").click()
    expect(page.get_by_text("sudah dibaca", exact=True)).to_be_visible()
    assert Household.objects.filter(pendamping=budi).count() == 0
    page.get_by_role("button", name="Terima semua").click()
    expect(page.locator("#messages")).to_contain_text("12 KPM sudah diterima")
    check_page(page)
    assert Household.objects.filter(pendamping=budi, group=people["group"]).count() == 12
