"""A form as it was sent: kept whole when it can't be taken, sent once more through its own page when it is let in.

Whatever the form is about, nothing here knows it: what was sent is an address and fields, and what they are called
stands on the page of the form.
"""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import date
from html import unescape
from uuid import UUID

import pgtrigger
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac
from django.utils.datastructures import MultiValueDict

from accounts.kept import IDENTITY_NUMBERS
from accounts.models import User
from pkh_casework.fields import identity_keys, seal, unseal
from pkh_casework.ids import uuid7
from pkh_casework.images import clean_photo
from pkh_casework.policy import POLICY
from pkh_casework.templatetags.formats import tanggal

from .models import HeldEntry, Receipt
from .operations import content_hash, hold_entry

KIND = "isian"
NO_CONTENT = {"csrfmiddlewaretoken", "checked"}  # other with each try of the same entry
SHOWN_ONLY = "buka_lagi"  # a form that comes back to its author: shown as it was sent, stored at the next tap
NOT_SAID = {*NO_CONTENT, SHOWN_ONLY, "op_id", "version", "kembali"}
TAP = "Ketukan di halaman keluarga"  # a form that has no page of its own
NAMES = {"kpm": "Keluarga"}  # of rows of a page that are no fields of its form
CLOSED_NOW = "Isian ini tidak terbuka lagi bagi Anda, karena keluarganya sudah dialihkan. Sampaikan perbaikannya lewat koordinator."
MASK = "•••• (nomor identitas)"
WORDS = {
    HeldEntry.Reason.OTHER_CONTENT: (
        "Isian ini sudah pernah diterima dengan isi yang berbeda. Kedua versi disimpan; versi ini menunggu "
        "diperiksa di Titipan."
    ),
    HeldEntry.Reason.MONTH_LOCKED: (
        "Laporan bulan itu sudah dikunci. Isian Anda aman di Titipan dan menunggu koordinator."
    ),
    HeldEntry.Reason.HANDED_OVER: (
        "Keluarga ini sudah dialihkan ke pendamping lain. Isian Anda aman di Titipan dan menunggu koordinator."
    ),
    HeldEntry.Reason.TOO_LATE: (
        "Waktu untuk mengubahnya sudah lewat. Isian Anda aman di Titipan dan menunggu koordinator."
    ),
}


class CannotBeTaken(Exception):
    """What was sent can't be stored and its sender can't correct it; `reason` is a HeldEntry.Reason, `form` what was
    filled in where the page of it can't be opened any more.
    """

    def __init__(self, reason, form=None):
        super().__init__(reason)
        self.reason, self.form = reason, form


