"""Graduation in a browser: proposed, returned, proposed again, approved, and the berita acara to print."""

import io
import re

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import expect

from kpm.models import GraduationCase, WatchCheck
from tests.factories import make_graduation
from wilayah.clock import local_today

from .conftest import DESKTOP


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture():
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), "teal").save(out, "JPEG")
    return {"name": "surat.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_from_proposal_over_a_return_to_the_berita_acara(phone, open_browser, people, sign_in, check_page):
    family = people["families"][0]
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"{family.get_absolute_url()}kemandirian/")
    page.get_by_role("link", name="Siapkan usulan").click()
    page.get_by_label(re.compile(r"^\s*Graduasi mandiri")).check()
    page.get_by_label("Alasan dan keadaan keluarga").fill("Warung sudah ramai dan anak sudah bekerja.")
    check_page(page)
    page.get_by_role("button", name=re.compile("Simpan, lalu berkas")).click()

    expect(page.get_by_role("heading", name="Isi usulan dan berkas")).to_be_visible()
    page.get_by_label(re.compile("Surat pernyataan graduasi")).set_input_files(picture())
    page.get_by_label(re.compile("Ditandatangani oleh")).select_option(label=family.name)
    page.get_by_role("button", name="Simpan", exact=True).click()
    # The date is missing: the chosen photo stays while it is filled in.
    expect(page.get_by_text("Isi tanggal tanda tangannya.").first).to_be_visible()
    check_page(page)
    page.get_by_label(re.compile("Tanggal tanda tangan")).fill(local_today().isoformat())
    page.get_by_role("button", name="Simpan", exact=True).click()

    page.get_by_role("link", name="Usulkan ke koordinator").click()
    expect(page.get_by_role("heading", name="Usulkan ke koordinator")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Usulkan ke koordinator").click()
    expect(page.locator("#messages")).to_contain_text("Usulan terkirim ke koordinator. Kode tanda terima")
    case = GraduationCase.objects.get()
    assert case.files.count() == 1

    desk = sign_in(open_browser(viewport=DESKTOP).new_page(), "rina")
    desk.goto("/graduasi/")
    desk.get_by_role("link", name=family.name).click()
    expect(desk.get_by_role("heading", name="Isi usulan")).to_be_visible()
    check_page(desk)
    desk.get_by_role("link", name="Kembalikan ke pendamping").click()
    desk.get_by_label("Alasan").fill("Tolong tulis jumlah penghasilannya.")
    desk.get_by_role("button", name="Kembalikan ke pendamping").click()
    expect(desk.locator("#messages")).to_contain_text("Usulan dikembalikan ke pendamping.")

    page.goto(case.get_absolute_url())
    expect(page.get_by_text("Tolong tulis jumlah penghasilannya.").first).to_be_visible()
    page.get_by_role("link", name="Isi dan berkas").click()
    page.get_by_label("Alasan dan keadaan keluarga").fill("Warung ramai, untung Rp2.500.000 sebulan.")
    page.get_by_role("button", name="Simpan", exact=True).click()
    page.get_by_role("link", name="Usulkan ke koordinator").click()
    page.get_by_role("button", name="Usulkan ke koordinator").click()
    page.wait_for_url(lambda url: "/langkah/" not in url)

    desk.goto(case.get_absolute_url())
    desk.get_by_role("link", name="Setujui graduasi").click()
    expect(desk.get_by_role("heading", name="Setujui graduasi")).to_be_visible()
    check_page(desk)
    desk.get_by_role("button", name="Setujui graduasi").click()
    expect(desk.get_by_text("Graduasi sejak")).to_be_visible()
    check_page(desk)
    sheet = desk.context.request.get(desk.get_by_role("link", name="Berita acara").get_attribute("href"))
    text = pypdfium2.PdfDocument(sheet.body())[0].get_textpage().get_text_range()
    assert "Berita Acara Graduasi" in text and "Rp2.500.000" in text and family.name in text

    page.goto(f"{family.get_absolute_url()}rencana/")
    expect(page.get_by_role("region", name="Graduasi")).to_contain_text("Disetujui")
    page.goto("/dasbor/")
    expect(page.locator(".meter", has_text="Target pendamping setahun")).to_contain_text("1 / 10")


def test_a_due_check_leads_from_hari_ini_to_asking_the_family_back(phone, people, sign_in, check_page):
    family, today = people["families"][0], local_today()
    make_graduation(family, "usulkan", "setujui", koordinator=people["koordinator"], on=today)
    WatchCheck.objects.filter(months=3).update(due_on=today)
    page = sign_in(phone.new_page(), "sri")
    page.goto("/")
    page.locator(".line").get_by_role("link", name=f"Cek 3 bulan: {family.name}").click()
    expect(page.get_by_role("heading", name="Cek 3 bulan")).to_be_visible()
    check_page(page)
    page.get_by_label("Kembali rentan").check()
    page.get_by_role("button", name="Simpan").click()

    expect(page.get_by_role("heading", name="Minta keluarga didampingi lagi")).to_be_visible()
    page.get_by_label("Alasan").fill("Suami berhenti kerja.")
    page.get_by_role("button", name="Minta keluarga didampingi lagi").click()
    expect(page.get_by_text("Minta didampingi lagi").first).to_be_visible()
