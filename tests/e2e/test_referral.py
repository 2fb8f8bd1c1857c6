"""From a family's goal to the outcome of a referral: choosing, the yes, the partner's answer on its own phone."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from kpm.models import Consent
from resources.models import Referral
from tests.factories import assess, make_goal
from tests.referrals import make_resource

from .conftest import DESKTOP


@pytest.fixture
def goal(people):
    family, today = people["families"][0], timezone.localdate()
    assess(family, {"C1": 1}, on=today)
    make_resource(
        desil_to=4, requirements="Fotokopi KTP dan surat RT", business_months=6, age_from=20, checked_on=today
    )
    make_resource(
        "Pelatihan kue kering", partner=None, category_id="pelatihan", residents_only=False, checked_on=today
    )
    return make_goal(family, "C1", wish="Jualan gorengan setiap hari", on=today)


def test_from_goal_to_outcome_with_the_partners_page(open_browser, people, goal, sign_in, check_page):
    phone, partner = open_browser(), open_browser()
    page, theirs = sign_in(phone.new_page(), "sri"), partner.new_page()

    page.goto(goal.get_absolute_url())
    first = page.locator(".match").first
    expect(first).to_contain_text("Pelatihan kue kering")  # nothing is asked, so it fits
    expect(page.locator(".match").nth(1)).to_contain_text("Usaha sudah berjalan 6 bulan (belum)")
    check_page(page)
    page.get_by_role("link", name="Rujuk ke Pelatihan kue kering").click()
    expect(page.get_by_label("Kebutuhan keluarga")).to_have_value("Jualan gorengan setiap hari")
    check_page(page)
    page.get_by_role("button", name="Rencanakan rujukan").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    check_page(page)

    page.get_by_role("link", name="Ajukan ke mitra").click()
    expect(page.get_by_text("NIK dan nomor KK tidak disampaikan")).to_be_visible()
    page.get_by_label("Lisan, dibacakan lalu disetujui").check()
    check_page(page)
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Tercatat: diajukan.")).to_be_visible()
    assert Consent.objects.get().how == "lisan"

    page.get_by_role("button", name="Buat tautan untuk mitra").click()
    expect(page.get_by_text("Tautan ini hanya tampil sekali.")).to_be_visible()
    message = page.get_by_label("Pesan untuk mitra").input_value()
    check_page(page)

    theirs.goto(re.search(r"/jawab/\S+", message)[0])
    check_page(theirs)
    expect(theirs.get_by_text("Jualan gorengan")).to_have_count(0)
    theirs.get_by_role("button", name="Buka rujukan").click()
    expect(theirs.get_by_text("Jualan gorengan setiap hari")).to_be_visible()
    assert people["families"][0].name not in theirs.content()
    check_page(theirs)
    theirs.evaluate("document.querySelector('form').noValidate = true")
    theirs.get_by_role("button", name="Kirim jawaban").click()
    expect(theirs.locator("[data-error-summary]")).to_be_focused()
    check_page(theirs)
    theirs.get_by_label("Kami terima", exact=True).check()
    theirs.get_by_label("Nama Anda").fill("Ibu Tini")
    theirs.get_by_label("Catatan").fill("Mulai Senin depan pukul sembilan.")
    theirs.get_by_role("button", name="Kirim jawaban").click()
    expect(theirs.get_by_text("Jawaban Anda sudah sampai")).to_be_visible()
    check_page(theirs)
    theirs.goto(re.search(r"/jawab/\S+", message)[0])
    expect(theirs.get_by_role("heading", name="Tautan ini tidak dapat dibuka")).to_be_visible()
    check_page(theirs)

    page.goto(Referral.objects.get().get_absolute_url())
    expect(page.get_by_text("Ibu Tini, lewat tautan mitra")).to_be_visible()
    page.get_by_role("link", name="Selesai").click()
    page.get_by_label("Hasil bagi keluarga").fill("Sudah bisa membuat empat macam kue dan menjualnya.")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("link", name="Tutup tujuan")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Nilai lagi"))).to_be_visible()
    page.set_viewport_size(DESKTOP)
    check_page(page)
    page.goto(goal.get_absolute_url())
    expect(page.get_by_text("Sudah bisa membuat empat macam kue")).to_be_visible()
    check_page(page)


def test_it_all_works_without_javascript(open_browser, people, goal, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto(f"/rujukan/baru/?kpm={people['families'][0].case_number}&indikator=C1")
    page.get_by_role("link", name="Rujuk ke Pelatihan kue kering").click()
    page.get_by_label("Kebutuhan keluarga").fill("Belajar membuat kue")
    page.get_by_role("button", name="Rencanakan rujukan").click()
    page.get_by_role("link", name="Ajukan ke mitra").click()
    page.get_by_label("Tertulis, ditandatangani").check()
    page.get_by_role("button", name="Simpan").click()
    page.get_by_role("button", name="Buat tautan untuk mitra").click()

    assert "/jawab/" in page.get_by_label("Pesan untuk mitra").input_value()
    expect(page.get_by_role("button", name="Salin pesan")).to_have_count(0)
