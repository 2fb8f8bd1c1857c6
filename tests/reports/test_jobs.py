"""Large files: made in the background, watched, given up, and begun anew when the worker is killed."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from reports.files.operations import export as operations
from reports.files.operations.export import cancel_export, make_export, resume_exports
from reports.models import Export
from tests.exports import ask, rows_of, take
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sri(client, db):
    user = UserFactory(username="sri", name="Sri Wahyuni")
    client.force_login(user)
    return user


@pytest.fixture
def everything_is_large(monkeypatch):
    monkeypatch.setattr(operations, "SMALL", 0)


@pytest.fixture
def waiting(client, sri, everything_is_large):
    """A file of three families that waits for a worker."""
    for _ in range(3):
        HouseholdFactory(pendamping=sri)
    assert ask(client, "kpm").status_code == 302
    return Export.objects.get()


def test_a_large_file_is_left_to_a_worker_once_the_request_holds(
    client, sri, everything_is_large, django_capture_on_commit_callbacks
):
    HouseholdFactory(pendamping=sri)
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        answer = ask(client, "kpm")
    export = Export.objects.get()
    assert (export.state, len(callbacks)) == ("menunggu", 1)
    page = client.get(answer.url).content.decode()
    assert "Menunggu giliran" in page and 'hx-trigger="every 2s"' in page

    callbacks[0]()  # told to the worker, which is this process in tests

    export.refresh_from_db()
    assert (export.state, export.rows_done, export.rows_total) == ("siap", 1, 1)
    page = client.get(answer.url).content.decode()
    assert "Unduh berkas" in page and "hx-trigger" not in page
    assert len(rows_of(take(client, export))) == 1


def test_progress_is_told_and_htmx_gets_the_part_alone(client, waiting):
    Export.objects.update(state="dibuat", rows_total=4000, rows_done=1200)

    page = client.get(waiting.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "export-state"})

    text = " ".join(page.content.decode().split())
    assert "1.200 dari 4.000 baris" in text and 'max="4000" value="1200"' in text
    assert "<html" not in text


def test_the_maker_tells_how_far_it_is(waiting, monkeypatch):
    monkeypatch.setattr(operations, "BEAT", 0)
    monkeypatch.setattr(operations, "BEAT_ROWS", 1)
    told = []
    change = operations._change
    monkeypatch.setattr(
        operations, "_change", lambda export, **fields: told.append(fields) or change(export, **fields)
    )

    make_export.call(str(waiting.pk))

    assert [fields["rows_done"] for fields in told if set(fields) == {"rows_done"}] == [1, 2, 3]


def test_a_waiting_file_that_was_cancelled_is_not_made(client, waiting):
    client.post(reverse("reports:export_cancel", args=[waiting.pk]))

    make_export.call(str(waiting.pk))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.file.name) == ("dibatalkan", "")
    assert "Dibatalkan" in client.get(waiting.get_absolute_url()).content.decode()


def test_a_file_cancelled_while_it_is_made_stops_and_leaves_nothing(waiting, monkeypatch, tmp_path):
    monkeypatch.setattr(operations, "BEAT", 0)
    monkeypatch.setattr(operations, "BEAT_ROWS", 1)
    written = []

    def cancelled_at_the_second_row(export, rows):
        for row in operations_watched(export, rows):
            written.append(row)
            if len(written) == 2:
                cancel_export(export)
            yield row

    operations_watched = operations._watched
    monkeypatch.setattr(operations, "_watched", cancelled_at_the_second_row)

    make_export.call(str(waiting.pk))

    waiting.refresh_from_db()
    assert (waiting.state, len(written)) == ("dibatalkan", 2)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_ready_file_given_up_is_removed(client, sri, django_capture_on_commit_callbacks):
    ask(client, "kpm")
    export = Export.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("reports:export_cancel", args=[export.pk]))

    assert not default_storage.exists(export.file.name)


def test_a_maker_that_fails_says_so_and_is_not_silent(client, waiting, monkeypatch):
    monkeypatch.setattr(operations, "write_list", lambda *args, **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        make_export.call(str(waiting.pk))

    assert "Gagal dibuat" in client.get(waiting.get_absolute_url()).content.decode()


def test_more_rows_than_excel_holds_are_refused_before_they_are_written(client, waiting, monkeypatch):
    monkeypatch.setattr("reports.models.export.MOST_ROWS", 2)

    make_export.call(str(waiting.pk))

    page = client.get(waiting.get_absolute_url()).content.decode()
    assert "Terlalu panjang untuk Excel" in page and "pilih CSV" in page


@pytest.mark.parametrize("change", [{"is_active": False}, {"wilayah_id": "3273161001"}])
def test_a_file_is_not_made_for_somebody_who_may_not_have_it_any_more(change, sri, waiting):
    type(sri).objects.filter(pk=sri.pk).update(**change)

    make_export.call(str(waiting.pk))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.file.name) == ("dibatalkan", "")


def test_the_same_file_asked_for_twice_is_made_once(client, sri, everything_is_large):
    HouseholdFactory(pendamping=sri)
    first, second, other = ask(client, "kpm"), ask(client, "kpm"), ask(client, "kpm", format="csv")

    assert first.url == second.url != other.url
    assert Export.objects.count() == 2


def test_what_a_dead_worker_left_is_begun_anew_and_says_so(client, waiting):
    Export.objects.update(state="dibuat", rows_total=3, rows_done=2)

    assert resume_exports() == 1  # runs at once: the worker is this process in tests

    waiting.refresh_from_db()
    assert (waiting.state, waiting.restarts) == ("siap", 1)
    Export.objects.update(state="dibuat", file="")
    assert "dibuat ulang dari awal" in client.get(waiting.get_absolute_url()).content.decode()


def test_a_file_that_kills_every_worker_fails_in_the_end(waiting):
    Export.objects.update(state="dibuat", restarts=operations.MOST_RESTARTS)

    assert resume_exports() == 0

    waiting.refresh_from_db()
    assert waiting.state == "gagal"


def test_a_living_worker_is_left_alone(waiting):
    Export.objects.update(state="dibuat")
    with psycopg.connect(**_connection()) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"ekspor {waiting.pk}"])
        assert resume_exports() == 0

    waiting.refresh_from_db()
    assert (waiting.state, waiting.restarts) == ("dibuat", 0)


def test_a_file_never_announced_is_announced_later(waiting):
    assert resume_exports() == 0
    Export.objects.update(asked_at=timezone.now() - operations.LATE)

    assert resume_exports() == 1

    waiting.refresh_from_db()
    assert (waiting.state, waiting.restarts) == ("siap", 0)


def _connection():
    given = connection.get_connection_params()
    return {name: given[name] for name in ("host", "port", "user", "dbname", "password") if given.get(name)}


# --- a real worker, killed -------------------------------------------------------------------------------------------


SLOW = """
import time
from reports.files.operations import export as operations
watched = operations._watched
def slowly(export, rows):
    for row in watched(export, rows):
        time.sleep(0.05)
        yield row
