"""The real application server for tests: gunicorn with the project's own settings, and a browser that keeps its
connection open and repeats what got no answer.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from pkh_casework.children import spawn, stop

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CUT = (OSError, http.client.HTTPException)  # the server ended before it answered


@dataclass(frozen=True)
class Gunicorn:
    port: int
    master: subprocess.Popen
    log: Path

    def kill_a_worker(self):
        """End the oldest worker as a power cut would; the master starts another."""
        workers = psutil.Process(self.master.pid).children()
        min(workers, key=lambda worker: worker.create_time()).kill()


@contextmanager
def gunicorn(database_url, home):
    """Serve the application on `database_url`; ready when the block begins, ended with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "pkh_casework.settings",
        "PKH_MODE": "test",
        "PKH_HOME": str(home),
        "SECRET_KEY": settings.SECRET_KEY,  # both sides sign the sessions
        "DATABASE_URL": database_url,
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "tests.clock", "gunicorn", "-c", "python:pkh_casework.gunicorn"]
    log = Path(home) / "gunicorn.log"
    with log.open("wb") as output:
        master = spawn(
            command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        assert answers_soon(port, "/healthz", 200, patience=60), log.read_text()
        yield Gunicorn(port, master, log)
    finally:
        stop(master, signal.SIGTERM)


def answers_soon(port, path, status, *, patience):
    """Whether `path` answers with `status` within `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with closing(Browser(port)) as browser, suppress(*CUT):
            if browser.get(path).status == status:
                return True
        time.sleep(0.1)
    return False


def session_of(user):
    """The cookie value of a new session, as a login makes it; more than the three a login allows at a time."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    user.login_sessions.create(session_key=session.session_key)
    return session.session_key


@dataclass(frozen=True)
class Answer:
    status: int
    place: str  # where a redirect leads, else ""
    text: str
    headers: dict


class Browser:
    """One person's browser on 127.0.0.1:`port`: cookies, a form's token, one connection kept open."""

    def __init__(self, port, *, session=None, patience=30):
        self.port, self.patience = port, patience
        self.cookies = {settings.SESSION_COOKIE_NAME: session} if session else {}
        self.token, self.cut, self.connection = "", 0, None

    def get(self, path):
        """The Answer to GET; the token of a form in it is kept for later posts.

        A kept connection may have ended with its worker, unseen until now: then, as browsers do, once more on a new one.
        """
        kept = self.connection is not None
        try:
            answer = self._ask("GET", path)
        except CUT:
            self.close()
            if not kept:
                raise
            answer = self._ask("GET", path)
        if found := TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def post(self, path, fields, headers=None):
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}, doseq=True)
        return self._ask("POST", path, body, headers)

    def post_until_answered(self, path, fields, *, tries=40):
        """The Answer to POST, sent again while the connection is cut; `cut` counts those."""
        for _ in range(tries):
            try:
                return self.post(path, fields)
            except CUT:
                self.cut += 1
                self.close()
                time.sleep(0.05)
        raise AssertionError(f"no answer in {tries} tries")

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def _ask(self, method, path, body=None, more=None):
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **(more or {}),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, response.getheader("Location", ""), text, dict(response.headers))
