"""The life of a file, below its pages: how large is large, whose lock, what fails alone, what the trail keeps."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from entries.models import AccessLog
from kpm.models import Household
from pkh_casework.alone import alone_with
from pkh_casework.ids import uuid7
from reports.files.operations import export as operations
from reports.files.operations import recap
from reports.files.operations.export import (
    BEAT_ROWS,
    _watched,
    ask_export,
    cancel_export,
    is_small,
    make_export,
    note,
    resume_exports,
    sweep_exports,
    take_export,
)
from reports.models import Export
from tests.factories import HouseholdFactory, UserFactory

State = Export.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sri():
    return UserFactory()


def file_of(user, state=State.RUNNING, **fields):
    return Export.objects.create(
        **{
            "op_id": uuid7(),
            "user": user,
            "duty": user.duty,
            "wilayah_id": user.wilayah_id,
            "what": "kpm",
            "format": "csv",
            "purpose": "Uji.",
            "state": state,
            **fields,
        }
    )


def stored():
    """The name of a stored file."""
    return operations.default_storage.save("berkas.csv", ContentFile(b"isi"))


def locks_held():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("number", "small"), [(1, True), (2, True), (3, False)])
def test_a_list_is_small_up_to_the_limit(number, small, sri, monkeypatch):
    monkeypatch.setattr(operations, "SMALL", 2)
    HouseholdFactory.create_batch(number, pendamping=sri)
    assert is_small(Household.objects.order_by("name")) is small


def test_the_trail_names_the_file_its_page_and_what_it_is_for(sri):
    export = file_of(sri)
    kept = note(export, AccessLog.Action.EXPORT, "reports:export_create", fields=["kpm", "x" * 60])
    assert (kept.user, kept.action, kept.route) == (sri, "export", "reports:export_create")
    assert (kept.path, kept.subject) == (f"/ekspor/{export.pk}/", f"ekspor {export.code}")
    assert (kept.fields, kept.reason) == (["kpm", "x" * 40], "Uji.")
    assert len(export.code) == 8 and export.code == export.code.upper()


def test_a_maker_holds_the_lock_of_its_file_while_it_makes_it(sri):
    export = file_of(sri)
    with alone_with(f"ekspor {export.pk}") as is_alone:
        assert is_alone and locks_held() == 1
    assert locks_held() == 0


def test_a_file_that_fails_fails_alone(sri, monkeypatch):
    waiting, running = file_of(sri, State.WAITING), file_of(sri, purpose="Lain.")

    def break_down(*args, **more):
        raise ZeroDivisionError

    monkeypatch.setattr(operations, "write_list", break_down)
    with pytest.raises(ZeroDivisionError):
        make_export.func(str(waiting.pk))

    waiting.refresh_from_db()
    running.refresh_from_db()
    assert (waiting.state, running.state) == (State.FAILED, State.RUNNING)
    assert waiting.finished_at and running.finished_at is None


def test_the_maker_looks_up_after_so_many_rows_and_so_long(sri, monkeypatch):
    export, clock = file_of(sri), iter(range(10**6))
    monkeypatch.setattr(operations.time, "monotonic", lambda: next(clock))
    told = []
    monkeypatch.setattr(operations, "_change", lambda export, rows_done: told.append(rows_done))

    assert list(_watched(export, range(2 * BEAT_ROWS + 1))) == list(range(2 * BEAT_ROWS + 1))

    assert told == [BEAT_ROWS, 2 * BEAT_ROWS]


def test_the_last_file_of_a_day_is_made_and_the_next_refused(sri, monkeypatch):
    monkeypatch.setattr(operations, "A_DAY", 2)
    file_of(sri, State.TAKEN, asked_at=timezone.now() - timedelta(days=1))
    file_of(UserFactory(), State.TAKEN)
    file_of(sri, State.TAKEN, month=timezone.localdate().replace(day=1), what=Export.RECAP)

    def ask(purpose):
        said = {"op_id": uuid7(), "sent": purpose, "format": "csv", "in_background": True}
        return ask_export("kpm", "", by=sri, purpose=purpose, **said)

    first, second = ask("Satu."), ask("Dua.")
    assert ask("Dua.") == second != first
    with pytest.raises(operations.Refused):
        ask("Tiga.")


@pytest.mark.parametrize(
    ("state", "expires_in", "is_there"),
    [(State.READY, 1, True), (State.READY, 0, False), (State.TAKEN, 1, False), (State.RUNNING, 1, False)],
)
def test_only_a_ready_file_in_its_time_is_taken(sri, state, expires_in, is_there, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(operations.timezone, "now", lambda: now)
    name = stored() if state == State.READY else ""
    export = file_of(sri, state, file=name, expires_at=now + timedelta(seconds=expires_in))
    other = file_of(sri, State.READY, file=stored(), expires_at=now + timedelta(days=1), purpose="Lain.")

    taken = take_export(export)

    assert (taken is not None) is is_there
    if is_there:
        chunks, size = taken
        assert (b"".join(chunks), size) == (b"isi", 3)
        export.refresh_from_db()
        assert (export.state, export.taken_at, export.file.name) == (State.READY, now, name)
        assert operations.default_storage.exists(name)
        export.expires_at = now
        export.save(update_fields=["expires_at"])
        assert sweep_exports(now) == 1
        export.refresh_from_db()
        assert (export.state, export.file.name) == (State.TAKEN, "")
    other.refresh_from_db()
    assert other.state == State.READY and operations.default_storage.exists(other.file.name)


def test_a_download_that_breaks_off_is_taken_again(sri):
    soon = timezone.now() + timedelta(hours=1)
    export = file_of(sri, State.READY, file=stored(), expires_at=soon)
    chunks, _ = take_export(export)
    assert next(chunks) == b"isi"

    chunks.close()

    chunks, _ = take_export(export)
    assert b"".join(chunks) == b"isi"


def test_a_file_that_vanished_is_told_as_gone(sri):
    soon = timezone.now() + timedelta(hours=1)
    gone = file_of(sri, State.READY, file="hilang.csv", expires_at=soon)
    other = file_of(sri, State.READY, file=stored(), expires_at=soon, purpose="Lain.")

    assert take_export(gone) is None

    gone.refresh_from_db()
    other.refresh_from_db()
    assert (gone.state, gone.file.name, other.state) == (State.GONE, "", State.READY)


def test_files_past_their_time_go_and_others_stay(sri, django_capture_on_commit_callbacks):
    now = timezone.now()
    over = file_of(sri, State.READY, file=stored(), expires_at=now, purpose="Satu.")
    left = file_of(sri, State.READY, file=stored(), expires_at=now + timedelta(seconds=1), purpose="Dua.")
    taken = file_of(sri, State.TAKEN, expires_at=now, purpose="Tiga.")
    name = over.file.name

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_exports(now) == 1
    for export in (over, left, taken):
        export.refresh_from_db()
    assert (over.state, left.state, taken.state) == (State.GONE, State.READY, State.TAKEN)
    assert over.finished_at and not operations.default_storage.exists(name)
    assert operations.default_storage.exists(left.file.name)

    assert cancel_export(taken) is False
    assert cancel_export(left) is True
    assert cancel_export(left) is False
    left.refresh_from_db()
    taken.refresh_from_db()
    assert (left.state, left.file.name, taken.state) == (State.CANCELLED, "", State.TAKEN)


def test_a_file_that_was_made_says_when_and_until_when_it_waits(sri, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(operations.timezone, "now", lambda: now)
    export = file_of(sri, State.WAITING)
    operations.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.finished_at, export.expires_at) == (State.READY, now, now + operations.LIFE)


def test_only_what_was_being_made_is_begun_anew(sri):
    taken = file_of(sri, State.TAKEN)
    assert operations._begin_anew(taken.pk) is False
    taken.refresh_from_db()
    assert (taken.state, taken.restarts) == (State.TAKEN, 0)


def test_what_waits_too_long_is_announced_again_and_what_just_came_is_not(sri, monkeypatch):
    announced, now = [], timezone.now()
    monkeypatch.setattr(operations.make_export.__class__, "enqueue", lambda task, pk: announced.append(pk))
    late = file_of(sri, State.WAITING, asked_at=now - timedelta(minutes=3), purpose="Satu.")
    file_of(sri, State.WAITING, asked_at=now - timedelta(minutes=1), purpose="Dua.")
    dead = file_of(sri, asked_at=now - timedelta(minutes=9), purpose="Tiga.", rows_done=7)
    worn = file_of(sri, purpose="Empat.", restarts=operations.MOST_RESTARTS)

    assert resume_exports() == 2

    assert sorted(announced) == sorted([str(late.pk), str(dead.pk)])
    dead.refresh_from_db()
    worn.refresh_from_db()
    assert (dead.state, dead.restarts, dead.rows_done) == (State.WAITING, 1, 0)
    assert worn.state == State.FAILED


@pytest.mark.parametrize(
    ("state", "asked_ago", "expires_in", "is_told"),
    [
        (State.READY, 1, 1, True),
        (State.READY, 1, 0, False),
        (State.FAILED, 1, 1, True),
        (State.RUNNING, 1, 1, False),
        (State.FAILED, 31, 1, True),
        (State.FAILED, 32, 1, False),
    ],
)
def test_the_latest_recap_is_told_while_it_waits_or_failed(
    state, asked_ago, expires_in, is_told, monkeypatch
):
    now = timezone.now()
    monkeypatch.setattr(recap.timezone, "now", lambda: now)
    rina = UserFactory(koordinator=True)
    made = {"what": Export.RECAP, "file": stored() if state == State.READY else ""}
    asked_at, expires_at = now - timedelta(days=asked_ago), now + timedelta(hours=expires_in)
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        latest = file_of(rina, state, month=month, asked_at=asked_at, expires_at=expires_at, **made)
    file_of(rina, State.READY, file=stored(), expires_at=expires_at)

    assert Export.objects.news_of_recap(rina) == (latest if is_told else None)
    assert Export.objects.news_of_recap(UserFactory(koordinator=True)) is None
    assert Export.objects.news_of_recap(UserFactory()) is None
