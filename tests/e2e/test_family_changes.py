"""What families go through, on a small phone: a child moves, the heir takes over, a house is marked, one goes inactive."""

import re

from playwright.sync_api import expect

from kpm.models import Household, Member
from tests.factories import MemberFactory

HERE = {"latitude": -6.92744, "longitude": 107.6468, "accuracy": 12}


def test_a_family_goes_through_its_changes(open_browser, people, sign_in, check_page):
    family, target = people["families"][:2]
    child = MemberFactory(household=family, name="Asep Saepudin", sex="L")
    heir = MemberFactory(household=family, name="Neng Lilis")
    page = sign_in(open_browser().new_page(), people["pendamping"].username)

    page.goto(f"/kpm/{family.case_number}/anggota/{child.pk}/")
    page.get_by_role("link", name="Pindah ke keluarga lain").click()
    page.get_by_label("Cari keluarga tujuan").fill(target.name)
    page.get_by_role("button", name="Cari", exact=True).click()
    check_page(page)
    page.get_by_role("link", name=target.name).first.click()
    expect(page.get_by_label("Nomor KPM tujuan")).to_have_value(target.case_number)
    page.get_by_label("Diasuh atau ikut kerabat").check()
    check_page(page)
    page.get_by_role("button", name="Pindahkan").click()
    page.get_by_role("link", name="Keluarga", exact=True).click()
    expect(page.get_by_text(re.compile("Asep Saepudin datang dari keluarga"))).to_be_visible()
    check_page(page)
    assert Member.objects.get(pk=child.pk).household_id == target.pk

    page.goto(f"/kpm/{family.case_number}/keluarga/")
    page.get_by_role("link", name="Ganti pengurus").click()
    page.get_by_label("Pengurus baru").select_option(str(heir.pk))
    page.get_by_label("Pengurus meninggal").check()
    check_page(page)
    page.get_by_role("button", name="Ganti pengurus").click()
    expect(page.get_by_role("heading", name="Neng Lilis", level=1)).to_be_visible()

    page.goto(f"/kpm/{family.case_number}/status/")
    page.get_by_label("Pindah ke luar wilayah").check()
    page.get_by_role("button", name="Nonaktifkan").click()
    expect(page.get_by_text("Pindah ke mana? Tulis singkat saja.").first).to_be_visible()
    check_page(page)
    page.get_by_label("Keterangan").fill("Garut")
    page.get_by_role("button", name="Nonaktifkan").click()
    page.get_by_role("link", name="Keluarga", exact=True).click()
    expect(page.get_by_text(re.compile("Pindah ke luar wilayah: Garut"))).to_be_visible()
    check_page(page)
    assert Household.objects.get(pk=family.pk).status == "nonaktif"


def test_the_phone_marks_where_the_house_stands(open_browser, people, sign_in, check_page):
    family = people["families"][0]
    browser = open_browser()
    browser.set_geolocation(HERE)
    browser.grant_permissions(["geolocation"])
    page = sign_in(browser.new_page(), people["pendamping"].username)
    page.goto(f"/kpm/{family.case_number}/titik/")
    page.get_by_role("button", name="Pakai lokasi HP ini").click()
    expect(page.get_by_label("Lintang, bujur")).to_have_value("-6.927440, 107.646800")
    expect(page.get_by_text("ketepatan sekitar 12 meter")).to_be_visible()
    check_page(page)
    page.get_by_label(re.compile("Keluarga setuju")).check()
    page.get_by_role("button", name="Simpan titik").click()
    expect(page.get_by_role("link", name="Rute", exact=True)).to_have_attribute(
        "href", "geo:-6.927440,107.646800?q=-6.927440,107.646800"
    )
    page.goto(f"/kpm/{family.case_number}/titik/")
    check_page(page)
    page.get_by_role("button", name="Hapus titik").click()
    expect(page.get_by_role("heading", name="Tandai titik")).to_be_visible()
