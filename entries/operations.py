"""A write of the house: one submission is one operation, one receipt and one transaction (contract C2)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from inspect import signature
from typing import Any

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from pkh_casework.ids import uuid7

from .models import Receipt

SEALED = {"nik", "no_kk"}  # their columns tell nothing; the blind index beside them stands for the number


class Refused(Exception):
    """A change that what is stored does not allow; the text is for the person at the form, `field` where it belongs."""

    def __init__(self, text, field=None):
        super().__init__(text)
        self.text, self.field = text, field


class ChangedMeanwhile(Exception):
    """The row is not what the person saw when the form was opened; `row` is what is stored now."""

    def __init__(self, row):
        super().__init__("changed since the form was opened")
        self.row = row


class OtherContent(Exception):
    """The `op_id` was taken before with other content or by somebody else; `receipt` is the earlier one's."""

    def __init__(self, receipt):
        super().__init__("op_id taken with other content")
        self.receipt = receipt


def why_not(act: Callable[[], Any]) -> str:
    """ "" where `act`, an operation, was done; else why it was refused, in words. In a transaction of its own, so that of many
    one that fails stops no other.
    """
    try:
        with transaction.atomic():
            act()
    except (Refused, OtherContent) as refusal:
        return getattr(refusal, "text", "Sudah dikirim dengan isi lain.")
    return ""


# --- the operation ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What the receipts of one kind of entry are for: its name for people, and the model of Receipt.object_id, None
    where they name no object.
    """

    title: str
    about: type[models.Model] | None


KINDS: dict[str, Kind] = {}


def operation(
    write: Callable | None = None,
    *,
    kind: str = "",
    title: str = "",
    makes: type[models.Model] | None = None,
    about: type[models.Model] | None = None,
    by_its: str = "pk",
    again: Callable | None = None,
    checks_keys: bool = True,
) -> Any:
    """A write in one transaction, whose rows in the field history carry the name of `by`, in a request or outside.

    With a `kind`, called `title` on the pages of receipts, it is what one submission asks for: it is then called with
    the `op_id` of the tap as well, and with `sent`, a text that stands for what was sent (None: the tap and the row do),
    and stores once for both. A resend changes nothing and gets the answer of the first time: the row that was made
    (`makes`: the write gets its id as `pk`), else the row it is `about`, the first argument, whose id, or what stands
    in `by_its` of it, the receipt keeps; or what `again(receipt, *args)` gives. The write itself gets `op_id`, `pk` and
    `receipt` where it names them; one that keeps files checks its keys itself before (check_keys_now), without
    `checks_keys`. Who needs the Receipt gives `taken`, which is called with it. Raises OtherContent when the id was
    taken by another entry.
    """
    if write is None:
        return partial(
            operation,
            kind=kind,
            title=title,
            makes=makes,
            about=about,
            by_its=by_its,
            again=again,
            checks_keys=checks_keys,
        )
    if not kind:

        @wraps(write)
        def named(*args, by: User, **said):
            with transaction.atomic(), pghistory.context(user=by.pk):
                return write(*args, by=by, **said)

        return named

    said = Kind(title, makes or about)
    if KINDS.setdefault(kind, said) != said:
        raise ValueError(f"two kinds of entry are called {kind}")
    asked = signature(write).parameters.keys() & {"op_id", "pk", "receipt"}

    @wraps(write)
    def once(*args, by: User, op_id, sent: str | None = None, taken: Callable | None = None, **said):
        pk = uuid7() if makes else None
        row = next(iter(args or said.values()), None)
        object_id = getattr(row, by_its) if about else pk
        with transaction.atomic(), pghistory.context(user=by.pk):
            receipt, is_new = take_receipt(
                op_id=op_id,
                author=by,
                kind=kind,
                content={"sent": sent or f"{op_id} {object_id if about else ''}"},
                object_id=object_id,
            )
            receipt.is_resend = not is_new
            if taken:
                taken(receipt)
            if is_new:
                offered = {"op_id": op_id, "pk": pk, "receipt": receipt}
                answer = write(*args, by=by, **{name: offered[name] for name in asked}, **said)
                if checks_keys:
                    check_keys_now()
                return answer
            if again:
                return again(receipt, *args)
            return makes._default_manager.get(pk=receipt.object_id) if makes else row

    return once


def check_keys_now():
    """Foreign keys are deferred to COMMIT; a bad id must be an error here, not one that a phone repeats for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


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
            "INSERT INTO entries_receipt (op_id, author_id, kind, content_hash, received_at, object_id)"
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


def earlier_receipt(author, op_id, sent):
    """The Receipt of what `author` sent under `op_id`, just as `sent` stands for it, when it was stored before, or None."""
    known = {"op_id": op_id, "content_hash": content_hash({"sent": sent})}
    receipt = Receipt.objects.filter(author=author, **known).first()
    if receipt:
        receipt.is_resend = True
    return receipt


def content_hash(content):
    """SHA-256 (hex) of `content`, a dict of JSON-able values, whatever the order of its keys."""
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def locked(rows, pk):
    """The row `pk` of `rows`, a manager or queryset, as it is stored now, held until the end of the transaction."""
    return rows.select_for_update(of=["self"], no_key=True).get(pk=pk)


# --- what a person saw ------------------------------------------------------------------------------------------------


def version_of(row, *, but=frozenset()) -> str:
    """A mark (hex) that changes whenever one of the fields of `row` that a form offers (its `OFFERED`, `but` some)
    changes. It tells nothing of the values.
    """
    names = [name for name in row.OFFERED if name not in but]
    fields = [row._meta.get_field(f"{name}_index" if name in SEALED else name) for name in names]
    values = {field.name: _plain(getattr(row, field.attname)) for field in fields}
    digest = content_hash({"pk": str(row.pk), **values})
    return salted_hmac("kpm.version", digest, algorithm="sha256").hexdigest()[:32]


def _plain(value):
    if isinstance(value, models.Model):
        return str(value.pk)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def newest_receipt(row, *, but=None) -> str:
    """The number of the newest receipt of an entry that only its author (`pendamping`) corrects, as text: what a form
    for correcting it was opened with. That of the tap `but` does not count.
    """
    receipts = Receipt.objects.filter(author=row.pendamping_id, object_id=row.pk).exclude(op_id=but)
    return str(receipts.aggregate(newest=Max("number"))["newest"] or "")


def refuse_if_corrected(row, seen: str, op_id) -> None:
    """Raise ChangedMeanwhile when `row`, locked, was corrected by another tap than `op_id` since `seen` was newest."""
    if seen and seen != newest_receipt(row, but=op_id):
        raise ChangedMeanwhile(row)
