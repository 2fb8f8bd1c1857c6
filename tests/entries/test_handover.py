"""A family is handed over while a form about it is open: whatever the form, what was typed is held and can be let in."""

from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from entries.models import HeldEntry, LateWrite, Receipt
from kpm.models import Goal, GraduationFile, Household, Member
from kpm.operations import assign, hand_over_group
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, Commitment, Postponement
from tests.answers import everything
from tests.canaries import make_family
from tests.factories import (
    BABAKAN_SURABAYA,
    ActivityFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    fail_a_check,
    make_goal,
)
from tests.held import hold_visit, visit_to
from tests.walker import address_of, as_sent, open_routes
from tests.worlds import made_once

# Closed to who gave the family away; it is its receiver who answers there.
GIVEN_AWAY = {"roster:handover_detail", "roster:handover_family"}
TYPED = "Ditulis sebelum keluarga ini berpindah."


@made_once
def world():
    """A family with everything, its pendamping, a colleague and a koordinator."""
    me, colleague = UserFactory(), UserFactory()
    family = make_family("sendiri", me)
    return {
        "thing": family,
        "me": me,
        "colleague": colleague,
        "koordinator": UserFactory(koordinator=True),
        "other": make_family("rekan", UserFactory()),
    }


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def hand_over(world):
    today = timezone.localdate()
    hand_over_group(world["thing"]["group"], to=world["colleague"], by=world["koordinator"], on=today)
    family = Household.objects.get(pk=world["thing"]["family"].pk)
    if family.pendamping_id != world["colleague"].pk:
        assign(family, to=world["colleague"], by=world["koordinator"], on=today)


def typed_into(page):
    """The fields of the form on `page`, with words of a person in each that takes words; a tick has none but its id."""
    sent = {name: value for name, value in as_sent(page).items() if value != ""}
    form = (page.context or {}).get("form") if page.context and "form" in page.context else None
    for name, field in form.fields.items() if form else ():
        if (
            type(field).__name__ == "CharField"
            and not field.widget.is_hidden
            and not hasattr(field, "choices")
        ):
            sent.setdefault(name, TYPED)
    return sent | {"op_id": str(uuid7())}


def test_no_form_loses_what_was_typed_while_the_family_moved(client, world):
    me, lost, held = world["me"], [], set()
    client.force_login(me)
    for name, params in list(open_routes(me)):
        if name.startswith("accounts:") or name in GIVEN_AWAY:
            continue
        with taken_back():
            url = address_of(name, params, world["thing"])
            before = client.get(url)
            everything(before)
            if before.status_code not in {200, 405}:
                continue
            sent = typed_into(before)
            hand_over(world)
            after = client.get(url)
            everything(after)
            if before.status_code == 200 and after.status_code != 404:
                continue  # not about a family that is gone
            answer = client.post(url, sent)
            shown = unescape(everything(answer).decode())
            if answer.status_code == 405:
                continue
            entry = HeldEntry.objects.filter(op_id=sent["op_id"]).first()
            if before.status_code == 405 and entry is None and answer.status_code != 404:
                continue  # not about a family that is gone
            sentences = [words for words in sent.values() if isinstance(words, str) and " " in words]
            if answer.status_code == 200 and sentences and all(words in shown for words in sentences):
                continue  # the form, to be corrected
            if entry is None or not answer.get("Location", "").startswith("/kiriman/"):
                lost.append((name, answer.status_code, answer.get("Location")))
                continue
            held.add(name)
            page = client.get(f"/kiriman/{entry.pk}/").content.decode()
            if TYPED in sent.values() and TYPED not in page:
                lost.append((name, "the words are not on the page"))
            # Sent again, it is the same one.
            client.post(url, sent)
            assert HeldEntry.objects.filter(op_id=sent["op_id"]).count() == 1
    assert not lost, lost
    # Named by hand, so that a route which is skipped by mistake is seen.
    assert held >= {
        "kpm:household_edit", "kpm:member_create", "kpm:member_edit", "kpm:goal_create", "kpm:goal_edit",
        "kpm:goal_close", "kpm:step_create", "kpm:step_edit", "kpm:group_edit", "kpm:assessment_create",
        "roles:postpone", "roles:step_done", "kpm:goal_step_done", "roles:meeting_plan", "resources:consent_withdraw",
    }  # fmt: skip


