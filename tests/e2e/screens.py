"""Pictures of the main pages for the README and the user guide, taken from a demo: `make screens`.

    python -m tests.e2e.screens                         starts a demo of its own and removes it afterwards
    python -m tests.e2e.screens http://localhost:8000   takes them from a demo that runs already; writes nothing to it

Each page is taken as a phone (360x640) or a desk (1280x800) shows it, into docs/screens/<name>-<width>.webp, as the guide
shows it; docs/screens/ringkas.png puts three phones side by side for the README.
"""

import argparse
import io
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image, ImageDraw
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from demo.logins import DEMO_PASSWORD
from pkh_casework.children import spawn, stop
from tests.chromium import chromium_path

from .pages import write_down

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screens"
PREPARATION_LIMIT = 10 * 60  # seconds; under a minute on two cores
PENDAMPING, KELURAHAN, KOORDINATOR = (
    "pendamping.kebonjayanti",
    "kelurahan.kebonjayanti",
    "koordinator.kiaracondong",
)
SIZES = {
    "360": {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 1.5, "is_mobile": True},
    "1280": {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1},
}
STRIP = ("hari-ini", "catat", "keluarga")
# Phones draw pages with Roboto. Of Debian's fonts Liberation Sans is nearest in width, DejaVu Sans far too wide.
FONTS = """<?xml version="1.0"?><fontconfig><include>/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family" compare="not_eq" qual="all"><string>monospace</string></test>
<edit name="family" mode="prepend_first" binding="strong"><string>Liberation Sans</string></edit></match>
</fontconfig>"""
STRIP_GROUND, STRIP_EDGE, STRIP_GAP, STRIP_RADIUS = "#f5f1f7", "#ddd2e2", 36, 22


class Shot(NamedTuple):
    """One picture: its name, who is logged in ("" for nobody), how the page is reached from the first page, and at which
    size it is taken.
    """

    name: str
    login: str
    reach: Callable
    size: str = "360"


def address(path):
    """Reach a page by its address."""
    return lambda page: page.goto(path)


def first(path, selector):
    """Reach the page that the first link matching `selector` on `path` leads to."""

    def reach(page):
        page.goto(path)
        follow(selector)(page)

    return reach


def follow(selector):
    """Go where the first link matching `selector` leads."""
    return lambda page: page.goto(page.locator(selector).first.get_attribute("href"))


def part(path):
    """Go to a page below the one in front of us."""
    return lambda page: page.goto(page.url + path)


def then(reach, *steps):
    """Reach a page and do `steps` on it."""

    def both(page):
        reach(page)
        for step in steps:
            step(page)

    return both


def scroll_to(selector):
    """Bring the first element matching `selector` to the upper edge."""
    return lambda page: page.locator(selector).first.evaluate("(part) => part.scrollIntoView()")


def click(selector):
    return lambda page: page.locator(selector).first.click()


def work_phone(page):
    """Make the browser a phone for work without signal."""
    page.goto("/hp/")
    page.get_by_label("Kode 6 angka").first.fill("582931")
    page.get_by_label("Kode itu sekali lagi").first.fill("582931")
    page.get_by_role("button", name="Pakai HP ini untuk kerja").click()
    page.wait_for_function(
        "() => /^[0-9]+$/.test((document.querySelector('[data-phone-count]') || {}).textContent)"
    )
    page.wait_for_function("() => navigator.serviceWorker.controller")


def without_signal(page):
    """Two visits written down without signal, on a phone for work."""
    page.context.set_offline(True)
    for number in (2, 5):
        page.goto("/kpm/")
        page.goto(page.locator("#household-rows a.btn--go").nth(number).get_attribute("href"))
        write_down(page, "Warung ramai, tabungan naik.")
        page.get_by_role("button", name="Simpan kegiatan").click()
        page.get_by_text("Tersimpan di HP", exact=True).first.wait_for()
        page.wait_for_load_state()


