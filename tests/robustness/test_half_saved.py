"""A failure in the middle of storing an activity leaves nothing: no row, no file, and a second try works."""

import io
import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from entries.models import HeldEntry, HeldFile, Period
from entries.submit import CannotBeTaken
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, ActivityKind, Photo, SubRole
from roles.operations.activity import Entry, change_activity, record_activity
from tests.factories import HouseholdFactory, MemberFactory, UserFactory
from tests.queries import HISTORY_CONTEXT
from wilayah.clock import local_today

DAY = date(2026, 11, 20)


class Torn(Exception):
    """The injected failure."""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def family(db):
    return HouseholdFactory()


@pytest.fixture
def entry(family):
    """A visit with a member and two photos, so that every table of an activity is written."""
    return Entry(
        occurred_on=DAY,
        kind=ActivityKind.objects.get(pk="kunjungan_rumah"),
        sub_role=SubRole.objects.get(pk="FAS-1"),
        notes="Melihat warung.",
        families=[(family, True)],
        members=[MemberFactory(household=family)],
        photos=[
            SimpleNamespace(sha256=letter * 64, width=4, height=3, jpeg=b"jpeg " + letter.encode())
            for letter in "ab"
        ],
    )


def rows():
    """The number of rows of every table, history included."""
    return {model._meta.label: model.objects.count() for model in apps.get_models(include_auto_created=True)}


def files(media):
    return [path for path in media.rglob("*") if path.is_file()]


def fails(*args, **kwargs):
    raise Torn


def fails_at_the_second(method):
    calls = []

    def once(self, *args, **kwargs):
        calls.append(self)
        if len(calls) == 2:
            raise Torn
        return method(self, *args, **kwargs)

    return once


def second_file_tears(monkeypatch):
    """As on a full disk: the second file is there, but only its first half."""
    save, calls = FileSystemStorage.save, []

    def torn(self, name, content, **kwargs):
        calls.append(name)
        stored = save(self, name, content, **kwargs)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return stored

    monkeypatch.setattr(FileSystemStorage, "save", torn)


def rows_of_families_fail(monkeypatch):
    monkeypatch.setattr(type(ActivityHousehold.objects), "bulk_create", fails)


def members_fail(monkeypatch):
    monkeypatch.setattr("roles.operations.activity._set_members", fails)


def keys_fail(monkeypatch):
    monkeypatch.setattr("roles.operations.activity.check_keys_now", fails)


def second_photo_row_fails(monkeypatch):
    monkeypatch.setattr(Photo, "save", fails_at_the_second(Photo.save))


FAILURES = [rows_of_families_fail, members_fail, keys_fail, second_photo_row_fails, second_file_tears]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_while_storing_leaves_nothing_and_the_resend_is_stored(
    failure, family, entry, media, monkeypatch
):
    before, op_id = rows(), uuid7()

    with monkeypatch.context() as patches:
        failure(patches)
        with pytest.raises((Torn, OSError)):
            record_activity(by=family.pendamping, op_id=op_id, entry=entry)

    assert rows() == before
    assert files(media) == []
    family.refresh_from_db()
    assert family.last_visited_on is None

    record_activity(by=family.pendamping, op_id=op_id, entry=entry)
    assert Photo.objects.count() == len(files(media)) == 2


def test_an_unknown_family_is_an_error_at_once_and_not_at_commit(family, entry, media):
    before = rows()
    family.pk = uuid7()

    with pytest.raises(DatabaseError):
        record_activity(by=family.pendamping, op_id=uuid7(), entry=entry)

    assert rows() == before
    assert files(media) == []


@pytest.mark.parametrize("failure", [second_photo_row_fails, second_file_tears])
def test_a_failure_while_correcting_leaves_the_activity_and_its_files_as_they_were(
    failure, family, entry, media, monkeypatch
):
    recorded = record_activity(by=family.pendamping, op_id=uuid7(), entry=replace(entry, photos=[]))
    activity, before = Activity.objects.get(pk=recorded.pk), rows()

    with monkeypatch.context() as patches:
        failure(patches)
        with pytest.raises((Torn, OSError)):
            change_activity(activity, by=family.pendamping, op_id=uuid7(), entry=entry)

    assert rows() == before
    assert files(media) == []


# --- through the form, whose request is no transaction ----------------------------------------------------------------

LOG = "/kegiatan/catat/"


@pytest.fixture
def phone(client, family):
    """The holder's browser, which sees a failure as a person does."""
    client.force_login(family.pendamping)
    client.raise_request_exception = False
    return client


def photo(colour):
    out = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(out, "JPEG")
    return SimpleUploadedFile(f"{colour}.jpg", out.getvalue(), content_type="image/jpeg")


