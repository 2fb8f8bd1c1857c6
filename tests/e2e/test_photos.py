"""Photos in a real browser: made small one after the other, and nothing is sent before the last one is."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from entries.models import HeldEntry
from roles.models import Activity, Photo

from .pages import write_down

WAIT = "Foto sedang dikecilkan. Tunggu sebentar."
# Shrinking stops at the gate until the test opens it, once for each picture.
GATE = """
window.opened = [];
window.atOnce = 0;
const decode = window.createImageBitmap;
window.createImageBitmap = async (file, options) => {
  window.atOnce += 1;
  await new Promise((open) => { window.opened.push(open); });
  const bitmap = await decode(file, options);
  window.atOnce -= 1;
  return bitmap;
};
"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def form(phone, people, sign_in):
    """The logging form for a family, filled in but for its photos."""
    page = sign_in(phone.new_page(), "sri")
    page.add_init_script(GATE)
    page.goto(f"/kegiatan/catat/?kpm={people['families'][0].case_number}")
    write_down(page, "Dengan foto.")
    page.get_by_text("Hasil, foto, anggota, tempat").click()
    return page


def picture(name, size):
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, "JPEG", quality=95)
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def choose(page, *pictures):
    page.locator("#id_photos").set_input_files(list(pictures))


def until(page, fact):
    """Wait until the JavaScript expression `fact` is true. Playwright's own way needs eval, which the CSP forbids."""
    for _ in range(200):
        if page.evaluate(fact):
            return
        page.wait_for_timeout(50)
    raise AssertionError(fact)


def open_gate(page):
    """Let the picture that waits longest go on."""
    until(page, "window.opened.length > 0")
    page.evaluate("window.opened.shift()()")


def save(page):
    return page.get_by_role("button", name=re.compile("Simpan kegiatan"))


def test_nothing_is_sent_while_photos_are_still_being_made_small(form, check_page):
    sent = []
    form.on("request", lambda request: request.method == "POST" and sent.append(request))
    choose(form, picture("satu.jpg", (1800, 1200)), picture("dua.jpg", (1200, 1800)))

    expect(form.get_by_role("status").filter(has_text=WAIT)).to_be_visible()
    expect(save(form)).to_have_attribute("aria-disabled", "true")
    check_page(form)
    save(form).click(force=True)
    form.get_by_label("Tempat").press("Enter")
    assert form.evaluate("window.atOnce") == 1, "one picture after the other"
    open_gate(form)
    until(form, "window.opened.length > 0")
    expect(form.get_by_text(WAIT)).to_be_visible()
    assert form.evaluate("window.atOnce") == 1
    open_gate(form)

    expect(form.get_by_text(WAIT)).to_have_count(0)
    expect(save(form)).not_to_have_attribute("aria-disabled", "true")
    expect(form.locator(".photo-picker img")).to_have_count(2)
    assert sent == []
    save(form).click()
    expect(form.get_by_text("Kode tanda terima")).to_be_visible()
    assert [(photo.width, photo.height) for photo in Photo.objects.all()] == [(1600, 1067), (1067, 1600)]
    assert Activity.objects.filter(notes="Dengan foto.").count() == 1
    assert not HeldEntry.objects.exists()


def test_the_later_choice_counts_also_when_the_first_is_ready_after_it(form):
    choose(form, picture("pertama.jpg", (1800, 1200)))
    until(form, "window.opened.length === 1")
    choose(form, picture("kedua.jpg", (1200, 1800)))
    until(form, "window.opened.length === 2")
    form.evaluate("window.opened.pop()()")
    expect(form.locator(".photo-picker img")).to_have_count(1)
    open_gate(form)

    until(form, "window.atOnce === 0")
    assert form.evaluate("document.querySelector('#id_photos').files[0].name") == "kedua.jpg"
    save(form).click()
    expect(form.get_by_text("Kode tanda terima")).to_be_visible()
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == (1067, 1600)


def test_a_photo_taken_out_again_stays_out_and_is_not_made_small_twice(form):
    choose(form, picture("satu.jpg", (1800, 1200)), picture("dua.jpg", (1200, 1800)))
    open_gate(form)
    open_gate(form)
    form.get_by_role("button", name="Buang foto 1").click()

    expect(form.locator(".photo-picker img")).to_have_count(1)
    expect(form.get_by_text(WAIT)).to_have_count(0)
    assert form.evaluate("window.opened.length") == 0
    save(form).click()
    expect(form.get_by_text("Kode tanda terima")).to_be_visible()
    assert Photo.objects.get().height == 1600


def test_what_the_browser_cannot_read_is_sent_as_it_is_and_refused_beside_the_field(form):
    choose(form, {"name": "rusak.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8 bukan gambar"})
    open_gate(form)
    save(form).click()

    expect(form.locator(".field__error").filter(has_text="bukan foto")).to_be_visible()
    expect(save(form)).not_to_have_attribute("aria-disabled", "true")
