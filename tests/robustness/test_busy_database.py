"""A database that is there but doesn't get on: a request gives up in time, and says so; a command may wait."""

import os
import subprocess
import sys
from contextlib import closing

import psycopg
from django.conf import settings

from .server import Browser, gunicorn

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
SHOW = f"""
from django.db import connection
with connection.cursor() as cursor:
    for name in {LIMITS}:
        print(cursor.execute("SHOW " + name).fetchone()[0])
"""


def shown_by(program, database_url):
    """The three limits of a connection that `program` (Python text) opens, read in a process of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "pkh_casework.settings",
        "PKH_MODE": "test",
        "DATABASE_URL": database_url,
    }
    command = [sys.executable, "-c", program + SHOW]
    ended = subprocess.run(
        command, env=environment, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True
    )
    return ended.stdout.split()


def test_a_connection_for_requests_has_limits_and_one_of_a_command_has_none(database_url):
    assert shown_by("import pkh_casework.wsgi", database_url) == ["15s", "5s", "1min"]
    assert shown_by("import django; django.setup()", database_url) == ["0", "0", "0"]


def test_a_request_behind_a_lock_gives_up_after_seconds_with_calm_words(database_url, tmp_path):
    with gunicorn(database_url, tmp_path) as server, closing(Browser(server.port, patience=12)) as browser:
        browser.get("/masuk/")
        browser.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32  # a session to look up
        with psycopg.connect(database_url) as other:
            other.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
            page = browser.post("/kegiatan/catat/", {"notes": "Melihat warung."})
            other.rollback()

        assert page.status == 503
        assert int(page.headers["Retry-After"]) > 0
        assert "Server sedang tidak bisa dihubungi" in page.text
        assert browser.get("/masuk/").status == 200
