"""Files that leave the house: asked for, made, cancelled, taken in their time, swept away.

A small file is made within the request. A large one is made by a worker, which holds a lock of the database for as
long as it works: when the worker dies the lock goes with its connection, and `resume_exports` begins the file anew.
"""

import logging
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.http import QueryDict
from django.tasks import task
from django.utils import timezone

from accounts.models import User
from entries.models import AccessLog
from entries.operations import Refused, operation
from pkh_casework.alone import alone_with
from reports.files.lists import lens_of
from reports.files.making import write_list, write_package, write_recap
from reports.models import Export
from wilayah.clock import local_today, zone_of

SMALL = 2000  # rows; so many are written while the asker waits
A_DAY = 30  # files that one person may ask for in a day
LIFE = timedelta(hours=24)
MOST_RESTARTS = 3
LATE = timedelta(minutes=2)  # who waits longer was perhaps never announced to a worker
BEAT, BEAT_ROWS = 0.5, 200  # seconds, and rows at the least, between two looks at whether it is still wanted
ALIVE = (Export.State.WAITING, Export.State.RUNNING, Export.State.READY)
logger = logging.getLogger(__name__)
State = Export.State


class Stopped(Exception):
    """Nobody wants the file any more."""


# --- asking --------------------------------------------------------------------------------------------------------


@operation(kind="reports.ekspor", title="Ekspor", makes=Export)
def ask_export(
    what,
    query,
    *,
    by,
    pk,
    op_id,
    receipt,
    format,
    purpose,
    columns=(),
    numbers_reason="",
    in_background=False,
):
    """Keep that `by` asks for the file of `what` (see Export) with `query`; returns the Export.

    The same file asked for while it is under way is that one. `in_background` leaves it to a worker, told once this
    transaction holds; else the file is made now. Raises Refused past A_DAY files.
    """
    export = Export(
        id=pk,
        op_id=op_id,
        user=by,
        duty=by.duty,
        wilayah_id=by.wilayah_id,
        what=what,
        query=query,
        columns=list(columns),
        format=format,
        purpose=purpose,
        numbers_reason=numbers_reason,
    )
    hold(by)
    if running := _same_under_way(export):
        receipt.object_id = running.pk
        receipt.save(update_fields=["object_id"])
        return running
    keep_asked(export, "reports:export_create", fields=[what, *columns])
    if in_background:
        leave_to_a_worker(export)
    else:
        make(export.pk)
    return export


def hold(user):
    """Hold the account, so that two requests can't share the last file of the day, nor begin the same one."""
    User.objects.select_for_update(of=["self"]).get(pk=user.pk)


def keep_asked(export, route, *, fields):
    """Store what is asked for, and that it was, while its account is held. Raises Refused past A_DAY files."""
    midnight = timezone.make_aware(datetime.combine(local_today(export.wilayah_id), datetime.min.time()))
    if Export.objects.filter(user=export.user, asked_at__gte=midnight, month=None).count() >= A_DAY:
        raise Refused(f"Sudah {A_DAY} berkas diminta hari ini. Coba lagi besok.")
    export.save(force_insert=True)
    note(export, AccessLog.Action.EXPORT, route, fields=fields)


def leave_to_a_worker(export):
    """Let a worker make the file, once this transaction holds."""
    transaction.on_commit(partial(make_export.enqueue, str(export.pk)))


def _same_under_way(export):
    same = ("user", "wilayah", "what", "query", "columns", "format", "purpose", "numbers_reason")
    return Export.objects.under_way().filter(**{name: getattr(export, name) for name in same}).first()


def is_small(rows):
    """Whether `rows` (a queryset) are few enough to be written while the asker waits; counts no further than that."""
    return rows.order_by()[: SMALL + 1].count() <= SMALL


def note(export, action, route, *, fields=(), by=None):
    """Keep in the trail what happened to `export`, for which no request need be there; `by` is mostly its asker."""
    return AccessLog.objects.create(
        user=by or export.user,
        action=action,
        route=route,
        path=export.get_absolute_url(),
        subject=f"ekspor {export.code}",
        fields=[name[:40] for name in fields],
        reason=export.purpose,
    )


