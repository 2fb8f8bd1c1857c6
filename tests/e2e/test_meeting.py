"""Twenty-five families on one list, on a phone of 360 px: with a draft, and without JavaScript."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from roles.models import Attendance
from tests.factories import HouseholdFactory, plan_session

from .conftest import DESKTOP


@pytest.fixture
def meeting(people):
    for number in range(13):
        HouseholdFactory(
            pendamping=people["pendamping"], group=people["group"], name=f"Ibu Nomor {number:02}"
        )
    return plan_session(people["group"], on=timezone.localdate() - timedelta(days=1))


def tap(page, name, word):
    page.get_by_role("group", name=name, exact=True).get_by_role("radio", name=word, exact=True).check()


def test_attendance_of_25_on_a_phone(phone, people, meeting, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/pertemuan/")
    check_page(page)
    page.get_by_role("link", name="Isi hadir Melati 1").click()
    page.get_by_role("link", name="Semua hadir").click()
    tap(page, "Cucu Suhartini", "Tidak hadir")
    tap(page, "Dedeh Kurniasih", "Izin")
    page.get_by_label("Alasan Dedeh Kurniasih").fill("Mengantar anak berobat")
    expect(page.locator("[data-roll-count]")).to_have_text("23 hadir, 2 tidak")
    check_page(page)

    page.get_by_text("Draf tersimpan di HP ini").wait_for()
    page.reload()
    page.get_by_role("button", name="Lanjutkan").click()
    expect(page.locator("[data-roll-count]")).to_have_text("23 hadir, 2 tidak")
    assert page.get_by_label("Alasan Dedeh Kurniasih").input_value() == "Mengantar anak berobat"

    page.get_by_role("button", name="Simpan daftar hadir").click()
    page.get_by_text("Kode tanda terima").wait_for()
    check_page(page)
    states = sorted(Attendance.objects.values_list("state", flat=True))
    assert (len(states), states.count("hadir"), states.count("izin")) == (25, 23, 1)

    page.goto("/")
    today = page.content()
    page.goto("/hari-ini/menunggu/")
    assert "tidak hadir P2K2" in today + page.content()


def test_a_mistake_is_named_on_the_list_and_then_taken(phone, people, meeting, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/pertemuan/{meeting.pk}/hadir/")
    tap(page, "Aas Rohaeti", "Hadir")
    page.get_by_role("button", name="Simpan daftar hadir").click()
    page.get_by_role("heading", name="Belum tersimpan, ada yang perlu diperbaiki").wait_for()
    expect(page.locator("[data-roll-count]")).to_have_text("1 hadir, 0 tidak, 24 belum dipilih")
    page.get_by_role("link", name="Semua hadir").click()
    page.get_by_role("button", name="Simpan daftar hadir").click()
    page.get_by_text("Kode tanda terima").wait_for()
    assert Attendance.objects.filter(state="hadir").count() == 25


def test_without_javascript(open_browser, people, meeting, sign_in):
    page = sign_in(open_browser(viewport=DESKTOP, javascript=False).new_page(), "sri")
    page.goto(f"/pertemuan/{meeting.pk}/hadir/")
    page.get_by_role("link", name="Semua hadir").click()
    tap(page, "Aas Rohaeti", "Izin")
    page.get_by_role("button", name="Simpan daftar hadir").click()
    assert "Kode tanda terima" in page.content()
    assert Attendance.objects.filter(state="hadir").count() == 24
