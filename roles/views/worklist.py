"""Small writes from the worklist: a promise kept, a family put off or taken up again."""

from functools import partial

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from entries.submit import submit, tap, thank
from kpm.models import GoalStep, Household
from pkh_casework.access import FIELD, FIELD_WRITE, access
from pkh_casework.asked import way_back
from pkh_casework.htmx import render_page
from roles.forms.activity import PostponeForm
from roles.models import ActivityHousehold
from roles.operations.activity import mark_step_done, postpone, reopen_goal_step
from wilayah.clock import local_today

LIFTED = "Tundaan dibatalkan"


@access(FIELD)
@require_POST
def step_done(request, pk):
    """Tick a promised next step; leads back to the page it was ticked on, or lets its part `promises` ask for itself
    again.
    """
    row = get_object_or_404(ActivityHousehold.objects.visible_to(request.user), pk=pk)
    today = local_today(request.user.wilayah_id)
    _tap(request, "Janji ditandai selesai.", mark_step_done, row, on=today)
    if request.htmx.target == "promises":
        return HttpResponse(status=204, headers={"HX-Trigger": "janji-selesai"})
    return HttpResponseRedirect(way_back(request))


@access(FIELD)
@require_POST
def goal_step_reopen(request, pk):
    """Open a step of a goal again that was ticked by mistake. Here and not with the goals, since a visit may have ticked
    it, which then did not.
    """
    row = get_object_or_404(GoalStep.objects.visible_to(request.user), pk=pk)
    _tap(request, f"Dibuka lagi: {row.text}.", reopen_goal_step, row)
    return HttpResponseRedirect(way_back(request))


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def postpone_family(request, case):
    """Put a due family off, with a reason."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today(request.user.wilayah_id)
    form = PostponeForm(request.POST or None, user=request.user, today=today)
    if receipt := submit(request, form, partial(postpone, household)):
        thank(request, receipt, f"{household.name} ditunda dan akan muncul lagi pada tanggalnya.")
        return HttpResponseRedirect(way_back(request))
    return render_page(request, "roles/postpone.html", {"household": household, "form": form})


@access(FIELD)
@require_POST
def postpone_lift(request, case):
    """Take a family up again before its day: put it off until today."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today(request.user.wilayah_id)
    words = f"{household.name} tampil lagi di Hari ini."
    _tap(request, words, postpone, household, until_on=today, reason=LIFTED)
    return redirect("desk:today")


def _tap(request, words, write, row, **values):
    receipt, _ = tap(request, partial(write, row, **values))
    if receipt:
        thank(request, receipt, words)
