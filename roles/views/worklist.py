"""Small writes from the worklist: a promise kept, a family put off."""

from django.contrib import messages
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from kpm.models import Household
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from roles.forms import OpIdForm, PostponeForm
from roles.models import ActivityHousehold
from roles.operations import mark_step_done, postpone
from wilayah.clock import local_today


@require_POST
def step_done(request, pk):
    """Tick a promised next step; leads back to the page it was ticked on."""
    row = get_object_or_404(ActivityHousehold.objects.visible_to(request.user), pk=pk)
    form = OpIdForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("op_id")
    mark_step_done(
        row, by=request.user, op_id=form.cleaned_data["op_id"], on=local_today(request.user.wilayah_id)
    )
    messages.success(request, "Langkah ditandai selesai.")
    return redirect(_back(request))


@require_http_methods(["GET", "HEAD", "POST"])
def postpone_family(request, case):
    """Put a due family off, with a reason."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    form = PostponeForm(request.POST or None, initial={"op_id": uuid7()}, user=request.user)
    if request.method == "POST" and form.is_valid():
        postpone(household, by=request.user, **form.cleaned_data)
        messages.success(request, f"{household.name} ditunda dan akan muncul lagi pada tanggalnya.")
        return redirect("desk:today")
    return render_page(request, "roles/postpone.html", {"household": household, "form": form})


def _back(request):
    wanted = request.POST.get("kembali", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) else "/"
