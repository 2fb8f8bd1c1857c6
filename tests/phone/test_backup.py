"""What a phone could not send reaches Titipan by a file, once, in its author's name; and no file breaks anything."""

import hashlib
import io
import json
import os
from base64 import b64encode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from entries.models import HeldEntry, Receipt
from phone import backup
from phone.models import Upload
from phone.operations import end_phone
from pkh_casework.ids import uuid7
from roles.models import Activity, Photo
from tests.entries.test_let_in import opened
from tests.factories import (
    PHONE_KEY,
    SUKAPURA,
    HouseholdFactory,
    PhoneFactory,
    UserFactory,
)
from tests.held import visit_to

pytestmark = pytest.mark.django_db

UPLOAD, LOG = "/hp/cadangan/", "/kegiatan/catat/"
AS_JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def phone(pendamping):
    return PhoneFactory(user=pendamping)


def b64(content):
    return b64encode(content).decode()


def sealed(plain, about, key=PHONE_KEY):
    nonce = os.urandom(12)
    return {"iv": b64(nonce), "data": b64(AESGCM(key).encrypt(nonce, plain, about.encode()))}


def picture(colour="teal"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def said_of(sent, *, path=LOG, photos=(), **more):
    """The plain text of an entry: what the form at `path` would send; with `more` some of it is other."""
    pairs = [
        (name, str(value))
        for name, values in sent.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    named = [
        {"field": "photos", "name": "a.jpg", "sha256": hashlib.sha256(jpeg).hexdigest()} for jpeg in photos
    ]
    said = {"schema": 1, "path": path, "title": "Catat kegiatan", "fields": pairs, "photos": named}
    return json.dumps(said | more).encode()


def entry_of(op_id, plain, **more):
    return {"op_id": str(op_id), **sealed(plain, str(op_id)), **more}


def photo_of(jpeg):
    named = hashlib.sha256(jpeg).hexdigest()
    return {"sha256": named, **sealed(jpeg, named)}


def file_of(phone, *entries, photos=()):
    """The file of a phone with these entries; photos are sealed, and what is no picture stands there as it is."""
    if isinstance(photos, list | tuple):
        photos = [photo_of(each) if isinstance(each, bytes) else each for each in photos]
    said = {"format": 1, "phone": str(phone.pk), "entries": list(entries), "photos": photos}
    return as_file(json.dumps(said).encode())


def as_file(content):
    return SimpleUploadedFile("cadangan.json", content, "application/json")


def hand_in(client, file, *, by=None):
    client.force_login(by or UserFactory(koordinator=True))
    return client.post(UPLOAD, {"berkas": file})


def decide(client, held, decision="diterima", **more):
    return client.post(
        reverse("entries:held_detail", args=[held.pk]), {"decision": decision, "note": "", **more}
    )


def send(client, author, sent, path=LOG):
    """What the phone does once it finds signal after all."""
    client.force_login(author)
    return client.post(path, sent, headers=AS_JSON).json()


# --- into Titipan, and on ---------------------------------------------------------------------------------------------


def test_a_visit_with_a_photo_waits_in_titipan_and_is_let_in(client, phone):
    family = HouseholdFactory(pendamping=phone.user)
    sent, jpeg = visit_to(family, notes="Menimbang balita."), picture()
    op_id = sent["op_id"]
    page = hand_in(client, file_of(phone, entry_of(op_id, said_of(sent, photos=[jpeg])), photos=[jpeg]))

    text = page.content.decode()
    assert "diterima di Titipan" in text and "Catat kegiatan" in text
    assert "Menimbang" not in text and family.name not in text and family.case_number not in text
    held = HeldEntry.objects.get()
    assert (held.author, held.reason, str(held.op_id)) == (phone.user, "cadangan", op_id)
    assert ["Keluarga", family.case_number] in map(list, held.payload["facts"])
    assert held.files.count() == 1
    detail = client.get(reverse("entries:held_detail", args=[held.pk])).content.decode()
    assert "Dari cadangan HP" in detail and "Menimbang balita." in detail

    assert decide(client, held).status_code == 302
    activity = Activity.objects.get()
    assert (activity.pendamping, activity.notes) == (phone.user, "Menimbang balita.")
    assert activity.families.get().household == family
    assert Photo.objects.get().activity == activity
    assert str(Receipt.objects.get().op_id) == op_id


def test_an_edit_of_a_family_is_let_in_and_its_numbers_lie_sealed(client, phone):
    family = HouseholdFactory(pendamping=phone.user)
    url = f"/kpm/{family.case_number}/ubah/"
    client.force_login(phone.user)
    sent = opened(client, url) | {"address": "Gang Baru 7", "no_kk": "3273990101209999"}
    op_id = uuid7()
    hand_in(client, file_of(phone, entry_of(op_id, said_of(sent, path=url, title="Ubah data"))))

    held = HeldEntry.objects.get()
    assert "3273990101209999" not in str(held.payload)
    assert decide(client, held).status_code == 302
    family.refresh_from_db()
    assert family.address == "Gang Baru 7" and family.no_kk.reveal() == "3273990101209999"


def test_a_file_that_comes_twice_doubles_nothing(client, phone):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    entry = entry_of(sent["op_id"], said_of(sent))
    hand_in(client, file_of(phone, entry, entry))
    page = hand_in(client, file_of(phone, entry))

    assert [one.state for one in page.context["taken"]] == ["known"]
    assert "sudah ada" in page.content.decode()
    assert HeldEntry.objects.count() == 1
    decide(client, HeldEntry.objects.get())
    assert hand_in(client, file_of(phone, entry)).context["taken"][0].state == "known"
    assert Activity.objects.count() == 1


def test_what_the_phone_sent_by_itself_before_is_known(client, phone):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    assert send(client, phone.user, sent)["state"] == "stored"
    page = hand_in(client, file_of(phone, entry_of(sent["op_id"], said_of(sent))))
    assert [one.state for one in page.context["taken"]] == ["known"]
    assert not HeldEntry.objects.exists()


@pytest.mark.parametrize("changed", [{}, {"notes": "Diperbaiki di HP."}])
def test_what_the_phone_sends_while_its_file_waits_is_stored_once(client, phone, changed):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    hand_in(client, file_of(phone, entry_of(sent["op_id"], said_of(sent))))
    assert send(client, phone.user, sent | changed)["state"] == "stored"

    client.force_login(UserFactory(koordinator=True))
    page = decide(client, HeldEntry.objects.get()).content.decode()
    assert "sudah tersimpan ketika dikirim ulang" in page
    assert Activity.objects.count() == 1


@pytest.mark.parametrize("decision", ["diterima", "dipindahkan"])
def test_what_was_let_in_is_known_when_the_phone_sends_it_after_all(client, phone, decision):
    family, right = (HouseholdFactory(pendamping=phone.user) for _ in range(2))
    sent, jpeg = visit_to(family), picture()
    hand_in(client, file_of(phone, entry_of(sent["op_id"], said_of(sent, photos=[jpeg])), photos=[jpeg]))
    case = right.case_number if decision == "dipindahkan" else ""
    assert decide(client, HeldEntry.objects.get(), decision, case=case).status_code == 302

    answer = send(client, phone.user, sent | {"photos": SimpleUploadedFile("b.jpg", jpeg, "image/jpeg")})
    assert answer["state"] == "duplicate"
    assert Activity.objects.count() == HeldEntry.objects.count() == 1


def test_a_photo_that_travelled_ahead_is_taken_from_there(client, phone):
    family, jpeg = HouseholdFactory(pendamping=phone.user), picture()
    named = hashlib.sha256(jpeg).hexdigest()
    Upload.objects.create(user=phone.user, sha256=named, size=len(jpeg), received=len(jpeg), content=jpeg)
    sent = visit_to(family)
    hand_in(client, file_of(phone, entry_of(sent["op_id"], said_of(sent, photos=[jpeg]))))
    assert HeldEntry.objects.get().files.get().sha256 == named


@pytest.mark.parametrize("photos", [[], [picture("red")], [b"no picture"]])
def test_an_entry_comes_without_a_photo_that_is_none_and_says_so(client, phone, photos):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    lost = photos[0] if photos == [b"no picture"] else picture()
    plain = said_of(sent, photos=[lost])
    page = hand_in(client, file_of(phone, entry_of(sent["op_id"], plain), photos=photos)).content.decode()
    assert "Foto 1 tidak terbaca" in page and "diterima di Titipan" in page
    assert not HeldEntry.objects.get().files.exists()


def test_a_phone_that_ended_and_a_worker_who_left_lose_nothing(client, phone, koordinator):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    end_phone(phone, by=koordinator)
    type(phone.user).objects.update(is_active=False)
    type(phone.user).objects.filter(pk=koordinator.pk).update(is_active=True)
    koordinator.refresh_from_db()
    hand_in(client, file_of(phone, entry_of(sent["op_id"], said_of(sent))), by=koordinator)
    assert HeldEntry.objects.get().author == phone.user


def test_what_is_about_a_family_that_is_gone_is_kept_all_the_same(client, phone):
    family = HouseholdFactory()
    path = f"/kpm/{family.case_number}/ubah/"
    plain = said_of({"address": "Gang Baru"}, path=path, title="Ubah data keluarga")
    page = hand_in(client, file_of(phone, entry_of(uuid7(), plain)))

    held = HeldEntry.objects.get()
    assert page.context["taken"][0].state == "held"
    assert (held.payload["title"], held.payload["fields"]["address"]) == ("Ubah data keluarga", ["Gang Baru"])
    assert family.name not in str(held.payload)
    assert "tidak ada lagi" in decide(client, held).content.decode()


def test_the_time_of_an_entry_is_that_of_its_id(client, phone):
    moment = timezone.now() - timedelta(days=3)
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    ids = [uuid7(int(moment.timestamp() * 1000)), "00000000-0000-7000-8000-000000000000", "f" * 32]
    page = hand_in(client, file_of(phone, *(entry_of(op_id, said_of(sent)) for op_id in ids)))
    at = [one.at for one in page.context["taken"]]
    assert abs(at[0] - moment) < timedelta(seconds=1) and at[1:] == [None, None]


# --- whose ------------------------------------------------------------------------------------------------------------


def test_a_file_of_another_area_is_refused(client, phone):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    far = UserFactory(koordinator=True, wilayah_id=SUKAPURA)
    page = hand_in(client, file_of(phone, entry_of(sent["op_id"], said_of(sent))), by=far).content.decode()
    assert "bukan dari HP pendamping di wilayah Anda" in page and phone.browser not in page
    assert not HeldEntry.objects.exists()


def test_only_a_koordinator_hands_in_a_file(client, phone):
    for user in (phone.user, UserFactory(kelurahan=True), UserFactory(admin=True)):
        assert hand_in(client, file_of(phone), by=user).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/petugas/baru/", "/keluar/", "/akun/sandi/", "/masuk/", "/hp/daftarkan/", "/hp/cadangan/", "/tidak/ada/",
     "//lain.example/kegiatan/", "https://lain.example/", "", "/kegiatan/catat/?" + "a&" * 3000, "/" + "x" * 30_000,
     "/kegiatan\ud800/"],
)  # fmt: skip
def test_an_address_that_is_no_form_of_the_author_is_not_taken(client, phone, path):
    page = hand_in(client, file_of(phone, entry_of(uuid7(), said_of({"notes": "x"}, path=path))))
    assert [one.state for one in page.context["taken"]] == ["unreadable"]
    assert "tidak terbaca" in page.content.decode() and not HeldEntry.objects.exists()


