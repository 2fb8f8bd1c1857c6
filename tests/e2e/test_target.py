"""A target on a small phone: proposed by one koordinator, approved by another, seen by the worker with the same number."""

import re

import pytest
from playwright.sync_api import expect

from reports.models import Target
from tests.factories import BANDUNG, UserFactory


@pytest.mark.parametrize("javascript", [True, False])
def test_a_target_is_proposed_approved_and_seen_by_the_worker(
    open_browser, people, sign_in, check_page, javascript
):
    UserFactory(koordinator=True, username="kota", name="Dewi Kota", wilayah_id=BANDUNG)
    check = check_page if javascript else (lambda page: None)
    context = open_browser(javascript=javascript)
    page = sign_in(context.new_page(), "rina")
    page.goto("/target/usul/?angka=kunjungan")
    page.get_by_label("Untuk siapa").select_option(label="Sri Wahyuni")
    expect(page.get_by_label("Angka", exact=True)).to_have_value("kunjungan")
    page.get_by_label("Mengapa").fill("Tiap keluarga sekali sebulan.")
    page.get_by_role("button", name="Kirim usulan").click()
    expect(page.locator("main")).to_contain_text("Isi targetnya, atau centang bahwa tidak ada target lagi.")
    expect(page.get_by_label("Untuk siapa")).to_have_value(re.compile(r"\d+$"))
    expect(page.get_by_label("Mengapa")).to_have_value("Tiap keluarga sekali sebulan.")
    check(page)
    page.get_by_label("Target", exact=True).fill("24")
    page.get_by_role("button", name="Kirim usulan").click()
    expect(page.locator("#messages")).to_be_visible()
    proposed = Target.objects.get()
    assert (proposed.value, proposed.pendamping, proposed.state) == (
        24,
        people["pendamping"],
        Target.State.PROPOSED,
    )

    sign_in(page, "kota")
    page.goto("/target/")
    page.get_by_role("link", name="Baca dan putuskan").click()
    page.get_by_role("checkbox", name=re.compile("Sri Wahyuni")).check()
    check(page)
    page.get_by_role("button", name="Setujui yang dicentang").click()
    expect(page.locator("#messages")).to_be_visible()
    proposed.refresh_from_db()
    assert proposed.state == Target.State.APPROVED

    said = set()
    for who, address in (("sri", "/target/"), ("rina", f"/target/?pendamping={people['pendamping'].pk}")):
        sign_in(page, who)
        page.goto(address)
        row = page.locator("li", has=page.get_by_role("link", name="Kunjungan rumah", exact=True)).first
        expect(row).to_contain_text("24")
        check(page)
        said.add(row.inner_text().partition("\n")[2])
    assert len(said) == 1, said
