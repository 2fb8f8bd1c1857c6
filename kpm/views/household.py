"""Registering a family and changing it."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit, thank
from entries.trail import note_look
from kpm.forms import HouseholdForm, RegisterForm
from kpm.models import Household
from kpm.operations import change_household, register_household
from kpm.views.area import area_of
from pkh_casework.access import CASE_EDIT, CASE_WRITE, access
from pkh_casework.htmx import render_page
from wilayah.clock import local_today


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def household_create(request):
    area, parts = area_of(request)
    if parts:
        return render_page(request, "kpm/area_choose.html", {"parts": parts, "title": "Tambah KPM"})
    form = RegisterForm(request.POST or None, user=request.user, today=local_today(), area=area)
    if receipt := submit(request, form, register_household):
        household = get_object_or_404(Household.objects.visible_to(request.user), pk=receipt.object_id)
        thank(request, receipt, f"KPM {household.case_number} tersimpan.")
        return redirect(household)
    return render_page(request, "kpm/household_create.html", {"form": form})


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def household_edit(request, case):
    household = get_object_or_404(
        Household.objects.visible_to(request.user).select_related("pendamping"), case_number=case
    )
    note_look(request, case, holders={household.pendamping_id})
    form = HouseholdForm(request.POST or None, row=household, user=request.user, today=local_today())
    if receipt := submit(request, form, partial(change_household, household)):
        thank(request, receipt, "Perubahan tersimpan.")
        return redirect(household)
    return render_page(request, "kpm/household_edit.html", {"form": form, "household": household})
