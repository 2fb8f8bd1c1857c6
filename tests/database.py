"""pytest plugin (`-p tests.database`): a throw-away PostgreSQL, ready before Django's settings are read.

With PKH_MODE=test and a DATABASE_URL that server is used instead.
"""

import os
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from pkh_casework import postgres

running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests():
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up even when a time limit ends the run
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # One of several processes: the first has started the server, and removes all that is below its home.
        home = Path(os.environ["PKH_HOME"], worker)
        home.mkdir()
    else:
        home = running.enter_context(tempfile.TemporaryDirectory(prefix="pkh-test-"))
        if not (os.environ.get("PKH_MODE") == "test" and os.environ.get("DATABASE_URL")):
            os.environ["DATABASE_URL"] = running.enter_context(postgres.running(home, durable=False)).url
    os.environ.update(PKH_MODE="test", PKH_HOME=str(home))
    return (yield)


def pytest_unconfigure():
    running.close()