def test_a_form_of_a_family_never_held_is_not_found_and_not_kept(client, world):
    me = world["me"]
    client.force_login(me)
    for name, params in list(open_routes(me)):
        if "case" not in params:
            continue
        url = address_of(name, params, world["other"])
        answer = client.post(url, {"op_id": str(uuid7()), "notes": TYPED, "wish": TYPED, "reason": TYPED})
        assert answer.status_code in {404, 405}, name
    assert not HeldEntry.objects.filter(author=me, payload__fields__notes=[TYPED]).exists()


@pytest.fixture
def goal(db):
    family = HouseholdFactory()
    return make_goal(family)


def in_other_hands(family):
    colleague = UserFactory()
    assign(family, to=colleague, by=UserFactory(koordinator=True), on=timezone.localdate())
    return colleague


def change_words(client, goal, **changes):
    """Fill in the form for the words of a goal, hand its family over, and send it; the HeldEntry."""
    client.force_login(goal.pendamping)
    url = f"{goal.get_absolute_url()}ubah/"
    sent = as_sent(client.get(url)) | {"wish": "Warung sendiri di depan rumah", **changes}
    in_other_hands(goal.household)
    client.post(url, sent)
    return HeldEntry.objects.get(author=goal.pendamping)


def decide(client, held, decision, note="", **more):
    koordinator = UserFactory(koordinator=True)
    client.force_login(koordinator)
    return client.post(f"/kiriman/{held.pk}/", {"decision": decision, "note": note, **more}, follow=True)


def test_what_is_let_in_is_stored_once_in_the_name_of_who_typed_it(client, goal):
    held = change_words(client, goal)

    page = decide(client, held, "diterima").content.decode()
    again = decide(client, held, "diterima").content.decode()

    goal.refresh_from_db()
    receipt = Receipt.objects.get(op_id=held.op_id)
    assert goal.wish == "Warung sendiri di depan rumah"
    assert receipt.author == held.author and f"Kode tanda terima {receipt.code}" in page
    assert "sudah diputuskan" in again
    assert goal.events.latest("pgh_id").pgh_context.metadata["user"] == held.author_id
    client.force_login(held.author)
    assert "Diterima" in client.get(f"/kiriman/{held.pk}/").content.decode()


def test_what_cannot_be_stored_as_it_was_sent_says_why_and_waits_on(client, goal):
    held = change_words(client, goal, wish="")

    page = decide(client, held, "diterima").content.decode()

    held.refresh_from_db()
    assert held.resolved_at is None
    assert "wish" not in page and "Tulis" in page
    assert Goal.objects.get(pk=goal.pk).wish == goal.wish


def test_a_form_given_back_opens_again_as_it_was_typed(client, goal):
    held = change_words(client, goal)
    assert "Tulis alasannya" in decide(client, held, "dikembalikan").content.decode()
    decide(client, held, "dikembalikan", note="Tolong sebut jenis warungnya.")
    assign(goal.household, to=held.author, by=UserFactory(koordinator=True), on=timezone.localdate())

    client.force_login(held.author)
    page = client.get(f"/kiriman/{held.pk}/")
    assert "Tolong sebut jenis warungnya." in page.content.decode()
    address, fields = page.context["again"]
    opened = client.post(address, dict(fields) | {"buka_lagi": "1"})

    assert opened.status_code == 200 and "Warung sendiri di depan rumah" in opened.content.decode()
    assert Goal.objects.get(pk=goal.pk).wish == goal.wish
    client.post(address, as_sent(opened) | {"wish": "Warung nasi"})
    assert Goal.objects.get(pk=goal.pk).wish == "Warung nasi"


