"""The database goes away and comes back: plain words meanwhile, and nobody has to restart the server."""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.conf import settings

from pkh_casework import postgres

from .server import Browser, answers_soon, gunicorn

SOON = 10  # seconds a person or a watcher waits at most for a "no"


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="pkh-test-") as directory:
        yield Path(directory)


def manage(*arguments, url, home):
    environment = {
        "PATH": os.environ["PATH"],
        "PKH_MODE": "test",
        "PKH_HOME": str(home),
        "DATABASE_URL": url,
    }
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=True, stdout=subprocess.DEVNULL)


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
            manage("migrate", "sessions", url=url, home=home)
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
