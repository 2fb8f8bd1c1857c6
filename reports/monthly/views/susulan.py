"""Susulan: a koordinator lets in an entry that was held because its month is locked."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from kpm.views.entry import stored, thank
from ledger.models import HeldEntry
from pkh_casework.htmx import render_page
from reports.monthly.forms import LateForm
from reports.monthly.operations import accept_late
from wilayah.clock import local_today


@require_http_methods(["GET", "HEAD", "POST"])
def late_accept(request, pk):
    """The reason, and what becomes of the entry: a row of the month, told in the next report, in no frozen total."""
    entries = HeldEntry.objects.visible_to(request.user).filter(reason=HeldEntry.Reason.MONTH_LOCKED)
    held = get_object_or_404(entries.select_related("author", "wilayah"), pk=pk)
    form = LateForm(request.POST or None, user=request.user, today=local_today(held.wilayah_id))
    if receipt := stored(request, form, partial(accept_late, held)):
        thank(request, receipt, "Diterima sebagai susulan.")
        return redirect("sync:held_detail", pk=pk)
    if held.resolved_at and request.method != "POST":
        return redirect("sync:held_detail", pk=pk)
    return render_page(request, "reports/late_accept.html", {"held": held, "form": form})
