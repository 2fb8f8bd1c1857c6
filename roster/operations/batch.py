"""A file of an office on its way: received, read, its columns matched, checked, given up.

The file rests sealed. What takes long is done by a worker that holds a lock of the database for as long as it works;
when it dies, `resume_batches` goes on where it stopped.
"""

import json
import logging
import tempfile
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, F
from django.tasks import task
from django.utils import timezone

from entries.operations import Refused, check_keys_now, locked, operation
from pkh_casework.alone import alone_with
from roster.cells import is_rounded
from roster.columns import (
    HEADING_WITHIN,
    LOOKED_AT,
    guess,
    heading_row,
    mark_of_headings,
    samples,
    text_of,
    what_is_missing,
)
from roster.files import FileRefused, read_file
from roster.files.sealed import keep, open_to
from roster.models import Batch, Layout, SiksFile, StagedFamily, StagedRow
from wilayah.clock import local_today, zone_of

from .checking import check
from .comparing import compare
from .staging import Stager

State = Batch.State
AT_ONCE = 300_000  # bytes; a file so small is read while the sender waits
BYTES_A_ROW = 200  # of a CSV, about
PIECE = 2_000  # rows between two looks at whether it is still wanted
CAN_BE_MATCHED = frozenset({State.MATCHING, State.READY, State.COMPARED})
MOST_STARTS = 4  # of one step: a worker that dies each time is not sent again
LATE = timedelta(minutes=2)  # who waits longer was perhaps never announced to a worker
OLDEST = timedelta(days=30)  # after which the file and what was staged of it are gone
# A row of the desk is decided until the next tahap: what was staged stays so long, the file itself as long as any.
OLDEST_ON_DESK = timedelta(days=120)
NO_HEADINGS = (
    "Baris judul kolom tidak ditemukan di 20 baris pertama. Beri judul tiap kolom, misalnya No KK, Nama, Alamat, "
    "lalu kirim lagi."
)
log = logging.getLogger(__name__)


class Stopped(Exception):
    """Nobody wants the batch any more."""


# --- arriving ---------------------------------------------------------------------------------------------------------


@operation(kind="roster.berkas", title="Berkas KPM", makes=Batch, checks_keys=False)
def receive_file(*, by, pk, upload, sha256):
    """Keep the file that `by` sends (an UploadedFile, with its SHA-256 in hex), sealed; a Batch that is read at once or
    by a worker. The same file on its way already is refused. Raises Refused.
    """
    return keep_file(by=by, pk=pk, upload=upload, sha256=sha256)


def keep_file(*, by, pk, upload, sha256, desk=None, **fields):
    """What receive_file does, of a Batch with these `fields` more; `desk` (fields of SiksFile) makes it one of the desk."""
    known = Batch.objects.visible_to(by).filter(sha256=sha256, state__in=Batch.CAN_BE_CANCELLED).first()
    if known:
        raise Refused(
            f"Berkas yang sama sedang dikerjakan (kode {known.code}). Buka dari daftar di bawah.", "file"
        )
    batch = Batch(
        id=pk, user=by, wilayah_id=by.wilayah_id, name=Path(upload.name).name[:200], sha256=sha256, **fields
    )
    field = Batch._meta.get_field("file")
    with _folder() as folder:
        path = folder / "berkas"
        with path.open("wb") as plain:
            for piece in upload.chunks():
                plain.write(piece)
        batch.file = keep(
            field, field.generate_filename(batch, f"{uuid4().hex}.bin"), path, context_of(batch)
        )
    try:
        batch.save(force_insert=True)
        if desk:
            SiksFile.objects.create(batch=batch, **desk)
        check_keys_now()
        begin(batch, size=upload.size)
    except BaseException:
        field.storage.delete(batch.file.name)
        raise
    return batch


def context_of(batch):
    """What the file of a batch is sealed for."""
    return f"roster.batch:file:{batch.pk}"


@contextmanager
def _folder():
    with tempfile.TemporaryDirectory(prefix="berkas-") as folder:
        yield Path(folder)


@contextmanager
def rows_of(batch):
    """The rows of the file of a batch, an iterator of [line, cells]. Raises FileRefused, Stopped."""
    with _folder() as folder:
        plain, rows = folder / "berkas", folder / "baris.jsonl"
        open_to(batch.file, plain, context_of(batch))
        opened = read_file(plain, batch.name, rows, sheet=batch.sheet, cancelled=partial(_is_over, batch))
        if _is_over(batch):
            raise Stopped
        plain.unlink()
        with rows.open(encoding="utf-8") as lines:
            yield opened, map(json.loads, lines)


