"""What the person at the terminal is told: one plain sentence, and that the machine still works on it."""

import errno
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from pkh_casework import postgres, release, schema, trouble, waiting

HOME = Path("/srv/langkah")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space is left for /srv/langkah"),
        (errno.EDQUOT, "no space is left for /srv/langkah"),
        (errno.EROFS, "/srv/langkah/keys.json can't be written to (Read-only file system)"),
        (errno.EACCES, "/srv/langkah/keys.json can't be written to (Permission denied)"),
        (errno.ENOTDIR, "/srv/langkah/keys.json can't be used (Not a directory)"),
    ],
)
def test_trouble_with_the_home_is_one_sentence_with_a_way_out(number, words):
    told = trouble.sentence(OSError(number, os.strerror(number), str(HOME / "keys.json")), HOME)
    assert told.startswith(words)
    assert "choose another place" in told and "\n" not in told


def test_a_full_disk_is_named_also_where_postgresql_meets_it(tmp_path):
    assert postgres._said("FATAL: ... No space left on device\n", HOME, "x") == trouble.no_space(HOME)
    assert postgres._said("FATAL: odd\n", HOME, "PostgreSQL did not start").endswith("FATAL: odd\n")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EROFS, "Read-only file system", "/srv/static"), "/srv/static can't be written to"),
        (OperationalError("could not extend file: No space left on device"), "no space is left"),
    ],
)
def test_a_preparation_ends_with_the_same_sentence(error, words, monkeypatch):
    def fail():
        raise error

    monkeypatch.setattr(schema, "bring_up_to_date", fail)
    with pytest.raises(CommandError, match=words):
        call_command("prepare")


def test_waiting_goes_on_as_long_as_there_is_hope_and_says_so(monkeypatch):
    moments, said = iter(range(0, 1000, 4)), []
    monkeypatch.setattr(waiting, "time", type("Clock", (), {"monotonic": lambda: next(moments), "sleep": id}))
    answers = iter([None] * 30 + ["here"])

    assert (
        waiting.wait_for(lambda: next(answers), "the server", alive=lambda: True, say=said.append) == "here"
    )
    assert len(said) > 5 and "still waiting for the server (16 s" in said[0]


def test_waiting_ends_with_what_it_waits_for():
    assert waiting.wait_for(lambda: None, "the server", alive=lambda: False) is None


@pytest.fixture
def own_files(tmp_path, settings):
    (tmp_path / "static").mkdir()
    (tmp_path / "kpm").mkdir()
    (tmp_path / "requirements.lock").write_text("django==6.1")
    settings.BASE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "staticfiles.json").touch()
    return tmp_path


@pytest.mark.django_db(transaction=True)
def test_a_second_start_has_nothing_to_prepare_until_a_file_changes(own_files):
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    assert not release.is_prepared(url)
    release.note_prepared(connection)
    assert release.is_prepared(url)

    (own_files / "kpm" / "models.py").write_text("# new")
    assert not release.is_prepared(url)
    release.note_prepared(connection)
    assert release.is_prepared(url)
    (settings.STATIC_ROOT / "staticfiles.json").unlink()
    assert not release.is_prepared(url)
