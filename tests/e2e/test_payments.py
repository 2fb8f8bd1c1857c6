"""What came of a tahap for a whole kelompok, on a phone of 360 px and without JavaScript."""

from playwright.sync_api import expect

from kpm.models import PaymentCheck

from .conftest import DESKTOP


def tap(page, name, word):
    page.get_by_role("group", name=name, exact=True).get_by_role("radio", name=word, exact=True).check()


def test_a_kelompok_on_a_phone(phone, people, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/bantuan/")
    check_page(page)
    page.get_by_role("link", name="Melati 1").click()
    expect(page.get_by_label("Masalah bantuan Dedeh Kurniasih")).to_be_hidden()
    tap(page, "Dedeh Kurniasih", "Masalah")
    page.get_by_role("link", name="Sisanya cair").click()
    expect(page.locator("[data-roll-count]")).to_have_text("11 cair, 0 belum cair, 1 bermasalah")
    page.get_by_role("button", name="Simpan").click()
    page.get_by_role("heading", name="Belum tersimpan, ada yang perlu diperbaiki").wait_for()
    check_page(page)
    page.get_by_label("Masalah bantuan Dedeh Kurniasih").select_option("KKS hilang")
    page.get_by_label("Catatan Dedeh Kurniasih, boleh kosong").fill("Hilang di pasar 🙏")
    page.get_by_role("button", name="Simpan").click()
    page.get_by_text("Kode tanda terima").wait_for()
    check_page(page)
    stuck = PaymentCheck.objects.troubled().get()
    assert (stuck.trouble_id, stuck.note, PaymentCheck.objects.count()) == (
        "kks-hilang",
        "Hilang di pasar 🙏",
        12,
    )

    # Back brings no second one, and what stands in the form is what is stored.
    page.go_back()
    page.reload()
    expect(page.locator("[data-roll-count]")).to_have_text("11 cair, 0 belum cair, 1 bermasalah")

    page.goto("/bantuan/?keadaan=masalah")
    page.get_by_role("link", name="Dedeh Kurniasih").click()
    check_page(page)
    page.get_by_role("radio", name="Cair", exact=True).check()
    page.get_by_label("Diterima (rupiah)").fill("750.000")
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator("#messages")).to_contain_text("Tercatat.")
    expect(page.get_by_role("heading", name="Bantuan per tahap")).to_be_visible()
    assert PaymentCheck.objects.newest().get(household__name="Dedeh Kurniasih").amount == 750_000


def test_without_javascript(open_browser, people, sign_in):
    page = sign_in(open_browser(viewport=DESKTOP, javascript=False).new_page(), "sri")
    page.goto("/bantuan/")
    page.get_by_role("link", name="Melati 1").click()
    tap(page, "Aas Rohaeti", "Belum")
    page.get_by_role("button", name="Simpan").click()
    assert "Kode tanda terima" in page.content()
    assert PaymentCheck.objects.get().state == "belum"
