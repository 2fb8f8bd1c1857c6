"""An assessment on a 360x640 phone: the short form with taps counted, by keyboard, with bad luck, without JavaScript."""

import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from kpm.models import Assessment, Score
from tests.factories import assess

from .conftest import PASSWORD
from .pages import answer, shown

SHORT = 10  # the families of these tests have a child at school
SEND = re.compile("Kirim asesmen")


@pytest.fixture
def at_work(phone, people, sign_in):
    return sign_in(phone.new_page(), "sri")


@pytest.fixture
def family(people):
    return people["families"][0]


def step(page):
    return page.locator("[data-step-next]")


def begin(page, family, query=""):
    page.goto(f"/asesmen/{family.case_number}/{query}")


def test_a_short_assessment_takes_twelve_taps(at_work, family, check_page):
    started, taps = time.monotonic(), 0

    def tap(locator):
        nonlocal taps
        locator.click()
        taps += 1

    at_work.goto(family.get_absolute_url())
    tap(at_work.get_by_role("link", name="Asesmen", exact=True))
    check_page(at_work)
    for number in range(1, SHORT + 1):
        expect(shown(at_work)).to_have_count(1)
        expect(shown(at_work)).to_contain_text(f"{number} dari {SHORT}")
        tap(shown(at_work).locator(".anchor.level--2"))
    expect(at_work.get_by_text("Sebelum dikirim")).to_be_visible()
    expect(at_work.get_by_role("button", name=SEND)).to_have_text(re.compile(r"Setuju\.\s+Kirim asesmen"))
    check_page(at_work)
    tap(at_work.get_by_role("button", name=SEND))

    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    check_page(at_work)
    assert Score.objects.filter(household=family, family_level=2, level=2).count() == SHORT
    assert taps == 12
    assert time.monotonic() - started < 120


def test_differing_skipping_and_going_back(at_work, family):
    begin(at_work, family)
    step(at_work).click()  # nothing chosen: stays, and says what to do
    expect(at_work.locator("[data-draft-state]")).to_have_text("Pilih satu gambar, atau Lewati dulu.")
    answer(at_work, 3)
    at_work.locator("[data-step-back]").click()
    expect(step(at_work)).to_have_text("Setuju, lanjut")
    shown(at_work).get_by_label("1 Rentan").check()
    step(at_work).click()
    expect(shown(at_work).get_by_label("Mengapa berbeda dengan pilihan keluarga")).to_be_focused()
    at_work.keyboard.type("Warung sedang tutup.")
    at_work.keyboard.press("Control+End")
    step(at_work).click()
    shown(at_work).get_by_label("Lewati dulu").check()
    step(at_work).click()
    shown(at_work).get_by_role("radio", name="Tidak berlaku").check()
    shown(at_work).get_by_label("Mengapa tidak berlaku").fill("Semua sudah lansia.")
    at_work.keyboard.press("Enter")  # the next question, not the end
    expect(shown(at_work)).to_contain_text(f"4 dari {SHORT}")
    at_work.locator("[data-step-back]").click()
    expect(shown(at_work).get_by_label("Mengapa tidak berlaku")).to_have_value("Semua sudah lansia.")
    shown(at_work).get_by_role("button", name="Ringkasan").click()
    expect(at_work.locator("[data-review-rows] li").nth(1)).to_contain_text("Lewati dulu")
    expect(at_work.locator("[data-review-count]")).to_have_text(f"{SHORT - 3} pertanyaan")
    at_work.get_by_role("button", name="Lewati semua yang belum dijawab").click()
    at_work.get_by_role("button", name=SEND).click()

    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    said = list(
        Score.objects.order_by("indicator__position").values_list("state", "family_level", "level")[:3]
    )
    assert said == [("dijawab", 3, 1), ("dilewati", None, None), ("tidak_berlaku", None, None)]


def test_a_mistake_opens_its_screen(at_work, family):
    begin(at_work, family)
    answer(at_work, 2)
    shown(at_work).get_by_role("button", name="Ringkasan").click()
    at_work.get_by_role("button", name=SEND).click()

    expect(at_work.locator("[data-error-summary]")).to_be_focused()
    expect(shown(at_work)).to_contain_text(f"2 dari {SHORT}")
    expect(shown(at_work).locator(".field__error")).to_contain_text("Pilih satu gambar, atau Lewati dulu.")
    at_work.locator("[data-error-summary] a").nth(2).click()
    expect(shown(at_work)).to_contain_text(f"4 dari {SHORT}")


