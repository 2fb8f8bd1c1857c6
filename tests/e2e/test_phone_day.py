"""A day without signal on a phone for work: the same screens, nothing lost, nothing doubled."""

import re

import pytest
from playwright.sync_api import expect

from kpm.finding import rules
from kpm.models import Household
from kpm.models.search import found_in
from phone.ahead import found_by
from roles.models import Activity

from .conftest import DESKTOP, NARROW, PHONE
from .phones import CODE
from .sizes import ON_THE_TITLE

KEPT = "Tersimpan di HP"


@pytest.fixture
def family(people):
    return people["families"][0]


def test_a_visit_without_signal_arrives_when_the_signal_is_back(work_phone, family):
    page = work_phone.page
    work_phone.offline()
    work_phone.visit(family, "Ditulis tanpa sinyal.\nBaris kedua.")

    expect(page.get_by_text(KEPT, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name=family.name, exact=True)).to_be_visible()
    expect(page.locator("[data-phone-status]")).to_contain_text("1 menunggu")
    assert work_phone.states() == ["waiting"] and not Activity.objects.filter(notes__contains="tanpa sinyal")

    work_phone.offline(is_offline=False)
    work_phone.wait_until(["stored"])
    page.goto("/kiriman/")
    expect(page.locator("[data-outbox-rows]")).to_contain_text("Kode tanda terima")
    assert Activity.objects.filter(notes__contains="tanpa sinyal").count() == 1
    page.goto(f"/kpm/{family.case_number}/riwayat/")
    expect(page.locator(".timeline .event").first).to_contain_text("Ditulis tanpa sinyal.")


def test_with_signal_the_entry_is_on_the_phone_first_and_the_screen_is_as_before(work_phone, family):
    page = work_phone.page
    work_phone.visit(family, "Ditulis dengan sinyal.")

    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    assert work_phone.states() == ["stored"]
    assert Activity.objects.filter(notes="Ditulis dengan sinyal.").count() == 1


def test_a_cold_start_in_aeroplane_mode_opens_by_the_code(work_phone, people):
    family = people["families"][3]
    page = work_phone.page
    page.evaluate("user => langkah.shut(user)", page.evaluate("document.body.dataset.user"))
    work_phone.restart()
    work_phone.offline()
    page = work_phone.page

    page.goto("/kpm/")
    expect(page.get_by_role("heading", name="Langkah di HP ini terkunci")).to_be_visible()
    page.get_by_label("Kode 6 angka").fill("111222")
    page.get_by_role("button", name="Buka").click()
    expect(page.get_by_text("Masih 4 kali lagi")).to_be_visible()
    page.get_by_label("Kode 6 angka").fill(CODE)
    page.get_by_role("button", name="Buka").click()

    expect(page.get_by_text("12 KPM")).to_be_visible()
    page.get_by_label(re.compile("Cari nama")).fill(family.name.split()[0][:-1] + "x")
    page.get_by_role("button", name="Cari").click()
    page.get_by_role("link", name=family.name, exact=True).click()
    expect(page.get_by_role("heading", name=family.name, exact=True)).to_be_visible()


def test_what_waits_stands_beside_the_title_and_not_on_it(work_phone, family):
    page = work_phone.page
    work_phone.offline()
    work_phone.put(*[(family, f"Kunjungan {number}.") for number in range(12)])
    for path in ("/", "/kiriman/", "/kegiatan/catat/", f"/kpm/{family.case_number}/"):
        page.goto(path)
        expect(page.locator("[data-phone-signal]")).to_have_text("Tanpa sinyal")
        expect(page.locator("[data-phone-waiting]")).to_have_text("12 menunggu")
        for size in (NARROW, PHONE, DESKTOP):
            page.set_viewport_size(size)
            assert page.evaluate(ON_THE_TITLE) == [], (path, size)


def slips(name):
    """A name as hands type it: a letter left out, doubled, swapped or missed, in each of its words."""
    for word in name.split():
        yield word
        if len(word) > 4:
            yield from (word[:2] + word[3:], word[:3] + word[2:], word[:2] + word[3] + word[2] + word[4:])
            yield f"{word[:2]}x{word[3:]}"


def test_search_without_signal_finds_whom_search_with_signal_finds_and_in_that_order(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/")
    page.add_script_tag(url="/static/js/phone/finding.js")
    page.add_script_tag(url="/static/js/phone/pages.js")
    families = people["families"]
    known = [
        {
            "case": one.case_number,
            "name": one.name,
            "rw": one.rw,
            "rt": one.rt,
            "group": one.group.name if one.group else "",
            "seen_on": one.last_visited_on and one.last_visited_on.isoformat(),
            **found_by(one, one.members.all()),
        }
        for one in families
    ]
    asked = [text for one in families for text in slips(one.name)]
    asked += [text for one in families for person in one.members.all() for text in slips(person.name)]
    asked += [f"rt {one.rt} rw {one.rw}" for one in families]
    asked += [f"RW.{one.rw:02d}/RT.{one.rt:02d}" for one in families]
    asked += [one.address for one in families] + [one.address.split()[1] for one in families]
    asked += [f"0800 0000 {one.rt}{one.rw}77" for one in families]
    asked += [one.case_number.lower() for one in families] + [one.name.replace(" ", "") for one in families]
    asked += [f"bu {one.name.split()[0]} rt {one.rt}" for one in families]
    asked += [
        "Djoeriah",
        "soemiati",
        "Tjetjep",
        "mawar",
        "gg mawar 1",
        "zzzz",
        "%",
        "pkh",
        "ai",
        "a",
        "08",
        "(",
        "é",
    ]
    here = page.evaluate(
        "([known, rules, asked]) => asked.map((text) => langkahPages.search(known, text, rules).map((one) => one.case))",
        [known, rules(), asked],
    )

    mine = Household.objects.visible_to(people["pendamping"])
    for text, cases in zip(asked, here, strict=True):
        found = found_in(mine, text)
        if found is None:
            assert set(cases) == set(mine.asked_place(text).values_list("case_number", flat=True)), text
        else:
            assert cases == [home.case_number for home, _ in found.hits], text
