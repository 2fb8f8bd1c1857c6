import http.client
import os
import secrets
import signal
import socket
import sys
import time
from contextlib import closing, contextmanager, suppress
from threading import Event

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from pkh_casework import postgres, release, trouble
from pkh_casework.children import follow_parent, spawn, stop
from pkh_casework.keys import write_key_ring, write_secret
from pkh_casework.waiting import wait_for

ending = Event()


class Command(BaseCommand):
    """The supervisor. It needs no database itself: it starts one, then everything that needs it."""

    help = "Run the demo until Ctrl-C or SIGTERM: database, demo families, application server."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--with-parent", action="store_true", help="stop when the parent (make) ends, even by kill"
        )
        parser.add_argument(
            "--families", metavar="N", help="make a small demo: N families for each pendamping"
        )

    def handle(self, *, with_parent, families, **options):
        if settings.PKH_MODE != "demo":
            raise CommandError("the demo runs with PKH_MODE=demo: use `make demo`")
        if "dummy" not in settings.DATABASES["default"]["ENGINE"]:
            raise CommandError(
                "DATABASE_URL is set, but the demo brings its own database and has public passwords.\n"
                "Use `env -u DATABASE_URL make demo`, or `make serve` for a real installation."
            )
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, _end)
        if with_parent:
            follow_parent(os.getppid(), signal.SIGTERM)
        try:
            self._run(settings.PKH_HOME, ["--families", families] if families else [])
        except KeyboardInterrupt:
            self._say("\nThe demo has stopped; its data is kept.")
        except postgres.PostgresError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(trouble.sentence(error, settings.PKH_HOME)) from error

    def _run(self, home, size):
        self._say(f"Preparing the demo in {home} (under a minute the first time) ...")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with postgres.running(home) as database:
            _wait_for_port(settings.PORT)
            _pass_on_to_children(home, database.url)
            if not release.is_prepared(database.url):
                with _child("manage.py", "prepare", "--province", "32", "--demo", *size) as preparation:
                    if preparation.wait():
                        raise CommandError("the preparation failed, see above")
            with _child("-m", "gunicorn", "-c", "python:pkh_casework.gunicorn") as server:
                if not wait_for(
                    _is_healthy, "the server", alive=lambda: server.poll() is None, say=self._say
                ):
                    raise CommandError("the application server ended by itself, see above")
                self._say(_welcome(settings.PORT))
                with _child("manage.py", "load_demo", "--rest"):
                    _keep_working(server, database.process)
        raise CommandError("a part of the demo ended by itself, so the rest was stopped")

    def _say(self, text):
        self.stdout.write(text)
        self.stdout.flush()


def _end(signum, frame):
    """End politely, once: a second Ctrl-C must not interrupt the clean-up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    ending.set()  # Python drops what is raised while it clears an object away
    raise KeyboardInterrupt


def _pass_on_to_children(home, url):
    """Put the demo's own secrets, made once, and its database into the environment of what is started next."""
    keys, secret = home / "keys.json", home / "secret_key"
    with suppress(FileExistsError):
        write_key_ring(keys)
    with suppress(FileExistsError):
        write_secret(secret, secrets.token_urlsafe(64))
    os.environ.update(DATABASE_URL=url, PKH_KEYS_FILE=str(keys), SECRET_KEY=secret.read_text())


@contextmanager
def _child(*arguments):
    """A Python program of this project, stopped at the end of the block."""
    process = spawn([sys.executable, *arguments], cwd=settings.BASE_DIR)
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM)


def _keep_working(*needed):
    """Run the worker of background files, and another when it ends, until one of the processes `needed` has ended."""
    worker = None
    try:
        while all(process.poll() is None for process in needed):
            if worker is None or worker.poll() is not None:
                worker = spawn([sys.executable, "manage.py", "work"], cwd=settings.BASE_DIR)
            if ending.wait(1):
                raise KeyboardInterrupt
    finally:
        if worker:
            stop(worker, signal.SIGTERM)


def _wait_for_port(port, patience=5):
    """Return once `port` is free: the server of a demo that was killed needs a moment to end."""
    deadline = time.monotonic() + patience
    while True:
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"port {port}: {error.strerror}; try `make demo PORT={port + 1}`"
                    ) from error
        time.sleep(0.2)


def _is_healthy():
    """Whether the server answers `/healthz` with 200."""
    client = http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=5)
    with closing(client), suppress(OSError, http.client.HTTPException):
        client.request("GET", "/healthz")
        return client.getresponse().status == 200
    return False


def _welcome(port):
    width = max(len(login.username) for login in DEMO_LOGINS)
    return "\n".join(
        [
            f"\nLangkah is ready: http://localhost:{port}/\n",
            *(f"  {login.username:<{width}}  {login.what}" for login in DEMO_LOGINS),
            f"\nPassword of all: {DEMO_PASSWORD}    Stop with Ctrl-C\n",
        ]
    )
