"""A phone that its user works with: a browser with a service worker, behind a network that can be made bad."""

import signal
import time
from pathlib import Path

import psutil
import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from phone.views import offline
from tests.chromium import chromium_path

from .conftest import CHROMIUM_FLAGS, COLLECT, CONTEXTS, PHONE, SERVED
from .network import DOWN, FINE, BadNetwork
from .pages import write_down

CODE = "582931"
CLOCK = "clock.js"
# A clock as far from the machine's as that of the tests, also in a service worker; `clockMoved` moves it on (ms).
TIME = """(() => { const Real = Date; const now = () => Real.now() + %d + (self.clockMoved || 0);
  self.Date = class extends Real { constructor(...given) { if (given.length) super(...given); else super(now()); }
    static now() { return now(); } }; })();"""
# Entries as forms leave them on the phone, each a visit of a family: [[case number, words], …].
PUT = """(visits) => visits.reduce((before, [number, words]) => before.then(() => outbox.put(langkahPage.user, {
  op: langkah.uuid7(), title: 'Catat kegiatan', path: `/kegiatan/catat/?kpm=${number}`, files: [], fields: [['kpm', number],
    [`met-${number}`, 'ya'], ['occurred_on', '%s'], ['kind', 'kunjungan_rumah'], ['sub_role', 'FAS-1'], ['notes', words]] })),
  Promise.resolve())"""


class WorkPhone:
    """One browser with a profile on the disk. `page` is its page, `network` what lies before the server."""

    def __init__(self, playwright, network, profile, clock_off=0):
        self.playwright, self.network, self.profile, self.clock_off = playwright, network, profile, clock_off
        self.moved = 0
        self.context = self.page = None
        self.start()

    @property
    def pages(self):
        return self.context.pages

    @property
    def clock(self):
        """The script that sets the clock of this phone."""
        ahead = time.time() - time_machine.escape_hatch.time.time() + self.clock_off
        return TIME % round(ahead * 1000)

    def start(self):
        """Open the browser, cold."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=chromium_path(),
            args=CHROMIUM_FLAGS,
            base_url=self.network.url,
            viewport=PHONE,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(f"{self.clock} self.clockMoved = {self.moved};")
        self.context.add_init_script(COLLECT)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def kill(self):
        """End the browser as the system does when memory is short: at once, without a word."""
        mine = [
            process
            for process in psutil.process_iter(["cmdline"])
            if f"--user-data-dir={self.profile}" in " ".join(process.info["cmdline"] or [])
        ]
        for process in mine:
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(mine, timeout=10)
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            Path(self.profile, name).unlink(missing_ok=True)

    def restart(self):
        """Killed, and opened again."""
        self.kill()
        self.start()

    def sign_in(self, username):
        """Give the browser a session, as a login does."""
        client = Client()
        client.force_login(User.objects.get(username=username))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        # A cookie with an end (in 2033) stays over a restart.
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.network.url}
        self.context.add_cookies([cookie | {"expires": 2_000_000_000, "httpOnly": True}])

    def begin(self, username):
        """Log in and make it a phone for work, by the page for it."""
        self.sign_in(username)
        page = self.page
        page.goto("/hp/")
        page.get_by_label("Kode 6 angka").first.fill(CODE)
        page.get_by_label("Kode itu sekali lagi").first.fill(CODE)
        page.get_by_role("button", name="Pakai HP ini untuk kerja").click()
        page.locator('[data-phone-part="on"]').wait_for()
        page.wait_for_function(
            "() => /^[0-9]+$/.test(document.querySelector('[data-phone-count]').textContent)"
        )
        page.wait_for_function("() => navigator.serviceWorker.controller")
        return page

    def outbox(self):
        """[{"op", "state", …}, …] of all entries on the phone, in their order."""
        return self.page.evaluate(
            "async () => (await langkah.all('outbox')).map(([, row]) => row).sort((a, b) => a.seq - b.seq)"
            ".map(({op, seq, state, user, size}) => ({op, seq, state, user, size}))"
        )

    def states(self):
        return [row["state"] for row in self.outbox()]

    def offline(self, *, is_offline=True):
        """Aeroplane mode. The network is gone besides, since Playwright does not tell a worker that starts later."""
        self.network.fault = lambda method, path: DOWN if is_offline else FINE
        self.context.set_offline(is_offline)

    def move_clock(self, seconds):
        """Let so much time pass on the phone, in its pages and its worker, now and in pages that come."""
        self.moved += seconds * 1000
        self.context.add_init_script(f"self.clockMoved = {self.moved};")
        for place in [*self.context.pages, *self.context.service_workers]:
            place.evaluate(f"() => {{ self.clockMoved = {self.moved}; }}")

    def put(self, *visits):
        """Leave visits on the phone, (family, words) each, in their order."""
        self.page.evaluate(
            PUT % timezone.localdate(), [[family.case_number, words] for family, words in visits]
        )

    def send(self):
        """Send what waits now; what the sender says at its end."""
        return self.page.evaluate("() => outbox.send(langkahPage.user, {force: true})")

    def visit(self, family, words):
        """Write down a visit of `family`, as its holder does."""
        page = self.page
        page.goto(f"/kegiatan/catat/?kpm={family.case_number}")
        write_down(page, words)
        page.get_by_role("button", name="Simpan kegiatan").click()

    def wait_until(self, states, seconds=20):
        """Wait until the entries on the phone have these states."""
        until = time.monotonic() + seconds
        while self.states() != states:
            assert time.monotonic() < until, f"{self.states()} is not {states}"
            self.page.wait_for_timeout(200)


def kept_on(page):
    """Where a page says that an entry rests on this phone. A draft says it in other words."""
    return page.get_by_text("Tersimpan di HP", exact=True).first


@pytest.fixture
def network(live_server):
    network = BadNetwork(live_server.url)
    yield network
    network.close()


@pytest.fixture
def make_phone(request, chromium_driver, network, tmp_path, monkeypatch):
    """make_phone() gives a WorkPhone; each call is another phone."""
    phones = []
    monkeypatch.setattr(offline, "PARTS", (CLOCK, *offline.PARTS))

    def make(**more):
        phones.append(WorkPhone(chromium_driver, network, tmp_path / f"profile{len(phones)}", **more))
        monkeypatch.setitem(SERVED, CLOCK, phones[-1].clock)
        request.node.stash.setdefault(CONTEXTS, []).append(phones[-1])
        return phones[-1]

    yield make
    for phone in phones:
        phone.kill()


@pytest.fixture
def work_phone(make_phone, people):
    """The phone of the pendamping, ready for work without signal."""
    phone = make_phone()
    phone.begin("sri")
    return phone
