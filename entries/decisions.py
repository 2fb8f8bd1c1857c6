"""Deciding about what is held: let in, given back, written down for another family, or closed with a reason."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from pkh_casework.ids import uuid7
from wilayah.clock import as_of

from .forms import CASE
from .holding import WORDS, asked_again, fields_of, query_of
from .models import HeldEntry, Receipt
from .operations import KINDS, Refused, operation
from .submit import CannotBeTaken, errors_of, shown_by
from .trail import history_of_its_own

Decision = HeldEntry.Decision
DECIDED = "Titipan ini sudah diputuskan."
OWN = "Kiriman sendiri diputuskan koordinator lain."
AS_IT_IS = "Isinya tidak bisa disimpan apa adanya. Kembalikan ke pengirim dengan catatan."
GONE = "Halaman isian ini tidak ada lagi. Tutup titipannya dengan catatan."
NOT_OF_ONE = "Isian ini hanya bisa untuk keluarga yang tertulis. Kembalikan dengan catatan."


@operation
def accept(held: HeldEntry, *, by: User, request, note: str = "") -> Receipt:
    """Store what was sent in its author's name, as it was sent; returns the author's Receipt.

    `request` is the one in which `by` decides. Raises Refused with all that stands against it.
    """
    receipt = send_again(waiting(held, by), request)
    resolve_entry(held, by=by, note=note, decision=Decision.ACCEPTED)
    return receipt


@operation
def attach(held: HeldEntry, *, by: User, request, case: str, note: str = "") -> Receipt:
    """Store what was sent for the family with the number `case`, which `by` may open, instead of the one it was sent
    for, in its author's name. Raises Refused.
    """
    stored = waiting(held, by)
    receipt = send_again(stored, request, case=case)
    if not Receipt.objects.filter(op_id=held.op_id).exists():
        # Whoever sends it once more gets the answer of what it became.
        said = {"author": stored.author, "kind": receipt.kind, "object_id": receipt.object_id}
        Receipt.objects.create(op_id=held.op_id, content_hash=held.content_hash, **said)
    words = f"Dicatat untuk {case}. {note}".strip()
    resolve_entry(held, by=by, note=words, decision=Decision.ATTACHED)
    return receipt


@operation
def give_back(held: HeldEntry, *, by: User, note: str) -> None:
    """Give an entry back to its author, who can open it again and send it anew. Raises Refused."""
    resolve_entry(waiting(held, by), by=by, note=note, decision=Decision.RETURNED)


@operation
def close(held: HeldEntry, *, by: User, note: str) -> None:
    """Decide that an entry is not stored, with the reason. Raises Refused."""
    resolve_entry(waiting(held, by), by=by, note=note, decision=Decision.CLOSED)


def waiting(held: HeldEntry, by: User) -> HeldEntry:
    """The entry as stored, held until the end of the transaction. Raises Refused when it is decided or `by`'s own."""
    stored = HeldEntry.objects.select_for_update(of=["self"]).select_related("author").get(pk=held.pk)
    if stored.resolved_at:
        raise Refused(DECIDED)
    if stored.author_id == by.pk:
        raise Refused(OWN)
    return stored


def resolve_entry(held, *, by, note, decision=Decision.CLOSED):
    """Store a koordinator's decision on a held entry; returns whether it was the first, the one that counts."""
    entries = HeldEntry.objects.filter(pk=held.pk).waiting()
    return bool(entries.update(resolved_at=timezone.now(), resolved_by=by, note=note, decision=decision))


# --- sending again ----------------------------------------------------------------------------------------------------


def send_again(held: HeldEntry, request, *, case: str = "") -> Receipt:
    """Send a held form once more in its author's name, as if the family were still the author's, within the request of
    the koordinator who lets it in; with `case` for the family of that number. Returns the Receipt, raises Refused with
    all that stands against it.
    """
    is_backup = held.reason == HeldEntry.Reason.BACKUP
    # What its phone sent by itself meanwhile is the same entry, in whatever words.
    known = {"op_id": held.op_id} | ({} if is_backup else {"content_hash": held.content_hash})
    receipt = Receipt.objects.filter(author=held.author, **known).first()
    # Of entries held in an earlier release there is a receipt that names nothing.
    if receipt and (receipt.object_id or not KINDS[receipt.kind].about):
        raise Refused("Isian ini sudah tersimpan ketika dikirim ulang. Tutup titipannya dengan catatan.")
    address, fields = held.payload["path"], fields_of(held)
    if case:
        address, fields = _for_another(address, fields, case)
    # The same tap was taken with other words, or is to be for another family.
    taken = case or Receipt.objects.filter(op_id=held.op_id).exists()
    op_id = uuid7() if taken else held.op_id
    fields["op_id"] = [str(op_id)]
    try:
        # The history names a user as soon as a request is given one.
        with transaction.atomic(), as_of(held.received_at), history_of_its_own():
            again = asked_again(request, held.author, address, "POST")
            again.user.is_asked_about = (case, request.user.wilayah_id)
            again.POST, again._files = query_of(fields), _uploads(held)
            match = again.resolver_match
            response = match.func(again, *match.args, **match.kwargs)
    except Resolver404 as gone:
        raise Refused(GONE) from gone
    except Http404 as gone:
        raise Refused("Keluarga atau isian yang dimaksud tidak ada lagi.") from gone
    except CannotBeTaken as refused:
        raise Refused(WORDS[refused.reason]) from refused
    receipt = Receipt.objects.filter(op_id=op_id, author=held.author).first()
    if receipt is None:
        raise Refused(" ".join(_faults(response)))
    if is_backup and not case:
        # The phone holds the entry as it was, with the photos as they were: sent from there, it is known.
        Receipt.objects.filter(pk=receipt.pk).update(content_hash=held.content_hash)
    return receipt


def _for_another(address, fields, case):
    """(address, fields) of a form about one family or several, for the family `case` alone. Raises Refused where it is
    about something else that is that family's.
    """
    meant = {*CASE.findall(address), *(number.upper() for number in fields.get("kpm", []))}
    try:
        named = resolve(address.partition("?")[0]).kwargs
    except Resolver404 as gone:
        raise Refused(GONE) from gone
    if not meant or named.keys() - {"case"}:
        raise Refused(NOT_OF_ONE)
    first = next((number for number in fields.get("kpm", [])), "")
    # What was said of the first family is said of this one, and nothing of the others.
    said = {
        name.replace(first, case) if first else name: values
        for name, values in fields.items()
        if not any(number in name.upper() for number in meant - {first.upper()})
    }
    if first:
        said["kpm"] = [case]
    return CASE.sub(case, address), said


def _faults(response):
    form, faults = shown_by(response).get("form"), []
    fields, rows = getattr(form, "fields", {}), getattr(form, "row_in_words", None)
    for name, words in errors_of(response).items():
        told = rows(name, "") if rows and name not in fields else None
        label = fields[name].label if name in fields else told[0] if told else ""
        faults += [f"{label}: {word}" if label else str(word) for word in words]
    return faults or [AS_IT_IS]


def _uploads(held):
    """The photos of a held form, each in the field that it was sent in."""
    files, uploads = {file.sha256: file for file in held.files.all()}, MultiValueDict()
    for name, sha256 in held.payload["files"]:
        try:
            with files[sha256].file.open("rb") as stored:
                picture = SimpleUploadedFile(f"{sha256[:12]}.jpg", stored.read(), "image/jpeg")
        except FileNotFoundError as gone:
            raise Refused("Fotonya tidak ada lagi. Kembalikan ke pengirim dengan catatan.") from gone
        uploads.appendlist(name, picture)
    return uploads
