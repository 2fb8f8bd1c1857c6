"""pytest plugin (`-p tests.database`): a throw-away PostgreSQL, and databases that are copied instead of emptied.

A template is filled once a run; each process works on its own copies. A test that really commits gets its database
back as a new copy. With PKH_MODE=test and a DATABASE_URL that server is used instead of an own one; its role must be
allowed to create databases.
"""

import fcntl
import os
import signal
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from pkh_casework import postgres

running = ExitStack()
copies = {}  # of this process, by template
# Of a run: where its processes meet, a directory whose name also begins the names of its databases.
MEETING = "PKH_TEST_MEETING"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests():
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up even when a time limit ends the run
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # One of several processes: the first has started the server, and removes all that is below its home.
        home = Path(os.environ[MEETING], worker)
        home.mkdir(exist_ok=True)
    else:
        home = running.enter_context(tempfile.TemporaryDirectory(prefix="pkh-test-"))
        os.environ[MEETING] = home
        if os.environ.get("PKH_MODE") == "test" and os.environ.get("DATABASE_URL"):
            running.callback(_remove_databases)
        else:
            os.environ["DATABASE_URL"] = running.enter_context(postgres.running(home, durable=False)).url
    os.environ.update(PKH_MODE="test", PKH_HOME=str(home))
    return (yield)


def pytest_unconfigure():
    running.close()


# --- templates and copies ---------------------------------------------------------------------------------------------


def name_of(what):
    """The name of this run's database for `what`."""
    return f"{Path(os.environ[MEETING]).name}_{what}".replace("-", "_").lower()


def copied(what, fill=None, *, of=None):
    """The name of this process's own copy of the template `what`, which `fill` makes out of the template `of`.

    Whoever asks first fills the template, connected to it; the others wait for it.
    """
    if what not in copies:
        with _template(what, fill, of) as template, _administration() as admin:
            copies[what] = f"{template}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}"
            _copy(admin, template, copies[what])
    return copies[what]


@contextmanager
def connected_to(database):
    """Inside the block the default connection leads to `database`."""
    before = connection.settings_dict["NAME"]
    lead_to(database)
    try:
        yield
    finally:
        lead_to(before)


def lead_to(database):
    """Let the default connection lead to `database` from now on."""
    if connection.settings_dict["NAME"] != database:
        _hang_up()
        connection.settings_dict["NAME"] = database


def copy_again(_test_case=None):
    """Replace the copy to which this process is connected by a new one of the same template."""
    _hang_up()
    copy = connection.settings_dict["NAME"]
    with _administration() as admin:
        _copy(admin, copy.rpartition("_")[0], copy)


def _hang_up():
    connection.close()
    connection.close_pool()


@contextmanager
def _template(what, fill, of):
    name = name_of(what)
    with Path(os.environ[MEETING], f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _administration() as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                _copy(admin, name_of(of) if of else "template0", f"{name}_draft")
                with connected_to(f"{name}_draft"):
                    fill()
                    with connection.cursor() as cursor:
                        cursor.execute("ANALYZE")  # every copy has the statistics, too
                admin.execute(f"ALTER DATABASE {name}_draft RENAME TO {name}")
        yield name


def _administration():
    """A connection that creates and drops databases."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _copy(admin, template, name):
    _drop(admin, name)
    admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")


def _drop(admin, name):
    # A thread that served a browser may still hold a connection. (FORCE would fail at a vacuum, which is not ours.)
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
        [name],
    )
    admin.execute(f"DROP DATABASE IF EXISTS {name}")


def _remove_databases():
    with _administration() as admin:
        for (name,) in admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name_of("")]
        ).fetchall():
            _drop(admin, name)
