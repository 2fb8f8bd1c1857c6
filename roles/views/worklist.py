"""Small writes from the worklist: a promise kept, a family put off or taken up again."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from kpm.models import GoalStep, Household
from kpm.operations import tick_step
from ledger.operations import OtherContent
from ledger.submission import is_only_shown
from pkh_casework.forms import TAP_AGAIN, OpIdForm
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from roles.forms.activity import PostponeForm
from roles.models import ActivityHousehold
from roles.operations.activity import mark_step_done, postpone, reopen_goal_step
from wilayah.clock import local_today

SEND_AGAIN = "Halaman ini sudah dipakai untuk kiriman lain. Periksa isian Anda, lalu ketuk Tunda sekali lagi bila memang baru."
LIFTED = "Tundaan dibatalkan"


@require_POST
def step_done(request, pk):
    """Tick a promised next step; leads back to the page it was ticked on, or lets its part `promises` ask for itself
    again.
    """
    row = get_object_or_404(ActivityHousehold.objects.visible_to(request.user), pk=pk)
    today = local_today(request.user.wilayah_id)
    _tap(request, "Langkah ditandai selesai.", mark_step_done, row, on=today)
    if request.htmx.target == "promises":
        return HttpResponse(status=204, headers={"HX-Trigger": "janji-selesai"})
    return HttpResponseRedirect(_back(request))


@require_POST
def goal_step_done(request, pk):
    """Tick a step of a family's goal; leads back to the page it was ticked on."""
    row = get_object_or_404(GoalStep.objects.visible_to(request.user), pk=pk)
    _tap(request, f"Selesai: {row.text}.", tick_step, row, on=local_today(request.user.wilayah_id))
    return HttpResponseRedirect(_back(request))


@require_POST
def goal_step_reopen(request, pk):
    """Open a step of a goal again that was ticked by mistake."""
    row = get_object_or_404(GoalStep.objects.visible_to(request.user), pk=pk)
    _tap(request, f"Dibuka lagi: {row.text}.", reopen_goal_step, row)
    return HttpResponseRedirect(_back(request))


@require_http_methods(["GET", "HEAD", "POST"])
def postpone_family(request, case):
    """Put a due family off, with a reason."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    form = PostponeForm(request.POST or None, initial={"op_id": uuid7()}, user=request.user)
    if form.is_valid() and not is_only_shown(request):
        try:
            receipt = postpone(household, by=request.user, **form.cleaned_data)
        except OtherContent:
            form = _under_a_new_id(request)
        else:
            words = f"{household.name} ditunda dan akan muncul lagi pada tanggalnya."
            messages.success(request, f"{words} Kode tanda terima {receipt.code}.")
            return redirect("desk:today")
    elif "op_id" in form.errors:
        form = _under_a_new_id(request)
    return render_page(request, "roles/postpone.html", {"household": household, "form": form})


def _under_a_new_id(request):
    """The form as it was sent, under a fresh op_id and with the words for it."""
    form = PostponeForm({**request.POST.dict(), "op_id": uuid7()}, user=request.user)
    form.full_clean()
    form.add_error(None, SEND_AGAIN)
    return form


@require_POST
def postpone_lift(request, case):
    """Take a family up again before its day: put it off until today."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today(request.user.wilayah_id)
    words = f"{household.name} tampil lagi di Hari ini."
    _tap(request, words, postpone, household, until_on=today, reason=LIFTED)
    return redirect("desk:today")


def _tap(request, words, write, row, **values):
    """Carry out a write that is one tap, and say what became of it."""
    form = OpIdForm(request.POST)
    try:
        receipt = form.is_valid() and write(row, by=request.user, op_id=form.cleaned_data["op_id"], **values)
    except OtherContent:
        receipt = None
    if receipt:
        messages.success(request, f"{words} Kode tanda terima {receipt.code}.")
    else:
        messages.error(request, TAP_AGAIN)


def _back(request):
    wanted = request.POST.get("kembali", "")
    # Only a path: redirect() would take other words for the name of a route.
    return (
        wanted
        if wanted.startswith("/")
        and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
        else "/"
    )
