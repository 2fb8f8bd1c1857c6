"""Identity numbers: shown once on request with a reason, and looked for by the whole number."""

from datetime import datetime, time

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from entries.models import AccessLog
from entries.trail import note_access, note_look
from kpm.duplicates import holders_of
from kpm.forms import RevealForm, SearchForm
from kpm.models import Household
from pkh_casework.access import CASE, KOORDINATOR, PENDAMPING, access, only
from pkh_casework.htmx import render_page
from wilayah.clock import local_today

REVEALS_A_DAY = 30
SEARCHES_A_DAY = 100
NO_KK = "no_kk"


def used_today(user, **conditions):
    """How many entries of the trail `user` has today. Holds the account, so that two requests can't share the last."""
    User.objects.select_for_update(of=["self"]).get(pk=user.pk)
    midnight = timezone.make_aware(datetime.combine(local_today(), time.min))
    return AccessLog.objects.filter(user=user, at__gte=midnight, **conditions).count()


@access(only(PENDAMPING, KOORDINATOR, audit="reveal"))
@require_http_methods(["GET", "HEAD", "POST"])
def identity_reveal(request, case):
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    note_look(request, case, holders={household.pendamping_id})
    holders = {str(member.pk): member for member in household.members.all() if member.nik}
    numbers = [(NO_KK, f"No KK keluarga ini ({household.no_kk})")]
    numbers += [(pk, f"NIK {member.name} ({member.nik})") for pk, member in holders.items()]
    form = RevealForm(request.POST or None, numbers=numbers)
    shown = None
    if request.method == "POST" and form.is_valid():
        if (
            used_today(request.user, route="kpm:identity_reveal", action=AccessLog.Action.REVEAL)
            >= REVEALS_A_DAY
        ):
            form.add_error(None, f"Sudah {REVEALS_A_DAY} nomor dibuka hari ini. Hubungi koordinator.")
        else:
            chosen = form.cleaned_data["number"]
            field = NO_KK if chosen == NO_KK else f"nik:{chosen[-12:]}"
            note_access(
                request,
                AccessLog.Action.REVEAL,
                subject=household.case_number,
                fields=[field],
                reason=form.reason_words(),
            )
            number = household.no_kk if chosen == NO_KK else holders[chosen].nik
            digits = number.reveal()
            shown = {
                "label": "No KK" if chosen == NO_KK else f"NIK {holders[chosen].name}",
                "digits": " ".join(digits[start : start + 4] for start in range(0, len(digits), 4)),
            }
    response = render_page(
        request, "kpm/identity_reveal.html", {"form": form, "household": household, "shown": shown}
    )
    response["Cache-Control"] = "no-store, private"
    return response


@access(CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def identity_search(request):
    form = SearchForm(request.POST or None)
    answer = None
    if request.method == "POST" and form.is_valid():
        if used_today(request.user, route="kpm:identity_search") >= SEARCHES_A_DAY:
            form.add_error(None, f"Sudah {SEARCHES_A_DAY} pencarian hari ini. Hubungi koordinator.")
        else:
            holders = holders_of(form.cleaned_data["number"])
            mine = list(holders.visible_to(request.user).order_by("name", "pk"))
            subject = mine[0].case_number if mine else ""
            note_access(request, AccessLog.Action.LOOK, subject=subject, fields=["nik", "no_kk"])
            answer = {"mine": mine, "elsewhere": not mine and holders.exists()}
            form = SearchForm()  # the number does not stand on the page with its answer
    response = render_page(request, "kpm/identity_search.html", {"form": form, "answer": answer})
    response["Cache-Control"] = "no-store, private"
    return response
