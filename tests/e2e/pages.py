"""What a person does on our pages, for tests and for scripts that know nothing of Django."""

from playwright.sync_api import expect


def write_down(page, words):
    """On the logging screen: what was done, in `words`, and the first role that is offered, since none is chosen yet."""
    page.get_by_label("Apa yang dilakukan").last.fill(words)
    page.locator("#id_sub_role_group .choice-chip").first.click()


def shown(page):
    """The one screen of an assessment in front of us."""
    return page.locator("[data-screen]:not([hidden])")


def answer(page, level):
    """The family taps its picture, and the next question comes."""
    here = shown(page).get_attribute("data-screen")
    shown(page).locator(f".anchor.level--{level}").click()
    expect(shown(page)).not_to_have_attribute("data-screen", here)
