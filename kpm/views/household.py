"""Registering a family and changing it."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from kpm.forms import HouseholdForm, RegisterForm
from kpm.models import Household
from kpm.operations import ChangedMeanwhile, Refused, change_household, register_household
from ledger.operations import OtherContent
from ledger.trail import note_look
from pkh_casework.htmx import render_page
from wilayah.clock import local_today

from .entry import TAKEN, area_of, made_by, thank


@require_http_methods(["GET", "HEAD", "POST"])
def household_create(request):
    area, parts = area_of(request)
    if parts:
        return render_page(request, "kpm/area_choose.html", {"parts": parts, "title": "Tambah KPM"})
    form = RegisterForm(request.POST or None, user=request.user, today=local_today(), area=area)
    if request.method == "POST":
        form.made = made_by(request.user, form.op_id)
        if form.is_valid():
            try:
                household = register_household(by=request.user, **form.entry())
            except OtherContent:
                form.already_taken(TAKEN)
            else:
                thank(request, form.op_id, f"KPM {household.case_number} tersimpan.")
                return redirect(household)
    return render_page(request, "kpm/household_create.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def household_edit(request, case):
    household = get_object_or_404(
        Household.objects.visible_to(request.user).select_related("pendamping"), case_number=case
    )
    note_look(request, case, holders={household.pendamping_id})
    form = HouseholdForm(request.POST or None, row=household, user=request.user, today=local_today())
    if request.method == "POST" and form.is_valid():
        try:
            change_household(household, by=request.user, **form.entry())
        except ChangedMeanwhile as changed:
            form.compare(changed.row)
        except Refused as refusal:
            form.refuse(refusal)
        except OtherContent:
            form.already_taken(TAKEN)
        else:
            thank(request, form.op_id, "Perubahan tersimpan.")
            return redirect(household)
    return render_page(request, "kpm/household_edit.html", {"form": form, "household": household})