# --- making --------------------------------------------------------------------------------------------------------


@task()
def make_export(pk):
    """Make the file as a worker does: alone, and with a word to the asker when it fails."""
    with alone_with(f"ekspor {pk}") as is_alone:
        if not is_alone:
            return
        try:
            make(pk)
        except Exception:
            Export.objects.filter(pk=pk, state=State.RUNNING).update(
                state=State.FAILED, finished_at=timezone.now(), key=None
            )
            raise


def make(pk):
    """Write the file of a waiting Export; nothing happens when it waits no more."""
    waiting = Export.objects.filter(pk=pk, state=State.WAITING)
    if not waiting.update(state=State.RUNNING, rows_done=0, rows_total=None):
        return
    export = Export.objects.select_related("user__wilayah", "wilayah").get(pk=pk)
    user = export.user
    if (user.is_active, user.duty, user.wilayah_id) != (True, export.duty, export.wilayah_id):
        _change(export, state=State.CANCELLED, finished_at=timezone.now())
        return
    with tempfile.TemporaryDirectory(prefix="ekspor-") as folder, timezone.override(zone_of(user.wilayah_id)):
        path = Path(folder) / f"berkas.{export.format}"
        try:
            opened = _write(export, path)
        except Stopped:
            return
        _keep(export, path)
        _note_numbers(export, opened)


def _write(export, path):
    def begin(total):
        _change(export, rows_total=total)
        export.rows_total = total
        if export.is_too_long:
            _change(export, state=State.FAILED, finished_at=timezone.now())
            raise Stopped

    if export.what == Export.RECAP:
        lens = lens_of(QueryDict(export.query), export.user, local_today(export.wilayah_id))
        write_recap(export, path, lens)
        return []
    if export.what == Export.OFFICE:
        with _beside(export) as tell:
            write_package(export, path, begin=partial(tell, "rows_total"), beat=partial(tell, "rows_done"))
        return []
    return write_list(export, path, begin=begin, watched=lambda rows: _watched(export, rows))


def _change(export, **fields):
    """Write `fields` of a file that is being made. Raises Stopped when it is wanted no more."""
    if not Export.objects.filter(pk=export.pk, state=State.RUNNING).update(**fields):
        raise Stopped


@contextmanager
def _beside(export):
    """Gives what writes a number of a file that is being made, over a connection of its own: the one that reads sees the
    database as it was when it began. Raises Stopped when the file is wanted no more.
    """
    other, told = connection.copy(), 0.0
    is_seen = not connection.in_atomic_block  # else nobody sees the file before its end

    def tell(column, number):
        nonlocal told
        setattr(export, column, number)
        if is_seen and (column == "rows_total" or time.monotonic() - told >= BEAT):
            told = time.monotonic()
            with other.cursor() as cursor:
                table = Export._meta.db_table
                statement = f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s AND state = %s'  # noqa: S608
                cursor.execute(statement, [number, export.pk, State.RUNNING])
                if not cursor.rowcount:
                    raise Stopped

    try:
        yield tell
    finally:
        other.close()


def _watched(export, rows):
    """`rows` as they come, with a word now and then on how far they are."""
    told = time.monotonic()
    for done, row in enumerate(rows, 1):
        yield row
        if done % BEAT_ROWS == 0 and time.monotonic() - told >= BEAT:
            told = time.monotonic()
            _change(export, rows_done=done)


def _keep(export, path):
    """Store what was written and say that it is ready."""
    field = Export._meta.get_field("file")
    with path.open("rb") as written:
        name = field.generate_filename(export, f"{uuid4().hex}.{export.format}")
        stored = field.storage.save(name, File(written))
    now = timezone.now()
    try:
        _change(
            export,
            state=State.READY,
            file=stored,
            finished_at=now,
            expires_at=None if export.what == Export.RECAP else now + LIFE,
            covers=export.covers,
            digest=export.digest,
            rows_total=export.rows_total,
            rows_done=export.rows_total or 0,
            key=None,
        )
    except Stopped:
        field.storage.delete(stored)
        raise


