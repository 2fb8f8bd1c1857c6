"""The database goes away and comes back: plain words meanwhile, and nobody has to restart the server."""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from pkh_casework import postgres
from tests.factories import UserFactory

from .server import Browser, answers_soon, gunicorn, session_of

SOON = 10  # seconds a person or a watcher waits at most for a "no"


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="pkh-test-") as directory:
        yield Path(directory)


MAKE_TABLES = "import django; django.setup(); from pkh_casework import schema; schema.bring_up_to_date()"


def make_tables(url, home):
    """Make the application's tables in the empty database `url`."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "pkh_casework.settings",
        "PKH_MODE": "test",
        "PKH_HOME": str(home),
        "DATABASE_URL": url,
    }
    subprocess.run([sys.executable, "-c", MAKE_TABLES], env=environment, cwd=settings.BASE_DIR, check=True)


def point(link, server):
    """Let `link`, the address that the application knows, lead to the sockets of `server`."""
    link.unlink(missing_ok=True)
    link.symlink_to(unquote(urlsplit(server.url).netloc.partition("@")[2]))


def test_without_database_the_answers_are_plain_and_come_back_by_themselves(home):
    sockets, data = home / "sockets", home / "data"
    data.mkdir()
    url = f"postgresql://pkh@{quote(str(sockets), safe='')}/pkh"
    with ExitStack() as application:
        with postgres.running(data) as database:
            point(sockets, database)
            make_tables(url, home)
            port = application.enter_context(gunicorn(url, home)).port
            browser = Browser(port, patience=SOON)
            application.callback(browser.close)
            assert browser.get("/").status == 302
            assert browser.get("/masuk/").status == 200

        health = browser.get("/healthz")
        assert (health.status, health.text) == (503, "database")
        # A session to look up: each page then needs the database before it knows who asks.
        browser.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
        typed = {"notes": "Melihat warung."}
        by_htmx = {"HX-Request": "true", "HX-Target": "activity-form"}
        pages = [browser.get("/"), browser.post("/kegiatan/catat/", typed)]
        part = browser.post("/kegiatan/catat/", typed, by_htmx)
        assert "<html" not in part.text
        for page in (*pages, part):
            assert page.status == 503
            assert int(page.headers["Retry-After"]) > 0
            assert "Server sedang tidak bisa dihubungi" in page.text
            assert not re.search("Traceback|psycopg|Operational|sqlstate", page.text, re.IGNORECASE)

        with postgres.running(data, durable=False) as database:
            point(sockets, database)
            assert answers_soon(port, "/healthz", 200, patience=SOON)
            assert browser.get("/").status == 302
            assert browser.get("/masuk/").status == 200


OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_connections_that_the_database_ended_cost_nobody_an_answer(database_url, home):
    session = session_of(UserFactory(kelurahan=True))
    connection.close()
    with gunicorn(database_url, home) as server, closing(Browser(server.port, session=session)) as browser:
        for _ in range(3):
            assert browser.get("/").place == "/dasbor/"
            with psycopg.connect(database_url, autocommit=True) as other:
                assert other.execute(f"SELECT bool_and(pg_terminate_backend(pid, 5000)) {OTHERS}").fetchone()[
                    0
                ]
            assert browser.get("/").place == "/dasbor/"
