"""The own notices, what is done with them, and to an admin what e-mail did not leave."""

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, tap, thank
from pkh_casework.access import ADMIN, EVERYONE, SIGNED_IN, access, only
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from reports.models import MailChoice, Notice
from reports.notices.forms import MailForm
from reports.notices.operations import can_mail, choose_mail, read_notices, try_again

PAGE, MOST_TROUBLED = 50, 50


@access(SIGNED_IN)
@require_safe
def notice_list(request):
    """The own notices, newest first; an admin sees below which e-mails did not leave."""
    notices = Notice.objects.visible_to(request.user)
    troubled = []
    if request.user.duty == ADMIN:
        troubled = list(Notice.objects.troubled().select_related("user")[:MOST_TROUBLED])
    context = {
        "page": keyset_page(notices, request, ["-made_at", "-id"], size=PAGE),
        "unread": notices.unread().count(),
        "choice": MailChoice.objects.filter(user=request.user).first(),
        "can_mail": can_mail(),
        "troubled": troubled,
    }
    return render_page(request, "reports/notice_list.html", context, part="notice-rows")


@access(SIGNED_IN)
@require_POST
def notice_read(request):
    """All are read; leads back to them."""
    tap(request, read_notices)
    return HttpResponseRedirect(reverse("reports:notice_list"))


@access(only(*EVERYONE, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def mail_choose(request):
    """Where and whether notices come by e-mail."""
    choice = MailChoice.objects.filter(user=request.user).first()
    initial = {"address": choice.address, "wanted": choice.wanted} if choice else {}
    form = MailForm(request.POST or None, user=request.user, today=None, initial=initial)
    if receipt := submit(request, form, choose_mail):
        thank(request, receipt, "Pilihan surel tersimpan.")
        return redirect("reports:notice_list")
    return render_page(request, "reports/mail_choose.html", {"form": form, "can_mail": can_mail()})


@access(only(ADMIN))
@require_POST
def mail_retry(request):
    """Let what did not leave be tried again."""
    receipt, _ = tap(request, try_again)
    if receipt:
        thank(request, receipt, "Surel yang gagal dicoba lagi dalam beberapa menit.")
    return HttpResponseRedirect(reverse("reports:notice_list"))