# --- odd files --------------------------------------------------------------------------------------------------------

DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Berkas itu kosong"),
        (b"\xff\xd8 no json", "bukan berkas cadangan"),
        (b"[]", "bukan berkas cadangan"),
        (b"null", "bukan berkas cadangan"),
        (b"{}", "bukan berkas cadangan"),
        (DEEP, "bukan berkas cadangan"),
        (b'{"entries":' + DEEP, "bukan berkas cadangan"),
        (b'{"format": "1", "entries": []}', "bukan berkas cadangan"),
        (b'{"format": 2, "entries": []}', "versi Langkah yang lain"),
        (b'{"format": 1, "entries": {}}', "bukan berkas cadangan"),
        (b'{"format": 1, "entries": []}', "bukan dari HP pendamping"),
        (b'{"format": 1, "phone": 7, "entries": []}', "bukan dari HP pendamping"),
        (b'{"format": 1, "phone": "\\ud800", "entries": []}', "bukan dari HP pendamping"),
        (b'{"format": 1, "phone": "00000000-0000-7000-8000-000000000000", "entries": []}', "bukan dari HP"),
        (json.dumps({"format": 1, "entries": [0] * 501}).encode(), "lebih dari 500 catatan"),
        (b"9" * 6000, "bukan berkas cadangan"),
        ("é".encode("utf-16"), "bukan berkas cadangan"),
    ],
)
def test_a_file_that_is_no_backup_says_so_beside_the_field(client, koordinator, content, words):
    page = hand_in(client, as_file(content), by=koordinator)
    assert page.status_code == 200 and words in page.content.decode()
    assert page.context["form"].errors["berkas"]


