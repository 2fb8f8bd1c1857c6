"""One visit, one record, on a 360x640 phone: a whole assessment at home, what follows a visit, and a call."""

import re

import pytest
from playwright.sync_api import expect

from roles.models import ActivityHousehold, VisitAct

from .pages import answer, shown, write_down


@pytest.fixture
def at_work(phone, people, sign_in):
    return sign_in(phone.new_page(), "sri")


@pytest.fixture
def family(people):
    """Visited ninety days ago."""
    return people["families"][9]


def assess_whole(page, family):
    """The whole form, in which the family chooses the second level everywhere and the pendamping agrees."""
    page.goto(f"/asesmen/{family.case_number}/?bentuk=lengkap")
    while shown(page).locator(".anchor").count():
        answer(page, 2)
    expect(page.get_by_role("radio", name="Di rumah keluarga")).to_be_checked()


def test_a_whole_assessment_at_home_is_the_visit_of_today(at_work, family, check_page):
    assess_whole(at_work, family)
    check_page(at_work)
    at_work.get_by_role("button", name=re.compile("Kirim asesmen")).click()
    expect(at_work.get_by_text("Tercatat pada kunjungan rumah.")).to_be_visible()

    at_work.goto(family.get_absolute_url())
    expect(at_work.get_by_text("baru dikunjungi hari ini")).to_be_visible()
    check_page(at_work)
    at_work.get_by_role("link", name="Riwayat", exact=True).click()
    events = at_work.locator(".timeline .event")
    expect(events).to_have_count(2)
    expect(events.first).to_contain_text("Asesmen: bentuk lengkap")

    # The visit logged after it takes its place, and the day has still one.
    at_work.goto(f"/kegiatan/catat/?kpm={family.case_number}")
    write_down(at_work, "Melihat warung.")
    at_work.get_by_role("button", name=re.compile("Simpan kegiatan")).click()
    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    at_work.get_by_role("link", name="Riwayat", exact=True).click()
    expect(events).to_have_count(2)
    expect(events.first).to_contain_text("Melihat warung.")
    expect(events.first).to_contain_text("Asesmen: bentuk lengkap")

    at_work.goto(f"/tujuan/baru/{family.case_number}/")
    at_work.locator("main a[href*='indikator=']").first.click()
    expect(at_work.get_by_label("Ini saat kunjungan ke rumah keluarga")).to_be_checked()
    check_page(at_work)

    at_work.goto(f"{family.get_absolute_url()}riwayat/")
    at_work.get_by_label("Saring riwayat").get_by_role("link", name="Rujukan").click()
    expect(at_work.get_by_text("Belum ada riwayat jenis ini.")).to_be_visible()
    expect(at_work).to_have_url(re.compile(r"\?riwayat=rujukan$"))
    check_page(at_work)
    at_work.reload()
    expect(at_work.get_by_text("Belum ada riwayat jenis ini.")).to_be_visible()
    assert ActivityHousehold.objects.filter(household=family).home_visits().count() == 2
    assert VisitAct.objects.get().row.household == family


def test_a_call_asks_whether_it_was_answered_and_is_no_visit(at_work, family, check_page):
    at_work.goto(f"/kegiatan/catat/?kpm={family.case_number}")
    reached = at_work.locator("[data-family] [data-reached]").first
    expect(reached).to_have_text("Bertemu")
    at_work.get_by_text("Jenis kegiatan dan tanggal").click()
    at_work.locator(".choice-chip").filter(has_text="Telepon atau WhatsApp").click()
    expect(reached).to_have_text("Tersambung")
    check_page(at_work)
    write_down(at_work, "Menanyakan kabar anak.")
    at_work.get_by_role("button", name=re.compile("Simpan kegiatan")).click()

    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    expect(at_work.get_by_text("terakhir ditelepon")).to_be_visible()
    expect(at_work.get_by_text("hari sejak kunjungan")).to_be_visible()
    assert ActivityHousehold.objects.filter(household=family).home_visits().count() == 1