def filled(*families, op_id, **changes):
    """The form of a visit to `families` with two photos."""
    sent = {"op_id": str(op_id), "occurred_on": local_today(), "kind": "kunjungan_rumah", "sub_role": "FAS-1"}
    sent |= {f"met-{family.case_number}": "ya" for family in families}
    photos = {"photos": [photo("teal"), photo("navy")]}
    return (
        sent
        | {"kpm": [family.case_number for family in families], "notes": "Melihat warung."}
        | photos
        | changes
    )


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_behind_the_form_leaves_nothing_and_the_resend_is_stored(
    failure, family, phone, media, monkeypatch
):
    member, op_id = MemberFactory(household=family), uuid7()
    before = rows()

    with monkeypatch.context() as patches:
        failure(patches)
        assert phone.post(LOG, filled(family, op_id=op_id, member=[member.pk])).status_code == 500

    assert rows() == before
    assert files(media) == []

    assert phone.post(LOG, filled(family, op_id=op_id, member=[member.pk])).status_code == 302
    assert Activity.objects.count() == 1
    assert Photo.objects.count() == len(files(media)) == 2


def test_a_visit_is_written_in_one_transaction_and_nothing_around_it(family, phone):
    with CaptureQueriesContext(connection) as asked:
        assert phone.post(LOG, filled(family, op_id=uuid7())).status_code == 302
    said = [HISTORY_CONTEXT.sub("", query["sql"]) for query in asked]
    begun, ended = (
        [place for place, statement in enumerate(said) if statement.startswith(word)]
        for word in ("SAVEPOINT", "RELEASE SAVEPOINT")
    )
    (first,), (last,) = begun, ended  # savepoints, since the test itself is a transaction
    written = [
        place for place, words in enumerate(said) if re.search(r"INSERT INTO|UPDATE \"|FOR SHARE", words)
    ]
    assert len(written) >= 5
    assert all(first < place < last for place in written)
    assert not any("INSERT" in words or "UPDATE" in words for words in said[last + 1 :])


def hand_over(family):
    assign(
        family, to=UserFactory(), by=UserFactory(koordinator=True), on=local_today(), reason="Pindah tugas"
    )


def the_held_row_fails(monkeypatch):
    monkeypatch.setattr(type(HeldEntry.objects), "get_or_create", fails)


def the_second_held_photo_fails(monkeypatch):
    monkeypatch.setattr(HeldFile, "save", fails_at_the_second(HeldFile.save))


HOLDING_FAILS = pytest.mark.parametrize("failure", [the_held_row_fails, the_second_held_photo_fails])


@HOLDING_FAILS
def test_where_a_part_can_not_be_held_no_other_part_is_stored(failure, family, phone, media, monkeypatch):
    gone, op_id = HouseholdFactory(pendamping=family.pendamping), uuid7()
    hand_over(gone)
    before = rows()

    with monkeypatch.context() as patches:
        failure(patches)
        assert phone.post(LOG, filled(family, gone, op_id=op_id)).status_code == 500
    assert rows() == before
    family.refresh_from_db()
    assert family.last_visited_on is None

    assert phone.post(LOG, filled(family, gone, op_id=op_id)).status_code == 302
    assert Activity.objects.count() == HeldEntry.objects.count() == 1
    assert HeldFile.objects.count() == Photo.objects.count() == 2


@HOLDING_FAILS
def test_a_late_entry_is_held_whole_or_not_at_all(failure, family, phone, media, monkeypatch):
    Period.objects.create(
        wilayah_id=family.wilayah_id, month=local_today().replace(day=1), state=Period.State.LOCKED
    )
    before, op_id = rows(), uuid7()

    with monkeypatch.context() as patches:
        failure(patches)
        assert phone.post(LOG, filled(family, op_id=op_id)).status_code == 500
    assert rows() == before
    assert files(media) == []

    assert phone.post(LOG, filled(family, op_id=op_id)).status_code == 302
    assert Activity.objects.count() == 0
    assert HeldFile.objects.count() == len(files(media)) == 2


def refuses(*args, **kwargs):
    raise CannotBeTaken(HeldEntry.Reason.MONTH_LOCKED)


@HOLDING_FAILS
def test_what_the_view_refuses_is_held_whole_or_not_at_all(failure, family, phone, media, monkeypatch):
    monkeypatch.setattr("roles.views.activity.record_activity", refuses)
    before, op_id = rows(), uuid7()

    with monkeypatch.context() as patches:
        failure(patches)
        assert phone.post(LOG, filled(family, op_id=op_id)).status_code == 500
    assert rows() == before
    assert files(media) == []

    held_at = phone.post(LOG, filled(family, op_id=op_id)).url
    held = HeldEntry.objects.get()
    assert held_at == f"/kiriman/{held.pk}/"
    assert held.files.count() == len(files(media)) == 2
