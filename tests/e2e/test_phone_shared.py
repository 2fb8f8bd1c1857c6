"""Who holds the phone: sessions that end, other users, logging out, the code, the clock, and what rests there in clear."""

import io
import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Error, expect

from accounts.models import LoginSession
from entries.models import HeldEntry
from phone.models import Phone
from phone.operations import end_phone
from roles.models import Activity
from tests.canaries import make_family
from tests.factories import HouseholdFactory, MemberFactory, UserFactory, nik

from .conftest import PASSWORD, log_in
from .network import PORTAL
from .pages import write_down
from .phones import CODE, kept_on

SENDING, LOGGING = "/hp/kirim/", "/kegiatan/catat/"
LOCKED = "Langkah di HP ini terkunci"
IS_OPEN = "(user) => langkah.openKey(user).then(Boolean)"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def families(people):
    return people["families"]


@pytest.fixture
def budi(people):
    """A colleague, with a family of his own."""
    user = UserFactory(username="budi", name="Budi", password=make_password(PASSWORD))
    HouseholdFactory(pendamping=user, name="Keluarga Budi")
    return user


def sending(method, path):
    return method == "POST" and path in {SENDING, LOGGING}


def stored(words):
    return Activity.objects.filter(notes=words).count()


def end_sessions():
    Session.objects.all().delete()
    LoginSession.objects.all().delete()


def test_a_session_that_ended_costs_nothing(work_phone, families):
    page = work_phone.page
    work_phone.offline()
    work_phone.put((families[0], "Sesi berakhir"))
    page.goto("/kiriman/")
    end_sessions()
    work_phone.offline(is_offline=False)
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.locator("[data-outbox-told]")).to_contain_text("Masuk lagi dulu")
    assert work_phone.states() == ["waiting"] and not stored("Sesi berakhir")

    page.goto("/kpm/")
    expect(page.get_by_text("HP ini menyimpan 1 catatan yang belum terkirim")).to_be_visible()
    log_in(page, "sri")
    work_phone.wait_until(["stored"])
    assert stored("Sesi berakhir") == 1

    # At the form itself: it rests on the phone, and the login page has nothing to carry along.
    page.goto(f"{LOGGING}?kpm={families[1].case_number}")
    write_down(page, "Sesi berakhir di isian")
    end_sessions()
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(page.get_by_text("HP ini menyimpan 1 catatan yang belum terkirim")).to_be_visible()
    expect(page.get_by_text("Yang tadi diketik masih disimpan")).to_have_count(0)
    log_in(page, "sri")
    page.wait_for_url(f"**/kpm/{families[1].case_number}/")
    work_phone.wait_until(["stored"] * 2)
    assert stored("Sesi berakhir di isian") == 1 and not HeldEntry.objects.exists()


def test_another_user_sees_a_number_and_sends_nothing(work_phone, families, budi):
    page, wifi = work_phone.page, work_phone.network
    sri = page.evaluate("langkahPage.user")
    with wifi.being(PORTAL, only=sending):
        page.goto(f"{LOGGING}?kpm={families[0].case_number}")
        work_phone.visit(families[0], "Milik Sri")
        expect(kept_on(page)).to_be_visible()
        page.goto("/kiriman/")
        work_phone.sign_in("budi")
        # What stands open of Sri goes on asking; Budi's answers are not hers.
        page.evaluate("() => langkah.change(['meta', `heard:${langkahPage.user}`])")
        page.evaluate("() => langkahPage.contact({force: true})")
        assert not page.evaluate("() => langkahPage.fetchBundle({force: true})")
        assert page.evaluate("() => langkah.get('meta', `phone:${langkahPage.user}`).then(Boolean)")
        page.goto("/")
    page.goto("/kiriman/")
    expect(page.locator("[data-outbox-others]")).to_contain_text("Ada 1 catatan milik pengguna lain")
    assert "Milik Sri" not in page.content() and families[0].case_number not in page.content()
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.locator("[data-outbox-told]")).not_to_contain_text("…")
    assert not page.evaluate(IS_OPEN, sri)
    assert work_phone.states() == ["waiting"] and not stored("Milik Sri")
    assert page.evaluate("(user) => outbox.send(user, {force: true})", sri) in {"shut", "other"}
    work_phone.offline()
    page.goto(f"/kpm/{families[0].case_number}/")
    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()

    work_phone.offline(is_offline=False)
    work_phone.sign_in("sri")
    page.goto("/kiriman/")
    work_phone.wait_until(["stored"])
    assert stored("Milik Sri") == 1


