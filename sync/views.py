"""Meja titipan: entries that could not be taken as they are, kept whole until somebody decides."""

from contextlib import suppress
from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from ledger.models import HeldEntry
from ledger.operations import resolve_entry
from pkh_casework.htmx import render_page
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
    "jenis": "Jenis kegiatan",
    "peran": "Peran",
    "catatan": "Apa yang dilakukan",
    "hasil": "Hasil",
    "langkah": "Langkah berikutnya",
    "tanggal_langkah": "Tanggal langkah",
    "tempat": "Tempat",
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
    """One held entry, word for word; a koordinator closes it with a note that the author reads."""
    held = get_object_or_404(HeldEntry.objects.visible_to(request.user).select_related("author"), pk=pk)
    may_decide = request.user.is_koordinator and held.resolved_at is None
    form = ResolveForm(request.POST or None)
    if request.method == "POST":
        if not may_decide:
            raise Http404("only a koordinator decides, and once")
        if form.is_valid():
            resolve_entry(held, by=request.user, note=form.cleaned_data["note"])
            messages.success(request, "Titipan ditutup. Pengirim bisa membaca keputusan Anda.")
            return redirect("sync:held_list")
    facts = [
        (label, _words(name, value)) for name, label in LABELS.items() if (value := held.payload.get(name))
    ]
    context = {"held": held, "facts": facts, "form": form if may_decide else None}
    return render_page(request, "sync/held_detail.html", context)
