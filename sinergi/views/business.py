"""Business groups and the budget of a programme."""

from functools import partial

from django.db.models import Count, Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from entries.trail import note_look
from pkh_casework.access import CASE, CASE_EDIT, CASE_LOOK, KOORDINATOR, access, only
from pkh_casework.htmx import render_page
from sinergi.forms.programme import BudgetForm, BusinessForm
from sinergi.models import BudgetLine, BusinessGroup, BusinessMember, Enrolment, Programme, there_in
from sinergi.operations.programme import save_budget, save_business
from wilayah.clock import local_today

from .programme import programme_or_404


@access(CASE_LOOK)
@require_safe
def business_list(request, pk):
    """The business groups: members that the asker may open by name, others as a number."""
    programme = programme_or_404(request.user, pk)
    if request.user.is_koordinator:
        note_look(request, programme.pk, holders=())
    visible = BusinessMember.objects.visible_to(request.user).filter(there_in(programme))
    groups = programme.business_groups.annotate(
        number=Count("members", filter=there_in(programme, "members__"))
    )
    groups = groups.prefetch_related(
        Prefetch("members", visible.select_related("household").order_by("household__name"), to_attr="shown")
    )
    context = {"programme": programme, "groups": list(groups), "leads": programme.is_led_by(request.user)}
    return render_page(request, "sinergi/business_list.html", context)


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def business_create(request, pk):
    programme = programme_or_404(request.user, pk)
    return _business_page(request, programme, None, "Kelompok usaha baru")


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def business_edit(request, pk):
    programmes = Programme.objects.visible_to(request.user)
    groups = BusinessGroup.objects.filter(programme__in=programmes).select_related("programme")
    group = get_object_or_404(groups, pk=pk)
    return _business_page(request, group.programme, group, "Ubah kelompok usaha")


def _business_page(request, programme, group, title):
    families = Enrolment.objects.visible_to(request.user).filter(programme=programme).open()
    form = BusinessForm(
        request.POST or None,
        programme=programme,
        families=families.select_related("household").order_by("household__name", "pk"),
        instance=group,
        user=request.user,
        today=local_today(programme.wilayah_id),
    )
    if request.user.is_koordinator:
        note_look(request, programme.pk, holders=())
    if receipt := submit(request, form, partial(save_business, form.instance)):
        thank(request, receipt, "Kelompok usaha tersimpan.")
        return redirect("sinergi:business_list", pk=programme.pk)
    return _row_page(request, form, title, "Kelompok usaha", "sinergi:business_list")


@access(CASE)
@require_safe
def budget_list(request, pk):
    """What a programme planned and spent, by stage."""
    programme = programme_or_404(request.user, pk)
    context = {
        "programme": programme,
        "lines": list(programme.budget.select_related("stage")),
        "sums": programme.sums(),
        "leads": programme.is_led_by(request.user),
    }
    return render_page(request, "sinergi/budget_list.html", context)


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def budget_create(request, pk):
    return _budget_page(request, programme_or_404(request.user, pk), None, "Mata anggaran baru")


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def budget_edit(request, pk):
    programmes = Programme.objects.visible_to(request.user)
    lines = BudgetLine.objects.filter(programme__in=programmes).select_related("programme")
    line = get_object_or_404(lines, pk=pk)
    return _budget_page(request, line.programme, line, "Ubah mata anggaran")


def _budget_page(request, programme, line, title):
    if not programme.is_led_by(request.user):
        raise Http404("not of the asker's area")
    form = BudgetForm(
        request.POST or None,
        programme=programme,
        instance=line,
        user=request.user,
        today=local_today(programme.wilayah_id),
    )
    if receipt := submit(request, form, partial(save_budget, form.instance)):
        thank(request, receipt, "Anggaran tersimpan.")
        return redirect("sinergi:budget_list", pk=programme.pk)
    return _row_page(request, form, title, "Anggaran", "sinergi:budget_list")


def _row_page(request, form, title, back, back_route):
    programme = form.instance.programme
    context = {
        "form": form,
        "programme": programme,
        "title": title,
        "back": back,
        "back_url": reverse(back_route, args=[programme.pk]),
    }
    return render_page(request, "sinergi/row_form.html", context)
