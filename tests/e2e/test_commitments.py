"""Commitments of a whole class and posyandu on a phone of 360 px, with and without JavaScript; a school's file."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from pkh_casework.days import months_after
from roles.models import Commitment, SchoolFile
from tests.factories import MemberComponentFactory, MemberFactory, nik

SCHOOL, POST = "SDN Babakan 2", "Posyandu RW 05"
BORN = date(2016, 5, 1)


@pytest.fixture
def children(people):
    """Twenty-five pupils of a school and three babies of a posyandu."""
    today, families = timezone.localdate(), people["families"]
    for number in range(25):
        child = MemberFactory(
            household=families[number % len(families)],
            name=f"Anak Nomor {number:02}",
            birth_date=BORN,
            nik=nik(number + 1, born=BORN),
        )
        MemberComponentFactory(member=child, place=SCHOOL)
    for number in range(3):
        baby = MemberFactory(
            household=families[0], name=f"Bayi Nomor {number}", birth_date=months_after(today, -6)
        )
        MemberComponentFactory(member=baby, component_id="anak_usia_dini", place=POST)


def test_a_class_of_25_on_a_phone(phone, people, children, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/komitmen/")
    check_page(page)
    page.get_by_role("link", name=SCHOOL, exact=True).click()
    expect(page.locator(".attend")).to_have_count(25)
    check_page(page)

    page.get_by_label("Hari efektif").fill("20")
    page.get_by_label("Alpa Anak Nomor 03").fill("5")
    page.get_by_label("Sakit Anak Nomor 04").fill("25")
    page.get_by_role("button", name="Simpan komitmen").click()
    expect(page.get_by_text("Tidak masuk 25 hari, padahal hari efektif 20.")).to_be_visible()
    expect(page.get_by_label("Alpa Anak Nomor 03")).to_have_value("5")
    check_page(page)

    page.get_by_label("Sakit Anak Nomor 04").fill("1")
    page.get_by_label("Anak yang kotaknya kosong selalu masuk").check()
    page.get_by_role("button", name="Simpan komitmen").click()
    expect(page.get_by_text("Komitmen tersimpan.")).to_be_visible()
    assert Commitment.objects.filter(state="terpenuhi").count() == 24
    assert Commitment.objects.get(state="belum").member.name == "Anak Nomor 03"
    check_page(page)

    family = people["families"][3]
    page.goto(family.get_absolute_url())
    expect(page.get_by_text("Anak Nomor 03 hadir 75% di sekolah").first).to_be_visible()
    check_page(page)


def test_the_answers_of_a_posyandu_are_counted_while_they_are_ticked(phone, people, children, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/komitmen/")
    page.get_by_role("link", name=POST, exact=True).click()
    page.get_by_role("group", name="Bayi Nomor 0").get_by_role("radio", name="Tidak datang").check()
    page.get_by_role("group", name="Bayi Nomor 1").get_by_role("radio", name="Belum tahu").check()
    expect(page.locator("[data-roll-count]")).to_have_text("0 hadir, 1 tidak, 1 belum tahu, 1 belum dipilih")


def test_a_posyandu_is_ticked_without_javascript(open_browser, people, children, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto("/komitmen/")
    page.get_by_role("link", name=POST, exact=True).click()
    page.get_by_role("link", name="Semua datang").click()
    page.get_by_role("group", name="Bayi Nomor 1").get_by_role("radio", name="Tidak datang").check()
    page.get_by_role("button", name="Simpan komitmen").click()
    expect(page.get_by_text("Komitmen tersimpan.")).to_be_visible()
    told = Commitment.objects.order_by("member__name").values_list("came", flat=True)
    assert list(told) == [True, False, True]


def test_a_schools_file_is_looked_at_and_stored_on_a_phone(
    phone, people, children, sign_in, check_page, tmp_path
):
    today = timezone.localdate()
    page = sign_in(phone.new_page(), "sri")
    page.goto("/komitmen/")
    page.get_by_role("link", name=SCHOOL, exact=True).click()
    page.get_by_role("link", name="Formulir").click()
    check_page(page)
    page.get_by_label("Tulis NIK lengkap di berkas").check()
    page.get_by_label("Mengapa perlu NIK lengkap").fill("Diminta sekolah")
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh CSV").click()
    path = tmp_path / "sekolah.csv"
    download.value.save_as(path)
    rows = path.read_text("utf-8-sig").splitlines()
    rows[5] = "Hari efektif" + ";" * (8 + 5 * ((today.month - 1) % 3)) + "20"
    at = 8 + 5 * ((today.month - 1) % 3)
    for number in range(6, len(rows)):
        cells = rows[number].split(";")
        cells[at : at + 3] = ["4" if number == 6 else "0", "0", "0"]
        rows[number] = ";".join(cells)
    path.write_text("\n".join(rows), "utf-8")

    page.goto("/komitmen/berkas/")
    check_page(page)
    page.get_by_label("Berkas dari sekolah").set_input_files(path)
    page.get_by_role("button", name="Kirim dan baca").click()
    expect(page.get_by_role("button", name="Simpan kehadiran 25 anak")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Simpan kehadiran 25 anak").click()
    expect(page.get_by_text("Semua yang cocok sudah tersimpan")).to_be_visible()
    assert SchoolFile.objects.get().outcome["baru"] == 25
    assert Commitment.objects.filter(state="belum").count() == 1
