"""Every form that works without signal arrives as it was filled in, photos with it; and what comes back to be corrected comes
back whole.
"""

import hashlib
import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from entries.models import HeldEntry
from kpm.models import Assessment, Goal
from phone.models import Upload
from resources.models import Referral
from roles.models import Activity, ActivityHousehold, Attendance, Incident, Photo, Postponement
from tests.factories import assess, make_goal, plan_session
from tests.referrals import make_resource

from .network import CUT, REPLY_LOST
from .pages import answer, shown, write_down
from .phones import kept_on

LOGGING = "/kegiatan/catat/"
WORDS = "Ditulis tanpa sinyal"
STEPS = {"keluarga_1": "Menabung", "pendamping_1": "Melihat tabungan"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def families(people):
    return people["families"]


@pytest.fixture
def work(people, families):
    """The first family with a promise, a low score, two goals with steps, a resource for it and a planned P2K2."""
    family, today = families[0], timezone.localdate()
    assess(family, {"B2": 1, "E1": 1, "C1": 1}, on=today - timedelta(days=3))
    ActivityHousehold.objects.filter(household=family).update(step_due_on=today)
    Activity.objects.filter(families__household=family).update(next_step="Bawa KK baru", next_step_on=today)
    return {
        "family": family,
        "child": family.members.exclude(name=family.name).get(),
        "kept": make_goal(
            family,
            "E1",
            on=today,
            wish="Anak naik kelas",
            steps=[("keluarga", "Belajar sore", today), ("keluarga", "Beli buku", today)],
        ),
        "closed": make_goal(
            family, "C1", on=today, wish="Jualan gorengan", steps=[("keluarga", "Beli wajan", today)]
        ),
        "resource": make_resource(
            "Pelatihan kue", partner=None, category_id="pelatihan", residents_only=False, checked_on=today
        ),
        "meeting": plan_session(people["group"], on=today - timedelta(days=1)),
    }


def fill(page, **fields):
    for name, value in fields.items():
        field = page.locator(f"main form[method=post] [name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"main form[method=post] [name={name}][value='{value}']").first.check(force=True)
        elif field.last.evaluate("(one) => one.tagName") == "SELECT":
            field.last.select_option(value)
        else:
            field.last.fill(value)


def save(page, button):
    page.locator("main").get_by_role("button", name=button).last.click()


def test_every_form_filled_in_without_signal_arrives(make_phone, people, families, work):
    family, case, today = work["family"], work["family"].case_number, timezone.localdate()
    kept, closed, child = work["kept"], work["closed"], work["child"]
    to_edit, to_tick = kept.steps.order_by("text")[1], kept.steps.order_by("text")[0]
    phone = make_phone()
    page = phone.begin("sri")
    phone.offline()
    soon = (today + timedelta(days=3)).isoformat()
    later = (today + timedelta(days=60)).isoformat()
    forms = [
        (f"{LOGGING}?kpm={case}", {"notes": WORDS, "sub_role": "FAS-3"}, "Simpan kegiatan"),
        (f"/kegiatan/tunda/{case}/", {"reason": WORDS, "until_on": soon}, "Tunda"),
        (
            f"/kasus/baru/{case}/",
            {"kind": "data", "what": WORDS, "reported_by": "keluarga"},
            "Simpan kasus",
        ),
        (f"/kpm/{case}/ubah/", {"address": f"Gang {WORDS}"}, "Simpan perubahan"),
        (
            f"/kpm/{case}/anggota/baru/",
            {"name": "Bayi Baru", "birth_date": "2026-01-05", "sex": "L", "relation": "anak"},
            "Simpan anggota",
        ),
        (f"/kpm/{case}/anggota/{child.pk}/", {"name": "Nama Betul"}, "Simpan perubahan"),
        (
            f"/tujuan/baru/{case}/?indikator=B2",
            {"wish": WORDS, "why": "Supaya tenang", "target_on": later, **STEPS},
            "Simpan tujuan",
        ),
        (f"/tujuan/{kept.pk}/ubah/", {"why": WORDS}, "Simpan perubahan"),
        (f"/tujuan/{kept.pk}/langkah/", {"text": WORDS, "due_on": soon}, "Simpan langkah"),
        (f"/tujuan/langkah/{to_edit.pk}/ubah/", {"text": "Belajar pagi"}, "Simpan langkah"),
        (f"/tujuan/{closed.pk}/tutup/", {"state": "tercapai", "reason": WORDS}, "Tutup tujuan"),
        (f"/rujukan/baru/?kpm={case}&sumber={work['resource'].pk}", {"need": WORDS}, "Rencanakan rujukan"),
    ]  # fmt: skip
    for path, fields, button in forms:
        page.goto(path)
        expect(page.get_by_text("Dari HP ini, keadaan"), path).to_be_visible()
        fill(page, **fields)
        save(page, button)
        expect(kept_on(page), path).to_be_visible()
    page.goto(f"/kpm/{case}/")
    for step in (to_tick.text, "Bawa KK baru"):
        page.get_by_role("button", name=f"Tandai selesai: {step}").click()
        expect(page.get_by_role("button", name=f"Tandai selesai: {step}")).to_have_count(0)
    page.goto(f"/asesmen/{case}/")
    while shown(page).locator(".anchor").count():
        answer(page, 3)
    page.get_by_role("button", name="Kirim asesmen").click()
    expect(kept_on(page)).to_be_visible()
    page.goto(f"/pertemuan/{work['meeting'].pk}/hadir/")
    assert page.evaluate("() => langkah.names('drafts')") == [], (
        "what rests in the outbox is no draft any more"
    )
    for box in page.get_by_role("radio", name="Hadir", exact=True).all():
        box.check(force=True)
    page.get_by_role("button", name="Simpan daftar hadir").click()
    expect(kept_on(page)).to_be_visible()
    count = len(forms) + 4
    assert phone.states() == ["waiting"] * count

    phone.offline(is_offline=False)
    page.goto("/kiriman/")
    assert phone.send() == "empty"
    told = page.locator("[data-outbox-rows]").inner_text()
    assert phone.states() == ["stored"] * count, told
    assert not HeldEntry.objects.exists()
    family.refresh_from_db()
    assert family.address == f"Gang {WORDS}"
    assert Activity.objects.filter(notes=WORDS, families__household=family).count() == 1
    assert Postponement.objects.filter(household=family, reason=WORDS).count() == 1
    assert Incident.objects.get(household=family, what=WORDS).reported_on == today
    assert sorted(family.members.values_list("name", flat=True)) == sorted(
        [family.name, "Bayi Baru", "Nama Betul"]
    )
    assert Goal.objects.filter(household=family, wish=WORDS).count() == 1
    kept.refresh_from_db()
    closed.refresh_from_db()
    assert (kept.why, closed.state) == (WORDS, "tercapai")
    assert sorted(kept.steps.values_list("text", flat=True)) == sorted(["Belajar pagi", to_tick.text, WORDS])
    to_tick.refresh_from_db()
    assert to_tick.done_on == today
    assert not ActivityHousehold.objects.open_steps().filter(household=family).exists()
    assert Assessment.objects.filter(household=family, assessed_on=today).count() == 1
    # The assessment at home is no visit of its own: there are the one of before and the one that was typed.
    visits = ActivityHousehold.objects.filter(household=family, occurred_on=today).home_visits()
    assert visits.count() == 2
    assert [act.assessment.assessed_on for visit in visits for act in visit.acts.all()] == [today]
    assert Referral.objects.filter(household=family, need=WORDS).count() == 1
    assert Attendance.objects.filter(state="hadir").count() == len(families)


# --- photos -----------------------------------------------------------------------------------------------------------


def picture(name, size):
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, "JPEG", quality=92)
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_photos_arrive_whole_and_no_piece_twice(work_phone, families):
    page, wifi = work_phone.page, work_phone.network
    taken = {}  # the bytes of each photo that arrived, in order

    def heard(path, body):
        if path.startswith("/hp/foto/") and body:
            taken.setdefault(path, []).append(body)

    wifi.heard = heard
    cuts = iter([CUT, REPLY_LOST])
    work_phone.offline()
    page.goto(f"{LOGGING}?kpm={families[0].case_number}")
    write_down(page, "Dua foto")
    page.get_by_text("Hasil, foto, anggota, tempat").click()
    page.locator("#id_photos").set_input_files(
        [picture("satu.jpg", (1600, 1200)), picture("dua.jpg", (1200, 1600))]
    )
    expect(page.locator(".photo-picker img")).to_have_count(2)
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(kept_on(page)).to_be_visible()

    def fault(method, path):
        return next(cuts, "fine") if method == "PUT" and sum(map(len, taken.values())) else "fine"

    wifi.fault = fault
    work_phone.context.set_offline(False)
    for _ in range(3):
        if work_phone.send() == "empty":
            break
    assert work_phone.states() == ["stored"]
    activity = Activity.objects.get(notes="Dua foto")
    digests = {
        path.split("/")[3]: hashlib.sha256(b"".join(pieces)).hexdigest() for path, pieces in taken.items()
    }
    assert len(digests) == 2 and all(name == digest for name, digest in digests.items()), (
        "each piece once, in order"
    )
    assert max(map(len, taken.values())) > 1, "in pieces"
    assert Photo.objects.filter(activity=activity).count() == Photo.objects.count() == 2
    assert page.evaluate("() => langkah.names('photos')") == [] and not Upload.objects.exists()


def test_a_refused_visit_comes_back_with_its_families_and_photos(work_phone, families):
    page, first, second = work_phone.page, *families[:2]
    work_phone.offline()
    page.goto(f"{LOGGING}?kpm={first.case_number}")
    page.get_by_text("Tambah keluarga lain").click()
    page.locator("[data-family-search]").fill(second.name)
    page.locator("#family-results [name=kpm]").check(force=True)
    expect(page.locator("[data-family-list] [name=kpm]:checked")).to_have_count(2)
    write_down(page, "Dua keluarga, satu foto")
    page.locator(".kind-picker summary").click()
    page.locator("[name=occurred_on]").fill("2027-01-05")
    page.get_by_text("Hasil, foto, anggota, tempat").click()
    page.locator("#id_photos").set_input_files([picture("satu.jpg", (800, 600))])
    expect(page.locator(".photo-picker img")).to_have_count(1)
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(kept_on(page)).to_be_visible()
    work_phone.offline(is_offline=False)
    work_phone.wait_until(["rejected"])

    for is_offline in (True, False):
        work_phone.offline(is_offline=is_offline)
        page.goto("/kiriman/")
        page.locator("[data-outbox-rows]").get_by_role("link", name="Buka lagi").click()
        expect(page.get_by_label("Apa yang dilakukan").last).to_have_value("Dua keluarga, satu foto")
        expect(page.locator("[name=occurred_on]")).to_have_value("2027-01-05")
        expect(page.locator("[data-family-list] [name=kpm]:checked")).to_have_count(2)
        expect(page.locator(".photo-picker img")).to_have_count(1)
        assert page.evaluate("() => document.querySelector('#id_photos').files[0].name") == "satu.jpg"
    page.locator("[name=occurred_on]").evaluate("(field) => { field.value = '2026-11-17'; }")
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    work_phone.wait_until(["stored"])
    activity = Activity.objects.get(notes="Dua keluarga, satu foto")
    assert {row.household_id for row in activity.families.all()} == {first.pk, second.pk}
    assert Photo.objects.filter(activity=activity).count() == Photo.objects.count() == 1
    assert not HeldEntry.objects.exists() and page.evaluate("() => langkah.names('photos')") == []


def test_without_javascript_a_visit_is_stored_as_before(open_browser, families, sign_in):
    page = sign_in(open_browser(javascript=False).new_page(), "sri")
    page.goto(f"{LOGGING}?kpm={families[0].case_number}")
    write_down(page, "Tanpa skrip")
    page.get_by_role("button", name="Simpan kegiatan").click()
    expect(page.get_by_text("Kode tanda terima")).to_be_visible()
    page.goto("/kiriman/")
    expect(page.locator("[data-outbox]")).to_be_hidden()
    assert Activity.objects.filter(notes="Tanpa skrip").count() == 1