class HoldWhatCannotBeTaken:
    """Middleware: a form for a family handed over while it was filled in, or that comes too late, is held, not lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        if isinstance(exception, CannotBeTaken):
            return _hold(request, exception.reason, exception.form)
        if isinstance(exception, Http404) and request.user.is_pendamping and not request.rule.open:
            if is_only_shown(request):  # nothing new was typed
                messages.warning(request, CLOSED_NOW)
                return redirect("sync:held_list")
            # What the asker may open and not do is refused; what was open to the asker before is held.
            is_open = _page_of_the_form(request, former=False) is not None
            return None if is_open else _hold(request, HeldEntry.Reason.HANDED_OVER)
        return None


def is_only_shown(request):
    """Whether the form that was sent is to be shown again as it is, and not to be stored yet."""
    return SHOWN_ONLY in request.POST


def mark_of(request):
    """Stands for what was sent, and to which page. With a key, since it holds identity numbers, which could be guessed
    from a plain hash.
    """
    lists = sorted((name, values) for name, values in request.POST.lists() if name not in NO_CONTENT)
    files = sorted((name, sorted(map(_digest, values))) for name, values in request.FILES.lists())
    content = [request.path, lists, *([files] if files else [])]
    return salted_hmac("kpm.sent", json.dumps(content), algorithm="sha256").hexdigest()


def _digest(upload):
    digest = hashlib.file_digest(upload.file, "sha256").hexdigest()
    upload.seek(0)
    return digest


# --- holding ----------------------------------------------------------------------------------------------------------


def _hold(request, reason, form=None):
    """Hold what was sent and say so; None when the asker could never have opened the form."""
    page = _page_of_the_form(request)
    if page is None:
        return None
    op_id = op_id_of(request) or uuid7()
    content = {"sent": mark_of(request)}
    known = Receipt.objects.filter(author=request.user, op_id=op_id, content_hash=content_hash(content))
    if receipt := known.first():
        words = f"Isian ini sudah diterima sebelumnya. Kode tanda terima {receipt.code}."
        messages.success(request, words, extra_tags=str(op_id))
        return redirect("desk:today")
    photos, spoilt = _photos(request.FILES)
    with transaction.atomic():
        held = hold_entry(
            op_id=op_id,
            author=request.user,
            kind=KIND,
            payload=_payload(request, page, op_id, form)
            | {"files": [(name, photo.sha256) for name, photo in photos]},
            reason=reason,
            wilayah_id=request.user.wilayah_id,
            files=[photo for _, photo in photos],
            content=content,
        )
    request.held = held
    words = " ".join([WORDS[reason], *(f"Foto {name} tidak terbaca, jadi tidak ikut." for name in spoilt)])
    messages.warning(request, words, extra_tags=str(op_id))
    return redirect("sync:held_detail", pk=held.pk)


def op_id_of(request):
    """The id of the tap that a form was sent with, or None."""
    try:
        return UUID(request.POST["op_id"])
    except (KeyError, ValueError):
        return None


def _page_of_the_form(request, *, former=True):
    """What the page of the form answers to the asker, as who held the family before or (not `former`) as of now; None
    when that is nothing.

    Asked in a transaction that is taken back. A tick has no page of its own, so it is tried itself.
    """
    for method in ("GET", "POST"):
        again = _again(request, request.user, request.get_full_path(), method, former=former)
        match = again.resolver_match
        with transaction.atomic():
            try:
                page = match.func(again, *match.args, **match.kwargs)
                if hasattr(page, "render"):
                    page.render()
            except (Http404, CannotBeTaken):
                return None
            finally:
                transaction.set_rollback(True)
        if page.status_code != 405:
            return page
    return None


def _payload(request, page, op_id, form):
    fields = {name: values for name, values in request.POST.lists() if name not in NO_CONTENT | {SHOWN_ONLY}}
    for name in IDENTITY_NUMBERS & fields.keys():
        fields[name] = _sealed(fields[name], op_id, name)
    title = re.search(r"<title>(.*?)( ·|</title>)", page.content.decode()) if not page.streaming else None
    shown = _shown(page)
    about = shown.get("household") or getattr(shown.get("goal"), "household", None)
    return {
        "path": request.get_full_path(),
        "fields": {name: [value.replace("\0", "") for value in values] for name, values in fields.items()},
        "title": unescape(title[1]).strip() if title else TAP,
        "facts": [
            *([(NAMES["kpm"], about.case_number)] if about else []),
            *_facts(request.POST, form or shown.get("form")),
        ],
    }


def _shown(response):
    """What the page that answers was given to show, {} for an answer that is no such page."""
    return getattr(response, "context_data", None) or {}


def _facts(sent, form):
    """[(what a field is called, what was sent in it), ...] for people; numbers of identity stay out of sight."""
    fields, facts = form.fields if form else {}, []
    for name, values in sent.lists():
        field = fields.get(name)
        if name in NOT_SAID or (field and field.widget.is_hidden):
            continue
        said = ", ".join(_words(field, filter(None, values))).replace("\0", "")
        if said:
            label = str(field.label or name) if field else NAMES.get(name, name)
            facts.append((label, MASK if name in IDENTITY_NUMBERS else said))
    return facts


def _words(field, values):
    """What was sent in a field, for people: the words of a choice, a day as it is written here, else as it came."""
    choices = {str(one): str(words) for one, words in getattr(field, "choices", ())}
    for value in values:
        words = choices.get(value, value)
        if isinstance(field, forms.DateField):
            with suppress(ValueError):
                words = tanggal(date.fromisoformat(value))
        yield words


def _sealed(values, op_id, name):
    return [b64encode(seal(value, _context(op_id, name))).decode() for value in values]


def reseal_held():
    """Seal the identity numbers in held forms with the current keys, those of their history too: (rows read, written).

    Raises NumberUnreadable when no known key opens one.
    """
    read = written = 0
    current = int(identity_keys()["current"]["encryption"])
    for model in (HeldEntry, HeldEntry.pgh_event_model):
        triggers = [f"{model._meta.label}:{trigger.name}" for trigger in model._meta.triggers]
        for row in model.objects.filter(kind=KIND).order_by("pk"):
            numbers = fields_of(row)
            stale = {
                name: _sealed(numbers[name], row.op_id, name)
                for name in IDENTITY_NUMBERS & numbers.keys()
                if any(b64decode(value)[1] != current for value in row.payload["fields"][name])
            }
            read += 1
            if stale:
                fields = row.payload["fields"] | stale
                # The number is no other: the history gets no new version, and its own rows may be written for once.
                with pgtrigger.ignore(*triggers):
                    model.objects.filter(pk=row.pk).update(payload=row.payload | {"fields": fields})
                written += 1
    return read, written


def _context(op_id, name):
    return f"ledger.heldentry:{name}:{op_id}"


def _photos(files):
    """([(field, CleanPhoto)] of the pictures that were sent; the names of those that are none)."""
    photos, spoilt = [], []
    for name, uploads in files.lists():
        for upload in uploads:
            try:
                photos.append((name, clean_photo(upload)))
            except ValidationError:
                spoilt.append(upload.name)
    return photos, spoilt


# --- reading, and sending again ---------------------------------------------------------------------------------------


def fields_of(held):
    """The fields of a held form as they were sent: {name: [text]}."""
    fields = dict(held.payload["fields"])
    for name in IDENTITY_NUMBERS & fields.keys():
        fields[name] = [unseal(b64decode(value), _context(held.op_id, name)) for value in fields[name]]
    return fields


@dataclass(frozen=True)
class SentAgain:
    """What became of a form that was sent again: the Receipt, or why it can't be stored, in words."""

    receipt: Receipt | None
    faults: list


