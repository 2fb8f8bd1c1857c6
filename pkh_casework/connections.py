"""Which connections of the pool are asked whether they still live before a request gets one."""

import select
import time

from psycopg_pool import ConnectionPool

RESTED = 5  # seconds


def check_rested(connection):
    """The `check` of the pool: ask PostgreSQL for a sign of life only where there is a reason to doubt.

    Asking each time is a sixth of what a signed-in request costs before it does anything. A server that ends says so:
    then there is something to read on a connection at rest. One that was lost without a word, as when a firewall
    forgets it, was at rest for longer. Raises psycopg.OperationalError; the pool then takes another connection.
    """
    now = time.monotonic()
    taken_before = getattr(connection, "taken_at", None)
    if taken_before is None or now - taken_before > RESTED or _has_been_told(connection):
        ConnectionPool.check_connection(connection)
    connection.taken_at = now


def _has_been_told(connection):
    """Whether PostgreSQL sent something that nobody asked for: mostly its farewell."""
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))
