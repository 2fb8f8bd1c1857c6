"""What can go wrong between a phone and the server, and on the phone: whatever does, every entry that was acknowledged is at
the server once, as it was written, and what was not is on the phone.
"""

import threading
from collections import Counter
from contextlib import suppress

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from entries.models import HeldEntry, Period
from kpm.operations import assign
from phone import bundle, envelope
from phone.models import Phone
from phone.views import offline
from roles.models import Activity
from tests.factories import UserFactory

from .network import BROKEN, CUT, PORTAL, REDIRECT, REPLY_LOST, SLOW
from .pages import write_down
from .phones import kept_on

SENDING = "/hp/kirim/"
LOGGING = "/kegiatan/catat/"
# From here on the store has no room, or its connection is shut by the system.
NO_ROOM = """() => { self.realPut = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); }; }"""
ROOM = "() => { IDBObjectStore.prototype.put = self.realPut; }"
SHUT_STORE = """async () => { const real = IDBDatabase.prototype.transaction; let there;
  IDBDatabase.prototype.transaction = function (...asked) { there = this; return real.apply(this, asked); };
  await langkah.get('meta', 'user'); IDBDatabase.prototype.transaction = real; there.close(); }"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def families(people):
    return people["families"]


def stored():
    """How often each text was stored by a pendamping on a phone."""
    return Counter(
        Activity.objects.exclude(notes="Melihat warung dan buku tabungan.").values_list("notes", flat=True)
    )


def once(*words):
    return Counter(words)


def on(path):
    """A request that sends something to `path`."""
    return lambda method, where: method == "POST" and where == path


def test_a_killed_browser_loses_nothing_and_sends_nothing_twice(work_phone, families):
    wifi = work_phone.network
    work_phone.offline()
    work_phone.visit(families[0], "Satu")
    expect(kept_on(work_phone.page)).to_be_visible()
    work_phone.restart()
    work_phone.page.goto("/kiriman/")
    assert work_phone.states() == ["waiting"]

    work_phone.put((families[0], "Dua"), (families[1], "Tiga"))
    arrived = threading.Event()
    wifi.heard = lambda path, body: path == SENDING and arrived.set()
    work_phone.sign_in("sri")
    work_phone.offline(is_offline=False)
    while not arrived.wait(0.1):
        work_phone.page.evaluate("() => { outbox.send(langkahPage.user, {force: true}); }")
    work_phone.restart()

    work_phone.sign_in("sri")
    # The browser forgot that it is a phone for work; its worker did not, and the second page has the scripts again.
    for _ in range(2):
        work_phone.page.goto("/kiriman/")
    work_phone.wait_until(["stored"] * 3)
    assert stored() == once("Satu", "Dua", "Tiga") and not HeldEntry.objects.exists()


def test_whatever_the_network_does_each_visit_is_stored_once(work_phone, families):
    """The form's own way, then that of the outbox, then pages."""
    wifi, page = work_phone.network, work_phone.page
    faults = [REPLY_LOST, CUT, PORTAL, REDIRECT, BROKEN]
    for number, fault in enumerate(faults):
        with wifi.being(fault, only=on(LOGGING)):
            work_phone.visit(families[number], f"Form {fault}")
            expect(kept_on(page), fault).to_be_visible()
        work_phone.wait_until(["stored"] * (number + 1))
    assert wifi.faults.keys() == set(faults)

    for number, fault in enumerate(faults):
        met = wifi.faults[fault]
        work_phone.offline()
        work_phone.visit(families[number], f"Antrean {fault}")
        expect(kept_on(page)).to_be_visible()
        work_phone.offline(is_offline=False)
        with wifi.being(fault, only=on(SENDING)):
            assert work_phone.send() == "waits"
            while wifi.faults[fault] == met:
                page.wait_for_timeout(100)
        assert work_phone.states()[-1] == "waiting", fault
        until_sent(work_phone)

    for fault in (PORTAL, REDIRECT, BROKEN):
        with wifi.being(fault):
            page.goto(f"/kpm/{families[0].case_number}/")
            expect(page.get_by_text("Dari HP ini, keadaan"), fault).to_be_visible()
            expect(page.get_by_role("heading", name=families[0].name, exact=True)).to_be_visible()
            work_phone.put((families[0], f"Halaman {fault}"))
            assert work_phone.send() == "waits"
    page.goto("/kiriman/")
    until_sent(work_phone)
    assert page.evaluate("async () => Boolean(await langkah.openKey(langkahPage.user))")

    words = [f"{way} {fault}" for way in ("Form", "Antrean") for fault in faults]
    words += [f"Halaman {fault}" for fault in (PORTAL, REDIRECT, BROKEN)]
    assert stored() == once(*words) and not HeldEntry.objects.exists()


def until_sent(phone):
    """Send all that waits."""
    assert phone.send() == "empty"
    assert "waiting" not in phone.states()


