"""All that an office owns, as one package."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit
from kpm.models import Household
from pkh_casework.access import KOORDINATOR, access, only
from pkh_casework.htmx import render_page
from reports.files.forms.office import OfficeForm
from reports.files.operations.office import ask_office
from roster.office.locked import new_passphrase, new_salt
from wilayah.clock import local_today

SHOWN_BEFORE = "Paket ini sudah diminta dan sandinya sudah ditampilkan. Bila belum dicatat, batalkan paketnya lalu minta lagi."


@access(only(KOORDINATOR, keeps_input=True, audit="export"))
@require_http_methods(["GET", "HEAD", "POST"])
def office_take(request):
    """Ask for the package of the own area; the answer shows its passphrase this one time."""
    form = OfficeForm(request.POST or None, user=request.user, today=local_today(request.user.wilayah_id))
    passphrase = new_passphrase()
    ask = partial(ask_office, passphrase=passphrase, salt=new_salt())
    if receipt := submit(request, form, ask):
        if receipt.is_resend:
            messages.info(request, SHOWN_BEFORE)
            return redirect("reports:export_detail", pk=receipt.object_id)
        # Straight from the POST: a redirect would need the passphrase in the session or in an address.
        context = {"passphrase": passphrase, "pk": receipt.object_id}
        return render_page(request, "reports/office_passphrase.html", context)
    families = Household.objects.visible_to(request.user).count()
    return render_page(request, "reports/office_take.html", {"form": form, "families": families})
