"""Many entries in one request: each is decided by its own form, in order, and nothing is lost where nothing is decided."""

import hashlib
import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from entries.models import HeldEntry, Period, Receipt
from kpm.models import Goal
from kpm.operations import assign
from phone import batch, envelope
from phone.batch import MOST
from phone.models import Upload
from phone.uploads import add_piece
from pkh_casework.context import user_tag
from pkh_casework.ids import uuid7
from resources.models import Referral
from roles.models import Activity, Photo, Postponement
from tests.factories import HouseholdFactory, ResourceFactory, UserFactory, assess
from tests.held import visit_to

pytestmark = pytest.mark.django_db

LOG = "/kegiatan/catat/"
PICTURE = BytesIO()
Image.new("RGB", (64, 48), "teal").save(PICTURE, "JPEG")
PICTURE = PICTURE.getvalue()
SEND = "/hp/kirim/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def send(client, family):
    """send(entry, …) as the holder of the family: the answers."""
    client.force_login(family.pendamping)

    def post(*entries, user=family.pendamping, status=200, **more):
        answer = client.post(
            SEND, {"user": user_tag(user), "entries": entries, **more}, content_type="application/json"
        )
        assert (answer.status_code, answer["X-Langkah"]) == (status, "1"), answer.content
        assert "Location" not in answer
        return answer.json().get("answers")

    return post


def packed(path, fields, *, about=(), **more):
    """An envelope of the fields {name: value or [values]}, about these families."""
    pairs = [
        [name, str(value)]
        for name, values in fields.items()
        if name != "op_id"
        for value in (values if isinstance(values, list) else [values])
    ]
    family = " ".join(one.case_number for one in about)
    said = {
        "op_id": fields.get("op_id") or str(uuid7()),
        "schema": envelope.SCHEMA,
        "path": path,
        "fields": pairs,
    }
    return said | {"photos": [], "family": family, **more}


def visit(*households, **more):
    return packed(LOG, visit_to(*households, **more), about=households)


def states(answers):
    return [answer.get("state") for answer in answers]


# --- what is decided --------------------------------------------------------------------------------------------------


def test_each_entry_is_answered_by_itself_and_in_order(send, family):
    other = HouseholdFactory(pendamping=family.pendamping)
    first = visit(family, notes="Satu")
    wrong = visit(other, notes="Dua", occurred_on="besok")
    answers = send(
        first,
        wrong,
        first,
        visit(other, notes="Tiga"),
        {**first, "fields": [*first["fields"], ["notes", "x"]]},
    )

    assert states(answers) == ["stored", "rejected", "duplicate", "stored", "held"]
    assert [answer["op_id"] for answer in answers][:2] == [first["op_id"], wrong["op_id"]]
    assert answers[0]["receipt"] == answers[2]["receipt"] == Receipt.objects.get(op_id=first["op_id"]).code
    assert answers[1]["errors"] == {"occurred_on": ["Tulis tanggal yang benar."]}
    assert sorted(Activity.objects.values_list("notes", flat=True)) == ["Satu", "Tiga"]
    assert states(send(first)) == ["duplicate"]


def test_the_query_of_an_address_comes_along(send, family):
    """Some forms say there what they are about."""
    resource = ResourceFactory()
    assess(family, {"B2": 1}, on=timezone.localdate() - timedelta(days=1))
    later = (timezone.localdate() + timedelta(days=30)).isoformat()
    goal = {
        "score": "B2", "wish": "Celengan", "why": "Tenang", "target_on": later,
        "keluarga_1": "Menabung", "pendamping_1": "Melihat",
    }  # fmt: skip
    answers = send(
        packed(
            f"/rujukan/baru/?kpm={family.case_number}&sumber={resource.pk}",
            {"need": "Modal", "due_on": later},
        ),
        packed(f"/tujuan/baru/{family.case_number}/?indikator=B2", goal),
    )
    assert states(answers) == ["stored", "stored"], answers
    assert Referral.objects.get().resource == resource and Goal.objects.get().wish == "Celengan"


def test_lines_and_signs_arrive_as_a_browser_sends_them(send, client, family):
    words = "Baris satu\r\nbaris dua 🎒 ꦱꦸꦒꦼꦁ <b>&amp;</b> “x”"
    entry = visit_to(family, notes=words)
    client.post(LOG, entry)
    assert states(send(packed(LOG, entry, about=[family]))) == ["duplicate"]
    assert states(send(visit(family, notes="setengah \ud83c tanda"))) == ["stored"]
    assert not HeldEntry.objects.exists()


