"""A failure in the middle of storing an activity leaves nothing: no row, no file, and a second try works."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError

from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, ActivityKind, Photo, SubRole
from roles.operations.activity import Entry, change_activity, record_activity
from tests.factories import HouseholdFactory, MemberFactory

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
