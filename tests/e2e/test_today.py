"""Hari ini on a phone: a screen of families, put off by tap, swipe, keyboard or without JavaScript, the same all day."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from kpm.models import Household
from roles.models import Postponement
from wilayah.clock import local_today

ROWS = ".row.due[data-swipe]"
NAMES = f"{ROWS} .row__link"


@pytest.fixture
def at_work(phone, people, sign_in):
    for number, family in enumerate(people["families"]):
        seen_on = local_today() - timedelta(days=40 + number)
        Household.objects.filter(pk=family.pk).update(last_visited_on=seen_on)
        family.activity_rows.filter(occurred_on=local_today()).update(occurred_on=seen_on)
    User.objects.filter(username="sri").update(created_at=timezone.now() - timedelta(days=90))
    page = sign_in(phone.new_page(), "sri")
    page.goto("/")
    return page


def names(page):
    return page.locator(NAMES).all_inner_texts()


def swipe(page, row, by):
    """A finger that goes `by` pixels sideways on a row."""
    row.evaluate(
        """(row, by) => {
          const {left, top, width, height} = row.getBoundingClientRect();
          const at = (x) => new Touch({identifier: 1, target: row, clientX: x, clientY: top + height / 2});
          const go = (kind, touch, lasting) => row.dispatchEvent(new TouchEvent(kind, {
            bubbles: true, touches: lasting ? [touch] : [], changedTouches: [touch]}));
          go('touchstart', at(left + width / 2), true);
          go('touchend', at(left + width / 2 + by), false);
        }""",
        by,
    )


def test_eight_families_stand_on_one_screen_of_a_phone(at_work):
    shown = at_work.evaluate(
        """(rows) => {
          const end = document.querySelector('.nav').getBoundingClientRect().top;
          return Array.from(document.querySelectorAll(rows)).filter((row) => row.getBoundingClientRect().bottom <= end).length;
        }""",
        ROWS,
    )
    assert shown >= 8


def test_a_family_is_put_off_by_one_tap_and_another_comes_at_the_end(at_work, check_page):
    before = names(at_work)
    at_work.locator(f"{ROWS} summary").nth(2).click()
    check_page(at_work)
    at_work.get_by_role("button", name="Di luar kota, 7 hari").click()

    expect(at_work.get_by_text(f"{before[2]} ditunda")).to_be_visible()
    after = names(at_work)
    assert after[:9] == [name for name in before if name != before[2]] and len(after) == 10
    stored = Postponement.objects.get()
    assert (stored.reason, stored.until_on) == ("Di luar kota", local_today() + timedelta(days=7))
    at_work.go_back()
    at_work.reload()
    assert before[2] not in names(at_work) and Postponement.objects.count() == 1


def test_a_swipe_opens_the_choices_and_closes_them(at_work):
    row = at_work.locator(ROWS).first
    swipe(at_work, row, -20)
    expect(row.locator("details")).not_to_have_attribute("open", "")
    swipe(at_work, row, -120)
    expect(row.get_by_role("button", name="Sedang bekerja, 2 hari")).to_be_visible()
    assert at_work.evaluate("document.activeElement.tagName") == "SUMMARY"
    swipe(at_work, row, 120)
    expect(row.locator("details")).not_to_have_attribute("open", "")


def test_with_the_keyboard_alone(at_work):
    name = names(at_work)[0]
    at_work.locator(NAMES).first.focus()
    at_work.keyboard.press("Tab")
    at_work.keyboard.press("Enter")
    for _ in range(9):
        at_work.keyboard.press("Tab")
        if "Minta datang besok" in at_work.evaluate("document.activeElement.textContent"):
            break
    assert at_work.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    at_work.keyboard.press("Enter")
    expect(at_work.get_by_text(f"{name} ditunda")).to_be_visible()


def test_two_tabs_have_one_plan_and_a_visit_is_ticked_in_both(phone, at_work):
    other = phone.new_page()
    other.goto("/?urut=berat")
    assert sorted(names(other)) == sorted(names(at_work))
    first = names(at_work)[0]
    at_work.locator(NAMES).first.click()
    at_work.locator(".phrase-card .option").filter(has_text="Pengurus ada di rumah").click()
    at_work.get_by_role("button", name=re.compile("Simpan kegiatan")).click()
    expect(at_work.get_by_text("Kode tanda terima")).to_be_visible()

    other.reload()
    assert first not in names(other) and len(names(other)) == 9
    other.get_by_text("Sudah").click()
    expect(other.locator(".done")).to_contain_text("baru dikunjungi hari ini")
    other.get_by_role("link", name="Ringkasan hari ini").click()
    expect(other.get_by_text("1 rumah, 1 bertemu")).to_be_visible()


def test_without_javascript(open_browser, at_work, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto("/")
    name = names(page)[0]
    page.locator(f"{ROWS} summary").first.click()
    page.get_by_role("button", name="Sedang sakit, 3 hari").first.click()
    expect(page.get_by_text(f"{name} ditunda")).to_be_visible()
    page.get_by_role("link", name="1 keluarga sedang ditunda").click()
    page.locator(f"{ROWS} summary").first.click()
    page.get_by_role("button", name="Batalkan tundaan").click()
    expect(page.get_by_text(f"{name} tampil lagi di Hari ini")).to_be_visible()