LOG_ONE = first("/", ".due:has(.due__why--late) .row__link")
FAMILY = first("/", ".due:has(.due__why--late) .due__reasons li:last-child a")
SHOTS = (
    Shot("masuk", "", address("/masuk/")),
    Shot("akun", PENDAMPING, address("/akun/")),
    Shot("hari-ini", PENDAMPING, address("/")),
    Shot("tunda", PENDAMPING, first("/", ".due__later a")),
    Shot("catat", PENDAMPING, LOG_ONE),
    Shot(
        "catat-peran", PENDAMPING, then(LOG_ONE, click(".role-offered summary"), scroll_to(".role-offered"))
    ),
    Shot("empat-peran", PENDAMPING, address("/kegiatan/peran/")),
    Shot("catat-kelompok", PENDAMPING, first("/kelompok/", "a[href*='kelompok=']")),
    Shot("kegiatan", PENDAMPING, first("/kegiatan/", ".row__link")),
    Shot("kpm", PENDAMPING, address("/kpm/")),
    Shot("keluarga", PENDAMPING, FAMILY),
    Shot("keluarga-anggota", PENDAMPING, then(FAMILY, part("keluarga/"))),
    Shot("kpm-baru", PENDAMPING, address("/kpm/baru/")),
    Shot("kelompok", PENDAMPING, address("/kelompok/")),
    Shot("buka-nomor", PENDAMPING, then(FAMILY, part("nomor/"))),
    Shot("dasbor-pendamping", PENDAMPING, address("/dasbor/")),
    Shot("dasbor-koordinator", KOORDINATOR, address("/dasbor/"), "1280"),
    Shot("petugas", KOORDINATOR, address("/petugas/"), "1280"),
    Shot("titipan", KOORDINATOR, first("/kiriman/", ".row__link")),
    Shot("dasbor-kelurahan", KELURAHAN, address("/dasbor/"), "1280"),
    Shot("angka-kelurahan", KELURAHAN, address("/dasbor/angka/belum-60-hari/")),
    Shot("asesmen", PENDAMPING, first("/asesmen/", "a[href^='/asesmen/PKH-']")),
    Shot("tujuan", PENDAMPING, address("/tujuan/")),
    Shot("peta-kemandirian", PENDAMPING, then(FAMILY, follow("a[href$='/kemandirian/']"))),
    Shot("siap-graduasi", PENDAMPING, address("/graduasi/siap/")),
    Shot("sumber-daya", PENDAMPING, address("/sumber-daya/")),
    Shot("rujukan", PENDAMPING, first("/rujukan/", "main a[href^='/rujukan/0']")),
    Shot("pertemuan", PENDAMPING, address("/pertemuan/")),
    Shot("sinergi", PENDAMPING, first("/sinergi/", ".row__link")),
    Shot("laporan", PENDAMPING, first("/laporan/", "main a[href^='/laporan/0']")),
    Shot("kunci-bulan", KOORDINATOR, address("/laporan/bulan/kunci/"), "1280"),
    Shot("rekap", KOORDINATOR, address("/laporan/rekap/"), "1280"),
    Shot("hp", PENDAMPING, then(work_phone, address("/hp/"))),
    Shot("tanpa-sinyal", PENDAMPING, then(work_phone, without_signal)),
    Shot("kiriman", PENDAMPING, then(work_phone, without_signal, address("/kiriman/"))),
    Shot("hp-petugas", KOORDINATOR, address("/hp/daftar/")),
    Shot("berkas", KOORDINATOR, first("/berkas/", ".row__link"), "1280"),
    Shot("serah-terima", PENDAMPING, first("/serah-terima/", ".row__link")),
    Shot("ganda", KOORDINATOR, first("/ganda/", ".row__link"), "1280"),
    Shot("komitmen", PENDAMPING, first("/komitmen/", ".row__link")),
    Shot("siks-ng", KOORDINATOR, address("/siks-ng/"), "1280"),
    Shot("kasus", PENDAMPING, first("/kasus/", ".row__link")),
)


