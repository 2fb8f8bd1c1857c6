"""The people of a family."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit, thank
from entries.trail import note_look
from kpm.forms import MemberForm, NewMemberForm
from kpm.models import Household, Member
from kpm.operations import add_member, change_member
from pkh_casework.access import CASE_EDIT, CASE_WRITE, access
from pkh_casework.htmx import render_page
from wilayah.clock import local_today


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def member_create(request, case):
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    form = NewMemberForm(request.POST or None, household=household, user=request.user, today=local_today())
    if receipt := submit(request, form, partial(add_member, household)):
        thank(request, receipt, f"{household.members.get(pk=receipt.object_id)} tersimpan.")
        return redirect(household)
    return render_page(request, "kpm/member_create.html", {"form": form, "household": household})


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request, case, pk):
    member = get_object_or_404(
        Member.objects.visible_to(request.user).select_related("household"),
        pk=pk,
        household__case_number=case,
    )
    note_look(request, case, holders={member.household.pendamping_id})
    form = MemberForm(request.POST or None, row=member, user=request.user, today=local_today())
    if receipt := submit(request, form, partial(change_member, member)):
        thank(request, receipt, "Perubahan tersimpan.")
        return redirect(member.household)
    context = {"form": form, "member": member, "household": member.household}
    return render_page(request, "kpm/member_edit.html", context)
