"""What a koordinator does with a file of the office: sends it, matches its columns, looks, takes in, takes back."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from kpm.models import Household
from pkh_casework.sheets import Sheet, SheetColumn, write_xlsx
from tests.exports import rows_of
from tests.factories import nik, no_kk

from .conftest import DESKTOP, PHONE

HEADINGS = ["Nomor Kartu", "NIK", "Nama", "L/P", "Alamat", "RT/RW", "Desa", "Petugas"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rows(holder):
    place = ["Gang Mawar 3", "003/007", "Kebon Jayanti", holder]
    return [
        [no_kk(7001), nik(7001), "Nining Kurniasih", "P", *place],
        [no_kk(7002), nik(7002), "Yoyoh Rokayah 🌾 ꦲꦤ", "P", *place],
        ["3,27399E+15", nik(7003), "Imas Masitoh", "P", *place],
    ]


def csv_file(holder):
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([["DATA KPM"], [], HEADINGS, *rows(holder)])
    return {"name": "daftar kpm.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}


def workbook(holder, path):
    write_xlsx(path, [Sheet("KPM", [SheetColumn(name) for name in HEADINGS], rows(holder))], footer="")
    return path


@pytest.mark.parametrize(("javascript", "size"), [(True, PHONE), (False, PHONE), (True, DESKTOP)])
def test_a_file_is_matched_looked_at_taken_in_and_taken_back(
    javascript, size, open_browser, people, sign_in, check_page, tmp_path
):
    holder = people["pendamping"].name
    page = sign_in(open_browser(javascript=javascript, viewport=size).new_page(), "rina")
    page.goto("/berkas/baru/")
    page.get_by_label("Berkas", exact=True).set_input_files(
        csv_file(holder) if size == PHONE else workbook(holder, tmp_path / "kpm.xlsx")
    )
    page.get_by_role("button", name="Kirim dan baca").click()
    page.get_by_role("link", name="Cocokkan kolom").click()
    first = page.get_by_label("Nomor Kartu")
    first.select_option("")
    if javascript:
        check_page(page)
    page.get_by_role("button", name="Periksa isinya").click()
    expect(page.get_by_text("Tanpa nomor itu keluarga tidak bisa dikenali").first).to_be_visible()
    first.select_option("No KK")
    page.get_by_role("button", name="Periksa isinya").click()

    expect(page.get_by_text("Excel membuang angka ke-16").first).to_be_visible()
    if javascript:
        check_page(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh baris yang ditolak").click()
    refused = rows_of(download.value.path().read_bytes())
    assert [row["Nama"] for row in refused] == ["Imas Masitoh"]
    assert "Excel membuang" in refused[0]["Alasan ditolak"]

    page.get_by_role("link", name=re.compile("^Baru")).click()
    page.get_by_role("button", name="Lewati Yoyoh Rokayah").click()
    page.get_by_role("button", name="Masukkan 1 keluarga").click()
    expect(page.get_by_text("1 keluarga masuk", exact=True)).to_be_visible()
    expect(page.get_by_text("Kode tanda terima").first).to_be_visible()
    assert Household.objects.get(name="Nining Kurniasih").no_kk.reveal() == no_kk(7001)
    assert not Household.objects.filter(name__startswith="Yoyoh").exists()

    page.get_by_role("button", name="Urungkan berkas ini").click()
    expect(page.get_by_text("1 keluarga kembali seperti sebelumnya.")).to_be_visible()
    assert not Household.objects.filter(name="Nining Kurniasih").exists()


def test_what_is_no_list_says_so(open_browser, people, sign_in, check_page):
    page = sign_in(open_browser(viewport=PHONE).new_page(), "rina")
    page.goto("/berkas/baru/")
    page.get_by_role("button", name="Kirim dan baca").click()
    expect(page.get_by_text("Pilih berkasnya.").first).to_be_visible()
    scan = {"name": "daftar.xlsx", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 daftar"}
    page.get_by_label("Berkas", exact=True).set_input_files(scan)
    page.get_by_role("button", name="Kirim dan baca").click()
    expect(page.get_by_text("PDF").first).to_be_visible()
    expect(page.get_by_text("Tidak ada keluarga yang berubah.")).to_be_visible()
    check_page(page)