def test_logging_out_tells_what_waits_and_leaves_nothing_to_read(work_phone, families, budi):
    page, wifi, family = work_phone.page, work_phone.network, families[0]
    with wifi.being(PORTAL, only=sending):
        work_phone.visit(family, "Kirim dulu")
        expect(kept_on(page)).to_be_visible()
        page.goto("/keluar/")
        expect(page.get_by_text("1 catatan belum terkirim.")).to_be_visible()
    page.get_by_role("button", name="Kirim dulu").click()
    expect(page.get_by_text("1 catatan belum terkirim.")).to_be_hidden()
    assert stored("Kirim dulu") == 1

    with wifi.being(PORTAL, only=sending):
        work_phone.visit(family, "Keluar dulu")
        expect(kept_on(page)).to_be_visible()
        page.goto("/keluar/")
        expect(page.get_by_text("1 catatan belum terkirim.")).to_be_visible()
        page.get_by_role("button", name="Ya, keluar").click()
        expect(page.get_by_text("HP ini menyimpan 1 catatan")).to_be_visible()
    for _ in range(2):
        page.go_back()
        expect(page.get_by_label("Nama pengguna")).to_be_visible()
        assert family.name not in page.content()
    work_phone.offline()
    for path in (f"/kpm/{family.case_number}/", "/kpm/", "/", f"{LOGGING}?kpm={family.case_number}"):
        with pytest.raises(Error, match="ERR_"):  # the browser's own page
            page.goto(path)
        expect(page.get_by_text("ERR_")).to_be_visible()
        assert family.name not in page.content()

    work_phone.offline(is_offline=False)
    page.goto("/masuk/")
    log_in(page, "budi")
    page.wait_for_url(lambda url: "/masuk/" not in url)
    page.goto("/kiriman/")
    expect(page.locator("[data-outbox-others]")).to_contain_text("Ada 1 catatan milik pengguna lain")
    assert not stored("Keluar dulu")
    page.goto("/keluar/")
    page.get_by_role("button", name="Ya, keluar").click()
    page.wait_for_url("**/masuk/**")
    log_in(page, "sri")
    page.wait_for_url(lambda url: "/masuk/" not in url)
    page.goto("/kiriman/")
    work_phone.wait_until(["stored"] * 2)
    assert stored("Keluar dulu") == 1
    has_pages(work_phone)
    work_phone.offline()
    page.goto("/kpm/")
    expect(page.get_by_text("12 KPM")).to_be_visible()


def test_the_code_the_lock_and_the_clock_shut_the_phone(work_phone, families):
    page, family = work_phone.page, families[0]
    user = page.evaluate("langkahPage.user")
    work_phone.offline()
    work_phone.put((family, "Sebelum terkunci"))
    page.goto("/hp/")
    page.get_by_role("button", name="Kunci sekarang").click()
    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    page.goto(f"/kpm/{family.case_number}/")
    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    assert family.name not in page.content()
    type_code(page, CODE)
    expect(page.get_by_role("heading", name=family.name, exact=True)).to_be_visible()

    work_phone.move_clock(12 * 3600 - 120)
    page.reload()
    expect(page.get_by_role("heading", name=family.name, exact=True)).to_be_visible()
    work_phone.move_clock(180)
    page.reload()
    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    assert not page.evaluate(IS_OPEN, user)

    for left in (4, 3, 2, 1):
        type_code(page, "738291")
        expect(page.get_by_text(f"Masih {left} kali lagi")).to_be_visible()
    type_code(page, "738291")
    expect(page.get_by_text("Kode tidak bisa dipakai lagi")).to_be_visible()
    type_code(page, CODE)
    expect(page.get_by_text("Kode tidak bisa dipakai lagi")).to_be_visible()
    assert not page.evaluate("(user) => langkah.get('meta', langkah.codeName(user))", user)
    assert work_phone.states() == ["waiting"]

    end_sessions()
    work_phone.offline(is_offline=False)
    page.goto("/masuk/")
    log_in(page, "sri")
    page.wait_for_url(lambda url: "/masuk/" not in url)
    page.goto("/kiriman/")
    work_phone.wait_until(["stored"])
    assert stored("Sebelum terkunci") == 1
    has_pages(work_phone)
    work_phone.offline()
    page.goto(f"/kpm/{family.case_number}/")
    expect(page.get_by_role("heading", name=family.name, exact=True)).to_be_visible()


