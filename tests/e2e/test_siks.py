"""A koordinator compares the file of a tahap, decides in bulk and alone, and ticks off what was typed, on a small phone."""

import csv
import io

import pytest
from playwright.sync_api import expect

from kpm.models import Household
from tests.factories import no_kk

HEADINGS = ["No KK", "Nama penerima", "Alamat", "RT", "RW", "Desa", "Petugas", "Desil"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def csv_file(holder):
    """All families of the holder but two; one of them at another address, and a new one."""
    families = list(Household.objects.filter(pendamping=holder).active().order_by("name", "pk"))
    rows = [
        [one.no_kk.reveal(), one.name, one.address, one.rt, one.rw, one.wilayah.name, holder.name, ""]
        for one in families[2:]
    ]
    rows[0][2] = "Gang Anyar 21"
    rows.append([no_kk(7001), "Nining Kurniasih", "Gang Tanjung 6", 2, 6, "Kebon Jayanti", holder.name, 2])
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([["PENERIMA PKH"], [], HEADINGS, *rows])
    content = text.getvalue().encode("utf-8-sig")
    return families, {"name": "siks.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_is_compared_decided_on_and_what_was_kept_is_typed(
    javascript, open_browser, people, sign_in, check_page
):
    look = check_page if javascript else (lambda page: None)
    page = sign_in(open_browser(javascript=javascript).new_page(), "rina")
    families, file = csv_file(people["pendamping"])
    page.goto("/siks-ng/baru/")
    look(page)
    page.get_by_label("Berkas", exact=True).set_input_files(file)
    page.get_by_role("button", name="Kirim dan bandingkan").click()
    page.get_by_role("link", name="Cocokkan kolom").click()
    page.get_by_role("button", name="Periksa isinya").click()
    expect(page.get_by_role("link", name="Buka meja SIKS-NG")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Buka meja SIKS-NG").click()
    look(page)
    page.get_by_role("link", name="Keluar").first.click()
    page.get_by_role("checkbox", name=families[0].name).check()
    page.get_by_role("checkbox", name=families[1].name).check()
    page.get_by_role("button", name="Tolak").click()
    expect(page.get_by_text("Tulis sebabnya").first).to_be_visible()
    expect(page.get_by_role("checkbox", name=families[0].name)).to_be_checked()
    look(page)
    page.get_by_label("Catatan").fill("Masih layak")
    page.get_by_role("button", name="Tolak").click()
    expect(page.locator("#messages")).to_contain_text("2 baris ditolak")

    page.get_by_role("link", name="Masuk").first.click()
    page.get_by_role("link", name="Buka Nining Kurniasih").click()
    look(page)
    page.get_by_role("button", name="Terima dari berkas").click()
    expect(page.locator("#messages")).to_contain_text("Baris ini diterima")
    assert Household.objects.get(name="Nining Kurniasih").desil == 2

    page.goto("/siks-ng/ketik/")
    expect(page.locator(".row").get_by_text("Usulkan masuk: KPM di sini")).to_have_count(2)
    look(page)
    page.get_by_role("button", name=f"Sudah diketik, {families[0].name}").click()
    expect(page.locator("#messages")).to_contain_text("Dicatat sudah diketik")
    page.get_by_role("link", name="Sudah diketik").click()
    expect(page.get_by_text(families[0].name)).to_be_visible()
    look(page)