def _is_over(batch):
    return not Batch.objects.filter(pk=batch.pk, state=batch.state).exists()


# --- the worker -------------------------------------------------------------------------------------------------------


@task()
def work_on(pk):
    """Do what a batch waits for, as a worker does: alone."""
    go_on(pk)


def go_on(pk):
    """Do what the batch waits for, unless somebody else does; a failure is told on its page."""
    with alone_with(f"berkas {pk}") as is_alone:
        if not is_alone:
            return
        batch = Batch.objects.select_related("user", "wilayah").get(pk=pk)
        if batch.state not in STEPS:
            return
        if batch.starts >= MOST_STARTS:
            _fail(batch, "Server berulang kali berhenti saat mengerjakan berkas ini. Kirim lagi.")
            return
        Batch.objects.filter(pk=pk).update(starts=F("starts") + 1)
        try:
            with suppress(Stopped), timezone.override(zone_of(batch.wilayah_id)):
                STEPS[State(batch.state)](batch)
        except FileRefused as refusal:
            _fail(batch, str(refusal))
        except Exception:
            log.exception("batch %s failed while %s", batch.code, batch.state)
            _fail(
                batch,
                f"Ada gangguan di server. Kirim lagi; bila tetap gagal, sebutkan kode {batch.code} kepada admin.",
            )


def change(batch, **fields):
    """Write `fields` of a batch that is being worked on. Raises Stopped when it is wanted no more."""
    if fields.get("state", batch.state) != batch.state:
        fields |= {"starts": 0, "changed_at": timezone.now()}
    if not Batch.objects.filter(pk=batch.pk, state=batch.state).update(**fields):
        raise Stopped
    for name, value in fields.items():
        setattr(batch, name, value)


def _fail(batch, words):
    failed = Batch.objects.filter(pk=batch.pk, state=batch.state).update(
        state=State.FAILED, words=words[:500]
    )
    if failed:
        _forget(batch)


def _read(batch):
    """Find the headings and what the columns hold; a file read as before goes on to the check by itself."""
    with rows_of(batch) as (opened, rows):
        first = list(islice(rows, HEADING_WITHIN + LOOKED_AT))
    index = heading_row(first)
    if index is None:
        raise FileRefused(NO_HEADINGS)
    below = [cells for _, cells in first[index + 1 :] if cells]
    width = max(map(len, [first[index][1], *below]))
    headings = [text_of(cell).strip()[:80] for cell in first[index][1]]
    headings = [*headings, *[""] * (width - len(headings))]
    headings = [text or f"Kolom {at}" for at, text in enumerate(headings, 1)]
    known = Layout.objects.filter(wilayah=batch.wilayah_id, headings=mark_of_headings(headings)).first()
    fields = known.fields if known and len(known.fields) == width else guess(headings, below)
    batch.columns = [
        {
            "heading": headings[at],
            "field": fields[at],
            "samples": samples(below, at),
            "rounded": is_rounded([cells[at] for cells in below if len(cells) > at]),
        }
        for at in range(width)
    ]
    change(
        batch,
        columns=batch.columns,
        sheet=opened.sheet or "",
        heading_row=first[index][0],
        rows_total=max(opened.rows - first[index][0], 0),
        words=(opened.note or "")[:500],
        state=State.CHECKING if known and not what_is_missing(fields) else State.MATCHING,
    )
    if batch.state == State.CHECKING:
        _stage(batch)


def _stage(batch):
    """Clean the rows, from where an earlier worker stopped, and compare them with the families that are there."""
    stager = Stager(batch, today=local_today(batch.wilayah_id))
    with rows_of(batch) as (_, rows):
        rows = (row for row in rows if row[0] > batch.heading_row)
        for _ in islice(rows, batch.rows_done):
            pass
        while piece := list(islice(rows, PIECE)):
            with transaction.atomic():
                stager.take(piece)
                change(batch, rows_done=batch.rows_done + len(piece))
    with transaction.atomic():
        if SiksFile.objects.filter(batch=batch).exists():
            check(batch, for_desk=True)
            compare(batch)
            # Nothing of it is taken in but by a decision on the desk.
            StagedFamily.objects.filter(batch=batch).update(choice=StagedFamily.Choice.LEAVE)
            change(batch, state=State.COMPARED, totals=totals_of(batch))
            return
        check(batch)
        # What may be there already waits for a person's word.
        doubted = StagedFamily.objects.filter(batch=batch, verdict=StagedFamily.Verdict.DOUBTED)
        doubted.update(choice=StagedFamily.Choice.LEAVE)
        change(batch, state=State.READY, totals=totals_of(batch))


