"""What a person does with files: asking for one from a list, watching a large one, taking it, giving one up."""

import re

import pytest
from playwright.sync_api import expect

from reports.files.operations import export as operations
from reports.models import Export
from tests.exports import rows_of

from .conftest import DESKTOP


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def worker_is_away(monkeypatch):
    """Large files wait: nobody takes them until the test does."""
    monkeypatch.setattr(operations, "SMALL", 0)
    monkeypatch.setattr("reports.files.views.export.is_small", lambda rows: False)
    monkeypatch.setattr(type(operations.make_export), "enqueue", lambda task, pk: None)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_filtered_list_is_taken_away_as_a_file(javascript, open_browser, people, sign_in, check_page):
    page = sign_in(open_browser(javascript=javascript).new_page(), "sri")
    page.goto("/kpm/?rw=5")
    page.get_by_label("Ekspor daftar ini").click()
    expect(page.get_by_text("RW: 5")).to_be_visible()
    page.get_by_role("button", name=re.compile("Buat berkas")).click()
    if javascript:
        expect(page.get_by_text("Tulis untuk apa berkas ini dipakai.").first).to_be_visible()
        check_page(page)
    page.get_by_label("Untuk keperluan apa").fill("Rapat kelurahan")
    page.get_by_role("button", name=re.compile("Buat berkas")).click()
    expect(page.get_by_text("Berkas siap, 4 baris")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Unduh berkas")).click()

    assert re.fullmatch(r"langkah-kpm-[a-z-]+-\d{8}-\d{4}-sri-\w{8}\.xlsx", download.value.suggested_filename)
    rows = rows_of(download.value.path().read_bytes())
    assert len(rows) == 4 and {row["RW"] for row in rows} == {5}
    page.reload()
    expect(page.get_by_text("Sudah diunduh")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "box", "words", "told"),
    [
        (
            "/kpm/",
            "Cari nama keluarga atau anggota, alamat, RT/RW, nomor HP, nomor KPM atau kelompok",
            "RW 5",
            "RW 5",
        ),
        ("/sumber-daya/", "Cari nama sumber daya", "posyandu", "posyandu"),
        ("/mitra/", "Cari nama mitra", "bank", "bank"),
    ],
)
def test_the_file_holds_what_was_narrowed_on_the_page(path, box, words, told, open_browser, people, sign_in):
    """The rows came without the page around them: the way to the file comes along with them."""
    page = sign_in(open_browser().new_page(), "sri")
    page.goto(path)
    before = page.get_by_label("Ekspor daftar ini").get_attribute("href")
    page.get_by_label(box).fill(words)
    expect(page.get_by_label("Ekspor daftar ini")).not_to_have_attribute("href", before)
    page.get_by_label("Ekspor daftar ini").click()
    expect(page.get_by_text(told, exact=False).first).to_be_visible()


def test_a_large_file_shows_its_progress_and_becomes_ready_by_itself(
    open_browser, people, sign_in, check_page, worker_is_away
):
    page = sign_in(open_browser(viewport=DESKTOP).new_page(), "rina")
    page.goto("/kegiatan/")
    page.get_by_label("Ekspor daftar ini").click()
    expect(page.get_by_text("disiapkan, boleh ditinggal")).to_be_visible()
    page.get_by_label("Untuk keperluan apa").fill("Evaluasi triwulan")
    page.get_by_label("CSV, untuk aplikasi lain").check()
    page.get_by_role("button", name=re.compile("Buat berkas")).click()
    expect(page.get_by_text("Menunggu giliran")).to_be_visible()
    check_page(page)
    export = Export.objects.get()

    Export.objects.update(state="dibuat", rows_total=12, rows_done=3)
    expect(page.get_by_text("3 dari 12 baris")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "3")
    check_page(page)

    Export.objects.update(state="menunggu")
    operations.make(export.pk)
    expect(page.get_by_text("Berkas siap, 12 baris")).to_be_visible()
    check_page(page)


def test_a_large_file_can_be_given_up(phone, people, sign_in, worker_is_away):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/ekspor/")
    page.get_by_role("link", name="Kegiatan", exact=True).last.click()
    page.get_by_label("Untuk keperluan apa").fill("Coba")
    page.get_by_role("button", name=re.compile("Buat berkas")).click()
    page.get_by_role("button", name=re.compile("Batalkan")).click()

    expect(page.get_by_text("Tidak ada berkas yang disimpan.")).to_be_visible()
    assert Export.objects.get().state == "dibatalkan"


def test_a_koordinator_takes_the_recap_of_a_month(open_browser, people, sign_in, check_page):
    page = sign_in(open_browser(viewport=DESKTOP).new_page(), "rina")
    page.goto("/lainnya/")
    page.get_by_role("link", name="Rekap bulanan").click()
    check_page(page)
    page.get_by_label("PDF, untuk dicetak dan ditandatangani").check()
    page.get_by_role("button", name=re.compile("Buat berkas")).click()
    expect(page.get_by_text("Berkas siap")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Unduh berkas")).click()

    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.goto("/laporan/rekap/")
    page.get_by_role("link", name="Atur tanggalnya").click()
    page.get_by_label("Tanggal berapa tiap bulan").fill("40")
    page.get_by_role("button", name=re.compile("Simpan")).click()
    expect(page.get_by_text("Isi angka 1 sampai 28.").first).to_be_visible()
    check_page(page)
    page.get_by_label("Tanggal berapa tiap bulan").fill("3")
    page.get_by_role("button", name=re.compile("Simpan")).click()
    expect(page.get_by_text("Rekap dibuat otomatis tiap tanggal 3.")).to_be_visible()