def test_two_tabs_send_as_one(work_phone, families):
    wifi, page = work_phone.network, work_phone.page
    other = work_phone.context.new_page()
    for tab in (page, other):
        tab.goto("/kiriman/")
        idle(tab)
    work_phone.put(*((families[number % 12], f"Tab {number}") for number in range(30)))
    send = "() => { self.ended = outbox.send(langkahPage.user, {force: true}); }"
    for tab in (page, other):
        tab.evaluate(send)
    ended = [tab.evaluate("() => self.ended") for tab in (page, other)]

    assert ended == ["empty", "empty"]
    assert work_phone.states() == ["stored"] * 30
    assert wifi.seen["POST", SENDING] == 2, "twenty, then ten"
    assert stored() == once(*(f"Tab {number}" for number in range(30)))
    # The tab that sent nothing knows it, too.
    expect(other.locator("[data-outbox-received]")).to_have_text("30")


# An entry that is written anew under its number while it travels.
ANEW = """async (number) => {
  const op = langkah.uuid7();
  const put = (words) => outbox.put(langkahPage.user, { op, title: 'Catat kegiatan', path: `/kegiatan/catat/?kpm=${number}`, files: [],
    fields: [['kpm', number], [`met-${number}`, 'ya'], ['occurred_on', '2026-11-18'], ['kind', 'kunjungan_rumah'], ['sub_role', 'FAS-1'],
      ['notes', words]] });
  await put('Pertama');
  const sent = outbox.send(langkahPage.user, {force: true});
  await new Promise((done) => setTimeout(done, 300));
  await put('Kedua');
  return sent;
}"""


def test_what_is_written_anew_while_it_travels_is_not_taken_for_sent(work_phone, families):
    work_phone.page.goto("/kiriman/")
    idle(work_phone.page)
    with work_phone.network.being(SLOW, only=on(SENDING)):
        assert work_phone.page.evaluate(ANEW, families[0].case_number) == "empty"
    assert stored() == once("Pertama") and work_phone.states() == ["held"]
    assert HeldEntry.objects.get().payload["fields"]["notes"] == ["Kedua"]


def test_a_full_or_shut_store_keeps_what_was_typed_and_what_was_kept(work_phone, families):
    page = work_phone.page
    work_phone.offline()
    work_phone.put((families[0], "Sebelumnya"))
    page.goto(f"{LOGGING}?kpm={families[1].case_number}")
    notes = page.get_by_label("Apa yang dilakukan").last
    save = page.get_by_role("button", name="Simpan kegiatan")
    write_down(page, "Saat penuh")
    page.evaluate(NO_ROOM)
    save.click()
    expect(page.locator("[data-send-problem]")).to_contain_text("Memori HP penuh")
    expect(notes).to_have_value("Saat penuh")
    assert work_phone.states() == ["waiting"]

    page.evaluate(ROOM)
    page.evaluate(SHUT_STORE)
    save.click()
    expect(kept_on(page)).to_be_visible()
    assert work_phone.states() == ["waiting"] * 2

    work_phone.offline(is_offline=False)
    work_phone.wait_until(["stored"] * 2)
    assert stored() == once("Sebelumnya", "Saat penuh")


