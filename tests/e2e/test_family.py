"""On the family's page a kept promise is ticked without a new page, and without a database the page stays."""

import re

import pytest
from playwright.sync_api import expect

from roles.models import ActivityHousehold


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
