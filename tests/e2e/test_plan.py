"""A family's goal on a 360x640 phone: chosen from what is low, worked on in a visit, seen on its page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from kpm.models import Goal
from tests.factories import assess, make_goal

from .pages import write_down


@pytest.fixture
def family(people):
    family = people["families"][0]
    assess(family, {"B2": 1, "E1": 2}, on=timezone.localdate() - timedelta(days=3))
    return family


def make_one(page, family):
    target = timezone.localdate() + timedelta(days=60)
    page.goto(f"{family.get_absolute_url()}rencana/")
    page.get_by_role("link", name=re.compile("Buat tujuan: Tabungan")).click()
    page.get_by_label("Apa yang ingin diubah").fill("Punya celengan")
    page.get_by_label("Mengapa ini penting").fill("Supaya tidak berutang")
    page.get_by_label("Target tercapai").fill(target.isoformat())
    page.get_by_label("Langkah keluarga").first.fill("Isi celengan tiap hari")
    page.get_by_label("Langkah pendamping").first.fill("Melihat celengan")
    page.get_by_role("button", name="Simpan tujuan").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    expect(page.get_by_role("link", name="Punya celengan")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_goal_goes_from_the_assessment_to_a_ticked_step(javascript, open_browser, family, sign_in):
    page = sign_in(open_browser(javascript=javascript).new_page(), "sri")
    make_one(page, family)

    page.goto(f"/kegiatan/catat/?kpm={family.case_number}")
    page.get_by_text("Tujuan keluarga").click()
    page.get_by_label(re.compile("Selesai: Isi celengan")).check()
    write_down(page, "Melihat celengan yang penuh.")
    page.get_by_role("button", name=re.compile("Simpan kegiatan")).click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()

    page.get_by_role("link", name="Punya celengan", exact=True).click()
    expect(page.get_by_text("1 / 2")).to_be_visible()
    expect(page.get_by_role("link", name="Kunjungan rumah")).to_be_visible()
    page.get_by_role("link", name="Tutup tujuan").click()
    page.get_by_label("Tercapai").check()
    page.get_by_label("Ceritakan singkat").fill("Celengan penuh dua kali.")
    page.get_by_role("button", name="Tutup tujuan").click()
    expect(page.get_by_text("Celengan penuh dua kali.")).to_be_visible()
    assert Goal.objects.get().state == "tercapai"


def test_a_due_step_is_ticked_on_hari_ini(phone, people, sign_in):
    today = timezone.localdate()
    family = people["families"][1]  # not visited today
    goal = make_goal(family, on=today - timedelta(days=2), steps=[("keluarga", "Isi celengan", today)])
    page = sign_in(phone.new_page(), "sri")
    page.goto("/")

    page.locator(f"summary[aria-label='Pilihan untuk {family.name}']").click()
    page.get_by_role("button", name="Tandai selesai: langkah tujuan hari ini: Isi celengan").click()

    expect(page.get_by_text("Selesai: Isi celengan.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Tandai selesai"))).to_have_count(0)
    assert goal.steps.get().done_on == today


def test_a_draft_of_a_visit_keeps_its_ticks(phone, family, sign_in):
    goal = make_goal(family, on=timezone.localdate() - timedelta(days=2))
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/kegiatan/catat/?kpm={family.case_number}")
    page.get_by_text("Tujuan keluarga").click()
    page.get_by_label(re.compile(goal.wish)).check()
    page.wait_for_timeout(1000)
    page.close()

    page = phone.new_page()
    page.goto("/kegiatan/catat/")
    page.get_by_role("button", name="Lanjutkan").click()

    expect(page.get_by_label(re.compile(goal.wish))).to_be_checked()
    expect(page.get_by_label(re.compile(goal.wish))).to_be_visible()
