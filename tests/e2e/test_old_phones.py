"""Old phones: Chrome 88 as far as it can be played, by taking away what came later; and pages that came only in part."""

import io
import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from kpm.models import Score
from roles.models import Activity, Attendance, Photo
from tests.factories import plan_session
from tests.old_browser import as_old

from .pages import answer, write_down

GROUND = "rgb(245, 241, 247)"
QUESTIONS = 10  # the families of these tests have a child at school
ICON = 32  # px; a drawing without a size of its own is 300 wide
NOTES = "Warung mulai ramai, tabungan naik."

# What Chrome got after version 88, and replaceChildren, which other browsers of that time lack.
TAKE_AWAY = """
for (const [owner, names] of [
  [Element.prototype, ['replaceChildren', 'checkVisibility', 'setHTML', 'setHTMLUnsafe', 'moveBefore']],
  [DocumentFragment.prototype, ['replaceChildren']],
  [Document.prototype, ['replaceChildren', 'startViewTransition']],
  [Document, ['parseHTMLUnsafe']],
  [HTMLElement.prototype, ['showPopover', 'hidePopover', 'togglePopover', 'popover', 'inert']],
  [HTMLInputElement.prototype, ['showPicker']],
  [HTMLSelectElement.prototype, ['showPicker']],
  [Array.prototype, ['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with']],
  [String.prototype, ['at', 'isWellFormed', 'toWellFormed']],
  [Array, ['fromAsync']],
  [Object, ['hasOwn', 'groupBy']],
  [Promise, ['withResolvers', 'try']],
  [URL, ['canParse', 'parse']],
  [AbortSignal, ['timeout', 'any', 'abort']],
  [Crypto.prototype, ['randomUUID']],
  [window, ['structuredClone', 'scheduler', 'navigation', 'reportError', 'URLPattern']],
]) names.forEach((name) => { delete owner[name]; });

const supports = CSS.supports.bind(CSS);
CSS.supports = (...asked) => !/:has\\(|details-content/.test(asked.join()) && supports(...asked);
const bitmap = window.createImageBitmap;
window.createImageBitmap = (source, options) => (options && options.imageOrientation === 'from-image'
  ? Promise.reject(new TypeError("The provided value 'from-image' is not a valid enum value")) : bitmap(source));
const Form = window.FormData;
window.FormData = class extends Form { constructor(form) { super(...(form ? [form] : [])); } };
"""
# The parts of a <details> could not be laid out as a grid or a row.
PLAIN_DETAILS = """
details:not([hidden]) { display: block !important; }
details::details-content { display: block !important; }
"""


def serve_old(context):
    """Style sheets reach the pages of `context` as an old browser reads them."""

    def answer(route):
        name = route.request.url.partition(settings.STATIC_URL)[2]
        route.fulfill(body=old_style(name), content_type="text/css")

    context.route(re.compile(r"/static/css/.*\.css"), answer)


@cache
def old_style(name):
    text, _ = as_old(Path(finders.find(name)).read_text())
    return text + PLAIN_DETAILS


@pytest.fixture
def old_phone(open_browser, people, sign_in):
    """Make a page of the pendamping on an old phone: old_phone(), or old_phone(javascript=False)."""

    def make(**options):
        context = open_browser(**options)
        context.add_init_script(TAKE_AWAY)
        serve_old(context)
        return sign_in(context.new_page(), "sri")

    return make


@pytest.fixture
def family(people):
    return people["families"][0]


@pytest.fixture
def meeting(people):
    return plan_session(people["group"], on=timezone.localdate() - timedelta(days=1))


def check_look(page):
    """The page has its style, and nothing reaches over its edge or grows out of its place."""
    page.wait_for_load_state()
    seen = page.evaluate("""() => ({
      ground: getComputedStyle(document.body).backgroundColor,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      icon: Math.max(0, ...Array.from(document.querySelectorAll('svg.icon'), (icon) => icon.getBoundingClientRect().width)),
      small: Array.from(document.querySelectorAll('main .btn'), (button) => button.getBoundingClientRect())
        .filter((box) => box.height && box.height < 44).length,
    })""")
    assert seen["wide"] <= 0, page.url
    assert seen["ground"] == GROUND, page.url
    assert seen["icon"] <= 64, page.url
    assert seen["small"] == 0, page.url


