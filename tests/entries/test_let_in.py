"""What a koordinator lets in is stored once, takes nothing with it, and shows nobody more than the own area."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from entries.models import AccessLog, HeldEntry, Period
from kpm.models import Household
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, Training, TrainingPlace
from tests.entries.test_handover import change_words, decide, in_other_hands, visit
from tests.factories import (
    BABAKAN_SURABAYA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    make_goal,
    plan_session,
)
from tests.held import hold_form, visit_to
from tests.roles.test_trainings import roll
from tests.walker import as_sent

LOG = "/kegiatan/catat/"


def opened(client, url):
    """What the form at `url` would send as it is, under an id of its own."""
    page = client.get(url)
    sent = {name: value for name, value in as_sent(page).items() if value != ""}
    return sent | {"op_id": str(uuid7()), "version": page.context["form"].version}


@pytest.fixture
def quiet(client, db):
    """A browser that sees a fault as a person does."""
    client.raise_request_exception = False
    return client


# --- once -------------------------------------------------------------------------------------------------------------


def test_what_was_held_and_then_stored_by_a_resend_is_not_stored_again(client, db):
    family = HouseholdFactory()
    client.force_login(author := family.pendamping)
    sent = visit_to(family)
    in_other_hands(family)
    client.post(LOG, sent)
    assign(family, to=author, by=UserFactory(koordinator=True), on=timezone.localdate())
    client.post(LOG, sent)

    page = decide(client, HeldEntry.objects.get(), "diterima").content.decode()

    assert "sudah tersimpan ketika dikirim ulang" in page
    assert Activity.objects.count() == 1


@pytest.mark.parametrize("way", ["diterima", "susulan"])
def test_nor_when_its_month_was_open_for_a_while(way, client, db):
    family = HouseholdFactory()
    client.force_login(family.pendamping)
    day = timezone.localdate().replace(day=1) - timedelta(days=3)
    sent = visit_to(family, on=day)
    month = Period.objects.create(wilayah_id=family.wilayah_id, month=day.replace(day=1), state="terkunci")
    client.post(LOG, sent)
    Period.objects.filter(pk=month.pk).update(state="terbuka")
    client.post(LOG, sent)
    Period.objects.filter(pk=month.pk).update(state="terkunci")
    held = HeldEntry.objects.get()

    if way == "susulan":
        client.force_login(UserFactory(koordinator=True))
        said = {"op_id": str(uuid7()), "reason": "Sakit lama."}
        client.post(reverse("reports:late_accept", args=[held.pk]), said)
    else:
        decide(client, held, way)

    assert Activity.objects.count() == 1


def test_what_was_written_down_for_another_family_answers_its_resend(client, db):
    family, right = HouseholdFactory(), HouseholdFactory()
    client.force_login(author := family.pendamping)
    sent = visit_to(family)
    in_other_hands(family)
    client.post(LOG, sent)
    decide(client, HeldEntry.objects.get(), "dipindahkan", case=right.case_number)
    assign(family, to=author, by=UserFactory(koordinator=True), on=timezone.localdate())

    client.force_login(author)
    client.post(LOG, sent)

    assert Activity.objects.get().families.get().household == right


def test_a_resend_of_a_registration_after_the_family_moved_is_known(client, db):
    client.force_login(UserFactory())
    sent = {name: value for name, value in as_sent(client.get("/kpm/baru/")).items() if value != ""} | {
        "op_id": str(uuid7()), "name": "Ibu Sri", "address": "Jl. A 1", "rt": "1", "rw": "1",
        "no_kk": "3273990101200777", "birth_date": "1985-03-12", "sex": "P", "joined_on": "2026-01-01",
        "status": "aktif", "path": "usaha",
    }  # fmt: skip
    assert client.post("/kpm/baru/", sent).status_code == 302
    in_other_hands(Household.objects.get())

    answer = client.post("/kpm/baru/", sent, headers={"Accept": "application/json"})

    assert answer.json()["state"] == "duplicate" and answer.json()["receipt"]


# --- nothing goes with it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["lewat_waktu", "sudah_dialihkan"])
def test_a_correction_drops_no_family_that_its_page_did_not_show(reason, client, db):
    me = UserFactory()
    moved, own = [HouseholdFactory(pendamping=me) for _ in range(2)]
    activity = ActivityFactory(families=[moved, own], pendamping=me)
    visited_on = Household.objects.get(pk=moved.pk).last_visited_on
    in_other_hands(moved)
    client.force_login(me)
    sent = visit_to(own, on=activity.occurred_on, notes="Yang benar.")
    if reason == "lewat_waktu":
        Activity.objects.update(received_at=timezone.now() - timedelta(days=8))
    else:
        in_other_hands(own)
    client.post(f"/kegiatan/{activity.pk}/ubah/", sent)
    held = HeldEntry.objects.get()
    assert held.reason == reason

    decide(client, held, "diterima")

    activity.refresh_from_db()
    assert activity.notes == "Yang benar."
    assert set(activity.families.values_list("household", flat=True)) == {moved.pk, own.pk}
    assert Household.objects.get(pk=moved.pk).last_visited_on == visited_on


def test_a_family_that_moved_stays_on_a_form_that_is_shown_again(client, db):
    mine = HouseholdFactory()
    gone = HouseholdFactory(pendamping=mine.pendamping)
    client.force_login(mine.pendamping)
    sent = visit_to(mine, gone, occurred_on="2030-01-01")
    in_other_hands(gone)

    page = client.post(LOG, sent)
    assert f"{gone.case_number} sudah dialihkan" in page.content.decode()
    again = page.context["form"]
    client.post(LOG, sent | {"op_id": str(again.op_id), "occurred_on": timezone.localdate().isoformat()})

    assert ("kpm", gone.case_number) in again.carried and (f"met-{gone.case_number}", "ya") in again.carried
    assert HeldEntry.objects.get().payload["fields"]["kpm"] == [gone.case_number]
    assert Activity.objects.get().families.get().household == mine


def test_the_rest_of_a_roll_call_is_let_in_as_an_activity(client, db):
    me = UserFactory()
    group = GroupFactory(pendamping=me)
    stays, moved = [HouseholdFactory(pendamping=me, group=group) for _ in range(2)]
    day = timezone.localdate()
    meeting = plan_session(group, on=day)
    client.force_login(me)
    sent = {
        "op_id": str(uuid7()), "occurred_on": day.isoformat(), "place": "Balai", "sub_role": "EDU-4",
        "notes": "Menulis.", "kpm": [stays.case_number, moved.case_number],
        f"hadir-{stays.case_number}": "hadir", f"hadir-{moved.case_number}": "hadir",
    }  # fmt: skip
    in_other_hands(moved)
    client.post(f"/pertemuan/{meeting.pk}/hadir/", sent)
    held = HeldEntry.objects.get()
    assert stays.case_number not in str(held.payload)

    decide(client, held, "diterima")

    rows = Activity.objects.filter(kind="p2k2").values_list("families__household", "families__met")
    assert set(rows) == {(stays.pk, True), (moved.pk, True)}


def test_what_was_looked_at_before_counts_when_it_is_let_in(client, db):
    member = MemberFactory()
    family = member.household
    client.force_login(family.pendamping)
    url = f"/kpm/{family.case_number}/anggota/baru/"
    sent = as_sent(client.get(url)) | {
        "op_id": str(uuid7()), "name": "Dedi", "nik": "3273990101900001", "sex": "P", "relation": "anak",
        "birth_date": "1991-02-02",
    }  # fmt: skip
    sent["checked"] = client.post(url, sent).context["form"].doubts_mark
    in_other_hands(family)
    client.post(url, sent)
    held = HeldEntry.objects.get()

    decide(client, held, "diterima")

    held.refresh_from_db()
    assert held.decision == "diterima" and family.members.filter(name="Dedi").exists()


def test_a_handover_alone_is_no_change_of_the_family(client, db):
    family = HouseholdFactory()
    client.force_login(family.pendamping)
    url = f"/kpm/{family.case_number}/ubah/"
    sent = opened(client, url) | {"address": "Gang Baru 7"}
    in_other_hands(family)
    client.post(url, sent)

    decide(client, HeldEntry.objects.get(), "diterima")

    family.refresh_from_db()
    assert family.address == "Gang Baru 7"


# --- whose ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["diterima", "dipindahkan"])
def test_a_koordinator_reads_and_writes_no_family_of_another_area(decision, client, db):
    family = HouseholdFactory()
    client.force_login(family.pendamping)
    url = f"/kpm/{family.case_number}/ubah/"
    sent = opened(client, url) | {"address": "Jl. Lama 1"}
    in_other_hands(family)
    client.post(url, sent)
    held = visit(client, Household.objects.get(pk=family.pk)) if decision == "dipindahkan" else None
    held = held or HeldEntry.objects.get()
    Household.objects.filter(pk=family.pk).update(wilayah_id=BABAKAN_SURABAYA, address="Jl. Rahasia 99")
    client.force_login(UserFactory(koordinator=True, wilayah_id=held.wilayah_id))

    said = {"decision": decision, "note": "", "case": family.case_number}
    page = client.post(f"/kiriman/{held.pk}/", said).content.decode()

    assert "Rahasia" not in page and "tidak" in page
    assert Household.objects.get(pk=family.pk).address == "Jl. Rahasia 99"
    assert not Activity.objects.exists()


def test_the_trail_names_who_decided_and_no_look_of_the_author(client, db):
    member = MemberFactory()
    author = member.household.pendamping
    client.force_login(author)
    url = reverse("kpm:member_edit", kwargs={"case": member.household.case_number, "pk": member.pk})
    sent = opened(client, url) | {"name": "Dedi Baru"}
    in_other_hands(member.household)
    client.post(url, sent)
    held = HeldEntry.objects.get()

    decide(client, held, "diterima")

    held.refresh_from_db()
    member.refresh_from_db()
    assert (held.decision, member.name) == ("diterima", "Dedi Baru")
    assert not AccessLog.objects.filter(user=author, action="look").exists()
    told = {event.pgh_context.metadata["user"] for event in held.events.all()}
    assert told == {held.resolved_by_id}
    assert member.events.latest("pgh_id").pgh_context.metadata["user"] == author.pk


# --- odd input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["\\1", "PKH-\\", "\\g<0>", "a/b?c", "../x", "%zz", "𝟘"])
def test_an_odd_number_of_a_family_is_not_found(case, quiet):
    held = visit(quiet, HouseholdFactory())
    quiet.force_login(UserFactory(koordinator=True))
    answer = quiet.post(f"/kiriman/{held.pk}/", {"decision": "dipindahkan", "note": "", "case": case})
    assert answer.status_code == 200 and "tidak ditemukan" in answer.content.decode()


@pytest.mark.parametrize("op_id", ["abc", "", "x" * 3000])
def test_what_came_without_a_readable_id_can_be_let_in(op_id, quiet):
    held = visit(quiet, HouseholdFactory(), op_id=op_id)
    decide(quiet, held, "diterima")
    assert Activity.objects.get().op_id == held.op_id


def test_an_odd_byte_in_the_name_of_a_field_loses_nothing(quiet):
    family = HouseholdFactory()
    quiet.force_login(family.pendamping)
    sent = visit_to(family) | {"x\0y": "halo"}
    in_other_hands(family)
    plain = "application/x-www-form-urlencoded"
    assert quiet.post(LOG, urlencode(sent, doseq=True), content_type=plain).status_code == 302
    assert HeldEntry.objects.get().payload["fields"]["xy"] == ["halo"]


@pytest.mark.parametrize("path", ["/dulu/ada/", "/dulu/PKH-12345/"])
def test_what_was_sent_to_an_address_that_is_gone_can_still_be_closed(path, quiet):
    held = hold_form(UserFactory(), path=path, fields={"notes": "x"})
    quiet.force_login(UserFactory(koordinator=True))
    url = f"/kiriman/{held.pk}/"
    assert quiet.get(url).status_code == 200
    for said in ({"decision": "diterima"}, {"decision": "dipindahkan", "case": "PKH-00000"}):
        assert "tidak ada lagi" in quiet.post(url, {"note": "", **said}).content.decode()
    assert quiet.post(url, {"decision": "ditutup", "note": "Halamannya tidak ada."}).status_code == 302


def test_a_photo_that_is_gone_is_said(quiet, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    goal = make_goal(HouseholdFactory())
    held = change_words(quiet, goal)
    HeldEntry.objects.filter(pk=held.pk).update(payload=held.payload | {"files": [("photos", "0" * 64)]})
    held.files.create(file="titipan/tidak-ada.jpg", sha256="0" * 64, width=4, height=3)
    assert "Fotonya tidak ada lagi" in decide(quiet, held, "diterima").content.decode()


def test_a_correction_of_a_training_is_no_susulan(quiet):
    me = UserFactory()
    family = HouseholdFactory(pendamping=me)
    day = timezone.localdate().replace(day=1) - timedelta(days=1)
    training = Training.objects.create(
        op_id=uuid7(),
        title="P",
        wilayah_id=me.wilayah_id,
        code="A1",
        planned_on=day,
        seats=20,
        proposed_by=me,
    )
    TrainingPlace.objects.create(
        training=training, household=family, wilayah_id=family.wilayah_id, pendamping=me
    )
    quiet.force_login(me)
    url = f"{training.get_absolute_url()}hadir/"
    quiet.post(url, roll([family], ["hadir"], occurred_on=day.isoformat()))
    Period.objects.update_or_create(
        wilayah_id=family.wilayah_id, month=day.replace(day=1), defaults={"state": "terkunci"}
    )
    quiet.post(f"{url}?perbaiki=1", roll([family], ["tidak_hadir"], occurred_on=day.isoformat()))
    held = HeldEntry.objects.get()
    quiet.force_login(UserFactory(koordinator=True))
    late = reverse("reports:late_accept", args=[held.pk])
    assert late not in quiet.get(f"/kiriman/{held.pk}/").content.decode()
    assert quiet.post(late, {"op_id": str(uuid7()), "reason": "Sakit lama."}).status_code == 404


def test_a_machine_of_an_admin_who_has_no_area_is_told_what_is_wrong(quiet):
    quiet.force_login(UserFactory(admin=True))
    sent = {name: value for name, value in as_sent(quiet.get("/instrumen/")).items() if value != ""} | {
        "op_id": str(uuid7()), "code": "umk", "wilayah": "3273", "monthly": "4.700.000", "source": "Kepgub",
        "valid_from": timezone.localdate().isoformat(),
    }  # fmt: skip
    assert quiet.post("/instrumen/", sent).status_code == 302
    other = quiet.post("/instrumen/", sent | {"source": "Lain"}, headers={"Accept": "application/json"})
    assert (other.status_code, other.json()["state"]) == (200, "rejected")
