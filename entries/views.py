"""Meja titipan: entries that could not be taken as they are, kept whole until somebody decides."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from pkh_casework.access import CASE, CASE_LOOK, access
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from pkh_casework.media import photo_response
from pkh_casework.paging import keyset_page

from .decisions import DECIDED, accept, attach, close, give_back
from .forms import DecideForm, ReceiptForm
from .holding import fields_of
from .models import HeldEntry, HeldFile
from .operations import Refused
from .receipts import receipt_of
from .submit import SHOWN_ONLY
from .trail import note_look

PAGE = 50
Decision = HeldEntry.Decision


@access(CASE)
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
    return render_page(request, "entries/held_list.html", context, part="held-rows")


@access(CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def held_detail(request, pk):
    """One held entry, word for word. A koordinator decides; who comes second reads the decision of the first. The
    author reads what was decided, and opens again what was given back.
    """
    entries = HeldEntry.objects.visible_to(request.user).select_related("author", "resolved_by")
    held = get_object_or_404(entries, pk=pk)
    form = DecideForm(request.POST or None)
    if request.method == "POST":
        if not request.user.is_koordinator:
            raise Http404("only a koordinator decides")
        if form.is_valid() and (words := _decide(request, held, form)):
            messages.success(request, words)
            return redirect("entries:held_list")
        held.refresh_from_db()
        if held.resolved_at:
            messages.warning(request, DECIDED)
    may_decide = (
        request.user.is_koordinator and held.resolved_at is None and held.author_id != request.user.pk
    )
    is_own = held.author_id == request.user.pk
    context = {
        "held": held,
        "photos": HeldFile.objects.visible_to(request.user).filter(held_entry=held),
        "form": form if may_decide else None,
        "again": _again(held) if is_own and held.decision == Decision.RETURNED else None,
        "only_shown": SHOWN_ONLY,
    }
    return render_page(request, "entries/held_detail.html", context)


def _decide(request, held, form):
    """Carry out the decision of a valid form; what became of it, in words, or "" with the fault on the form."""
    by, note, decision = request.user, form.cleaned_data["note"], form.cleaned_data["decision"]
    try:
        if decision == Decision.ACCEPTED:
            receipt = accept(held, by=by, request=request, note=note)
            return f"Diterima atas nama {held.author}. Kode tanda terima {receipt.code}."
        if decision == Decision.ATTACHED:
            case = form.cleaned_data["case"]
            receipt = attach(held, by=by, request=request, case=case, note=note)
            return f"Dicatat untuk {case}. Kode tanda terima {receipt.code}."
        if decision == Decision.RETURNED:
            give_back(held, by=by, note=note)
            return "Dikembalikan. Pengirim bisa membukanya lagi bersama catatan Anda."
        close(held, by=by, note=note)
    except Refused as refusal:
        form.add_error(refusal.field, refusal.text)
        return ""
    return "Titipan ditutup. Pengirim bisa membaca keputusan Anda."


def _again(held):
    """(address, [(name, value)]) with which the author opens a form that was given back, filled as it was sent."""
    fields = {**fields_of(held), "op_id": [str(uuid7())]}
    return held.payload["path"], [(name, value) for name, values in fields.items() for value in values]


@access(CASE_LOOK)
@require_safe
def held_photo(request, pk, photo):
    """One photo of a held entry, for whoever may read the entry."""
    pictures = HeldFile.objects.visible_to(request.user).select_related("held_entry")
    picture = get_object_or_404(pictures, pk=photo, held_entry=pk)
    response = photo_response(picture)
    note_look(request, pk, holders={picture.held_entry.author_id})
    return response