def test_no_file_at_all_is_said(client, koordinator):
    client.force_login(koordinator)
    for sent in ({}, {"berkas": "x"}):
        assert "Pilih berkas cadangannya." in client.post(UPLOAD, sent).content.decode()


def test_a_file_that_is_too_big_is_not_read(client, koordinator, monkeypatch):
    monkeypatch.setattr(backup, "MOST_BYTES", 1000)
    page = hand_in(client, as_file(b" " * 1001), by=koordinator).content.decode()
    assert "Berkas ini lebih dari" in page and "dalam beberapa berkas" in page


def test_a_file_without_entries_is_fine(client, phone):
    assert "tidak berisi catatan" in hand_in(client, file_of(phone)).content.decode()


def test_a_key_that_no_server_opens_is_said(client, phone):
    type(phone).objects.update(key=b"\1\1nothing")
    assert "Kunci HP ini tidak terbaca" in hand_in(client, file_of(phone)).content.decode()


OP_ID = str(uuid7())
FINE = said_of({"notes": "x"})


@pytest.mark.parametrize(
    "entry",
    [
        None, 7, "x", [], {}, {"op_id": 7}, {"op_id": "x"}, {"op_id": OP_ID}, {"op_id": OP_ID, "iv": None, "data": 1},
        {"op_id": OP_ID, "iv": "é", "data": "!"},
        {"op_id": OP_ID, "iv": b64(b"0" * 12), "data": ""},
        {"op_id": OP_ID, "iv": b64(b"0" * 12), "data": b64(b"0" * 99)},
        {"op_id": OP_ID, "iv": b64(b"0"), "data": b64(b"0" * 99)},
        {"op_id": "\ud800", "iv": b64(b"0" * 12), "data": b64(b"0" * 99)},
        {"op_id": OP_ID, **sealed(FINE, "other")},
        {"op_id": OP_ID, **sealed(FINE, OP_ID, key=bytes(32))},
        *(
            {"op_id": OP_ID, **sealed(plain, OP_ID)}
            for plain in (
                b"", b"\xff", b"[]", b"7", DEEP, b"{}", b'{"schema": 1}', b'{"schema": 99, "path": "/"}',
                said_of({}, schema=[]), said_of({}, path=7), said_of({}, fields=7), said_of({}, fields=[[1, 2]]),
                said_of({}, fields=[["a"]]), said_of({}, fields=[["a", "b"]] * 3001), FINE.replace(b'"photos": []', b'"photos": 7'),
                FINE.replace(b'"photos": []', b'"photos": [{}]'),
                FINE.replace(b'"schema": 1', b'"schema": 1e999'), FINE.replace(b'"schema": 1', b'"schema": NaN'),
            )
        ),
    ],
)  # fmt: skip
def test_an_entry_that_is_spoilt_harms_no_other(client, phone, entry):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    page = hand_in(client, file_of(phone, entry, entry_of(sent["op_id"], said_of(sent))))
    assert [one.state for one in page.context["taken"]] == ["unreadable", "held"]
    assert page.context["taken"][0].why in page.content.decode()