def has_pages(phone):
    """Wait until the pages for the way without signal are on the phone again."""
    for _ in range(100):
        if phone.page.evaluate("() => langkah.mark(langkahPage.user).then(Boolean)"):
            return
        phone.page.wait_for_timeout(100)
    raise AssertionError("no pages")


def type_code(page, code):
    page.get_by_label("Kode 6 angka").fill(code)
    page.get_by_role("button", name="Buka", exact=True).click()


def test_a_phone_that_was_ended_and_begun_anew_hands_out_the_old_and_sends_the_new(
    work_phone,
    people,
    families,
    client,
):
    page, old = work_phone.page, Phone.objects.get()
    work_phone.offline()
    work_phone.put((families[0], "Kunci lama"))
    page.goto("/kiriman/")
    end_phone(old, by=people["koordinator"])
    work_phone.offline(is_offline=False)
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.locator("[data-outbox-told]")).to_contain_text("Simpan cadangan")
    work_phone.begin("sri")
    work_phone.put((families[0], "Kunci baru"))
    page.goto("/kiriman/")
    rows = page.locator("[data-outbox-rows] li")
    expect(rows.nth(0)).to_contain_text("diterima")
    expect(rows.nth(1)).to_contain_text("kunci lama")
    assert (stored("Kunci baru"), stored("Kunci lama")) == (1, 0)

    (backup,) = page.evaluate("() => outbox.backups(langkahPage.user)")
    assert backup["phone"] == str(old.pk) and len(backup["entries"]) == 1
    client.force_login(people["koordinator"])
    file = SimpleUploadedFile("cadangan.json", json.dumps(backup).encode())
    client.post("/hp/cadangan/", {"berkas": file})
    assert HeldEntry.objects.get().payload["fields"]["notes"] == ["Kunci lama"]


def test_practice_sends_nothing_and_leaves_nothing(work_phone, families):
    page = work_phone.page
    page.goto("/hp/")
    page.get_by_role("button", name="Mulai mode latihan").click()
    expect(page.locator("[data-phone-status]")).to_contain_text("Latihan")
    work_phone.visit(families[0], "Latihan saja")
    expect(page.get_by_text("Latihan tersimpan di HP.")).to_be_visible()
    assert work_phone.send() == "practice"
    page.goto("/hp/")
    page.get_by_role("button", name="Selesai latihan").click()
    page.wait_for_url(re.compile(r"\d/$"))
    page.goto("/kiriman/")

    assert work_phone.send() == "empty" and work_phone.states() == []
    assert not stored("Latihan saja")
    assert page.evaluate("() => langkah.names('photos')") == []
    work_phone.visit(families[0], "Sungguhan")
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    assert stored("Sungguhan") == 1


# --- what rests there ----------------------------------------------------------------------------------------------------

# All that a script can read, as text: bytes as Latin-1 letters, and whether a key could be taken out.
DUMP = """async () => {
  const seen = [];
  const letters = (bytes) => Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  const read = async (thing) => {
    if (thing instanceof CryptoKey) {
      seen.push(await crypto.subtle.exportKey('raw', thing).then(() => 'KEY TAKEN OUT', () => 'key refused'));
    } else if (thing instanceof ArrayBuffer || ArrayBuffer.isView(thing)) seen.push(letters(thing.buffer || thing));
    else if (thing instanceof Blob) seen.push(letters(await thing.arrayBuffer()));
    else if (thing && typeof thing === 'object') for (const [name, part] of Object.entries(thing)) { seen.push(name); await read(part); }
    else seen.push(String(thing));
  };
  for (const { name, version } of await indexedDB.databases()) {
    const db = await idb.openDB(name, version);
    for (const store of db.objectStoreNames) {
      seen.push(`store ${store}`);
      for (const key of await db.getAllKeys(store)) seen.push(String(key));
      for (const row of await db.getAll(store)) await read(row);
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) { seen.push(request.url); seen.push(await (await cache.match(request)).text()); }
  }
  for (const store of [localStorage, sessionStorage]) seen.push(JSON.stringify(store));
  seen.push(document.cookie);
  return seen.join('\\n');
}"""

