"""A form that can't be taken, kept as it was sent: an address and fields, whole with its photos, until somebody decides.

Whatever the form is about, nothing here knows it: what its fields are called stands on the page of the form.
"""

import re
from base64 import b64decode, b64encode
from contextlib import nullcontext, suppress
from copy import copy
from datetime import date
from html import unescape

import pgtrigger
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.datastructures import MultiValueDict

from accounts.kept import IDENTITY_NUMBERS
from pkh_casework.access import POLICY
from pkh_casework.fields import identity_keys, seal, unseal
from pkh_casework.ids import uuid7
from pkh_casework.images import clean_photo
from pkh_casework.media import keep_photos
from pkh_casework.templatetags.formats import tanggal

from .models import HeldEntry
from .operations import content_hash, earlier_receipt
from .submit import (
    NO_CONTENT,
    SHOWN_ONLY,
    CannotBeTaken,
    is_only_shown,
    mark_of,
    mark_of_sent,
    op_id_of,
    shown_by,
    submit,
)

NOT_KEPT = {"csrfmiddlewaretoken", SHOWN_ONLY}
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
    HeldEntry.Reason.BACKUP: "Isian ini masuk dari cadangan HP. Isian Anda aman di Titipan dan menunggu koordinator.",
}
IN_PART = (
    "Ada keluarga yang sudah dialihkan ke pendamping lain. Catatan untuk keluarga itu aman di Titipan dan menunggu "
    "koordinator."
)


