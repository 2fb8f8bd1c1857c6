"""One way to store what a form sent, for every form of the house (contract C2)."""

import hashlib
import json
from uuid import UUID

from django.contrib import messages
from django.utils.crypto import salted_hmac

from pkh_casework.forms import TapForm

from .models import HeldEntry
from .months import MonthLocked
from .operations import ChangedMeanwhile, OtherContent, Refused, earlier_receipt

NO_CONTENT = {"csrfmiddlewaretoken", "checked"}  # other with each try of the same entry
SHOWN_ONLY = "buka_lagi"  # a form that comes back to its author: shown as it was sent, stored at the next tap
CHANGED = "Perubahan disimpan. Versi lama tetap ada di riwayat."
TAKEN = (
    "Isian ini sudah tersimpan sebelumnya dengan isi lain. Periksa dulu, lalu simpan lagi bila memang baru."
)


class CannotBeTaken(Exception):
    """What was sent can't be stored and its sender can't correct it; `reason` is a HeldEntry.Reason, `form` what was
    filled in where the page of it can't be opened any more, `wilayah_id` the area whose koordinator decides when that
    is not the sender's.
    """

    def __init__(self, reason, form=None, *, wilayah_id=None):
        super().__init__(reason)
        self.reason, self.form, self.wilayah_id = reason, form, wilayah_id


def submit(request, form, write):
    """The Receipt of a submission that `write`, an operation, stored, now or when it was sent before; None for a page
    just opened and for what is to be corrected first, with the words on the form. It stands in `request.receipt` too.

    `form` is a OneTap: `write` gets what its `entry()` gives. Raises CannotBeTaken for what its sender can't correct.
    """
    if request.method != "POST" or is_only_shown(request):
        return None
    sent, receipts = mark_of(request), []
    if not form.is_valid():
        # What was stored the first time may no longer pass: the family has joined, the pengurus is one already.
        return earlier_receipt(request.user, form.op_id, sent)
    if is_at_the_page(request) and form.ask_about_days():
        return earlier_receipt(request.user, UUID(request.POST["op_id"]), sent)
    try:
        write(by=request.user, sent=sent, taken=receipts.append, **form.entry())
    except ChangedMeanwhile as changed:
        form.compare(changed.row)
    except Refused as refusal:
        form.refuse(refusal)
    except OtherContent as conflict:
        if request.user.wilayah_id and (form.keeps_both or is_queued(request)):
            raise CannotBeTaken(HeldEntry.Reason.OTHER_CONTENT, form) from conflict
        form.already_taken(TAKEN)
    except MonthLocked as locked:
        raise CannotBeTaken(HeldEntry.Reason.MONTH_LOCKED, form, wilayah_id=locked.wilayah_id) from locked
    else:
        request.receipt = receipts[0]
        return request.receipt
    return None


def thank(request, receipt, words):
    """Tell that the entry arrived, with the short code that people read to each other."""
    messages.success(request, f"{words} Kode tanda terima {receipt.code}.", extra_tags=str(receipt.op_id))


def tap(request, write):
    """(the Receipt of a write that is one tap on a page, what the write answered); (None, None) where it could not be,
    which is told.
    """
    answers = []
    form = TapForm(request.POST, user=request.user, today=None)
    receipt = submit(request, form, lambda **said: answers.append(write(**said)))
    if receipt is None:
        for words in form.errors.values():
            messages.error(request, " ".join(words))
    return receipt, next(iter(answers), None)


# --- what was sent ----------------------------------------------------------------------------------------------------


def is_queued(request):
    """Whether a form was sent by a machine that asks for the named answer: nobody sits at the page to correct it."""
    return request.method == "POST" and "application/json" in request.headers.get("Accept", "")


def is_at_the_page(request):
    """Whether a person sits at the page that was sent, who can be asked."""
    return not is_queued(request) and not getattr(request, "is_again", False)


def is_only_shown(request):
    """Whether the form that was sent is to be shown again as it is, and not to be stored yet."""
    return SHOWN_ONLY in request.POST


def op_id_of(request):
    """The id of the tap that a form was sent with, or None."""
    try:
        return UUID(request.POST["op_id"])
    except (KeyError, ValueError):
        return None


def mark_of(request):
    """Stands for what was sent, and to which page. With a key, since it holds identity numbers, which could be guessed
    from a plain hash.
    """
    files = {name: [digest_of(upload) for upload in uploads] for name, uploads in request.FILES.lists()}
    return mark_of_sent(request.path, request.POST, files)


def mark_of_sent(path, sent, files):
    """mark_of the fields `sent` (a QueryDict) to the page at `path`, with `files`, {name: [SHA-256 (hex) of each]}."""
    lists = sorted((name, values) for name, values in sent.lists() if name not in NO_CONTENT)
    digests = sorted((name, sorted(of_name)) for name, of_name in files.items())
    content = [path, lists, *([digests] if digests else [])]
    return salted_hmac("kpm.sent", json.dumps(content), algorithm="sha256").hexdigest()


def digest_of(upload):
    """SHA-256 (hex) of an UploadedFile, from its beginning; it is read from there again afterwards."""
    upload.seek(0)
    digest = hashlib.file_digest(upload.file, "sha256").hexdigest()
    upload.seek(0)
    return digest


# --- what stands against it -------------------------------------------------------------------------------------------


def shown_by(response):
    """What the page that answers was given to show, {} for an answer that is no such page."""
    return getattr(response, "context_data", None) or {}


def errors_of(response):
    """{field: [words]} of the form on the page that answers: what is wrong, doubts to look at and what changed meanwhile;
    what is about no field stands under "".
    """
    form = shown_by(response).get("form")
    if form is None or not form.is_bound:
        return {}
    errors = {"" if name == "__all__" else name: list(words) for name, words in form.errors.items()}
    for doubt in getattr(form, "doubts", ()):
        errors.setdefault(doubt.field or "", []).append(doubt.text)
    for name, words in getattr(form, "differences", {}).items():
        errors.setdefault(name, []).append(words)
    return errors
