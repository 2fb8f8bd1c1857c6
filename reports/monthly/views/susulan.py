"""Susulan: a koordinator lets in an entry that was held because its month is locked."""

from functools import partial

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entries.models import HeldEntry
from entries.submit import submit, thank
from pkh_casework.access import KOORDINATOR, access, only
from pkh_casework.htmx import render_page
from reports.monthly.forms import LateForm
from reports.monthly.operations import accept_late, may_be_late
from wilayah.clock import local_today


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def late_accept(request, pk):
    """The reason, and what becomes of the entry: a row of the month, told in the next report, in no frozen total."""
    entries = HeldEntry.objects.visible_to(request.user).select_related("author", "wilayah")
    held = get_object_or_404(entries, pk=pk)
    if not may_be_late(held):
        raise Http404("not held for its month")
    form = LateForm(request.POST or None, user=request.user, today=local_today(held.wilayah_id))
    if receipt := submit(request, form, partial(accept_late, held, request=request)):
        thank(request, receipt, "Diterima sebagai susulan.")
        return redirect("entries:held_detail", pk=pk)
    if held.resolved_at and request.method != "POST":
        return redirect("entries:held_detail", pk=pk)
    return render_page(request, "reports/late_accept.html", {"held": held, "form": form})
