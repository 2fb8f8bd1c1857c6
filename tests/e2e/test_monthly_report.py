"""A monthly report in a browser: handed in, returned, handed in again, approved from the list, the month locked."""

import re
from datetime import timedelta

import pypdfium2
from playwright.sync_api import expect

from entries.models import Period
from pkh_casework.days import months_after
from reports.models import MonthLock, MonthlyReport
from tests.factories import ActivityFactory
from wilayah.clock import local_today

from .conftest import DESKTOP


def test_from_draft_over_a_return_to_the_locked_month(phone, open_browser, people, sign_in, check_page):
    last_month = months_after(local_today().replace(day=1), -1)
    pendamping, family = people["pendamping"], people["families"][0]
    ActivityFactory(pendamping=pendamping, families=[family], occurred_on=last_month + timedelta(days=3))
    page = sign_in(phone.new_page(), "sri")
    page.goto("/lainnya/")
    page.get_by_role("link", name="Laporan bulanan").click()
    check_page(page)
    page.get_by_role("link").filter(has_text=re.compile("20[0-9]{2}")).nth(1).click()
    page.get_by_label(re.compile("Capaian dan perubahan")).fill("Satu keluarga mulai menabung.")
    check_page(page)
    page.get_by_role("button", name="Simpan draf").click()
    expect(page.locator("#messages")).to_contain_text("Draf laporan tersimpan. Kode tanda terima")
    check_page(page)
    page.get_by_role("link", name="Ajukan ke koordinator").click()
    page.get_by_role("button", name="Ajukan ke koordinator").click()
    expect(page.locator("#messages")).to_contain_text("Laporan terkirim ke koordinator.")
    report = MonthlyReport.objects.get()
    assert report.month == last_month

    desk = sign_in(open_browser(viewport=DESKTOP).new_page(), "rina")
    desk.goto("/laporan/")
    desk.get_by_role("link", name=pendamping.name).click()
    check_page(desk)
    desk.get_by_role("link", name="Kembalikan ke pendamping").click()
    desk.get_by_role("button", name="Kembalikan ke pendamping").click()
    expect(desk.get_by_text("Tulis alasannya, singkat saja.").first).to_be_visible()
    desk.get_by_label("Alasan").fill("Tolong tulis kendalanya.")
    desk.get_by_role("button", name="Kembalikan ke pendamping").click()
    expect(desk.locator("#messages")).to_contain_text("Laporan dikembalikan.")

    page.goto("/laporan/")
    page.get_by_role("link").filter(has_text=re.compile("20[0-9]{2}")).nth(1).click()
    expect(page.get_by_text("Tolong tulis kendalanya.").first).to_be_visible()
    page.get_by_role("link", name="Tulis analisis").click()
    page.get_by_label(re.compile("Kendala")).fill("Banyak yang bekerja sampai malam.")
    page.get_by_role("button", name="Simpan draf").click()
    page.get_by_role("link", name="Ajukan ke koordinator").click()
    page.get_by_role("button", name="Ajukan ke koordinator").click()
    expect(page.locator("#messages")).to_contain_text("Laporan terkirim ke koordinator.")

    desk.goto("/laporan/")
    check_page(desk)
    desk.get_by_role("button", name="Setujui yang dicentang").click()
    expect(desk.get_by_text("Centang dulu laporan yang disetujui.")).to_be_visible()
    desk.get_by_role("checkbox", name=re.compile(pendamping.name)).check()
    desk.get_by_role("button", name="Setujui yang dicentang").click()
    expect(desk.locator("#messages")).to_contain_text("1 laporan disetujui.")

    desk.locator(".page-head").get_by_role("link", name="Kunci bulan").click()
    check_page(desk)
    desk.locator(".row__link").first.click()
    check_page(desk)
    desk.get_by_role("link", name="Kunci bulan ini").click()
    check_page(desk)
    desk.get_by_role("button", name="Kunci bulan ini").click()
    expect(desk.locator("#messages")).to_contain_text("Bulan dikunci.")
    assert Period.objects.get(month=last_month).state == "terkunci"
    desk.get_by_role("link", name="Periksa sidiknya").click()
    expect(desk.get_by_text("cocok", exact=True)).to_be_visible()
    check_page(desk)

    page.goto(report.get_absolute_url())
    expect(page.get_by_text("Terkunci").first).to_be_visible()
    sheet = page.context.request.get(page.get_by_role("link", name="PDF").get_attribute("href"))
    text = "\n".join(part.get_textpage().get_text_range() for part in pypdfium2.PdfDocument(sheet.body()))
    assert MonthLock.objects.get().digest[:32] in text and "Banyak yang bekerja sampai malam." in text
    page.get_by_role("link", name=re.compile("Kunjungan rumah")).click()
    expect(page.locator(".row")).to_have_count(MonthLock.objects.get().totals["kunjungan"]["jumlah"])
    check_page(page)
