"""Row ids made by the app: UUIDv7, so that a row has its id before it is stored and new rows lie together."""

import os
import time
import uuid
from datetime import UTC, datetime

from django.utils import timezone


def moment_of_id(id):
    """The moment at which a UUIDv7 was made; None for another id, or a moment that no calendar has."""
    if id.version != 7:
        return None
    try:
        return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def day_of_id(id):
    """The local date of `moment_of_id`."""
    moment = moment_of_id(id)
    try:
        return moment and timezone.localdate(moment)
    except OverflowError:
        return None


def uuid7(milliseconds=None, randbytes=os.urandom):
    """A UUIDv7: 48 bits of Unix time in ms, the rest random. PostgreSQL below 18 and Python below 3.14 have none.

    `randbytes` (count to bytes) makes the rest; a seeded one makes ids that come out the same again.
    """
    stamp = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    rest = int.from_bytes(randbytes(10))
    value = stamp << 80 | 7 << 76 | (rest >> 68 & 0xFFF) << 64 | 2 << 62 | rest & (1 << 62) - 1
    return uuid.UUID(int=value)