def save(page):
    page.get_by_role("button", name=re.compile("Simpan kegiatan")).click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()


def write_visit(page, family):
    page.goto(f"/kegiatan/catat/?kpm={family.case_number}")
    write_down(page, NOTES)


def stored(family):
    return Activity.objects.filter(notes=NOTES, families__household=family).count()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_visit_is_logged(old_phone, family, javascript):
    page = old_phone(javascript=javascript)
    write_visit(page, family)
    check_look(page)
    save(page)

    check_look(page)
    assert stored(family) == 1


def picture():
    content = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(content, "JPEG", quality=92)
    return {"name": "warung.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def test_a_photo_is_made_small_before_it_travels(old_phone, family):
    page, photo = old_phone(), picture()
    write_visit(page, family)
    page.get_by_text("Hasil, foto, anggota").click()
    page.locator("#id_photos").set_input_files(photo)
    expect(page.locator("[data-photo-previews] img")).to_have_count(1)
    size = page.locator("#id_photos").evaluate("(input) => input.files[0].size")
    save(page)

    assert size < len(photo["buffer"]) / 2
    assert Photo.objects.get().activity.notes == NOTES


def test_an_assessment_is_sent_one_question_a_screen(old_phone, family):
    page = old_phone()
    page.goto(f"/asesmen/{family.case_number}/")
    shown = page.locator("[data-screen]:not([hidden])")
    for number in range(1, QUESTIONS + 1):
        expect(shown).to_contain_text(f"{number} dari {QUESTIONS}")
        # What is not asked yet is folded away, as in a browser that knows :has().
        expect(shown.locator(".ask__own, .ask__note, .ask__reason").locator("visible=true")).to_have_count(0)
        shown.locator(".anchor.level--2").click()
        if number == 1:
            expect(shown).to_contain_text(f"2 dari {QUESTIONS}")
            page.locator("[data-step-back]").click()
            expect(shown.locator(".ask__own")).to_be_visible()
            check_look(page)
            page.locator("[data-step-next]").click()
        check_look(page)
    expect(page.get_by_text("Sebelum dikirim")).to_be_visible()
    check_look(page)
    page.get_by_role("button", name="Kirim asesmen").click()

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    assert Score.objects.filter(household=family, family_level=2, level=2).count() == QUESTIONS


def answer_all(page):
    for number in range(QUESTIONS):
        question = page.locator(".ask").nth(number)
        question.locator(".anchor.level--2").click()
        question.get_by_label("Setuju").check()
    page.get_by_role("button", name="Kirim asesmen").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()


def test_an_assessment_is_sent_without_scripts(old_phone, family):
    page = old_phone(javascript=False)
    page.goto(f"/asesmen/{family.case_number}/")
    check_look(page)
    answer_all(page)

    assert Score.objects.filter(household=family, level=2).count() == QUESTIONS


def test_an_assessment_whose_script_fails_is_one_long_form_and_can_be_sent(phone, people, family, sign_in):
    phone.add_init_script(
        "HTMLFormElement.prototype.getBoundingClientRect = () => { throw new Error('no'); };"
    )
    page = sign_in(phone.new_page(), "sri")
    page.goto(f"/asesmen/{family.case_number}/")
    expect(page.locator("[data-screen]:not([hidden])")).to_have_count(1)
    page.locator("[data-screen]:not([hidden]) .anchor.level--2").click()
    expect(page.locator("[data-screen]:not([hidden])")).to_have_count(QUESTIONS + 2)
    answer_all(page)

    assert Score.objects.filter(household=family, level=2).count() == QUESTIONS


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_an_attendance_list_is_held(old_phone, people, meeting, javascript):
    page = old_phone(javascript=javascript)
    page.goto(f"/pertemuan/{meeting.pk}/hadir/")
    page.get_by_role("link", name="Semua hadir").click()
    away = page.locator(".attend", has_text="Cucu Suhartini")
    away.get_by_role("radio", name="Izin").check()
    if javascript:  # only what belongs to the choice is asked, as in a browser that knows :has()
        expect(away.locator(".attend__who")).to_be_hidden()
        expect(page.locator(".attend__why").locator("visible=true")).to_have_count(1)
    away.locator(".attend__why").fill("Mengantar anak berobat")
    check_look(page)
    page.get_by_role("button", name="Simpan daftar hadir").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()

    assert Attendance.objects.get(state="izin").note == "Mengantar anak berobat"
    assert Attendance.objects.filter(state="hadir").count() == len(people["families"]) - 1


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_families_are_searched(old_phone, people, javascript):
    page = old_phone(javascript=javascript)
    page.goto("/kpm/")
    check_look(page)
    page.get_by_role("searchbox").fill("euis")
    page.get_by_role("button", name="Cari", exact=True).click()

    # Iis may be meant, too, but less.
    expect(page.locator("#household-rows .row .row__link")).to_have_text(["Euis Komariah", "Iis Sumiati"])
    check_look(page)


def test_every_page_of_the_day_has_its_look(old_phone, family, people):
    page = old_phone()
    case = family.get_absolute_url()
    for address in (
        "/", "/kpm/", case, f"{case}ubah/", f"{case}kemandirian/", f"{case}nomor/", "/kpm/baru/", "/kegiatan/",
        "/kegiatan/catat/", f"/kegiatan/catat/?kelompok={people['group'].pk}", "/asesmen/", "/tujuan/", "/graduasi/",
        "/sumber-daya/", "/mitra/", "/rujukan/", "/pertemuan/", "/pelatihan/", "/sinergi/", "/dasbor/", "/laporan/",
        "/ekspor/", "/kiriman/", "/lainnya/", "/akun/",
    ):  # fmt: skip
        page.goto(address)
        check_look(page)


def test_the_button_to_log_does_not_cover_the_button_that_saves(old_phone, family):
    page = old_phone()
    page.goto(f"/kpm/{family.case_number}/ubah/")
    go = page.locator(".nav__item--go .nav__icon").bounding_box()
    save_button = page.locator(".actionbar .btn").first.bounding_box()

    assert go["y"] >= save_button["y"] + save_button["height"]


@pytest.fixture
def bare(open_browser, people, sign_in):
    """Make a page that some of its files never reach: bare("/static/css/")."""

    def make(part):
        context = open_browser()
        context.route(re.compile(part), lambda route: route.abort())
        return sign_in(context.new_page(), "sri")

    return make


def test_a_page_without_its_style_sheet_is_read_and_sent(bare, family):
    page = bare(r"/static/css/")
    for address in ("/", "/kpm/", family.get_absolute_url(), "/kegiatan/"):
        page.goto(address)
        widths = page.evaluate(
            "Array.from(document.querySelectorAll('svg.icon'), (icon) => icon.getBoundingClientRect().width)"
        )
        assert widths and max(widths) <= ICON, address
    page.goto(f"/asesmen/{family.case_number}/")
    assert page.locator(".picture").first.evaluate("(one) => one.getBoundingClientRect().width") <= 88
    write_visit(page, family)
    save(page)

    assert stored(family) == 1


def test_a_form_whose_htmx_did_not_come_is_sent_plainly(bare, family):
    page = bare(r"htmx")
    write_visit(page, family)
    save(page)

    assert stored(family) == 1


def test_an_assessment_whose_htmx_did_not_come_is_sent_plainly(bare, family):
    page = bare(r"htmx")
    page.goto(f"/asesmen/{family.case_number}/?bentuk=singkat")
    for _ in range(QUESTIONS):
        answer(page, 2)
    page.get_by_role("button", name="Kirim asesmen").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()

    assert Score.objects.filter(household=family, level=2).count() == QUESTIONS