def totals_of(batch):
    """{verdict: families} of what was staged, and the number of persons under "orang"."""
    verdicts = StagedFamily.objects.filter(batch=batch).order_by().values_list("verdict")
    numbers = dict(verdicts.annotate(Count("pk")))
    return {**numbers, "orang": StagedRow.objects.filter(batch=batch).count()}


STEPS = {State.READING: _read, State.CHECKING: _stage}


# --- what a person decides --------------------------------------------------------------------------------------------


@operation(kind="roster.kolom", title="Kolom berkas KPM", about=Batch)
def match_columns(batch, *, by, fields, kelurahan, pendamping):
    """Read the columns of a batch as `fields` (a list, "" for a column that is left out), from now on also those of
    every file of the office with these headings; families without a place or a holder get `kelurahan` and
    `pendamping`. Raises Refused.
    """
    stored = locked(Batch.objects, batch.pk)
    if stored.state not in CAN_BE_MATCHED:
        raise Refused("Berkas ini sudah berjalan terus. Muat ulang halamannya.")
    headings = [column["heading"] for column in stored.columns]
    Layout.objects.update_or_create(
        wilayah_id=stored.wilayah_id,
        headings=mark_of_headings(headings),
        defaults={"fields": fields, "at": timezone.now()},
    )
    forget_staged(stored)
    stored.columns = [
        {**column, "field": field} for column, field in zip(stored.columns, fields, strict=True)
    ]
    stored.default_kelurahan, stored.default_pendamping = kelurahan, pendamping
    stored.state, stored.rows_done, stored.totals = State.CHECKING, 0, {}
    stored.starts, stored.changed_at = 0, timezone.now()
    stored.save()
    begin(stored)
    return stored


def begin(batch, *, size=None):
    """Let the batch go on once this transaction holds: at once when it is small (`size` of its file in bytes, else by its
    rows), else by a worker.
    """
    if (batch.rows_total * BYTES_A_ROW if size is None else size) > AT_ONCE:
        transaction.on_commit(partial(work_on.enqueue, str(batch.pk)))
    else:
        transaction.on_commit(partial(go_on, batch.pk))


@operation(kind="roster.batal", title="Berkas KPM dibatalkan", about=Batch)
def cancel_batch(batch, *, by):
    """Give up a batch of which nothing was taken in yet. Raises Refused."""
    stored = locked(Batch.objects, batch.pk)
    if not stored.can_be_cancelled:
        raise Refused("Berkas ini tidak bisa dibatalkan lagi.")
    stored.state = State.CANCELLED
    stored.save(update_fields=["state"])
    _forget(stored)
    return stored


def _forget(batch):
    """Remove the file and what was staged of it."""
    forget_staged(batch)
    _forget_file(batch)


def _forget_file(batch):
    name = batch.file.name
    Batch.objects.filter(pk=batch.pk).update(file="")
    if name:
        storage = batch.file.storage
        transaction.on_commit(partial(storage.delete, name))


def forget_staged(batch):
    """Remove what was staged of a batch."""
    StagedRow.objects.filter(batch=batch)._raw_delete("default")
    StagedFamily.objects.filter(batch=batch)._raw_delete("default")


# --- after a restart --------------------------------------------------------------------------------------------------


def resume_batches():
    """Announce what a worker that is gone left half done, and what was perhaps never announced; sweep what is old.

    A batch announced twice is done once.
    """
    late = Batch.objects.at_work().filter(changed_at__lt=timezone.now() - LATE)
    for pk in late.values_list("pk", flat=True):
        with alone_with(f"berkas {pk}") as is_alone:
            if is_alone:
                work_on.enqueue(str(pk))
    for batch in Batch.objects.filter(sent_at__lt=timezone.now() - OLDEST).exclude(file=""):
        if batch.state == State.COMPARED:
            _forget_file(batch)
        elif not batch.is_at_work:
            _forget(batch)
            Batch.objects.filter(pk=batch.pk, state__in=Batch.CAN_BE_CANCELLED).update(state=State.CANCELLED)
    on_desk = Batch.objects.filter(state=State.COMPARED, sent_at__lt=timezone.now() - OLDEST_ON_DESK)
    for batch in on_desk.filter(families__isnull=False).distinct():
        forget_staged(batch)
