"""Meja titipan: entries that could not be taken as they are, kept whole until somebody decides."""

from contextlib import suppress
from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kpm.operations import Refused
from ledger.models import HeldEntry, HeldFile
from ledger.submission import KIND, SHOWN_ONLY
from ledger.submission import fields_of as sent_fields
from ledger.trail import note_look
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from pkh_casework.media import photo_response
from pkh_casework.paging import keyset_page
from pkh_casework.templatetags.formats import tanggal
from roles.models import ActivityKind, SubRole
from roles.operations.held import fields_of

from .forms import DecideForm, ReceiptForm
from .operations import DECIDED, accept, attach, close, give_back
from .receipts import receipt_of

PAGE = 50
LABELS = {
    "kpm": "Keluarga",
    "tidak_bertemu": "Tidak bertemu",
    "tanggal": "Tanggal",
    "jenis": "Jenis kegiatan",
    "peran": "Peran",
    "catatan": "Apa yang dilakukan",
    "hasil": "Hasil",
    "langkah": "Langkah berikutnya",
    "tanggal_langkah": "Tanggal langkah",
    "tempat": "Tempat",
    "izin": "Izin",
    "pengisi": "Pengisi",
}
NAMED = {"jenis": ActivityKind, "peran": SubRole}  # sent as codes
DATES = {"tanggal", "tanggal_langkah"}


def _words(name, value):
    """What was sent, for people: a name for a code, a date as it is written here; what can't be read, as it came."""
    if isinstance(value, list):
        return ", ".join(value)
    if name in NAMED:
        return NAMED[name].objects.filter(pk=value).values_list("name", flat=True).first() or value
    if name in DATES:
        with suppress(ValueError):
            return tanggal(date.fromisoformat(value))
    return value


@require_safe
def held_list(request):
    """What waits, newest first; an author also sees what was decided of the own entries.

    `?kode=` looks for what was taken: the entry that got this receipt code.
    """
    held = HeldEntry.objects.visible_to(request.user).select_related("author")
    if request.user.is_koordinator:
        held = held.waiting()
    page = keyset_page(held, request, ["-received_at", "-id"], size=PAGE)
    form = ReceiptForm(request.GET if "kode" in request.GET else None)
    context = {"page": page, "form": form, "asked": form.is_valid()}
    if context["asked"]:
        context["found"] = receipt_of(request.user, form.cleaned_data["kode"])
    return render_page(request, "sync/held_list.html", context, part="held-rows")


@require_http_methods(["GET", "HEAD", "POST"])
def held_detail(request, pk):
    """One held entry, word for word. A koordinator decides; who comes second reads the decision of the first. The
    author reads what was decided, and opens again what was given back.
    """
    entries = HeldEntry.objects.visible_to(request.user).select_related("author", "resolved_by")
    held = get_object_or_404(entries, pk=pk)
    form = DecideForm(request.POST or None, user=request.user)
    if request.method == "POST":
        if not request.user.is_koordinator:
            raise Http404("only a koordinator decides")
        if form.is_valid() and (words := _decide(request, held, form)):
            messages.success(request, words)
            return redirect("sync:held_list")
        held.refresh_from_db()
        if held.resolved_at:
            messages.warning(request, DECIDED)
    may_decide = (
        request.user.is_koordinator and held.resolved_at is None and held.author_id != request.user.pk
    )
    is_own = held.author_id == request.user.pk
    context = {
        "held": held,
        "title": held.payload.get("title", ""),
        "facts": held.payload["facts"] if held.kind == KIND else _facts(held.payload),
        "photos": HeldFile.objects.visible_to(request.user).filter(held_entry=held),
        "form": form if may_decide else None,
        "may_be_late": may_decide and held.kind != KIND and held.reason == HeldEntry.Reason.MONTH_LOCKED,
        "may_be_attached": may_decide and held.kind != KIND,
        "again": _again(held) if is_own and held.decision == HeldEntry.Decision.RETURNED else None,
        "only_shown": SHOWN_ONLY,
    }
    return render_page(request, "sync/held_detail.html", context)


def _decide(request, held, form):
    """Carry out the decision of a valid form; what became of it, in words, or "" with the fault on the form."""
    by, note, decision = request.user, form.cleaned_data["note"], form.cleaned_data["decision"]
    try:
        if decision == HeldEntry.Decision.ACCEPTED:
            receipt = accept(held, by=by, request=request, note=note)
            return f"Diterima atas nama {held.author}. Kode tanda terima {receipt.code}."
        if decision == HeldEntry.Decision.ATTACHED:
            receipt = attach(held, by=by, household=form.household, note=note)
            return f"Dicatat untuk {form.household.case_number}. Kode tanda terima {receipt.code}."
        if decision == HeldEntry.Decision.RETURNED:
            give_back(held, by=by, note=note)
            return "Dikembalikan. Pengirim bisa membukanya lagi bersama catatan Anda."
        close(held, by=by, note=note)
    except Refused as refusal:
        form.add_error(None, refusal.text)
        return ""
    return "Titipan ditutup. Pengirim bisa membaca keputusan Anda."


def _facts(payload):
    return [(label, _words(name, value)) for name, label in LABELS.items() if (value := payload.get(name))]


def _again(held):
    """(address, [(name, value)]) with which the author opens a form that was given back, filled as it was sent; None
    when it has no form of its own.
    """
    if held.kind == KIND:
        address, fields = held.payload["path"], {**sent_fields(held), "op_id": [str(uuid7())]}
    elif fields := fields_of(held):
        address = reverse("roles:activity_create")
    else:
        return None
    return address, [(name, value) for name, values in fields.items() for value in values]


@require_safe
def held_photo(request, pk, photo):
    """One photo of a held entry, for whoever may read the entry."""
    pictures = HeldFile.objects.visible_to(request.user).select_related("held_entry")
    picture = get_object_or_404(pictures, pk=photo, held_entry=pk)
    response = photo_response(picture)
    note_look(request, pk, holders={picture.held_entry.author_id})
    return response
