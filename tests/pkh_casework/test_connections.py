"""The pool: a connection in use is not asked whether it lives, one that may be dead never reaches a request."""

import os
import time
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from pkh_casework import connections
from pkh_casework.connections import RESTED, check_rested


@pytest.fixture
def pool():
    options = {"min_size": 1, "max_size": 1, "check": check_rested}
    with ConnectionPool(os.environ["DATABASE_URL"], kwargs={"autocommit": True}, **options) as pool:
        yield pool


@pytest.fixture
def asked(monkeypatch):
    """The connections that were asked, in their order."""
    connections_asked, ask = [], ConnectionPool.check_connection

    def noted(connection):
        connections_asked.append(connection)
        ask(connection)

    monkeypatch.setattr(ConnectionPool, "check_connection", noted)
    return connections_asked


@pytest.fixture
def seconds_pass(monkeypatch):
    """Let time go on: seconds_pass(6)."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def go_on(seconds):
        clock.now += seconds

    return go_on


@contextmanager
def taken(pool):
    """The process that serves the connection that the pool gives."""
    with pool.connection() as connection:
        yield connection.execute("SELECT pg_backend_pid()").fetchone()[0]


def test_only_a_connection_that_rested_is_asked(pool, asked, seconds_pass):
    with taken(pool) as first:
        pass
    assert len(asked) == 1  # nobody knows yet how long it has been there

    for _ in range(3):
        seconds_pass(RESTED - 1)
        with taken(pool) as again:
            assert again == first
    assert len(asked) == 1

    seconds_pass(RESTED + 1)
    with taken(pool) as again:
        assert again == first
    assert len(asked) == 2


def test_a_connection_that_the_server_ended_is_replaced_however_short_its_rest(pool):
    with taken(pool) as first:
        pass
    end_and_wait(first)

    with taken(pool) as second:
        assert second != first


def test_a_connection_lost_without_a_word_is_replaced_after_its_rest(pool, seconds_pass, monkeypatch):
    with taken(pool) as first:
        pass
    end_and_wait(first)
    monkeypatch.setattr(connections, "_has_been_told", lambda connection: False)

    with pytest.raises(psycopg.OperationalError), taken(pool):
        pass
    with taken(pool) as second:  # the pool has seen by itself that it was dead
        pass
    end_and_wait(second)
    seconds_pass(RESTED + 1)
    with taken(pool) as third:
        assert third != second


def end_and_wait(pid):
    """End a connection from the server's side, and wait until it is gone."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
            time.sleep(0.01)
