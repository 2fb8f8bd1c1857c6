"""How long a phone without signal takes from a closed browser to a page that can be used (bench.phone).

The page runs in a Chromium that is slowed down as its developer tools do it. They refuse to slow down a service worker
("only supported for pages"), so the time until the worker's answer is told apart: on a slower phone it counts that often.
"""

import time
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.chromium import chromium_path

from .measure import Watch, wait_for_quiet

SLOWER = 4
CODE = "582931"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# The page is ready when its last script is done: by then what it keeps for later is in the form, and its buttons work.
NOTE = """document.addEventListener('DOMContentLoaded', function look() {
  if (self.langkahPage) langkahPage.started.then(() => { self.readyAt = performance.now(); }); else setTimeout(look, 5); });"""
TIMES = """() => { const [page] = performance.getEntriesByType('navigation');
  return {ready: self.readyAt, answered: page.responseEnd, parsed: page.domInteractive, bytes: page.decodedBodySize}; }"""
TAKEN = "() => /^[1-9][0-9]*$/.test(document.querySelector('[data-phone-count]').textContent)"
KEPT = "() => navigator.storage.estimate().then(({usage}) => usage)"


class Phone:
    """A browser with a profile that stays, while it lasts as a context manager. `site` is its server's address."""

    def __init__(self, site):
        self.site = site

    def __enter__(self):
        self.place = TemporaryDirectory(prefix="pkh-bench-phone-")
        self.driver = sync_playwright().start()
        return self

    def __exit__(self, *error):
        self.driver.stop()
        self.place.cleanup()

    def start(self):
        """The browser, cold; a context of Playwright."""
        context = self.driver.chromium.launch_persistent_context(
            self.place.name,
            executable_path=chromium_path(),
            args=FLAGS,
            base_url=self.site,
            viewport={"width": 360, "height": 640},
            locale="id-ID",
            timezone_id="Asia/Jakarta",
        )
        context.set_default_timeout(120_000)
        context.add_init_script(NOTE)
        return context

    def begin(self, session):
        """Make it a phone for work with all families; the bytes that rest on it then."""
        context = self.start()
        cookie = {"name": "sesi", "value": session, "url": self.site}
        context.add_cookies([cookie | {"expires": time.time() + 86_400}])
        page = context.new_page()
        page.goto("/hp/")
        for label in ("Kode 6 angka", "Kode itu sekali lagi"):
            page.get_by_label(label).first.fill(CODE)
        page.get_by_role("button", name="Pakai HP ini untuk kerja").click()
        page.locator('[data-phone-part="on"]').wait_for()
        page.wait_for_function(TAKEN)
        page.wait_for_function("() => navigator.serviceWorker.controller")
        kept = page.evaluate(KEPT)
        context.close()
        return kept

    def open(self, address):
        """{ready, answered, parsed} in ms since the way to `address` began, `bytes` of the page, and `strangers`."""
        wait_for_quiet()
        context = self.start()
        context.set_offline(True)
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        watch = Watch({}).start()
        page.goto(address)
        page.wait_for_function("() => self.readyAt")
        watch.stop()
        if page.evaluate("() => document.body.dataset.made") is None:
            raise RuntimeError(f"{address} is no page that rests on the phone")
        found = page.evaluate(TIMES) | {"strangers": watch.strangers}
        context.close()
        return found