class HoldWhatCannotBeTaken:
    """Middleware: a form for a family handed over while it was filled in, or that comes too late, is held, not lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        is_gone = isinstance(exception, Http404) and request.user.is_pendamping and not request.rule.open
        if not is_gone and not isinstance(exception, CannotBeTaken):
            return None
        request.receipt = None  # of what was stored in a transaction that is taken back by now
        sent = mark_of(request)
        if receipt := earlier_receipt(request.user, op_id_of(request), sent):
            # What was stored the first time is not found any more, or its month is locked by now.
            words = f"Isian ini sudah diterima sebelumnya. Kode tanda terima {receipt.code}."
            messages.success(request, words, extra_tags=str(receipt.op_id))
            return redirect("desk:today")
        if not is_gone:
            return _hold_all(request, exception, sent)
        if is_only_shown(request):  # nothing new was typed
            messages.warning(request, CLOSED_NOW)
            return redirect("entries:held_list")
        # What the asker may open and not do is refused; what was open to the asker before is held.
        is_open = _page_of(request, request.get_full_path(), former=False) is not None
        return None if is_open else _hold_all(request, CannotBeTaken(HeldEntry.Reason.HANDED_OVER), sent)


# --- holding ----------------------------------------------------------------------------------------------------------


def hold_entry(*, op_id, author, payload, reason, wilayah_id, files=(), content=None):
    """Keep an entry that can't be taken, whole with its photos (`files`, CleanPhoto) and once; returns the HeldEntry.

    `payload`: `path`, `fields` ({name: [text]}), `title`, `facts` ([(label, words)]) and `files` ([(field, sha256)]).
    `content` tells one sending from another where `payload` is never the same twice, since numbers in it are sealed.
    Comes last in its transaction (see keep_photos).
    """
    held, _ = HeldEntry.objects.get_or_create(
        op_id=op_id,
        content_hash=content_hash(payload if content is None else content),
        defaults={"author": author, "payload": payload, "reason": reason, "wilayah_id": wilayah_id},
    )
    keep_photos(files, held.files)
    return held


def hold_rest(request, form):
    """Hold what a form said of families handed over meanwhile, where the rest of it was stored, and tell so. `form.rest()`
    gives it: (the address of a form, "" for this one; its fields, {name: [text]}).
    """
    path, fields = form.rest()
    refused = CannotBeTaken(HeldEntry.Reason.HANDED_OVER, form)
    content = {"sent": mark_of(request), "rest": fields}
    path = path or request.get_full_path()
    held, spoilt = _hold(request, refused, path=path, sent=query_of(fields), content=content)
    _tell(request, held, IN_PART, spoilt)


def submit_for_families(request, form, write):
    """`submit` for a form that names several families: those handed over while it was filled in are held, alone or,
    where none is left, with all that was sent.
    """

    def write_for_the_rest(**said):
        if form.is_left_alone:
            raise CannotBeTaken(HeldEntry.Reason.HANDED_OVER, form)
        return write(**said)

    # What is stored and what is held of it stand or fall together.
    with transaction.atomic() if form.is_bound and form.is_valid() and form.handed_over else nullcontext():
        receipt = submit(request, form, write_for_the_rest)
        if receipt and form.handed_over and not receipt.is_resend:
            hold_rest(request, form)
    return receipt


def hold_brought(request, *, author, op_id, path, fields, photos, title, reason):
    """Hold a form that `author` filled in and the asker of `request` brings; returns the HeldEntry.

    `fields` are (name, text) pairs, `photos` [(field, CleanPhoto)]; `title` says what it is where the page of the form
    at `path` can't be opened any more, which is no reason to lose it. Sent by its author later on, it is known.
    """
    sent = QueryDict(mutable=True)
    for name, value in fields:
        sent.appendlist(name, value)
    sent["op_id"] = str(op_id)
    digests = MultiValueDict()
    for name, photo in photos:
        digests.appendlist(name, photo.sha256)
    mark = mark_of_sent(path.partition("?")[0], sent, dict(digests.lists()))
    page = _page_of(request, path, asker=author)
    with transaction.atomic():
        return hold_entry(
            op_id=op_id,
            author=author,
            payload={
                "path": _clean(path),
                **_payload(sent, page, op_id, None, title=title),
                "files": [(_clean(name), photo.sha256) for name, photo in photos],
            },
            reason=reason,
            wilayah_id=author.wilayah_id,
            files=[photo for _, photo in photos],
            content={"sent": mark},
        )


def _hold_all(request, refused, sent):
    """Hold what was sent, for which `sent` stands, and lead to it; None when the asker could never have opened the form."""
    path, content = request.get_full_path(), {"sent": sent}
    held, spoilt = _hold(request, refused, path=path, sent=request.POST, content=content)
    if held is None:
        return None
    _tell(request, held, WORDS[refused.reason], spoilt)
    return redirect("entries:held_detail", pk=held.pk)


def _hold(request, refused, *, path, sent, content):
    """(the HeldEntry of what was `sent` to `path`, a QueryDict; the names of photos that can't be read); (None, []) when
    the asker could never have opened the form. `content` as for hold_entry.
    """
    page = _page_of(request, path)
    if page is None:
        return None, []
    op_id = op_id_of(request) or uuid7()
    photos, spoilt = _photos(request.FILES)
    with transaction.atomic():
        held = hold_entry(
            op_id=op_id,
            author=request.user,
            payload={
                "path": path,
                **_payload(sent, page, op_id, refused.form),
                "files": [(_clean(name), photo.sha256) for name, photo in photos],
            },
            reason=refused.reason,
            wilayah_id=refused.wilayah_id or request.user.wilayah_id,
            files=[photo for _, photo in photos],
            content=content,
        )
    return held, spoilt


def _tell(request, held, words, spoilt):
    """Say what became of it, which also lets the page drop its draft, and leave it to the named answer."""
    request.held = held
    words = " ".join([words, *(f"Foto {name} tidak terbaca, jadi tidak ikut." for name in spoilt)])
    messages.warning(request, words, extra_tags=str(held.op_id))


def _page_of(request, path, *, asker=None, former=True):
    """What the page of the form at `path` answers to the asker of `request`, or to `asker`, as who held the family before or
    (not `former`) as of now; None when that is nothing.

    Asked in a transaction that is taken back. A tick has no page of its own, so it is tried itself.
    """
    for method in ("GET", "POST"):
        again = asked_again(request, asker or request.user, path, method, former=former)
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


def _payload(sent, page, op_id, form, *, title=TAP):
    fields = {
        _clean(name): [_clean(value) for value in values]
        for name, values in sent.lists()
        if name not in NOT_KEPT
    }
    for name in IDENTITY_NUMBERS & fields.keys():
        fields[name] = _sealed(fields[name], op_id, name)
    has_title = page is not None and not page.streaming
    found = re.search(r"<title>(.*?)( ·|</title>)", page.content.decode()) if has_title else None
    shown = shown_by(page)
    about = shown.get("household") or getattr(shown.get("goal"), "household", None)
    return {
        "fields": fields,
        "title": unescape(found[1]).strip() if found else title,
        "facts": [
            *([(NAMES["kpm"], about.case_number)] if about else []),
            *_facts(sent, form or shown.get("form")),
        ],
    }


def _clean(text):
    """`text` without what the database can't keep."""
    return text.replace("\0", "")


def _facts(sent, form):
    """[(what a field is called, what was sent in it), ...] for people; numbers of identity stay out of sight."""
    fields, rows, facts = form.fields if form else {}, getattr(form, "row_in_words", None), {}
    for name, values in sent.lists():
        field = fields.get(name)
        if name in NOT_SAID or (field and field.widget.is_hidden):
            continue
        for value in _words(field, filter(None, values)):
            label = str(field.label or name) if field else NAMES.get(name, name)
            if rows and field is None and (told := rows(name, value)):
                label, value = told
            if value := _clean(value):
                facts.setdefault(_clean(label), []).append(MASK if name in IDENTITY_NUMBERS else value)
    return [(label, ", ".join(said)) for label, said in facts.items()]


def _words(field, values):
    """What was sent in a field, for people: the words of a choice, a tick, a day as it is written here, else as it came."""
    choices = {str(one): str(words) for one, words in getattr(field, "choices", ())}
    for value in values:
        words = "ya" if isinstance(field, forms.BooleanField) else choices.get(value, value)
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
        for row in model.objects.order_by("pk"):
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
    return f"ledger.heldentry:{name}:{op_id}"  # the model's first name: what is sealed already knows no other


def _photos(files):
    """([(field, CleanPhoto)] of the pictures that were sent; the names of those that are none)."""
    photos, spoilt = [], []
    for name, uploads in files.lists():
        for upload in uploads:
            upload.seek(0)  # the form may have read it
            try:
                photos.append((name, clean_photo(upload)))
            except ValidationError:
                spoilt.append(upload.name)
    return photos, spoilt


# --- reading, and asking again ----------------------------------------------------------------------------------------


def fields_of(held):
    """The fields of a held form as they were sent: {name: [text]}."""
    return opened(held.payload, held.op_id)["fields"]


def opened(payload, op_id):
    """The payload of a held form with its identity numbers in the clear, as they were sent. Raises NumberUnreadable."""
    fields = dict(payload["fields"])
    for name in IDENTITY_NUMBERS & fields.keys():
        fields[name] = [unseal(b64decode(value), _context(op_id, name)) for value in fields[name]]
    return payload | {"fields": fields}


def closed(payload, op_id):
    """What `opened` was given, sealed with the current keys."""
    fields = payload["fields"]
    numbers = {name: _sealed(fields[name], op_id, name) for name in IDENTITY_NUMBERS & fields.keys()}
    return payload | {"fields": fields | numbers}


class Unheard:
    """Takes the place of the messages of a request that nobody sees answered."""

    def add(self, *args, **kwargs):
        """Say nothing."""

    def __iter__(self):
        return iter(())


def asked_again(request, user, address, method, *, former=True):
    """A copy of `request` in which `user`, as who once held a family, asks for `address` by `method`, and nobody sees
    what is told. Raises Resolver404 for an address that is no more.
    """
    sent, files = request.POST, request.FILES  # read once, before there are two that would
    again = copy(request)
    path, _, query = address.partition("?")
    again.method, again.path, again.path_info = method, path, path
    again.resolver_match, again.GET = resolve(path), QueryDict(query)
    again.rule = POLICY[again.resolver_match.view_name]
    again.user = copy(user)
    again.user.is_asked_as_former_holder = former
    again._messages, again.is_again = Unheard(), True
    again.POST, again._files = (QueryDict(), MultiValueDict()) if method == "GET" else (sent, files)
    return again


def query_of(fields):
    """{name: [text]} as a QueryDict."""
    query = QueryDict(mutable=True)
    for name, values in fields.items():
        query.setlist(name, values)
    return query
