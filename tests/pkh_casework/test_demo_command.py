"""`make demo`, whole: it serves, keeps its data, and leaves no process behind, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

import psutil
import psycopg
import pytest
from django.conf import settings

LIMIT = 180  # seconds for a first start on a slow machine


@pytest.fixture
def environment(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path / "home"
    yield {"PATH": os.environ["PATH"], "PKH_MODE": "demo", "PKH_HOME": str(home), "PORT": str(port)}
    # As root the cluster lies outside the home, where pytest would not clear it away.
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)


@contextmanager
def demo(environment):
    """A running demo that has said it is ready; yields its process and the lines it printed."""
    command = [sys.executable, "manage.py", "demo", "--families", "10"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, **pipes) as process:
        lines = []
        try:
            for line in process.stdout:
                lines.append(line)
                if line.startswith("Password"):
                    break
            assert process.poll() is None, "".join(lines)
            yield process, "".join(lines)
        finally:
            process.terminate()
            process.wait(60)


def families(home):
    socket_directory = (home / "postgres" / "postmaster.pid").read_text().split("\n")[4]
    with psycopg.connect(host=socket_directory, user="pkh", dbname="pkh") as connection:
        return connection.execute("SELECT count(*) FROM kpm_household").fetchone()[0]


def test_the_demo_serves_keeps_its_data_and_leaves_no_process(environment, tmp_path):
    with demo(environment) as (process, printed):
        assert "koordinator.kiaracondong" in printed
        with urlopen(f"http://localhost:{environment['PORT']}/healthz", timeout=10) as answer:
            assert answer.status == 200
        first = families(tmp_path / "home")
        assert first > 0
        parts = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        _, alive = psutil.wait_procs(parts, timeout=30)
        assert alive == []

    start = time.monotonic()
    with demo(environment) as (process, _):
        assert time.monotonic() - start < 30
        assert families(tmp_path / "home") == first
        parts = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        _, alive = psutil.wait_procs(parts, timeout=5)
        assert alive == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DATABASE_URL", "postgresql://elsewhere/real", "DATABASE_URL is set"),
        ("PKH_MODE", "real", "make demo"),
        ("PKH_HOME", "/proc/langkah", "choose another place"),
    ],
)
def test_the_demo_refuses_what_is_no_demo(variable, value, words, environment):
    done = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        env={**environment, variable: value},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert words in done.stderr


def test_a_port_in_use_is_named(environment):
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        environment["PORT"] = str(occupied.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            env=environment,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert f"port {environment['PORT']}" in done.stderr
