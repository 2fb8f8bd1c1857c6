"""The month that an entry belongs to: held open while it is written, closed when its report is locked (contract C7)."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from wilayah.clock import as_of, local_today

from .models import LateWrite, Period

_LATE = ContextVar("late", default=False)


class MonthLocked(Exception):
    """The month of the entry is closed for the area."""

    def __init__(self, wilayah_id, month):
        super().__init__(f"{wilayah_id} {month}")
        self.wilayah_id, self.month = wilayah_id, month


@contextmanager
def let_in_late():
    """Within it what belongs to a locked month is taken, because a koordinator lets it in: what was frozen of the month
    stays as it is.
    """
    token = _LATE.set(True)
    try:
        yield
    finally:
        _LATE.reset(token)


def open_month(wilayah_id, day):
    """Hold the month of `day` in area `wilayah_id` open until this transaction ends (FOR SHARE).

    Raises MonthLocked, except in `let_in_late`. The row is made at the month's first
    entry, so that a locker always finds one to lock. A month that is over is marked as written to.
    """
    month = day.replace(day=1)
    state = state_for_share(wilayah_id, month)
    if state is None:
        Period.objects.bulk_create([Period(wilayah_id=wilayah_id, month=month)], ignore_conflicts=True)
        state = state_for_share(wilayah_id, month)
    if state == Period.State.LOCKED and not _LATE.get():
        raise MonthLocked(wilayah_id, month)
    with as_of(None):  # what is let in counts from now on, whenever it was sent
        is_over = month < local_today(wilayah_id).replace(day=1)
    if is_over:
        LateWrite.objects.create(wilayah_id=wilayah_id, month=month)


def state_for_share(wilayah_id, month):
    """The Period.State of a month (its first day), held until this transaction ends; None when it has no row yet."""
    with connection.cursor() as cursor:
        # Django's select_for_update knows no FOR SHARE, and FOR UPDATE would queue every writer of the month.
        cursor.execute(
            "SELECT state FROM entries_period WHERE wilayah_id = %s AND month = %s FOR SHARE",
            [wilayah_id, month],
        )
        row = cursor.fetchone()
    return row[0] if row else None