# What a photo begins with, as chosen and as made small: too long to stand in sealed bytes by chance.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
PHOTO_BEGINS = """async (many) => {
  const row = (await outbox.rowsOf(langkahPage.user)).find((one) => one.photos);
  const [photo] = (await outbox.entryOf(row)).photos;
  return Array.from(new Uint8Array(await outbox.photoOf(row.op, photo)).slice(0, many));
}"""


def picture():
    out = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(out, "JPEG")
    return {"name": "KENARI-nama-foto.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_nothing_rests_on_the_phone_in_clear(make_phone, people):
    canaries = make_family("hp", people["pendamping"])
    family, member, goal = canaries["family"], canaries["member"], canaries["goal"]
    MemberFactory(household=family, nik=nik(7))
    phone = make_phone()
    page = phone.begin("sri")
    case = family.case_number
    paths = [
        "/", "/kpm/", f"/kpm/{case}/", f"/kpm/{case}/ubah/", f"/kpm/{case}/anggota/{member.pk}/", f"/asesmen/{case}/",
        f"/tujuan/baru/{case}/", f"/tujuan/{goal.pk}/ubah/", f"/rujukan/baru/?kpm={case}", "/kiriman/",
    ]  # fmt: skip
    seen = 0
    for is_offline in (False, True):
        phone.offline(is_offline=is_offline)
        for path in paths:
            page.goto(path)
            seen += "KENARI" in page.content()
    assert seen >= 12
    page.goto(f"{LOGGING}?kpm={case}")
    write_down(page, "KENARI-draf-diketik")
    page.wait_for_selector("[data-draft-state]")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draf tersimpan")
    page.goto(f"/kpm/{case}/ubah/")
    page.goto(f"{LOGGING}?kpm={case}")
    write_down(page, "KENARI-antre")
    page.get_by_text("Hasil, foto, anggota, tempat").click()
    page.locator("#id_photos").set_input_files([picture()])
    expect(page.locator(".photo-picker img")).to_have_count(1)
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(kept_on(page)).to_be_visible()
    assert page.evaluate("() => langkah.names('drafts').then((names) => names.length)") == 1

    assert bytes(page.evaluate(PHOTO_BEGINS, len(JPEG))) == JPEG
    dump = page.evaluate(DUMP)
    stores = set(re.findall("^store (.*)$", dump, re.MULTILINE))
    assert stores == {"meta", "pages", "outbox", "photos", "drafts"} and "/static/" in dump
    assert "key refused" in dump and "KEY TAKEN OUT" not in dump
    family.refresh_from_db()
    numbers = [family.no_kk.reveal(), nik(7)]
    for secret in ("KENARI", JPEG.decode("latin-1"), *numbers):
        assert secret not in dump, secret
    phone.context.close()
    files = {
        path.relative_to(phone.profile): path.read_bytes()
        for path in phone.profile.rglob("*")
        if path.is_file()
    }
    for secret in ("KENARI", *numbers):
        coded = (secret.encode(), secret.encode("utf-16-le"))
        assert not [name for name, content in files.items() if any(code in content for code in coded)], secret
    # Addresses lie in the browser's history, which shows that these are its files; what it packs, it keeps none of.
    assert case.encode() in files[Path("Default/History")]
    packed = [content for name, content in files.items() if "Cache" in name.parts]
    assert packed and not [
        one for one in packed if case.encode() in one or f"{phone.network.url}/hp/bekal/".encode() in one
    ]
    phone.start()
