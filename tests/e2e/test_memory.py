"""What the browser and the phone remember (C11): Back, Forward, reload, a failed sending and the next user, for every kind
of form and list of every page. Chromium keeps no page whole here, so Back fetches anew and the browser fills in forms.
"""

import json
import re
from functools import lru_cache

import pytest
from django.urls import resolve
from playwright.sync_api import expect

from kpm.models import Group
from pkh_casework.access import POLICY
from roles.models import Activity, Postponement
from tests.factories import ResourceFactory

from .conftest import log_in
from .pages import write_down
from .test_every_page import DUTIES, pages_of, world  # noqa: F401

WALKED = ("pendamping", "koordinator", "admin")
WORDS = "Ditulis di gang"
SECONDS = 2_500  # two, and a busy machine
# Every control that is not as the server sent it, hidden ones aside.
CHANGED = """() => Array.from(document.forms).flatMap((form) => Array.from(form.elements)).filter((field) =>
  field.type === 'checkbox' || field.type === 'radio' ? field.checked !== field.defaultChecked
    : field.tagName === 'SELECT' ? Array.from(field.options).some((one) => one.defaultSelected && !one.selected)
      : 'defaultValue' in field && field.type !== 'hidden' && field.type !== 'file' && field.value !== field.defaultValue
).map((field) => `${field.name}=${field.value}`)"""
# Tick, choose and type into everything that a form of the page holds, as a person does, without its scripts answering.
FILL = """() => Array.from(document.forms).flatMap((form) => Array.from(form.elements)).forEach((field) => {
  if (field.type === 'checkbox' || field.type === 'radio') field.checked = true;
  else if (field.tagName === 'SELECT') field.selectedIndex = field.options.length - 1;
  else if (/^(text|textarea|search)$/.test(field.type)) field.value = 'Ingatan peramban';
})"""
# The first field of a sent form into which words are typed and kept.
FIELD = """() => Array.from(document.forms).filter((form) => form.method === 'post' && !('noDraft' in form.dataset)
    && !form.querySelector('[type="password"]'))
  .flatMap((form) => Array.from(form.elements)).find((field) => /^(text|textarea)$/.test(field.type)
    && !/^(name|nik|no_kk|nip|username)$/.test(field.name)) || null"""
TYPE = """([field, words]) => { field.value = words; field.dispatchEvent(new Event('input', {bubbles: true})); }"""
SEND = """(field) => { field.form.noValidate = true;
  const last = Array.from(field.form.querySelectorAll('button:not([type="button"])')).pop();
  const review = field.form.querySelector('[data-to-review]');
  if (review) review.click();
  field.form.requestSubmit(last); }"""
DRAFTS = (
    "() => JSON.stringify(Object.entries(localStorage).filter(([name]) => name.startsWith('langkah-draft:')))"
)


@lru_cache
def name_of(path):
    return resolve(path.partition("?")[0]).view_name


def one_of_each(duty, people):
    """The first page of each route that a duty is shown, and the addresses that come with a filter; of a koordinator
    those that no pendamping is shown. The other duties are shown nothing that these two are not.
    """
    seen, known = {}, set()
    if duty == "koordinator":
        known = {name_of(path) for path in pages_of("pendamping", people)}
    for path in pages_of(duty, people):
        if name_of(path) not in known:
            seen.setdefault((name_of(path), "q=" in path), path)
    return list(seen.values())


def come_back(page, path):
    """Leave the page and come back by Back; then by Forward after another Back."""
    page.goto("/healthz")
    page.go_back()
    assert page.url.endswith(path)
    page.go_forward()
    page.go_back()


@pytest.mark.parametrize("duty", WALKED)
def test_no_page_is_filled_in_by_the_browser(duty, phone, world, sign_in):  # noqa: F811
    page = sign_in(phone.new_page(), world[duty].username)
    filled = 0
    for path in one_of_each(duty, world):
        page.goto(path)
        if not page.evaluate("document.forms.length"):
            continue
        as_sent = page.evaluate(CHANGED)
        page.evaluate(FILL)
        filled += page.evaluate(CHANGED) != as_sent
        come_back(page, path)
        assert page.evaluate(CHANGED) == as_sent, f"Back to {path}"
        page.evaluate(FILL)
        page.reload()
        assert page.evaluate(CHANGED) == as_sent, f"reload of {path}"
        page.evaluate("localStorage.clear()")
    assert filled > 1


