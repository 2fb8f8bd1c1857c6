"""A koordinator takes the whole office on a small phone: the words once, the package once."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import PHONE


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize("javascript", [True, False])
def test_the_office_is_taken_with_a_passphrase_shown_once(
    javascript, open_browser, people, sign_in, check_page
):
    page = sign_in(open_browser(javascript=javascript, viewport=PHONE).new_page(), "rina")
    page.goto("/ekspor/")
    page.get_by_role("link", name="Paket kantor").click()
    page.get_by_label("Untuk keperluan apa").fill("Salinan akhir tahun")
    page.get_by_role("button", name="Buat paket").click()
    expect(page.get_by_text("Galat: Centang dulu bahwa Anda tahu")).to_be_visible()
    expect(page.get_by_label("Untuk keperluan apa")).to_have_value("Salinan akhir tahun")
    page.get_by_label("Saya tahu paket ini berisi").check()
    page.get_by_role("button", name="Buat paket").click()

    words = page.locator(".receipt__code")
    expect(words).to_have_text(re.compile(r"^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$"), timeout=60_000)
    passphrase = words.text_content()
    if javascript:
        check_page(page)
    page.get_by_role("link", name="Sudah saya catat").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh berkas").click()
    assert download.value.suggested_filename.endswith(".langkah")
    page.goto("/ekspor/")
    page.get_by_role("link", name="Paket kantor").first.click()
    expect(page.get_by_text("Sudah diunduh")).to_be_visible()
    assert passphrase not in page.content()
