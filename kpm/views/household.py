"""Registering a family and changing it."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from kpm.forms import HouseholdForm, RegisterForm
from kpm.models import Household
from kpm.operations import change_household, register_household
from ledger.trail import note_look
from pkh_casework.htmx import render_page
from wilayah.clock import local_today

from .entry import area_of, stored, thank


@require_http_methods(["GET", "HEAD", "POST"])
def household_create(request):
    area, parts = area_of(request)
    if parts:
        return render_page(request, "kpm/area_choose.html", {"parts": parts, "title": "Tambah KPM"})
    form = RegisterForm(request.POST or None, user=request.user, today=local_today(), area=area)
    if receipt := stored(request, form, register_household):
        household = get_object_or_404(Household.objects.visible_to(request.user), pk=receipt.object_id)
        thank(request, receipt, f"KPM {household.case_number} tersimpan.")
        return redirect(household)
    return render_page(request, "kpm/household_create.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def household_edit(request, case):
    household = get_object_or_404(
        Household.objects.visible_to(request.user).select_related("pendamping"), case_number=case
    )
    note_look(request, case, holders={household.pendamping_id})
    form = HouseholdForm(request.POST or None, row=household, user=request.user, today=local_today())
    if receipt := stored(request, form, partial(change_household, household)):
        thank(request, receipt, "Perubahan tersimpan.")
        return redirect(household)
    return render_page(request, "kpm/household_edit.html", {"form": form, "household": household})
