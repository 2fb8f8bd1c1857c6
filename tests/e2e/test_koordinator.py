"""A koordinator's day on a small phone, with and without JavaScript: what waits, reports one after the other, the lock."""

import re

import pytest
from playwright.sync_api import expect

from entries.models import Period
from pkh_casework.days import months_after
from reports.models import MonthlyReport
from tests.factories import SUKAPURA, HouseholdFactory, UserFactory
from tests.monthly import write_report
from wilayah.clock import local_today

State = MonthlyReport.State


@pytest.mark.parametrize("javascript", [True, False])
def test_from_what_waits_over_two_reports_to_the_locked_month(
    open_browser, people, sign_in, check_page, javascript
):
    month = months_after(local_today().replace(day=1), -1)
    colleague = UserFactory(name="Wulan Sari", wilayah_id=SUKAPURA)
    HouseholdFactory(pendamping=colleague)
    first = write_report(people["pendamping"], "ajukan", month=month)
    second = write_report(colleague, "ajukan", month=month)
    check = check_page if javascript else (lambda page: None)
    page = sign_in(open_browser(javascript=javascript).new_page(), "rina")

    page.goto("/")
    expect(page.get_by_role("heading", name="Hari ini")).to_be_visible()
    check(page)
    page.get_by_role("link", name=re.compile("2 laporan menunggu dibaca")).click()
    expect(page.get_by_text("Laporan 1 dari 2 yang menunggu")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Kembalikan").click()
    page.get_by_label("Alasan").fill("Tolong tulis kendalanya.")
    page.get_by_role("button", name="Kembalikan ke pendamping").click()
    expect(page.get_by_text("Laporan 2 dari 2 yang menunggu")).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("Laporan dikembalikan.")
    page.get_by_role("button", name="Setujui").click()
    expect(page.locator("#messages")).to_contain_text("Laporan disetujui.")
    states = [MonthlyReport.objects.get(pk=report.pk).state for report in (first, second)]
    assert states == [State.RETURNED, State.APPROVED]

    page.goto("/")
    page.locator(".page-head").get_by_role("link", name="Kunci bulan").click()
    check(page)
    page.get_by_role("link", name="Centang semua yang siap").click()
    expect(page.get_by_role("checkbox", name="Kunci Sukapura")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Kunci Kebon Jayanti")).not_to_be_checked()
    page.get_by_role("checkbox", name="Kunci Kebon Jayanti").check()
    page.get_by_role("button", name="Kunci yang dicentang").click()
    expect(page.get_by_text("Tulis mengapa tetap dikunci").first).to_be_visible()
    check(page)
    page.get_by_label(re.compile("Mengapa tetap dikunci")).fill("Sri sedang cuti.")
    page.get_by_role("button", name="Kunci yang dicentang").click()
    expect(page.locator("#messages")).to_contain_text("2 kelurahan dikunci.")
    assert Period.objects.filter(month=month, state=Period.State.LOCKED).count() == 2

    page.goto("/laporan/siapa/")
    expect(page.get_by_text("Dikembalikan", exact=True)).to_be_visible()
    check(page)
