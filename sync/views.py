"""Meja titipan: entries that could not be taken as they are, kept whole until somebody decides."""

from contextlib import suppress
from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from kpm.forms.assessment import answers_in_words
from ledger.models import HeldEntry, HeldFile
from ledger.operations import resolve_entry
from ledger.trail import note_look
from pkh_casework.htmx import render_page
from pkh_casework.media import photo_response
from pkh_casework.paging import keyset_page
from pkh_casework.templatetags.formats import tanggal
from roles.models import ActivityKind, SubRole

from .forms import ReceiptForm, ResolveForm
from .receipts import receipt_of

PAGE = 50
LABELS = {
    "kpm": "Keluarga",
    "tidak_bertemu": "Tidak bertemu",
    "tanggal": "Tanggal",
    "bentuk": "Bentuk asesmen",
    "jawaban": "Jawaban",
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
    if name == "jawaban":
        return answers_in_words(value)
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
    """One held entry, word for word; a koordinator closes it with a note that the author reads. Who comes second
    reads the decision of the first.
    """
    entries = HeldEntry.objects.visible_to(request.user).select_related("author", "resolved_by")
    held = get_object_or_404(entries, pk=pk)
    form = ResolveForm(request.POST or None)
    if request.method == "POST":
        if not request.user.is_koordinator:
            raise Http404("only a koordinator decides")
        if form.is_valid():
            if resolve_entry(held, by=request.user, note=form.cleaned_data["note"]):
                messages.success(request, "Titipan ditutup. Pengirim bisa membaca keputusan Anda.")
                return redirect("sync:held_list")
            held.refresh_from_db(fields=["resolved_by"])
            who = "Anda" if held.resolved_by == request.user else "orang lain"
            messages.warning(request, f"Sudah diputuskan {who}. Keputusannya ada di bawah ini.")
            return redirect("sync:held_detail", pk=pk)
    may_decide = request.user.is_koordinator and held.resolved_at is None
    facts = [
        (label, _words(name, value)) for name, label in LABELS.items() if (value := held.payload.get(name))
    ]
    context = {
        "held": held,
        "facts": facts,
        "photos": HeldFile.objects.visible_to(request.user).filter(held_entry=held),
        "form": form if may_decide else None,
        "may_be_late": may_decide and held.reason == HeldEntry.Reason.MONTH_LOCKED,
    }
    return render_page(request, "sync/held_detail.html", context)


@require_safe
def held_photo(request, pk, photo):
    """One photo of a held entry, for whoever may read the entry."""
    pictures = HeldFile.objects.visible_to(request.user).select_related("held_entry")
    picture = get_object_or_404(pictures, pk=photo, held_entry=pk)
    response = photo_response(picture)
    note_look(request, pk, holders={picture.held_entry.author_id})
    return response
