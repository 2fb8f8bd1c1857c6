"""The ten main jobs as they are done on a phone, counted: `make usability`.

    python -m tests.e2e.usability                         in a demo of its own, removed afterwards
    python -m tests.e2e.usability http://localhost:8000   in a demo that runs already; the jobs write to it

Each job begins at the page named by it, on a phone of 360x640 with a finger, behind a network as slow as 3G where it is bad
and on a processor four times as slow. What was counted goes to docs/usability.md; tests/e2e/test_usability.py holds the
taps.
"""

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import expect, sync_playwright

from tests.chromium import chromium_path

from .screens import KOORDINATOR, PENDAMPING, log_in, own_demo

PAPER = Path(__file__).resolve().parents[2] / "docs" / "usability.md"
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
# Slow 3G: 400 kbit/s both ways, 400 ms there and back.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER_PROCESSOR = 4
PATIENCE = 60_000  # ms
# Whether the middle of something can be touched where it is, without scrolling.
IN_SIGHT = """(place) => {
  const {left, top, width, height} = place.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return Boolean(hit) && (place.contains(hit) || hit.contains(place));
}"""
RECEIPT = "Kode tanda terima"


class Hand:
    """One finger on a phone: what it does is counted, and the pages that come."""

    def __init__(self, page):
        self.page = page
        self.taps = self.keys = self.loads = self.scrolls = 0
        self.began = time.monotonic()
        page.on("request", self._loaded)

    def _loaded(self, request):
        self.loads += request.is_navigation_request() and request.frame == self.page.main_frame

    def tap(self, place):
        """Touch the first of `place`; what is out of sight is scrolled to, which counts too."""
        place = place.first
        place.wait_for()
        self.scrolls += not place.evaluate(IN_SIGHT)
        place.tap()
        self.taps += 1

    def look_for(self, place):
        """Scroll until `place` is in sight."""
        place.wait_for(state="attached")
        place.scroll_into_view_if_needed()
        self.scrolls += 1

    def write(self, place, words):
        """Touch a field and write `words` into it."""
        self.tap(place)
        self.page.keyboard.type(words)
        self.keys += len(words)


class Job(NamedTuple):
    """Something that people do every day: its name, whose it is, where it begins, the taps it may take, how it is done."""

    name: str
    login: str
    begins: str
    most: int
    do: Callable


class Count(NamedTuple):
    """What a job took."""

    taps: int
    keys: int
    loads: int
    scrolls: int
    seconds: float


# --- the jobs ---------------------------------------------------------------------------------------------------------

DUE = ".row.due .row__link"
PHRASE = ".phrase-card .option:visible:has([data-suggests])"


def stored(page):
    expect(page.get_by_text(RECEIPT).first).to_be_visible()


def repeat_visit(hand):
    page = hand.page
    hand.tap(page.locator(DUE))
    hand.tap(page.locator(PHRASE))
    hand.tap(page.get_by_role("button", name="Simpan kegiatan"))
    stored(page)


def five_families(hand):
    page = hand.page
    hand.tap(page.locator(DUE))
    hand.look_for(page.locator("#family-neighbours"))
    for _ in range(4):
        hand.tap(page.locator("#family-neighbours [name=kpm]"))
    hand.tap(page.locator(PHRASE))
    hand.tap(page.get_by_role("button", name="Simpan kegiatan"))
    stored(page)


def attendance(hand):
    page = hand.page
    hand.tap(page.get_by_role("link", name="Isi hadir"))
    hand.tap(page.get_by_role("link", name="Semua hadir"))
    absent = page.get_by_role("radio", name="Tidak hadir", exact=True)
    expect(absent.first).to_be_attached()
    for number in range(3):
        hand.tap(absent.nth(number))
    hand.tap(page.get_by_role("button", name="Simpan daftar hadir"))
    stored(page)


def short_assessment(hand):
    page = hand.page
    hand.tap(page.get_by_role("link", name="Asesmen", exact=True))
    asked = page.locator(".assessment--steps [data-screen]:not([hidden])")  # once the script has come
    expect(asked).to_have_count(1)
    while asked.locator(".anchor").count():
        here = asked.get_attribute("data-screen")
        hand.tap(asked.locator(".anchor.level--3"))
        expect(asked).not_to_have_attribute("data-screen", here)
    hand.tap(page.get_by_role("button", name="Kirim asesmen"))
    stored(page)


def referral(hand):
    page = hand.page
    hand.tap(page.get_by_role("link", name="Rujuk", exact=True))
    hand.tap(page.locator("main a").filter(has_text="Rujuk ke sini"))
    need = page.get_by_label("Kebutuhan keluarga")
    need.wait_for()
    if not need.input_value():
        hand.write(need, "Modal untuk warung.")
    hand.tap(page.get_by_role("button", name="Rencanakan rujukan"))
    stored(page)


def report_handed_in(hand):
    page = hand.page
    hand.tap(page.locator(".line .row__link").filter(has_text="Laporan"))
    draft = page.get_by_role("button", name="Simpan draf")
    hand_in = page.get_by_role("link", name="Ajukan ke koordinator")
    draft.or_(hand_in).first.wait_for()
    if draft.count():
        hand.tap(draft)
    hand.tap(hand_in)
    hand.tap(page.get_by_role("button", name="Ajukan ke koordinator"))
    expect(page.get_by_text("Laporan terkirim ke koordinator.")).to_be_visible()