def test_a_number_of_identity_waits_sealed_and_out_of_sight_whatever_the_key(client, db, settings):
    member = MemberFactory()
    family = member.household
    client.force_login(family.pendamping)
    url = f"/kpm/{family.case_number}/anggota/baru/"
    sent = as_sent(client.get(url)) | {
        "op_id": str(uuid7()), "name": "Dedi", "nik": "3273990101900001", "sex": "L", "relation": "anak", "birth_date": "1990-01-01",
    }  # fmt: skip
    in_other_hands(family)
    page = client.post(url, sent, follow=True).content.decode()
    client.post(url, sent)
    held = HeldEntry.objects.get()  # once, though the number is never sealed the same twice

    assert "3273990101900001" not in str(held.payload) + page and "nomor identitas" in page
    old = settings.IDENTITY_KEYS
    settings.IDENTITY_KEYS = old | {
        "encryption": old["encryption"] | {"2": "44" * 32},
        "current": old["current"] | {"encryption": "2"},
    }
    call_command("reseal_numbers", stdout=StringIO())
    settings.IDENTITY_KEYS["encryption"].pop("1")
    held.refresh_from_db()
    decide(client, held, "diterima")
    assert Member.objects.get(name="Dedi").nik.reveal() == "3273990101900001"


def visit(client, family, **more):
    """Send a visit to `family` as who held it, after it was handed over; the HeldEntry."""
    author = family.pendamping
    client.force_login(author)
    sent = visit_to(family, **more)
    in_other_hands(family)
    client.post("/kegiatan/catat/", sent)
    return HeldEntry.objects.get(author=author)


def test_a_visit_typed_before_and_sent_after_a_handover_counts_once_and_the_new_holder_sees_it(client, db):
    family = HouseholdFactory()
    author = family.pendamping
    held = visit(client, family)

    decide(client, held, "diterima")
    decide(client, held, "diterima")

    activity = Activity.objects.get()
    assert activity.pendamping == author
    assert list(Activity.objects.counted_for(author)) == [activity]
    family.refresh_from_db()
    assert family.last_visited_on == activity.occurred_on
    client.force_login(family.pendamping)
    assert "Melihat warung." in client.get(f"{family.get_absolute_url()}riwayat/").content.decode()


def test_a_commitment_that_was_spoken_of_is_told_when_its_visit_is_let_in(client, db):
    family = HouseholdFactory()
    fail_a_check(
        MemberFactory(household=family, name="Rizki"), by=family.pendamping, today=timezone.localdate()
    )
    held = visit(client, family, komitmen=str(Commitment.objects.get().pk))

    decide(client, held, "diterima")

    notes = Activity.objects.get(kind="kunjungan_rumah").notes
    assert notes.startswith("Membicarakan komitmen: Rizki tidak datang") and notes.endswith("Melihat warung.")


def test_a_visit_to_another_family_than_was_sent_is_written_down_for_that_one(client, db):
    family, right = HouseholdFactory(), HouseholdFactory()
    held = visit(client, family)

    assert "tidak ditemukan" in decide(client, held, "dipindahkan", case="PKH-00000").content.decode()
    decide(client, held, "dipindahkan", case=right.case_number.lower(), note="Salah pilih nama.")

    assert ActivityHousehold.objects.get().household == right
    held.refresh_from_db()
    assert (held.decision, right.case_number in held.note) == ("dipindahkan", True)


def test_a_visit_given_back_opens_filled_in(client, db):
    family = HouseholdFactory()
    held = visit(client, family)
    decide(client, held, "dikembalikan", note="Keluarga yang mana?")

    client.force_login(held.author)
    address, fields = client.get(f"/kiriman/{held.pk}/").context["again"]
    page = client.post(address, dict(fields) | {"buka_lagi": "1"})

    assert page.status_code == 200 and "Melihat warung." in page.content.decode()
    assert not Activity.objects.exists()


def test_a_form_given_back_of_a_family_that_stays_away_is_not_held_a_second_time(client, goal):
    held = change_words(client, goal)
    decide(client, held, "dikembalikan", note="Sudah dipegang Bu Dewi.")
    client.force_login(held.author)
    address, fields = client.get(f"/kiriman/{held.pk}/").context["again"]

    page = client.post(address, dict(fields) | {"buka_lagi": "1"}, follow=True).content.decode()

    assert "tidak terbuka lagi bagi Anda" in page
    assert HeldEntry.objects.count() == 1


