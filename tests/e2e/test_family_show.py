"""The screen that is held out to a family: read aloud by a voice of the phone itself, and handed on as a picture."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from entries.models import AccessLog
from tests.factories import assess, make_goal

# A phone with `voices`; what is spoken is kept in window.said.
VOICES = """(voices) => {
    window.said = [];
    const speech = {
        speaking: false, pending: false,
        getVoices: () => voices,
        addEventListener: () => {},
        cancel: () => { speech.speaking = false; window.said.push('(diam)'); },
        speak: (one) => { speech.speaking = true; window.said.push(one.text); },
    };
    Object.defineProperty(window, 'speechSynthesis', { value: speech, configurable: true });
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
}"""
OWN, REMOTE = '{"lang": "id-ID", "localService": true}', '{"lang": "id-ID", "localService": false}'
SHARES = """() => {
    navigator.canShare = () => true;
    navigator.share = async ({ files }) => { window.shared = [files[0].name, files[0].type, files[0].size]; };
}"""


@pytest.fixture
def family(people):
    family, today = people["families"][0], timezone.localdate()
    assess(family, {"A1": 3, "B2": 1, "E2": 4}, on=today - timedelta(days=9))
    make_goal(family, on=today - timedelta(days=2), steps=[("keluarga", "Isi celengan", today)])
    return family


def shown(open_browser, sign_in, family, *scripts):
    page = sign_in(open_browser().new_page(), "sri")
    for script in scripts:
        page.add_init_script(script)
    page.goto(f"{family.get_absolute_url()}tunjukkan/")
    return page


def test_it_is_read_aloud_and_falls_silent_at_a_second_tap(open_browser, sign_in, family, check_page):
    page = shown(open_browser, sign_in, family, f"({VOICES})([{OWN}])")
    check_page(page)

    page.get_by_role("button", name="Dengarkan").click()
    said = page.evaluate("window.said")
    assert said[0] == f"Langkah keluarga {family.name}"
    assert "Kita ada di anak tangga 2 dari 4." in said
    assert any("Isi celengan" in one for one in said) and all(one == " ".join(one.split()) for one in said)
    page.get_by_role("button", name="Berhenti").click()
    assert page.evaluate("window.said").pop() == "(diam)"
    expect(page.get_by_role("button", name="Dengarkan")).to_be_visible()


@pytest.mark.parametrize("voices", ["", REMOTE], ids=["none", "only one that sends the words away"])
def test_without_a_voice_of_its_own_the_phone_offers_none(voices, open_browser, sign_in, family):
    page = shown(open_browser, sign_in, family, f"({VOICES})([{voices}])")

    expect(page.get_by_role("heading", name="Yang kita janjikan")).to_be_visible()
    expect(page.locator("[data-listen]")).to_be_hidden()


def test_the_picture_is_handed_on_where_the_phone_can_and_opens_where_it_cannot(
    open_browser, sign_in, family
):
    page = shown(open_browser, sign_in, family, f"({SHARES})()")
    with page.expect_response("**/gambar/"):
        page.get_by_role("link", name="Bagikan gambar").click()
    page.wait_for_function("window.shared")
    name, kind, size = page.evaluate("window.shared")
    assert (name, kind) == ("langkah-keluarga.png", "image/png") and size > 10_000
    assert AccessLog.objects.filter(action="export", subject=family.case_number).count() == 1

    page = shown(open_browser, sign_in, family, "delete Navigator.prototype.canShare")
    page.get_by_role("link", name="Bagikan gambar").click()
    expect(page).to_have_url(f"{page.url.split('/kpm/')[0]}{family.get_absolute_url()}tunjukkan/gambar/")
