"""On the family's page a kept promise is ticked without a new page, and without a database the page stays."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from roles.models import ActivityHousehold
from tests.factories import assess, make_goal


@pytest.fixture
def promised(people):
    """A family with two open promises."""
    family = people["families"][0]
    for number, step in enumerate(("Bawa KK baru", "Cek buku tabungan")):
        row = (
            ActivityHousehold.objects.filter(household=people["families"][number])
            .select_related("activity")
            .get()
        )
        activity = row.activity
        activity.next_step, activity.next_step_on = step, activity.occurred_on
        activity.save()
        ActivityHousehold.objects.filter(pk=row.pk).update(household=family, step_due_on=activity.occurred_on)
    return family


def tick(page, step):
    page.get_by_role("button", name=f"Tandai selesai: {step}").click()


def test_a_promise_is_ticked_where_it_stands(phone, promised, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto(promised.get_absolute_url())
    page.evaluate("window.samePage = true")

    tick(page, "Bawa KK baru")

    expect(page.locator("#messages")).to_contain_text("Janji ditandai selesai. Kode tanda terima")
    expect(page.locator("#promises")).not_to_contain_text("Bawa KK baru")
    expect(page.locator("#promises .stat__num").nth(1)).to_have_text("1")
    assert page.evaluate("window.samePage")
    check_page(page)
    tick(page, "Cek buku tabungan")
    expect(page.locator("#promises")).to_contain_text("tidak ada yang menunggu")
    assert not ActivityHousehold.objects.open_steps().exists()


def test_without_javascript_a_tick_leads_back_to_the_page(open_browser, promised, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto(promised.get_absolute_url())

    tick(page, "Bawa KK baru")

    expect(page).to_have_url(re.compile(promised.case_number))
    expect(page.get_by_text("Janji ditandai selesai.")).to_be_visible()


def test_a_server_without_database_is_told_above_the_page_that_stays(phone, promised, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto(promised.get_absolute_url())
    body = '<div class="notice" data-unavailable><h1>Server sedang terganggu</h1></div>'
    page.route("**/selesai/", lambda route: route.fulfill(status=503, body=body, content_type="text/html"))

    tick(page, "Bawa KK baru")

    expect(page.get_by_role("alert").get_by_text("Server sedang terganggu")).to_be_in_viewport()
    tick(page, "Bawa KK baru")
    expect(page.get_by_text("Server sedang terganggu")).to_have_count(1)
    page.unroute("**/selesai/")
    tick(page, "Bawa KK baru")
    expect(page.locator("#promises")).not_to_contain_text("Bawa KK baru")
    expect(page.get_by_text("Server sedang terganggu")).to_have_count(0)


def test_two_screens_hold_what_is_needed_before_the_door_opens(phone, people, sign_in, check_page):
    family = people["families"][0]
    today = timezone.localdate()
    assess(family, {"A1": 2, "B2": 1, "E1": 2}, on=today - timedelta(days=200))
    assess(family, {"A1": 3, "B2": 2, "E1": 2}, on=today - timedelta(days=1))
    make_goal(family, "B2", on=today - timedelta(days=1), target_on=today + timedelta(days=30))
    page = sign_in(phone.new_page(), "sri")
    page.goto(family.get_absolute_url())

    height = page.viewport_size["height"]
    for place in (".page-head", ".who", ".next", ".since", ".goals", "#peta .cells"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] < 2 * height, (place, box)
    check_page(page)


def test_the_parts_of_the_page_are_addresses_and_back_works(open_browser, people, sign_in):
    for javascript in (True, False):
        page = sign_in(open_browser(javascript=javascript).new_page(), "sri")
        family = people["families"][0]
        page.goto(family.get_absolute_url())
        parts = page.get_by_role("navigation", name="Bagian halaman keluarga")
        for name, path in (("Riwayat", "riwayat/"), ("Keluarga", "keluarga/"), ("Rencana", "rencana/")):
            parts.get_by_role("link", name=name, exact=True).click()
            expect(page).to_have_url(re.compile(f"{family.case_number}/{path}$"))
            expect(parts.locator('[aria-current="page"]')).to_have_text(name)
        page.go_back()
        expect(parts.locator('[aria-current="page"]')).to_have_text("Keluarga")
        page.go_back()
        page.go_back()
        expect(parts.locator('[aria-current="page"]')).to_have_text("Ringkasan")
