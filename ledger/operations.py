"""Taking an entry exactly once, and holding what can't be taken (contract C2)."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from pkh_casework.media import keep_photos
from wilayah.clock import local_today

from .models import HeldEntry, LateWrite, Period, Receipt


class OtherContent(Exception):
    """The `op_id` was taken before with other content or by somebody else; `receipt` is the earlier one's."""

    def __init__(self, receipt):
        super().__init__("op_id taken with other content")
        self.receipt = receipt


class MonthLocked(Exception):
    """The month of the entry is closed for the area."""

    def __init__(self, wilayah_id, month):
        super().__init__(f"{wilayah_id} {month}")
        self.wilayah_id, self.month = wilayah_id, month


def content_hash(content):
    """SHA-256 (hex) of `content`, a dict of JSON-able values, whatever the order of its keys."""
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def take_receipt(*, op_id, author, kind, content, object_id):
    """Claim `op_id` for this entry; returns (Receipt, is_new).

    Call it first inside the transaction that stores the entry: a second request with the same id waits on the unique
    index until that transaction ends. Not new means a replay: answer as the first time, from `receipt.object_id`.
    Raises OtherContent when the id is known with another content, kind or author.
    """
    digest = content_hash(content)
    receipt = Receipt(
        op_id=op_id,
        author=author,
        kind=kind,
        content_hash=digest,
        object_id=object_id,
        received_at=timezone.now(),
    )
    with connection.cursor() as cursor:
        # The ORM's ignore_conflicts gives no number back, and get_or_create would fail the transaction first.
        cursor.execute(
            "INSERT INTO ledger_receipt (op_id, author_id, kind, content_hash, received_at, object_id)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (op_id) DO NOTHING RETURNING number",
            [op_id, author.pk, kind, digest, receipt.received_at, object_id],
        )
        row = cursor.fetchone()
    if row:
        receipt.number = row[0]
        receipt._state.adding = False
        return receipt, True
    earlier = Receipt.objects.get(op_id=op_id)
    if (earlier.author_id, earlier.kind, earlier.content_hash) != (author.pk, kind, digest):
        raise OtherContent(earlier)
    return earlier, False


def hold_entry(*, op_id, author, kind, payload, reason, wilayah_id, files=(), content=None):
    """Keep an entry that can't be taken, whole with its photos (`files`, CleanPhoto) and once; returns the HeldEntry.

    `content` tells one sending from another where `payload` is never the same twice, since numbers in it are sealed.
    Comes last in its transaction (see keep_photos).
    """
    held, _ = HeldEntry.objects.get_or_create(
        op_id=op_id,
        content_hash=content_hash(payload if content is None else content),
        defaults={
            "author": author,
            "kind": kind,
            "payload": payload,
            "reason": reason,
            "wilayah_id": wilayah_id,
        },
    )
    keep_photos(files, held.files)
    return held


def resolve_entry(held, *, by, note, decision=HeldEntry.Decision.CLOSED):
    """Store a koordinator's decision on a held entry; returns whether it was the first, the one that counts."""
    waiting = HeldEntry.objects.filter(pk=held.pk).waiting()
    return bool(waiting.update(resolved_at=timezone.now(), resolved_by=by, note=note, decision=decision))


def open_month(wilayah_id, day, *, late=False):
    """Hold the month of `day` in area `wilayah_id` open until this transaction ends (FOR SHARE).

    Raises MonthLocked, unless what is written is let in `late` by a koordinator. The row is made at the month's first
    entry, so that a locker always finds one to lock. A month that is over is marked as written to.
    """
    month = day.replace(day=1)
    state = state_for_share(wilayah_id, month)
    if state is None:
        Period.objects.bulk_create([Period(wilayah_id=wilayah_id, month=month)], ignore_conflicts=True)
        state = state_for_share(wilayah_id, month)
    if state == Period.State.LOCKED and not late:
        raise MonthLocked(wilayah_id, month)
    if month < local_today(wilayah_id).replace(day=1):
        LateWrite.objects.create(wilayah_id=wilayah_id, month=month)


def state_for_share(wilayah_id, month):
    """The Period.State of a month (its first day), held until this transaction ends; None when it has no row yet."""
    with connection.cursor() as cursor:
        # Django's select_for_update knows no FOR SHARE, and FOR UPDATE would queue every writer of the month.
        cursor.execute(
            "SELECT state FROM ledger_period WHERE wilayah_id = %s AND month = %s FOR SHARE",
            [wilayah_id, month],
        )
        row = cursor.fetchone()
    return row[0] if row else None