def test_a_locked_month_a_family_handed_over_and_one_of_others(send, family):
    stranger, moved = HouseholdFactory(), HouseholdFactory(pendamping=family.pendamping)
    today = timezone.localdate()
    assign(moved, to=UserFactory(), by=UserFactory(koordinator=True), on=today)
    month = {
        "wilayah_id": family.wilayah_id,
        "month": (today.replace(day=1) - timedelta(days=1)).replace(day=1),
    }
    Period.objects.update_or_create(**month, defaults={"state": "terkunci"})
    edit = packed(f"/kpm/{stranger.case_number}/ubah/", {"name": "x"}, about=[stranger])
    answers = send(visit(family, on=month["month"]), visit(moved), visit(stranger), edit)

    assert states(answers) == ["held", "held", "rejected", "rejected"]
    assert [answer["reason"] for answer in answers[:2]] == ["bulan_terkunci", "sudah_dialihkan"]
    assert (answers[3]["status"], answers[3]["reason"]) == (404, "tidak ditemukan")
    assert stranger.name not in json.dumps(answers)
    assert HeldEntry.objects.count() == 2 and not Activity.objects.exists()


# --- what is not ------------------------------------------------------------------------------------------------------


def test_what_is_undecided_keeps_back_its_families_alone(send, family, monkeypatch):
    """An answer of trouble for the second entry: the next ones of its families wait, and those of theirs."""
    second, third, fourth = (HouseholdFactory(pendamping=family.pendamping) for _ in range(3))
    entries = [
        visit(family, notes="Satu"),
        visit(second, notes="Terganggu"),
        visit(second, third, notes="Sesudahnya"),
        visit(third, notes="Sesudah itu"),
        visit(fourth, notes="Bebas"),
        visit(family, notes="Dua"),
    ]
    with monkeypatch.context() as broken:
        broken.setattr(batch, "_alone", out_of_order(batch._alone, entries[1]["op_id"]))
        answers = send(*entries)
    assert states(answers) == ["stored", None, None, None, "stored", "stored"]
    assert [answer["status"] for answer in answers] == [200, 403, 425, 425, 200, 200]
    assert states(send(*entries)) == ["duplicate", "stored", "stored", "stored", "duplicate", "duplicate"]
    assert Activity.objects.count() == 6 and not HeldEntry.objects.exists()


def out_of_order(alone, op_id):
    """As batch._alone, but what is sent as `op_id` has no token."""

    def made(request, entry, files):
        again = alone(request, entry, files)
        if str(entry.op_id) == op_id:
            again._dont_enforce_csrf_checks = False
            again.META["HTTP_X_CSRFTOKEN"] = "-"
        return again

    return made


def test_photos_that_are_not_whole_hold_up_their_families_alone(send, family):
    other = HouseholdFactory(pendamping=family.pendamping)
    name = hashlib.sha256(PICTURE).hexdigest()
    photo = {"field": "photos", "name": "satu.jpg", "sha256": name}
    entries = [visit(family) | {"photos": [photo]}, visit(family), visit(other)]
    answers = send(*entries)
    assert [answer["status"] for answer in answers] == [409, 425, 200]
    assert not Photo.objects.exists()

    add_piece(family.pendamping, name, at=0, size=len(PICTURE), piece=PICTURE)
    assert states(send(*entries)) == ["stored", "stored", "duplicate"]
    assert Photo.objects.count() == 1 and not Upload.objects.exists()
    # Delivered again without its photos at the server: they are asked for, and nothing is stored twice.
    assert states(send(entries[0])) == [None]
    add_piece(family.pendamping, name, at=0, size=len(PICTURE), piece=PICTURE)
    assert states(send(entries[0])) == ["duplicate"]
    assert Photo.objects.count() == 1 and not Upload.objects.exists() and not HeldEntry.objects.exists()


def test_photos_of_a_refused_entry_wait_for_its_correction(send, family):
    name = hashlib.sha256(PICTURE).hexdigest()
    add_piece(family.pendamping, name, at=0, size=len(PICTURE), piece=PICTURE)
    photo = {"field": "photos", "name": "satu.jpg", "sha256": name}
    assert states(send(visit(family, occurred_on="besok") | {"photos": [photo]})) == ["rejected"]
    assert Upload.objects.get().is_whole


def test_no_more_than_twenty_are_answered(send, family):
    entries = [visit(family, notes=f"Ke-{number}") for number in range(MOST + 3)]
    assert len(send(*entries)) == MOST
    assert Activity.objects.count() == MOST
    assert states(send(*entries[MOST:])) == ["stored"] * 3


# --- who, and odd ones ------------------------------------------------------------------------------------------------


def test_a_stranger_and_another_user_decide_nothing(client, send, family):
    assert send(visit(family), user=UserFactory(), status=409) is None
    client.logout()
    answer = client.post(
        SEND,
        {"user": user_tag(family.pendamping), "entries": [visit(family)]},
        content_type="application/json",
    )
    assert (answer.status_code, answer["X-Langkah"]) == (401, "1") and "reason" in answer.json()
    assert not Activity.objects.exists()


