"""The people of a family."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from kpm.forms import MemberForm, NewMemberForm
from kpm.models import Household, Member
from kpm.operations import ChangedMeanwhile, Refused, add_member, change_member
from ledger.operations import OtherContent
from ledger.trail import note_look
from pkh_casework.htmx import render_page
from wilayah.clock import local_today

from .entry import TAKEN, made_by, thank


@require_http_methods(["GET", "HEAD", "POST"])
def member_create(request, case):
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    form = NewMemberForm(request.POST or None, household=household, user=request.user, today=local_today())
    if request.method == "POST":
        form.own_id = made_by(request.user, form.op_id)
        if form.is_valid():
            try:
                member = add_member(household, by=request.user, **form.entry())
            except OtherContent:
                form.already_taken(TAKEN)
            else:
                thank(request, form.op_id, f"{member.name} tersimpan.")
                return redirect(household)
    return render_page(request, "kpm/member_create.html", {"form": form, "household": household})


@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request, case, pk):
    member = get_object_or_404(
        Member.objects.visible_to(request.user).select_related("household"),
        pk=pk,
        household__case_number=case,
    )
    note_look(request, case, holders={member.household.pendamping_id})
    form = MemberForm(request.POST or None, row=member, user=request.user, today=local_today())
    if request.method == "POST" and form.is_valid():
        try:
            change_member(member, by=request.user, **form.entry())
        except ChangedMeanwhile as changed:
            form.compare(changed.row)
        except Refused as refusal:
            form.refuse(refusal)
        except OtherContent:
            form.already_taken(TAKEN)
        else:
            thank(request, form.op_id, "Perubahan tersimpan.")
            return redirect(member.household)
    context = {"form": form, "member": member, "household": member.household}
    return render_page(request, "kpm/member_edit.html", context)
