"""A real browser on the real app: Chromium against a live server, strict CSP on, every violation an error."""

import os
from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright

from accounts.models import User
from tests.chromium import chromium_path
from tests.clock import MOMENT
from tests.factories import (
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
)
from tests.worlds import made_once

PHONE, DESKTOP, NARROW = (
    {"width": 360, "height": 640},
    {"width": 1280, "height": 800},
    {"width": 320, "height": 640},
)
PASSWORD = "warung-kopi-di-tikungan"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Playwright's sync API keeps an event loop in this thread, which Django takes for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

AXE = "axe.js"
SERVED = {AXE: AXE_SCRIPT}  # scripts of the tests, among the static files
PUT_IN_AXE = """(address) => window.axe ? null : new Promise((done, failed) => {
  document.head.append(Object.assign(document.createElement('script'), {src: address, onload: () => done(), onerror: failed}));
})"""
RUN_AXE = "(options) => axe.run(document, options).then((results) => results.violations)"

COLLECT = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


def serve_for_good(self, request):
    """Static files that a browser keeps: they do not change during a run, and their dates are of another day. Among
    them are scripts of the tests, such as axe, so that the browser keeps it compiled too.
    """
    script = SERVED.get(request.path.removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))
    response = HttpResponse(script, content_type="text/javascript") if script else serve(self, request)
    response["Cache-Control"] = "max-age=31536000, immutable"
    return response


serve, StaticFilesHandler.serve = StaticFilesHandler.serve, serve_for_good


@pytest.fixture(scope="session")
def chromium_driver():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(chromium_driver):
    browser = chromium_driver.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


CONTEXTS = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that failed shows what its pages showed."""
    report = yield
    if report.failed:
        for page in (page for context in item.stash.get(CONTEXTS, []) for page in context.pages):
            seen = f"{page.url}\n\n{page.inner_text('body')[:3000]}"
            report.sections.append(("Page at the end", seen))
    return report


@pytest.fixture
def open_browser(request, chromium, live_server):
    """Make a browser context: open_browser(viewport=DESKTOP, javascript=False). Script errors fail the test."""
    contexts, errors = request.node.stash.setdefault(CONTEXTS, []), []

    def make(*, viewport=PHONE, javascript=True):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=viewport,
            java_script_enabled=javascript,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            service_workers="block",
        )
        context.clock.set_fixed_time(MOMENT)
        context.set_default_timeout(10_000)
        context.add_init_script(COLLECT)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def phone(open_browser):
    return open_browser()


@made_once
def people():
    return people_at_work()


def people_at_work():
    """A pendamping with twelve families in three RW, some due, and her koordinator and kelurahan officer."""
    password = make_password(PASSWORD)
    pendamping = UserFactory(username="sri", name="Sri Wahyuni", password=password)
    group = GroupFactory(pendamping=pendamping, name="Melati 1")
    today = timezone.localdate()
    for number in range(12):
        family = HouseholdFactory(
            pendamping=pendamping, group=group, name=f"{NAMES[number]}", rw=5 + number % 3, rt=1 + number % 2
        )
        child = MemberFactory(household=family, name=f"Anak {NAMES[number]}")
        MemberComponentFactory(member=child)
        days = 10 * number
        ActivityFactory(pendamping=pendamping, families=[family], occurred_on=today - timedelta(days=days))
    return {
        "pendamping": pendamping,
        "koordinator": UserFactory(koordinator=True, username="rina", password=password),
        "kelurahan": UserFactory(kelurahan=True, username="dedi", password=password),
        "admin": UserFactory(admin=True, username="pusat", password=password),
        "families": list(pendamping.households.order_by("name")),
        "group": group,
    }


NAMES = [
    "Aas Rohaeti", "Cucu Suhartini", "Dedeh Kurniasih", "Euis Komariah", "Iis Sumiati", "Lilis Nurjanah",
    "Neneng Hasanah", "Nining Yuningsih", "Tati Hartati", "Titin Supriatin", "Wati Susilawati", "Yayah Rokayah",
]  # fmt: skip


@pytest.fixture
def sign_in(live_server):
    """Give the browser of `page` a session, as a login does: sign_in(page, "sri")."""

    def put_in(page, username):
        client = Client()
        client.force_login(User.objects.get(username=username))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        return page

    return put_in


def log_in(page, username):
    """Log in on the login page in front of us, where the login itself matters."""
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()


@pytest.fixture
def check_page():
    """Check what must hold on every page: no axe violation, no CSP violation, no sideways scroll, and that it can be read
    in the colours of the night.
    """

    def violations(page, **only):
        return [
            f"{rule['id']}: {rule['help']}: {[node['html'][:160] for node in rule['nodes']]}"
            for rule in page.evaluate(RUN_AXE, {"runOnly": only, "resultTypes": ["violations"]})
        ]

    def check(page):
        page.wait_for_load_state()
        # At the end of the page the sticky bar lies in its own place and covers no field.
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.evaluate(PUT_IN_AXE, f"{settings.STATIC_URL}{AXE}")
        found = violations(page, type="tag", values=RULES)
        assert not found, f"{page.url}\n" + "\n".join(found)
        # Without motion: half way from one colour to the other nothing can be read.
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found = violations(page, type="rule", values=["color-contrast"])
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        assert not found, f"{page.url} at night\n" + "\n".join(found)
        assert page.evaluate("window.violations") == [], page.url
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide}px"

    return check


from .phones import make_phone, network, work_phone  # noqa: F401  fixtures; they stand on what is above
from .sizes import check_sizes  # noqa: F401
