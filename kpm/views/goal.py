"""A family's goals: the list, making one, one of them, working on it, closing it, and the written *belum*."""

from functools import partial

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, tap, thank
from entries.trail import note_look
from kpm.forms import CloseGoalForm, DeferForm, GoalForm, StepForm, WordsForm
from kpm.forms.at_home import saved
from kpm.listings import GoalListing
from kpm.models import MOST_GOALS, Goal, GoalStep, Household
from kpm.operations import add_step, change_goal, change_step, close_goal, defer, set_goal, tick_step
from kpm.plan import low_scores, open_goals, waiting_scores
from pkh_casework.access import CASE, CASE_LOOK, FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_text, way_back
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.panels import panel_part
from wilayah.clock import local_today

PAGE = 50


@access(CASE)
@require_safe
def goal_list(request):
    """Goals by the day they should be reached, closed ones newest first."""
    today = local_today(request.user.wilayah_id)
    listing = GoalListing(request.GET, user=request.user, today=today)
    goals = listing.qs.select_related("household__wilayah", "household__pendamping", "indicator")
    context = {
        "page": keyset_page(goals.prefetch_related("steps"), request, listing.order, size=PAGE),
        "filters": GoalListing.STATES,
        "chosen": listing.in_force["keadaan"],
        "today": today,
    }
    return render_page(request, "kpm/goal_list.html", context, part="goal-more")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def goal_create(request, case):
    """A new goal: first `?indikator=` chooses what it is about, then the form. With three running it says which."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today()
    scores = low_scores(household, today)
    code = asked_text(request.POST, "score") or asked_text(request.GET, "indikator")
    score = next((each for each in scores if each.code == code), None)
    form = GoalForm(request.POST or None, scores=scores, score=score, user=request.user, today=today)
    form.suggest_visit(household)
    if receipt := submit(request, form, partial(set_goal, household)):
        thank(request, receipt, saved("Tujuan tersimpan.", form.cleaned_data.get("at_home")))
        return redirect(f"{household.get_absolute_url()}rencana/")
    running = open_goals(household)
    full = len(running) >= MOST_GOALS
    context = {"household": household, "running": running, "full": full, "scores": scores, "score": score}
    if form.is_bound or (score and not full):
        context["form"] = form
    return render_page(request, "kpm/goal_create.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def goal_defer(request, case):
    """Write down why an indicator at level 1 (`?indikator=`) gets no goal yet."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today()
    scores = waiting_scores(household, today)
    code = asked_text(request.POST, "score") or asked_text(request.GET, "indikator")
    score = next((each for each in scores if each.code == code), None)
    form = DeferForm(request.POST or None, scores=scores, score=score, user=request.user, today=today)
    if receipt := submit(request, form, partial(defer, household)):
        thank(request, receipt, "Alasan tersimpan. Asesmen berikutnya akan menanyakannya lagi.")
        return redirect(f"{household.get_absolute_url()}rencana/")
    context = {"household": household, "scores": scores, "score": score}
    if form.is_bound or score:
        context["form"] = form
    return render_page(request, "kpm/goal_defer.html", context)


@access(CASE_LOOK)
@require_safe
def goal_detail(request, pk):
    """One goal of a family: its words, its steps, and in panels what upper rooms know of it."""
    goals = Goal.objects.visible_to(request.user).select_related(
        "household__wilayah", "indicator", "pendamping"
    )
    goal = get_object_or_404(goals.prefetch_related("steps"), pk=pk)
    household = goal.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    if part := panel_part(request, "kpm:goal_detail", goal):
        return part
    context = {
        "goal": goal,
        "household": household,
        "today": local_today(household.wilayah_id),
        "holds": household.pendamping_id == request.user.pk,
    }
    return render_page(request, "kpm/goal_detail.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def goal_edit(request, pk):
    goal = _goal_or_404(request.user, pk)
    form = WordsForm(request.POST or None, goal=goal, user=request.user, today=local_today())
    write = partial(change_goal, goal)
    return _change(request, goal, form, write, "Perubahan tersimpan.", "kpm/goal_edit.html")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def goal_close(request, pk):
    goal = _goal_or_404(request.user, pk)
    form = CloseGoalForm(request.POST or None, user=request.user, today=local_today())
    write = partial(close_goal, goal)
    return _change(request, goal, form, write, "Tujuan ditutup.", "kpm/goal_close.html")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def step_create(request, pk):
    goal = _goal_or_404(request.user, pk)
    form = StepForm(request.POST or None, goal=goal, user=request.user, today=local_today())
    form.suggest_visit(goal.household)
    write = partial(add_step, goal)
    return _change(request, goal, form, write, "Langkah tersimpan.", "kpm/step_edit.html")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def step_edit(request, pk):
    steps = GoalStep.objects.visible_to(request.user).select_related("goal__household")
    step = get_object_or_404(steps, pk=pk)
    form = StepForm(request.POST or None, goal=step.goal, step=step, user=request.user, today=local_today())
    write = partial(change_step, step)
    return _change(request, step.goal, form, write, "Perubahan tersimpan.", "kpm/step_edit.html", step=step)


@access(FIELD)
@require_POST
def goal_step_done(request, pk):
    """Tick a step of a family's goal; leads back to the page it was ticked on."""
    row = get_object_or_404(GoalStep.objects.visible_to(request.user), pk=pk)
    receipt, _ = tap(request, partial(tick_step, row, on=local_today(request.user.wilayah_id)))
    if receipt:
        thank(request, receipt, f"Selesai: {row.text}.")
    return HttpResponseRedirect(way_back(request))


def _change(request, goal, form, write, words, template, **shown):
    """A page that changes an open goal: stored and back to the goal, or the form; a closed one is only shown."""
    if receipt := submit(request, form, write):
        thank(request, receipt, words)
        return redirect(goal)
    if not goal.is_open and not form.is_bound:
        return redirect(goal)
    return render_page(request, template, {"form": form, "goal": goal, **shown})


def _goal_or_404(user, pk):
    goals = Goal.objects.visible_to(user).select_related("household", "indicator")
    return get_object_or_404(goals, pk=pk)