operations._watched, operations.BEAT, operations.BEAT_ROWS = slowly, 0, 1
"""
WORK = "import django; django.setup(); {slow}\nfrom django.core.management import call_command; call_command('work')"


def worker(tmp_path, *, slow):
    """A worker process on the test database, with the real queue."""
    name = connection.settings_dict["NAME"]
    url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}?{os.environ['DATABASE_URL'].partition('?')[2]}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.reports.worker_settings",
        "PKH_TEST_MEDIA": str(tmp_path),
    }
    command = [sys.executable, "-W", "error", "-c", WORK.format(slow=SLOW if slow else "")]
    return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)


def wait_until(condition, patience=40):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_half_way_is_followed_by_one_that_begins_anew(
    client, sri, everything_is_large, settings, tmp_path
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.backend.DatabaseBackend"}}
    for _ in range(60):
        ActivityFactory(pendamping=sri)
    ask(client, "kegiatan")
    export = Export.objects.get()

    def state():
        export.refresh_from_db()
        return export.state

    first = worker(tmp_path, slow=True)
    try:
        wait_until(lambda: state() == "dibuat" and export.rows_done > 10)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    assert state() == "dibuat"

    second = worker(tmp_path, slow=False)
    try:
        wait_until(lambda: state() == "siap")
    finally:
        second.terminate()
        assert second.wait(20) == 0

    assert export.restarts == 1
    assert len(rows_of(take(client, export))) == 60
