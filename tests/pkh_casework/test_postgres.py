"""The embedded PostgreSQL: it ends with its parent, keeps its data, and starts again whatever happened before."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from pkh_casework import postgres

RUN = """
import sys
from pathlib import Path
from pkh_casework import postgres
with postgres.running(Path(sys.argv[1]), durable=sys.argv[2] == "durable") as server:
    print(server.url, server.process.pid, flush=True)
    sys.stdin.read()
"""


@contextmanager
def server(home, durable="durable"):
    """A process of its own that runs PostgreSQL for `home`; yields (process, url, pid of the server)."""
    command = [sys.executable, "-c", RUN, home, durable]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        url, _, pid = process.stdout.readline().partition(" ")
        assert url, process.stderr.read()
        yield process, url, int(pid)
        process.stdin.close()
        process.wait(30)


@pytest.fixture(scope="module")
def home():
    """A home with one table, shared by the tests that leave it in order."""
    with tempfile.TemporaryDirectory(prefix="pkh-test-") as directory:
        home = Path(directory)
        with server(home) as (_, url, _), psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        yield home
        with server(home, "throw-away"):
            pass


def cluster(home):
    return (home / "postgres").resolve()


def tables(url):
    with psycopg.connect(url) as connection:
        return [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]


def test_data_is_kept_until_the_next_start(home):
    with server(home) as (_, url, _):
        assert tables(url) == ["kept"]


def test_the_app_is_no_superuser_and_may_still_add_the_extensions_it_needs(home):
    with server(home) as (_, url, _), psycopg.connect(url) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")


def test_only_the_owner_reaches_the_socket_and_nobody_the_network(home):
    with server(home) as (_, url, pid):
        sockets = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])
        assert sockets.stat().st_mode & 0o077 == 0
        assert psutil.Process(pid).net_connections("inet") == []


def test_the_log_of_the_server_holds_neither_rows_nor_statements(home):
    with server(home) as (_, url, _), psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE person (name text UNIQUE)")
        for _ in range(2):
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES ('Euis Rahasia')")
    log = (home / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "Rahasia" not in log


def test_a_second_process_for_the_same_home_is_refused_by_name(home):
    with (
        server(home),
        pytest.raises(AssertionError, match=f"another process runs the database of {home}"),
        server(home),
    ):
        pass


def ended(pid, home, patience=20):
    deadline = time.monotonic() + patience
    while postgres._is_server(pid, cluster(home)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_the_server_ends_with_a_killed_parent_and_starts_again(home):
    with server(home) as (process, _, pid):
        process.kill()
        assert ended(pid, home)
    with server(home) as (_, url, _):
        assert tables(url) == ["kept"]


def test_a_killed_server_starts_again(home):
    with server(home) as (process, _, pid):
        os.kill(pid, signal.SIGKILL)
        process.kill()
    with server(home) as (_, url, _):
        assert tables(url) == ["kept"]


def test_a_server_that_outlived_its_parent_is_stopped_first(home):
    with server(home) as (_, _, pid):
        # As on a system where the kernel does not tell it: without the lock, with the server running.
        (home / "postgres.lock").unlink()
        with server(home) as (_, url, _):
            assert tables(url) == ["kept"]
        assert ended(pid, home)


def test_pid_files_of_strangers_zombies_and_power_cuts_are_no_hindrance(home):
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    for content in (f"{os.getpid()}\n/elsewhere\n", f"{zombie.pid}\n{cluster(home)}\n", ""):
        (cluster(home) / "postmaster.pid").write_text(content)
        with server(home) as (_, url, _):
            assert tables(url) == ["kept"]
    zombie.wait()


def test_a_creation_that_was_cut_short_is_begun_again(tmp_path):
    with server(tmp_path):
        pass
    draft = cluster(tmp_path).with_name(cluster(tmp_path).name + ".new")
    cluster(tmp_path).rename(draft)
    (draft / "PG_VERSION").unlink()
    with server(tmp_path, "throw-away") as (_, url, _):
        assert tables(url) == []


def test_a_home_that_was_removed_leaves_nothing_to_the_next_one(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with server(home) as (_, url, _), psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE old (id int)")
    shutil.rmtree(home)
    home.mkdir()
    with server(home, "throw-away") as (_, url, _):
        assert tables(url) == []
    assert not cluster(home).exists()