@pytest.mark.parametrize(
    "photos", [7, None, {}, [7], [{}], [{"sha256": 7}], [{"sha256": "x"}], [{"sha256": "\ud800"}]]
)
def test_odd_photos_harm_no_entry(client, phone, photos):
    sent = visit_to(HouseholdFactory(pendamping=phone.user))
    named = [
        {"field": "photos", "name": "x" * 500, "sha256": text} for text in ("", "\0", "0" * 64, "x" * 99)
    ]
    plain = said_of(sent).replace(b'"photos": []', b'"photos": ' + json.dumps(named).encode())
    page = hand_in(client, file_of(phone, entry_of(sent["op_id"], plain), photos=photos))
    assert [one.state for one in page.context["taken"]] == ["held"]


@pytest.mark.parametrize(
    "sent",
    [
        {"a\0b": "c\0d"},
        {"": ""},
        {"notes": "🙂" * 5000},
        {"kpm": ["'\"<", "²"] * 50},
        {"op_id": "x"},
        {"title": "\0"},
        {"notes": "\ud800"},
    ],
)
def test_odd_words_are_kept(client, phone, sent):
    path = "/kegiatan/catat/?kpm=\0&kelompok=²"
    page = hand_in(client, file_of(phone, entry_of(uuid7(), said_of(sent, path=path, title="\0<b>"))))
    assert [one.state for one in page.context["taken"]] == ["held"]
    held = HeldEntry.objects.get()
    assert client.get(reverse("entries:held_detail", args=[held.pk])).status_code == 200
    assert decide(client, held).status_code == 200