def test_taps_back_and_reload_store_once(work_phone, families):
    page, family = work_phone.page, families[0]
    work_phone.offline()
    page.goto(f"{LOGGING}?kpm={family.case_number}")
    write_down(page, "Dua ketukan")
    page.get_by_role("button", name="Simpan kegiatan").dblclick()
    expect(kept_on(page)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name=family.name, exact=True)).to_be_visible()
    expect(page.get_by_text("Menunggu dikirim dari HP ini")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Isian ini sudah tersimpan")).to_be_visible()
    expect(page.locator("#activity-form")).to_be_hidden()
    page.reload()
    expect(page.locator("#activity-form")).to_be_hidden()
    assert work_phone.states() == ["waiting"]

    work_phone.offline(is_offline=False)
    work_phone.wait_until(["stored"])
    with work_phone.network.being(SLOW, only=on(LOGGING)):
        page.goto(f"{LOGGING}?kpm={family.case_number}")
        write_down(page, "Dua ketukan lagi")
        page.get_by_role("button", name="Simpan kegiatan").dblclick()
        expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Isian ini sudah tersimpan")).to_be_visible()
    assert stored() == once("Dua ketukan", "Dua ketukan lagi")


def test_what_can_not_be_taken_is_held_and_told(work_phone, people, families):
    """Twelve visits wait while three families are handed over and the month before is locked."""
    page, today = work_phone.page, timezone.localdate()
    work_phone.offline()
    work_phone.put(*((families[number % 6], f"Kunjungan {number}") for number in range(12)))
    colleague = UserFactory(name="Rekan")
    for family in families[:3]:
        assign(family, to=colleague, by=people["koordinator"], on=today)
    work_phone.offline(is_offline=False)
    work_phone.page.goto("/kiriman/")
    until_sent(work_phone)

    kept = [f"Kunjungan {number}" for number in range(12) if number % 6 > 2]
    moved = [f"Kunjungan {number}" for number in range(12) if number % 6 < 3]
    assert stored() == once(*kept)
    held = HeldEntry.objects.all()
    assert Counter(one.payload["fields"]["notes"][0] for one in held) == once(*moved)
    assert {(one.author, one.reason) for one in held} == {(people["pendamping"], "sudah_dialihkan")}
    assert set(Activity.objects.filter(notes__in=kept).values_list("pendamping", flat=True)) == {
        people["pendamping"].pk
    }
    assert Counter(work_phone.states()) == {"held": 6, "stored": 6}

    Period.objects.filter(wilayah_id=families[4].wilayah_id).update(state="terkunci")
    work_phone.put((families[4], "Bulan terkunci"))
    assert work_phone.send() == "empty"
    page.reload()
    newest = page.locator("[data-outbox-rows] li").first
    expect(newest).to_contain_text("di Titipan")
    assert (
        HeldEntry.objects.filter(payload__fields__notes=["Bulan terkunci"], reason="bulan_terkunci").count()
        == 1
    )


def test_a_refused_entry_is_corrected_once_and_a_release_is_waited_for(work_phone, families, monkeypatch):
    page, family = work_phone.page, families[2]
    work_phone.offline()
    page.goto(f"{LOGGING}?kpm={family.case_number}")
    write_down(page, "Tanggal keliru")
    page.locator(".kind-picker summary").click()
    page.locator("[name=occurred_on]").fill("2027-01-05")
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(kept_on(page)).to_be_visible()
    work_phone.offline(is_offline=False)
    work_phone.wait_until(["rejected"])

    page.goto("/kiriman/")
    row = page.locator("[data-outbox-rows] li")
    expect(row).to_contain_text("perlu diperbaiki")
    expect(row.locator("[data-row-answer]")).not_to_be_empty()
    row.get_by_role("link", name="Buka lagi").click()
    notes = page.get_by_label("Apa yang dilakukan").last
    expect(notes).to_have_value("Tanggal keliru")
    expect(page.locator("[name=occurred_on]")).to_have_value("2027-01-05")
    page.locator("[name=occurred_on]").evaluate("(field) => { field.value = '2026-11-17'; }")
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    work_phone.wait_until(["stored"])
    assert stored() == once("Tanggal keliru")

    # The worker is renewed in mid-use, by a server that does not know this phone's envelopes yet.
    work_phone.put((family, "Amplop baru"))
    for place in (offline, bundle):
        monkeypatch.setattr(place, "app_version", lambda: "lain")
    monkeypatch.setattr(envelope, "SCHEMA", envelope.SCHEMA - 1)
    page.goto("/kiriman/")
    renewed(work_phone, "lain")
    idle(page)
    assert work_phone.states() == ["stored", "waiting"]
    monkeypatch.setattr(envelope, "SCHEMA", envelope.SCHEMA + 2)
    monkeypatch.setattr(envelope, "UPGRADES", {1: lambda said: said})
    until_sent(work_phone)
    assert stored() == once("Tanggal keliru", "Amplop baru")


def idle(page):
    """Wait until the page has sent what it sends at its beginning, and nobody sends."""
    page.evaluate("() => langkahPage.started.then(() => navigator.locks.request('langkah-outbox', () => 0))")


def renewed(phone, version):
    """Wait until the worker is that of `version`."""
    phone.page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    for _ in range(60):
        with suppress(Error):  # one that ends just now
            if version in [worker.evaluate("() => self.VERSION") for worker in phone.context.service_workers]:
                return
        phone.page.wait_for_timeout(100)
    raise AssertionError(version)


@pytest.mark.parametrize(("days", "state"), [(-2, "stored"), (365, "rejected")])
def test_a_wrong_clock_loses_nothing_and_is_told(days, state, make_phone, people, families):
    phone = make_phone(clock_off=days * 86400)
    page = phone.begin("sri")
    phone.offline()
    phone.visit(families[0], "Jam keliru")
    expect(kept_on(page)).to_be_visible()
    phone.offline(is_offline=False)
    phone.wait_until([state])

    assert stored() == (once("Jam keliru") if state == "stored" else once())
    assert abs(page.evaluate("() => langkah.get('meta', 'skew')") + days * 86400) < 60
    phone.put((families[0], "Menunggu"))
    page.evaluate("() => langkah.change(['meta', `heard:${langkahPage.user}`])")
    with phone.network.being(PORTAL, only=on(SENDING)):
        page.reload()
        page.wait_for_function("() => langkahPage.started")
        for _ in range(50):
            if Phone.objects.get().skew_s:
                break
            page.wait_for_timeout(100)
    assert abs(Phone.objects.get().skew_s - days * 86400) < 60