def test_a_photo_waits_in_the_field_that_it_was_sent_in(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    family = HouseholdFactory()
    author = family.pendamping
    client.force_login(author)
    create = reverse("kpm:graduation_create", args=[family.case_number])
    said = {"op_id": str(uuid7()), "kind": "mandiri", "statement": "Warung sudah ramai."}
    url = client.post(create, said).url
    sent = {name: value for name, value in as_sent(client.get(url)).items() if value != ""}
    photo = SimpleUploadedFile("surat.jpg", a_picture(), "image/jpeg")
    in_other_hands(family)
    client.post(url, sent | {"op_id": str(uuid7()), "berkas-mandiri-pernyataan": photo})
    held = HeldEntry.objects.get()
    assert held.payload["title"] == f"Ubah usulan {family.case_number}"
    assert ["Keluarga", family.case_number] in held.payload["facts"]

    decide(client, held, "diterima")

    assert GraduationFile.objects.get().paper_id == "mandiri-pernyataan"
    assert family.graduation_cases.get().proposed_by == author


def test_nothing_is_written_down_for_a_family_that_the_koordinator_may_not_open(client, db):
    family, far = HouseholdFactory(), HouseholdFactory(wilayah_id=BABAKAN_SURABAYA)
    held = visit(client, family)
    client.force_login(UserFactory(koordinator=True, wilayah_id=family.wilayah_id))

    sent = {"decision": "dipindahkan", "note": "", "case": far.case_number}
    page = client.post(f"/kiriman/{held.pk}/", sent).content.decode()

    assert "tidak ditemukan" in page
    assert not Activity.objects.exists() and HeldEntry.objects.waiting().exists()


def test_any_form_about_a_family_can_be_meant_for_another_one_and_one_about_a_thing_of_its_own_can_not(
    client, goal
):
    """A postponement is typed for the wrong family; a goal is the very family's."""
    family, right = HouseholdFactory(), HouseholdFactory()
    client.force_login(family.pendamping)
    url = reverse("roles:postpone", args=[family.case_number])
    later = (timezone.localdate() + timedelta(days=9)).isoformat()
    sent = as_sent(client.get(url)) | {"until_on": later, "reason": "Mudik"}
    in_other_hands(family)
    client.post(url, sent)

    decide(client, HeldEntry.objects.get(), "dipindahkan", case=right.case_number)

    assert Postponement.objects.get().household == right
    held = change_words(client, goal)
    page = decide(client, held, "dipindahkan", case=right.case_number).content.decode()
    assert "hanya bisa untuk keluarga yang tertulis" in page
    assert Goal.objects.get(pk=goal.pk).wish == goal.wish


def test_a_correction_that_came_too_late_can_be_let_in(client, db):
    family = HouseholdFactory()
    activity = ActivityFactory(families=[family], pendamping=family.pendamping)
    activity.received_at = timezone.now() - timedelta(days=8)
    activity.save(update_fields=["received_at"])
    client.force_login(activity.pendamping)
    sent = visit_to(family, on=activity.occurred_on, notes="Yang benar: warungnya buka lagi.")
    client.post(reverse("roles:activity_edit", args=[activity.pk]), sent)
    held = HeldEntry.objects.get()
    assert held.reason == HeldEntry.Reason.TOO_LATE

    decide(client, held, "diterima")

    activity.refresh_from_db()
    assert activity.notes == "Yang benar: warungnya buka lagi."


def test_what_is_held_is_judged_by_the_day_on_which_it_was_sent(client, db):
    """A visit of almost a year ago is let in weeks later."""
    family = HouseholdFactory()
    day = timezone.localdate() - timedelta(days=360)
    held = hold_visit(family, on=day, reason=HeldEntry.Reason.HANDED_OVER)
    HeldEntry.objects.filter(pk=held.pk).update(received_at=timezone.now() - timedelta(days=30))

    decide(client, held, "diterima")

    assert Activity.objects.get().occurred_on == day
    assert LateWrite.objects.exists()  # it counts from now on, in a month that is over


def a_picture():
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    return out.getvalue()