def log_in(browser, base_url, username):
    """Log in once and return the cookies (Playwright's storage state) for every size."""
    context = browser.new_context(base_url=base_url)
    if username:
        page = context.new_page()
        page.goto("/masuk/")
        page.get_by_label("Nama pengguna").fill(username)
        page.get_by_label("Sandi", exact=True).fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Masuk", exact=True).click()
        page.wait_for_url(lambda url: "/masuk/" not in url)
    state = context.storage_state()
    context.close()
    return state


def take_all(browser, base_url):
    """Take every Shot; returns {(name, size): PNG bytes}. Where a page is reached no more, the others are tried first."""
    pictures, logins, missed = {}, {}, []
    for shot in SHOTS:
        if shot.login not in logins:
            logins[shot.login] = log_in(browser, base_url, shot.login)
        context = browser.new_context(
            base_url=base_url,
            storage_state=logins[shot.login],
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            reduced_motion="reduce",
            **SIZES[shot.size],
        )
        page = context.new_page()
        try:
            shot.reach(page)
            page.wait_for_load_state("networkidle")
            pictures[shot.name, shot.size] = page.screenshot(animations="disabled")
        except PlaywrightError as error:
            missed.append(f"{shot.name}, at {page.url}: {error}")
        context.close()
    if missed:
        sys.exit("\n".join(missed))
    return pictures


def save(pictures):
    """Write the pictures small enough for a repository, and the strip for the README."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for (name, size), png in pictures.items():
        Image.open(io.BytesIO(png)).convert("RGB").save(FOLDER / f"{name}-{size}.webp", quality=78, method=6)
    phones = [Image.open(io.BytesIO(pictures[name, "360"])).convert("RGB") for name in STRIP]
    strip(phones).quantize(192).save(FOLDER / "ringkas.png", optimize=True)


def strip(phones):
    """Pictures of the same size side by side, with round corners, on the ground colour of the pages."""
    width, height = phones[0].size
    ground = Image.new(
        "RGB", (len(phones) * (width + STRIP_GAP) + STRIP_GAP, height + 2 * STRIP_GAP), STRIP_GROUND
    )
    corners = Image.new("L", (width, height), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, width - 1, height - 1), STRIP_RADIUS, fill=255)
    for number, phone in enumerate(phones):
        left = STRIP_GAP + number * (width + STRIP_GAP)
        ground.paste(phone, (left, STRIP_GAP), corners)
        edge = (left - 2, STRIP_GAP - 2, left + width + 1, STRIP_GAP + height + 1)
        ImageDraw.Draw(ground).rounded_rectangle(edge, STRIP_RADIUS, outline=STRIP_EDGE, width=3)
    return ground


@contextmanager
def own_demo():
    """Run a demo with a home of its own on a free port, yield its address, and leave nothing behind."""
    home = Path(tempfile.mkdtemp(prefix="langkah-screens-"))
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"PKH_MODE": "demo", "PKH_HOME": str(home), "PORT": str(port)}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    demo = spawn([sys.executable, "manage.py", "demo"], cwd=ROOT, env=inherited | own)
    try:
        _wait_until_healthy(demo, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(demo, signal.SIGTERM)
        shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)  # elsewhere when we are root
        shutil.rmtree(home)


def _wait_until_healthy(demo, port):
    deadline = time.monotonic() + PREPARATION_LIMIT
    while time.monotonic() < deadline and demo.poll() is None:
        with suppress(URLError, ConnectionError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return
        time.sleep(0.5)
    sys.exit("the demo did not start, see above")


def main():
    parser = argparse.ArgumentParser(description="Take pictures of the main pages into docs/screens/.")
    parser.add_argument("address", nargs="?", help="of a running demo; without it one is started")
    given = parser.parse_args().address
    if given:
        return take_from(given)
    with own_demo() as base_url:
        return take_from(base_url)


def take_from(base_url):
    """Take and save all pictures of the demo at `base_url`."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(FONTS)
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox"],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        save(take_all(browser, base_url))
        browser.close()


if __name__ == "__main__":
    main()
