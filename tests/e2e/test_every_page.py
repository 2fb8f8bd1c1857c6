"""Every page of every duty: no axe violation, no CSP violation, no sideways scroll, at phone, narrow and desk size."""

import re

import pytest
from playwright.sync_api import expect

from ledger.operations import hold_entry
from pkh_casework.ids import uuid7

from .conftest import DESKTOP, NARROW, PHONE


def pages_of(duty, people):
    family, group = people["families"][0], people["group"]
    activity = family.activity_rows.first().activity
    member = family.members.first()
    shared = ["/lainnya/", "/akun/", "/akun/sandi/", "/kegiatan/peran/"]
    case = [
        "/kpm/",
        "/kpm/?q=euis&rw=5",
        "/kpm/baru/",
        "/kpm/cari-nomor/",
        f"/kpm/{family.case_number}/",
        f"/kpm/{family.case_number}/ubah/",
        f"/kpm/{family.case_number}/nomor/",
        f"/kpm/{family.case_number}/anggota/baru/",
        f"/kpm/{family.case_number}/anggota/{member.pk}/",
        "/kelompok/",
        "/kelompok/baru/",
        f"/kelompok/{group.pk}/",
        "/kegiatan/",
        activity.get_absolute_url(),
        "/kiriman/",
        f"/kiriman/{people['held'].pk}/",
    ]
    figures = ["/dasbor/", "/dasbor/angka/kpm-aktif/", "/dasbor/angka/kunjungan/"]
    staff = ["/petugas/", "/petugas/baru/", f"/petugas/{people['pendamping'].pk}/",
             f"/petugas/{people['pendamping'].pk}/ubah/"]  # fmt: skip
    return {
        "pendamping": [
            "/",
            f"/kegiatan/catat/?kpm={family.case_number}",
            f"/kegiatan/catat/?kelompok={group.pk}",
            "/kegiatan/catat/cari/?q=euis",
            f"{activity.get_absolute_url()}ubah/",
            f"/kegiatan/tunda/{family.case_number}/",
            *case,
            *figures,
            *shared,
        ],
        "koordinator": [
            *case,
            *figures,
            *staff,
            f"{activity.get_absolute_url()}buka/",
            "/wilayah/?q=kebon",
            *shared,
        ],
        "kelurahan": [*figures, *shared],
        "admin": ["/dasbor/", *staff, *shared],
    }[duty]


@pytest.fixture
def world(people):
    people["held"] = hold_entry(
        op_id=uuid7(),
        author=people["pendamping"],
        kind="roles.activity",
        payload={"kpm": ["PKH-7F3K2"], "catatan": "Titipan."},
        reason="sudah_dialihkan",
        wilayah_id=people["pendamping"].wilayah_id,
    )
    return people


@pytest.mark.parametrize("duty", ["pendamping", "koordinator", "kelurahan", "admin"])
def test_pages_are_accessible_and_fit(duty, open_browser, world, sign_in, check_page):
    page = sign_in(open_browser().new_page(), world[duty].username)
    for path in pages_of(duty, world):
        answer = page.goto(path)
        assert answer.status == 200, path
        check_page(page)
        page.set_viewport_size(NARROW)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} scrolls sideways at 320 px"
        page.set_viewport_size(PHONE)


@pytest.mark.parametrize("duty", ["pendamping", "koordinator"])
def test_pages_are_accessible_on_a_desk(duty, open_browser, world, sign_in, check_page):
    page = sign_in(open_browser(viewport=DESKTOP).new_page(), world[duty].username)
    for path in pages_of(duty, world)[:8]:
        page.goto(path)
        check_page(page)


@pytest.mark.parametrize("path", ["/masuk/", "/akun/aktivasi/", "/tidak-ada/"])
def test_the_doors_are_accessible(path, phone, check_page):
    page = phone.new_page()
    page.goto(path)
    check_page(page)


def test_open_details_and_errors_are_accessible_too(phone, world, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kegiatan/catat/")
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    check_page(page)
    page.get_by_role("button", name=re.compile("Simpan kegiatan")).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    check_page(page)


def test_after_logout_back_shows_no_family(phone, world, sign_in):
    page = sign_in(phone.new_page(), "sri")
    family = world["families"][0]
    page.goto(family.get_absolute_url())
    expect(page.get_by_role("heading", name=family.name)).to_be_visible()
    page.goto("/lainnya/")
    page.get_by_role("button", name=re.compile("Keluar")).click()
    page.wait_for_url(re.compile("/masuk/"))

    page.go_back()
    page.go_back()

    assert family.name not in page.content()