def find_and_call(hand):
    page = hand.page
    hand.tap(page.locator(".nav").get_by_role("link", name="KPM", exact=True))
    name = page.locator("#household-rows .row__link").nth(3).inner_text().split("\n")[0].split()[0]
    hand.write(page.get_by_role("searchbox"), name[:-1] + ("h" if name[-1] != "h" else "k"))
    hand.tap(page.locator("#household-rows .row__link").filter(has_text=name))
    expect(page.get_by_role("link", name=re.compile("Telepon"))).to_be_visible()


def postpone(hand):
    page = hand.page
    hand.tap(page.locator(".row.due summary"))
    hand.tap(page.get_by_role("button", name="Di luar kota, 7 hari"))
    expect(page.get_by_text(re.compile("ditunda")).first).to_be_visible()


def show_the_family(hand):
    page = hand.page
    hand.tap(page.get_by_role("link", name="Tunjukkan ke keluarga"))
    expect(page.locator("h1")).to_be_visible()


def approve_a_report(hand):
    page = hand.page
    hand.tap(page.locator("main .row__link").filter(has_text="laporan menunggu"))
    hand.tap(page.get_by_role("button", name=re.compile("Setujui")))
    expect(page.locator("#messages")).to_contain_text("disetujui")


TODAY, FAMILY = "Hari ini", "halaman keluarga"
JOBS = (
    Job("Log a repeat visit", PENDAMPING, TODAY, 3, repeat_visit),
    Job("Log one visit for five neighbours", PENDAMPING, TODAY, 7, five_families),
    Job("Attendance of a P2K2, three absent", PENDAMPING, "Pertemuan", 7, attendance),
    Job("Short assessment", PENDAMPING, FAMILY, 12, short_assessment),
    Job("Refer to a resource", PENDAMPING, FAMILY, 5, referral),
    Job("Hand in the report of the month", PENDAMPING, TODAY, 4, report_handed_in),
    Job("Find a family by a misspelt name, to call it", PENDAMPING, TODAY, 3, find_and_call),
    Job("Put a house off for a week", PENDAMPING, TODAY, 2, postpone),
    Job("Show the family where it stands", PENDAMPING, FAMILY, 1, show_the_family),
    Job("Read a report and approve it", KOORDINATOR, TODAY, 2, approve_a_report),
)


# --- counting ---------------------------------------------------------------------------------------------------------


def go_to(page, begins):
    """Open the page where a job begins."""
    page.goto("/pertemuan/" if begins == "Pertemuan" else "/")
    if begins == FAMILY:
        page.goto(
            page.locator(DUE).first.get_attribute("href").replace("/kegiatan/catat/?kpm=", "/kpm/") + "/"
        )
    page.wait_for_load_state()


def count(page, job):
    """The Count of `job`, done on `page`, which is logged in."""
    go_to(page, job.begins)
    hand = Hand(page)
    job.do(hand)
    return Count(hand.taps, hand.keys, hand.loads, hand.scrolls, time.monotonic() - hand.began)


def slow_phone(browser, base_url, login):
    """A page of a phone that is slow and whose signal is bad, logged in."""
    context = browser.new_context(
        base_url=base_url,
        storage_state=log_in(browser, base_url, login),
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        service_workers="block",
        **PHONE,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    page.goto("/")  # style sheets and scripts are there since the first day
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", SLOW)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    return page


def count_all(base_url):
    """{job: its Count} of all JOBS, in the demo at `base_url`."""
    counted = {}
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        for job in JOBS:
            page = slow_phone(browser, base_url, job.login)
            counted[job] = count(page, job)
            page.context.close()
            print(f"{job.name}: {counted[job]}", flush=True)
        browser.close()
    return counted


HEAD = """# Usability

The ten main jobs, done by a script on a phone of 360x640 with a finger, behind slow 3G (400 kbit/s, 400 ms) and on a processor
four times as slow. `make usability` counts them anew in a demo; `tests/e2e/test_usability.py` holds the taps at each run
of the suite.

- **Taps** counts every touch, from the page named to the receipt; **at most** is what was set as the goal.
- **Scrolls**: touches whose target was out of sight, so that the thumb moved the page first.
- **Keys**: signs typed. **Pages**: loads of a whole page. **Seconds**: from the first touch to the answer, without
  the time a person takes to read; they depend on the machine that measures.

| Job | begins at | taps | at most | scrolls | keys | pages | seconds |
|---|---|---|---|---|---|---|---|
"""


def write(counted):
    """Write docs/usability.md."""
    rows = [
        f"| {job.name} | {job.begins} | {took.taps} | {job.most} | {took.scrolls} | {took.keys} | {took.loads} "
        f"| {took.seconds:.0f} |\n"
        for job, took in counted.items()
    ]
    PAPER.write_text(HEAD + "".join(rows))


def main():
    parser = argparse.ArgumentParser(description="Count the taps of the main jobs into docs/usability.md.")
    parser.add_argument("address", nargs="?", help="of a running demo; without it one is started")
    if given := parser.parse_args().address:
        return write(count_all(given))
    with own_demo() as base_url:
        return write(count_all(base_url))


if __name__ == "__main__":
    main()