def send_again(held, request):
    """Send a held form once more in its author's name, as if the family were still the author's, within the request of
    the koordinator who lets it in. Returns SentAgain.
    """
    author = User.objects.get(pk=held.author_id)
    try:
        again = _again(request, author, held.payload["path"], "POST")
    except Resolver404:
        return SentAgain(None, ["Halaman isian ini tidak ada lagi."])
    fields = fields_of(held)
    if Receipt.objects.filter(op_id=held.op_id).exists():  # the same tap was taken with other words
        fields["op_id"] = [str(uuid7())]
    op_id = fields.setdefault("op_id", [str(held.op_id)])[0]
    again.POST = _query(fields)
    again._files = _uploads(held)
    try:
        with transaction.atomic():
            response = again.resolver_match.func(
                again, *again.resolver_match.args, **again.resolver_match.kwargs
            )
    except Http404:
        return SentAgain(None, ["Keluarga atau isian yang dimaksud tidak ada lagi."])
    except CannotBeTaken as refused:
        return SentAgain(None, [WORDS[refused.reason]])
    receipt = Receipt.objects.filter(op_id=op_id, author=author).first()
    return SentAgain(receipt, [] if receipt else _faults(response))


def errors_of(response):
    """{field: [words]} of the form on the page that answers: what is wrong, doubts to look at and what changed meanwhile;
    what is about no field stands under "".
    """
    form = _shown(response).get("form")
    if form is None or not form.is_bound:
        return {}
    errors = {"" if name == "__all__" else name: list(words) for name, words in form.errors.items()}
    for doubt in getattr(form, "doubts", ()):
        errors.setdefault(doubt.field or "", []).append(doubt.text)
    for name, words in getattr(form, "differences", {}).items():
        errors.setdefault(name, []).append(words)
    return errors


def _faults(response):
    fields, faults = getattr(_shown(response).get("form"), "fields", {}), []
    for name, words in errors_of(response).items():
        label = fields[name].label if name in fields else ""
        faults += [f"{label}: {word}" if label else str(word) for word in words]
    return faults or ["Isinya tidak bisa disimpan apa adanya. Kembalikan ke pengirim dengan catatan."]


class _Unheard:
    """Takes the place of the messages of a request that nobody sees answered."""

    def add(self, *args, **kwargs):
        """Say nothing."""

    def __iter__(self):
        return iter(())


def _again(request, user, address, method, *, former=True):
    """A copy of `request` in which `user`, as who once held a family, asks for `address` by `method`."""
    sent, files = request.POST, request.FILES  # read once, before there are two that would
    again = copy(request)
    path, _, query = address.partition("?")
    again.method, again.path, again.path_info = method, path, path
    again.resolver_match, again.GET = resolve(path), QueryDict(query)
    again.rule = POLICY[again.resolver_match.view_name]
    again.user = User.objects.get(pk=user.pk)
    again.user.is_asked_as_former_holder = former
    again._messages = _Unheard()
    again.POST, again._files = (QueryDict(), MultiValueDict()) if method == "GET" else (sent, files)
    return again


def _query(fields):
    query = QueryDict(mutable=True)
    for name, values in fields.items():
        query.setlist(name, values)
    return query


def _uploads(held):
    """The photos of a held form, each in the field that it was sent in."""
    files, uploads = {file.sha256: file for file in held.files.all()}, MultiValueDict()
    for name, sha256 in held.payload["files"]:
        with files[sha256].file.open("rb") as stored:
            picture = SimpleUploadedFile(f"{sha256[:12]}.jpg", stored.read(), "image/jpeg")
        uploads.appendlist(name, picture)
    return uploads