def test_a_killed_tab_keeps_the_draft(phone, at_work, family):
    begin(at_work, family)
    for _ in range(3):
        answer(at_work, 2)
    at_work.wait_for_timeout(1200)
    op_id = at_work.locator("[name=op_id]").input_value()
    stored = at_work.evaluate("JSON.stringify(localStorage)")
    assert family.case_number in stored and family.name not in stored
    at_work.close()

    page = phone.new_page()
    page.goto("/")
    page.get_by_role("link", name="Lanjutkan mengisi").click()
    expect(page.locator(".draft")).to_contain_text("3 isian")
    page.get_by_role("button", name="Lanjutkan").click()
    expect(shown(page)).to_contain_text(f"4 dari {SHORT}")
    for _ in range(SHORT - 3):
        answer(page, 3)
    page.get_by_role("button", name=SEND).click()

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    assert Assessment.objects.get().op_id.hex == op_id.replace("-", "")
    page.goto("/")
    expect(page.get_by_role("link", name="Lanjutkan mengisi")).to_be_hidden()


def test_the_draft_of_an_assessment_is_not_offered_to_an_activity(at_work, family):
    begin(at_work, family)
    answer(at_work, 2)
    at_work.wait_for_timeout(1200)

    at_work.goto("/kegiatan/catat/")

    expect(at_work.locator(".draft")).to_have_count(0)


def test_a_double_tap_stores_once_and_skips_no_question(at_work, family):
    begin(at_work, family)
    for number in range(1, SHORT + 1):
        expect(shown(at_work)).to_contain_text(f"{number} dari {SHORT}")
        shown(at_work).locator(".anchor.level--2").dblclick()
    at_work.get_by_role("button", name=SEND).dblclick()

    expect(at_work.get_by_text("Kode tanda terima").first).to_be_visible()
    assert Assessment.objects.count() == 1
    assert Score.objects.filter(state="dijawab").count() == SHORT


def test_an_ended_session_loses_nothing(at_work, family):
    begin(at_work, family)
    for _ in range(SHORT):
        answer(at_work, 2)
    Session.objects.all().delete()
    at_work.get_by_role("button", name=SEND).click()

    expect(at_work.get_by_text("Sesi Anda berakhir.")).to_be_visible()
    at_work.get_by_label("Nama pengguna").fill("sri")
    at_work.get_by_label("Sandi", exact=True).fill(PASSWORD)
    at_work.get_by_role("button", name="Masuk", exact=True).click()
    at_work.get_by_role("button", name=re.compile("Simpan sekarang")).click()

    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    assert Assessment.objects.count() == 1


def test_without_signal_the_answers_stay(phone, at_work, family):
    begin(at_work, family)
    for _ in range(SHORT):
        answer(at_work, 2)
    phone.set_offline(True)
    at_work.get_by_role("button", name=SEND).click()
    expect(at_work.get_by_text("Tidak ada sinyal.")).to_be_visible()
    phone.set_offline(False)
    at_work.get_by_role("button", name=SEND).click()

    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    assert Assessment.objects.count() == 1


def test_by_keyboard_alone(at_work, family):
    at_work.goto(f"/asesmen/{family.case_number}/")
    at_work.locator(".skip").focus()

    def tab_to(check, most=60):
        for _ in range(most):
            at_work.keyboard.press("Tab")
            if at_work.evaluate(f"(() => {{ const e = document.activeElement; return {check}; }})()"):
                return
        raise AssertionError(f"the keyboard never reaches {check}")

    for number in range(1, SHORT + 1):
        tab_to("e.name && e.name.endsWith('-family')")
        at_work.keyboard.press("Space")
        at_work.keyboard.press("ArrowDown")
        at_work.wait_for_timeout(400)  # a key that moves through the pictures leads nowhere
        expect(shown(at_work)).to_contain_text(f"{number} dari {SHORT}")
        assert (
            at_work.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle")
            != "none"
        )
        tab_to("e.matches('[data-step-next]')")
        at_work.keyboard.press("Enter")
    tab_to("e.matches('[data-step-send]')")
    at_work.keyboard.press("Enter")

    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()
    assert Score.objects.filter(level=2).count() == SHORT


def test_a_correction_begins_at_the_summary(at_work, family):
    assessment = assess(family, {"A1": 1}, on=timezone.localdate(), form="singkat")
    at_work.goto(f"{assessment.get_absolute_url()}ubah/")
    at_work.get_by_role("button", name="Kecukupan pendapatan").click()
    shown(at_work).locator(".anchor.level--4").click()
    shown(at_work).get_by_role("button", name="Ringkasan").click()
    at_work.get_by_role("button", name=re.compile("Simpan perubahan")).click()

    expect(at_work.get_by_text("Versi lama tetap ada di riwayat.")).to_be_visible()
    assert assessment.scores.get(code="A1").level == 4


def test_without_javascript_the_whole_form_is_sent(open_browser, people, family, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto(f"/asesmen/{family.case_number}/")
    assert page.locator(".ask").count() == SHORT
    for number in range(SHORT):
        question = page.locator(".ask").nth(number)
        question.locator(".anchor.level--2").click()
        question.get_by_label("Setuju").check()
    page.get_by_role("button", name=SEND).click()

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    assert Score.objects.filter(level=2).count() == SHORT