def _note_numbers(export, case_numbers):
    """Keep for each family whose identity numbers stand in the file in full that somebody may read them now."""
    sealed = [key for key in export.columns if key in {"no_kk", "nik"}]
    AccessLog.objects.bulk_create(
        AccessLog(
            user=export.user,
            action=AccessLog.Action.REVEAL,
            route="reports:export_create",
            path=export.get_absolute_url(),
            subject=number,
            fields=sealed,
            reason=export.numbers_reason,
        )
        for number in case_numbers
    )


# --- after a restart -----------------------------------------------------------------------------------------------


def resume_exports():
    """Begin anew what a worker that is gone left half made, and announce what was perhaps never announced.

    Returns how many files were announced to the workers. A file announced twice is made once.
    """
    again = []
    for pk in Export.objects.filter(state=State.RUNNING).values_list("pk", flat=True):
        with alone_with(f"ekspor {pk}") as is_alone:
            if is_alone and _begin_anew(pk):
                again.append(pk)
    late = Export.objects.filter(state=State.WAITING, asked_at__lt=timezone.now() - LATE)
    again += late.exclude(pk__in=again).values_list("pk", flat=True)
    for pk in again:
        make_export.enqueue(str(pk))
    return len(again)


def _begin_anew(pk):
    worn_out = When(restarts__gte=MOST_RESTARTS, then=Value(State.FAILED))
    left = Export.objects.filter(pk=pk, state=State.RUNNING)
    left.update(state=Case(worn_out, default=Value(State.WAITING)), restarts=F("restarts") + 1, rows_done=0)
    Export.objects.filter(pk=pk, state=State.FAILED).update(key=None)
    return Export.objects.filter(pk=pk, state=State.WAITING).exists()


# --- the end of a file ---------------------------------------------------------------------------------------------


def cancel_export(export):
    """Give up a file that is under way or ready; returns whether there was still something to give up. A recap that was
    made is kept.

    One that was taken before stays one that was taken.
    """
    alive = Export.UNDER_WAY if export.what == Export.RECAP else ALIVE
    return _end(export, alive, state=State.CANCELLED)


@transaction.atomic
def take_export(export, *, by=None):
    """Hand out a ready file to `by`, mostly its asker; returns (its chunks, its size in bytes), or None when it is not there to be taken (any more).

    It stays until its time is over: a server can't know whether what it sent arrived, and a signal that breaks off is
    no rare thing. Each taking is kept in the trail.
    """
    row = Export.objects.select_for_update(of=["self"]).get(pk=export.pk)
    now = timezone.now()
    if row.state != State.READY or (row.expires_at and row.expires_at <= now):
        return None
    try:
        file = default_storage.open(row.file.name or "")
    except FileNotFoundError:
        logger.exception("the file of export %s is gone before its time", row.code)
        Export.objects.filter(pk=row.pk).update(state=State.GONE, file="")
        return None
    Export.objects.filter(pk=row.pk).update(taken_at=now)
    again = ["lagi"] if row.taken_at else []
    fields = ["unduh", *again, f"{row.rows_done} baris"]
    note(export, AccessLog.Action.EXPORT, "reports:export_take", fields=fields, by=by)
    return _poured(file), file.size


def _poured(file):
    with file:
        yield from file.chunks()


def sweep_exports(now):
    """Remove the files whose time is over; returns how many."""
    over = Export.objects.filter(state=State.READY, expires_at__lte=now)
    return sum(_end(export, [State.READY], state=State.GONE) for export in over)


def _end(export, states, **fields):
    with transaction.atomic():
        row = Export.objects.select_for_update(of=["self"]).filter(pk=export.pk, state__in=states).first()
        if row is None:
            return False
        name = row.file.name
        if row.taken_at:
            fields["state"] = State.TAKEN
        Export.objects.filter(pk=row.pk).update(file="", key=None, finished_at=timezone.now(), **fields)
        if name:
            transaction.on_commit(lambda: default_storage.delete(name))
    return True