def test_without_a_token_nothing_is_decided(family):
    client = Client(enforce_csrf_checks=True)
    client.force_login(family.pendamping)
    sent = {"user": user_tag(family.pendamping), "entries": [visit(family)]}
    answer = client.post(SEND, sent, content_type="application/json")
    assert answer.json()["answers"][0]["status"] == 403 and not Activity.objects.exists()
    token = client.get("/hp/tanda/").json()["csrf"]
    answer = client.post(SEND, sent, content_type="application/json", headers={"X-CSRFToken": token})
    assert states(answer.json()["answers"]) == ["stored"]


def test_a_session_that_ends_meanwhile_decides_nothing(client, send, family):
    family.pendamping.login_sessions.update(seen_at=timezone.now() - timedelta(days=2))
    answers = send(visit(family), visit(family))
    assert [answer["status"] for answer in answers] == [401, 425] and states(answers) == [None, None]
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "body",
    ["", "x", "[]", "5", "null", "{}", '{"user": 1}', '{"entries": 5, "user": "x"}', "[" * 5000, "\xff"],
)
def test_an_odd_body_is_refused(client, pendamping, body):
    client.force_login(pendamping)
    answer = client.post(SEND, body.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer["X-Langkah"]) in {(400, "1"), (409, "1")}


def test_too_much_at_once_is_said(send, family, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert send(visit(family, notes="x" * 2000), status=413) is None


ODD = [
    None, 5, "x", [], {},
    {"path": "kegiatan"}, {"path": "//jahat.example/"}, {"path": None}, {"path": SEND}, {"path": "/keluar/"}, {"path": "/masuk/"},
    {"fields": None}, {"fields": [["a"]]}, {"fields": [["a", 1]]}, {"fields": [["a", "b"]] * 3001},
    {"photos": [{}]}, {"photos": 5}, {"op_id": "x"}, {"op_id": 5}, {"schema": "dua"}, {"schema": 99}, {"schema": -9},
]  # fmt: skip


def test_odd_entries_are_not_decided_and_the_others_are(send, family):
    whole = visit(family)
    odd = [whole | one if isinstance(one, dict) and one else one for one in ODD]
    other = HouseholdFactory(pendamping=family.pendamping)
    answers = []
    for one in odd:
        (unread, read) = send(one, visit(other))
        assert unread["status"] == 422 and "state" not in unread, one
        answers.append(read)
    assert states(answers) == ["stored"] * len(odd)
    assert states(send(whole)) == ["stored"]


def test_addresses_that_are_none_are_refused_and_can_be_corrected(send, family):
    for path in ("/tidak/ada/", "/kpm/\0/", "/kpm/%00/", "/" + "x" * 5000, "/healthz", "/"):
        (answer,) = send(packed(path, {"notes": "x"}))
        assert answer["state"] == "rejected", path


@pytest.mark.parametrize(
    "fields",
    [[["op_id", "x"]], [["csrfmiddlewaretoken", "x"]], [["a" * 5000, "b" * 5000]], [["notes", "\0"]]],
)
def test_odd_fields_leave_the_form_to_say_so(send, family, fields):
    entry = visit(family)
    (answer,) = send(
        entry | {"fields": [*(pair for pair in entry["fields"] if pair[0] not in dict(fields)), *fields]}
    )
    assert answer["state"] in {"stored", "rejected"} and answer["op_id"] == entry["op_id"]


# --- releases ---------------------------------------------------------------------------------------------------------


def test_the_two_versions_before_are_understood_and_a_later_one_is_not(send, family, monkeypatch):
    """Version 1 said `notes`, 2 says it in `fields`, 3 has a name for it."""
    now = envelope.SCHEMA
    old = visit(family, notes="Lama")
    old["fields"] = [pair for pair in old["fields"] if pair[0] != "notes"]
    older = old | {"op_id": str(uuid7()), "schema": now, "notes": "Paling lama"}
    old |= {"schema": now + 1, "words": "Lama"}
    monkeypatch.setattr(envelope, "SCHEMA", now + 2)
    monkeypatch.setattr(
        envelope,
        "UPGRADES",
        {
            now: lambda said: said | {"words": said["notes"]},
            now + 1: lambda said: said | {"fields": [*said["fields"], ["notes", said["words"]]]},
        },
    )
    later = visit(family) | {"schema": now + 3}
    answers = send(older, old, later, visit(family, notes="Menunggu yang lebih baru"))
    assert states(answers) == ["stored", "stored", None, None]
    assert [answer["status"] for answer in answers[2:]] == [422, 425]
    assert sorted(Activity.objects.values_list("notes", flat=True)) == ["Lama", "Paling lama"]
    (answer,) = send(visit(family) | {"schema": now - 1})
    assert answer["status"] == 422


def test_a_form_that_comes_back_to_be_shown_is_not_stored(send, family):
    said = {"until_on": (timezone.localdate() + timedelta(days=2)).isoformat(), "reason": "Mudik"}
    path = f"/kegiatan/tunda/{family.case_number}/"
    assert states(send(packed(path, said | {"buka_lagi": "1"}))) == ["rejected"]
    assert not Postponement.objects.exists()
    assert states(send(packed(path, said))) == ["stored"]