def test_without_the_rule_the_browser_would_fill_in(phone, people, sign_in):
    """What the test above guards against is there."""
    page = sign_in(phone.new_page(), "sri")
    page.route("**/app*.js", lambda route: route.abort())
    page.goto("/kpm/")
    page.evaluate(FILL)
    come_back(page, "/kpm/")

    assert page.evaluate(CHANGED) != []


@pytest.mark.parametrize("duty", WALKED)
def test_every_form_keeps_what_is_typed_and_stays_when_it_can_not_be_sent(duty, phone, world, sign_in):  # noqa: F811
    page = sign_in(phone.new_page(), world[duty].username)
    tried = set()
    for path in one_of_each(duty, world):
        page.goto(path)
        field = page.evaluate_handle(FIELD).as_element()
        if not field:
            continue
        tried.add(name_of(path))
        name = field.get_attribute("name")
        page.evaluate(TYPE, [field, WORDS])
        page.wait_for_function(
            "(words) => JSON.stringify(localStorage).includes(words)", arg=WORDS, timeout=SECONDS
        )
        op_id = field.evaluate("(one) => one.form.elements.op_id ? one.form.elements.op_id.value : ''")

        page.route("**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        field.evaluate(SEND)
        page.wait_for_selector("[data-send-problem]")
        assert "Belum terkirim" in page.inner_text("[data-send-problem]"), path
        assert field.input_value() == WORDS and page.url.endswith(path), path
        page.unroute("**")

        page.reload()
        offer = page.locator(".draft").filter(has_text=WORDS)
        assert offer.count() == 1, path
        field = page.evaluate_handle(FIELD).as_element()
        assert field.input_value() != WORDS, f"{path}: put back before it was asked for"
        offer.get_by_role("button", name="Lanjutkan").click()
        there = page.locator(f'form[method="post"] [name="{name}"]').first
        assert there.input_value() == WORDS, path
        if op_id:
            assert there.evaluate("(one) => one.form.elements.op_id.value") == op_id, path
        page.evaluate("localStorage.clear()")
        page.goto("about:blank")
    assert len(tried) >= {"pendamping": 30, "koordinator": 8, "admin": 3}[duty], sorted(tried)


def forms_of(people):
    """A form of each kind: where it is, how it is filled in and sent, and what is stored."""
    family = people["families"][0]
    return {
        "a visit": (
            f"/kegiatan/catat/?kpm={family.case_number}",
            lambda page: write_down(page, WORDS),
            "Simpan kegiatan",
            lambda: Activity.objects.filter(notes=WORDS).count(),
        ),
        "a group": (
            "/kelompok/baru/",
            lambda page: page.get_by_label("Nama kelompok").fill(WORDS),
            "Simpan kelompok",
            lambda: Group.objects.filter(name=WORDS).count(),
        ),
        "a postponement": (
            f"/kegiatan/tunda/{family.case_number}/",
            lambda page: (
                page.locator("[name=reason]").fill(WORDS),
                page.locator("[name=until_on]").fill("2026-11-25"),
            ),
            "Tunda",
            lambda: Postponement.objects.filter(reason=WORDS).count(),
        ),
    }


@pytest.mark.parametrize("kind", ["a visit", "a group", "a postponement"])
def test_a_stored_form_says_so_and_is_not_stored_twice(kind, phone, people, sign_in):
    path, fill, button, stored = forms_of(people)[kind]
    page = sign_in(phone.new_page(), "sri")
    page.goto(path)
    fill(page)
    page.locator("main").get_by_role("button", name=re.compile(button)).last.click()
    page.wait_for_url(lambda url: not url.endswith(path))
    assert stored() == 1

    page.go_back()
    expect(page.get_by_text("Isian ini sudah tersimpan")).to_be_visible()
    expect(page.locator("main form[method=post]").first).to_be_hidden()
    expect(page.locator(".draft")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Isian ini sudah tersimpan")).to_be_visible()
    page.go_forward()
    page.go_back()
    page.get_by_role("button", name="Isi lagi").click()
    expect(page.locator("main form[method=post]").first).to_be_visible()
    assert page.evaluate(CHANGED) == []
    assert stored() == 1


@pytest.mark.parametrize("kind", ["a visit", "a group"])
def test_an_answer_lost_on_the_way_is_asked_for_again_under_the_same_number(kind, phone, people, sign_in):
    path, fill, button, stored = forms_of(people)[kind]
    page = sign_in(phone.new_page(), "sri")
    page.goto(path)
    fill(page)

    def lose_the_answer(route):
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**", lose_the_answer)
    page.locator("main").get_by_role("button", name=re.compile(button)).last.click()
    expect(page.locator("[data-send-problem]")).to_contain_text("Belum terkirim")
    page.unroute("**")
    page.reload()
    if page.locator(".draft").count():  # else the page has named what the server took meanwhile
        page.get_by_role("button", name="Lanjutkan").click()
        page.locator("main").get_by_role("button", name=re.compile(button)).last.click()
        page.wait_for_url(lambda url: not url.endswith(path))

    assert stored() == 1
    assert WORDS not in page.evaluate(DRAFTS)


@pytest.mark.parametrize("status", [403, 413, 500, 503])
def test_a_refusal_of_the_server_leaves_the_form(status, phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kelompok/baru/")
    page.get_by_label("Nama kelompok").fill(WORDS)
    page.route(
        "**",
        lambda route: (
            route.fulfill(status=status, body="") if route.request.method == "POST" else route.continue_()
        ),
    )
    page.get_by_role("button", name=re.compile("Simpan kelompok")).click()

    expect(page.locator("[data-send-problem]")).to_contain_text("Belum terkirim")
    expect(page.get_by_label("Nama kelompok")).to_have_value(WORDS)
    page.unroute("**")
    page.get_by_role("button", name=re.compile("Simpan kelompok")).click()
    page.wait_for_url(lambda url: not url.endswith("/baru/"))
    assert Group.objects.filter(name=WORDS).count() == 1


def test_a_mistake_keeps_the_draft_and_the_page(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    path = f"/kegiatan/tunda/{people['families'][0].case_number}/"
    page.goto(path)
    page.locator("[name=reason]").fill(WORDS)
    page.locator("[name=until_on]").fill("2020-01-01")
    page.locator("main form").evaluate("(form) => { form.noValidate = true; }")
    page.locator("main").get_by_role("button", name=re.compile("Tunda")).last.click()

    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[name=reason]")).to_have_value(WORDS)
    assert page.url.endswith(path)
    assert WORDS in page.evaluate(DRAFTS)


LISTS = {
    "/kpm/": ("sri", "#household-q", "euis", "#household-rows .row"),
    "/sumber-daya/": ("sri", "#resource-q", "jahit", "#resource-rows .row"),
    "/mitra/": ("sri", "#partner-q", "baznas", "#partner-rows .row"),
    "/petugas/": ("rina", "#staff-q", "sri", "#staff-list .row"),
    "/wilayah/": ("pusat", "[name=q]", "kebon jayanti", "#area-list .row"),
}


@pytest.mark.parametrize("path", LISTS)
def test_a_filter_shown_is_the_filter_in_force(path, phone, people, sign_in):
    username, box, words, rows = LISTS[path]
    ResourceFactory(name="Kelompok jahit")
    page = sign_in(phone.new_page(), username)
    page.goto("/lainnya/")
    page.goto(path)
    entries = page.evaluate("history.length")
    page.locator(box).press_sequentially(words, delay=60)
    page.wait_for_url(re.compile(re.escape(words.replace(" ", "+")).replace(r"\+", r"(\+|%20)")))
    found = page.locator(rows).all_inner_texts()
    assert page.evaluate("history.length") == entries

    page.goto("/akun/")
    page.go_back()
    expect(page.locator(box)).to_have_value(words)
    assert page.locator(rows).all_inner_texts() == found
    page.locator(box).fill("")
    page.wait_for_function("() => !new URLSearchParams(location.search).get('q')")
    page.goto("/akun/")
    page.go_back()
    expect(page.locator(box)).to_have_value("")
    page.go_back()
    assert page.url.endswith("/lainnya/")


def test_back_ticks_nobody_on_a_list_that_changed(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kpm/")
    page.locator("[name=kpm]").nth(1).check()
    page.get_by_role("button", name=re.compile("Catat untuk")).click()
    page.wait_for_url(re.compile("/kegiatan/catat/"))
    first = people["families"][0]
    type(first).objects.filter(pk=first.pk).update(status="nonaktif")

    page.go_back()
    assert page.locator("[name=kpm]:checked").count() == 0


def test_back_approves_nothing(phone, world, sign_in):  # noqa: F811
    page = sign_in(phone.new_page(), world["koordinator"].username)
    page.goto("/laporan/")
    page.locator("[name=laporan]").first.check()
    come_back(page, "/laporan/")
    assert page.locator("[name=laporan]:checked").count() == 0
    page.locator("[name=laporan]").first.check()
    page.get_by_role("button", name=re.compile("Setujui yang dicentang")).click()
    expect(page.locator(".alert").first).to_be_visible()
    page.goto("/lainnya/")
    page.go_back()
    assert page.locator("[name=laporan]:checked").count() == 0


def test_the_next_user_of_the_phone_sees_no_word_of_the_one_before(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    family = people["families"][0]
    visited = {
        "/kpm/?q=euis": "#household-q",
        f"/kegiatan/catat/?kpm={family.case_number}": "main [name=notes]",
        "/kelompok/baru/": "main [name=name]",
    }
    for path, field in visited.items():
        page.goto(path)
        page.locator(field).fill(WORDS)
        page.wait_for_timeout(1200)
    page.goto("/lainnya/")
    page.get_by_role("button", name=re.compile("Keluar")).click()
    page.wait_for_url(re.compile("/masuk/"))
    log_in(page, "rina")
    page.wait_for_url(lambda url: "/masuk/" not in url)

    for _ in range(6):
        page.go_back()
        page.wait_for_function("() => !document.body.dataset.user || history.state")
        text = page.content() + json.dumps(page.evaluate(CHANGED))
        assert WORDS not in text, page.url
        assert page.locator(".draft").count() == 0
    for path in visited:
        page.goto(path)
        assert WORDS not in page.content() + json.dumps(page.evaluate(CHANGED))


def test_a_page_kept_whole_by_the_browser_is_fetched_anew(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kelompok/baru/")
    page.get_by_label("Nama kelompok").fill(WORDS)
    page.evaluate(
        "window.old = true; window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    )
    page.wait_for_function("() => !window.old && document.readyState === 'complete'")

    expect(page.get_by_label("Nama kelompok")).to_have_value("")
    expect(page.locator(".draft")).to_contain_text(WORDS)


def test_a_draft_holds_no_number_and_no_name_of_a_person(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kpm/baru/")
    page.locator("[name=nik]").fill("3273995506900001")
    page.locator("[name=no_kk]").fill("3273990101200001")
    page.locator("main [name=name]").fill("Euis Komariah")
    page.locator("[name=address]").fill(WORDS)
    page.wait_for_timeout(SECONDS)

    kept = page.evaluate(DRAFTS)
    assert WORDS in kept
    assert not re.search("327399|Euis", kept)


def test_a_draft_ends_after_seven_days(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kelompok/baru/")
    page.get_by_label("Nama kelompok").fill(WORDS)
    page.wait_for_timeout(SECONDS)
    page.evaluate(
        """() => Object.keys(localStorage).forEach((name) => { const draft = JSON.parse(localStorage[name]);
          localStorage[name] = JSON.stringify({...draft, at: draft.at - 7.1 * 86400000}); })"""
    )
    page.goto("/lainnya/")

    assert page.evaluate(DRAFTS) == "[]"
    expect(page.get_by_text("yang belum tersimpan")).to_have_count(0)


def test_login_and_password_are_never_drafts(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/akun/sandi/")
    page.locator("[type=password]").first.fill(WORDS)
    page.wait_for_timeout(SECONDS)

    assert page.evaluate(DRAFTS) == "[]"


def test_every_route_that_is_filled_in_is_walked(world):  # noqa: F811
    shown = {name_of(path) for duty in WALKED for path in pages_of(duty, world)}
    assert shown >= {name_of(path) for duty in DUTIES for path in pages_of(duty, world)}
    assert {"roles:activity_create", "kpm:household_create", "reports:report_list"} <= shown <= set(POLICY)
