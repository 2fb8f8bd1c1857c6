"""A kasus in a browser: written down at a phone, decided at a desk, told, objected to; and its confidential note."""

import re

from playwright.sync_api import expect

from entries.models import AccessLog
from roles.models import Incident, IncidentNote

from .conftest import DESKTOP

SECRET = "Pelapornya tetangga sebelah kiri."


def heading(page, words, level=2):
    return page.get_by_role("heading", name=words, level=level)


def test_from_the_familys_page_to_the_answer_and_back(phone, open_browser, people, sign_in, check_page):
    family = people["families"][0]
    page = sign_in(phone.new_page(), "sri")
    page.goto(family.get_absolute_url())
    page.get_by_role("link", name="Catat kasus").click()
    check_page(page)
    page.get_by_label("Jenis kasus").select_option("potongan")
    page.get_by_label("Apa yang terjadi").fill("Diminta lima puluh ribu waktu bantuan cair.")
    page.get_by_role("button", name="Simpan kasus").click()
    expect(page.get_by_text("Pilih salah satu.").first).to_be_visible()
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("Diminta lima puluh ribu waktu bantuan cair.")
    page.get_by_label("Keluarga sendiri").check()
    page.get_by_role("button", name="Simpan kasus").click()

    expect(heading(page, "Pungutan atau potongan bansos", 1)).to_be_visible()
    expect(page.get_by_text("Wajib diberi tahu")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Tulis").click()
    page.get_by_label("Catatan rahasia").fill(SECRET)
    check_page(page)
    page.get_by_role("button", name="Simpan catatan").click()
    expect(heading(page, re.compile("Catatan rahasia"))).to_be_visible()
    assert SECRET not in page.content()
    assert IncidentNote.objects.get().read() == SECRET

    page.get_by_role("link", name="Tambah langkah").click()
    page.get_by_label("Apa yang dilakukan").fill("Tanya anggota kelompok lain")
    page.get_by_role("button", name="Simpan langkah").click()
    page.get_by_role("button", name="Tandai selesai: Tanya anggota kelompok lain").click()
    expect(page.get_by_text("Pendamping · selesai")).to_be_visible()

    page.get_by_role("link", name="Menunggu pihak lain").click()
    page.get_by_label("Koordinator PKH").check()
    page.get_by_label("Apa yang ditunggu").fill("Keputusan dan surat ke Dinas.")
    check_page(page)
    page.get_by_role("button", name="Menunggu pihak lain").click()
    expect(heading(page, "Menunggu pihak lain: Koordinator PKH")).to_be_visible()

    desk = sign_in(open_browser(viewport=DESKTOP).new_page(), people["koordinator"].username)
    desk.goto("/kasus/?keadaan=putusan")
    check_page(desk)
    desk.get_by_role("link", name=family.name).click()
    desk.get_by_role("link", name="Buka", exact=True).click()
    expect(desk.get_by_text(SECRET)).to_be_visible()
    check_page(desk)
    assert AccessLog.objects.filter(fields=["catatan_rahasia"], user=people["koordinator"]).count() == 1
    desk.go_back()
    desk.get_by_role("link", name="Putuskan").click()
    desk.get_by_label("Apa keputusannya").fill("Uang dikembalikan, ketua kelompok diganti.")
    check_page(desk)
    desk.get_by_role("button", name="Putuskan").click()
    expect(heading(desk, "Diputus")).to_be_visible()

    page.reload()
    page.get_by_role("link", name="Sudah disampaikan ke keluarga").click()
    page.get_by_role("button", name="Sudah disampaikan ke keluarga").click()
    expect(heading(page, "Selesai")).to_be_visible()
    page.get_by_role("link", name="Keluarga keberatan").click()
    page.get_by_label("Mengapa keluarga keberatan").fill("Uangnya belum kembali.")
    page.get_by_role("button", name="Keluarga keberatan").click()
    expect(heading(page, "Keberatan").first).to_be_visible()
    check_page(page)
    assert Incident.objects.get().state == "banding"


def test_a_kasus_can_be_written_down_without_javascript(open_browser, people, sign_in):
    page = open_browser(javascript=False).new_page()
    sign_in(page, "sri")
    page.goto(f"/kasus/baru/{people['families'][0].case_number}/")
    page.get_by_label("Jenis kasus").select_option("data")
    page.get_by_label("Apa yang terjadi").fill("Nama berbeda satu huruf.")
    page.get_by_label("Tetangga").check()
    page.get_by_role("button", name="Simpan kasus").click()
    expect(heading(page, "Data tidak sesuai", 1)).to_be_visible()
    assert Incident.objects.get().reported_by == "tetangga"
