"""One worker at a time: a lock of the database that goes with its connection, so that a worker that dies frees it."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone_with(thing):
    """Hold the lock of `thing` (text), if nobody else does, and say whether it is held; it ends with the block or the
    connection.
    """
    key = "SELECT {}(hashtextextended(%s, 0))"
    with connection.cursor() as cursor:
        cursor.execute(key.format("pg_try_advisory_lock"), [thing])
        is_alone = cursor.fetchone()[0]
    try:
        yield is_alone
    finally:
        if is_alone and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(key.format("pg_advisory_unlock"), [thing])
