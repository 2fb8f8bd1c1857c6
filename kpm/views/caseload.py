"""The list of families."""

from django.urls import reverse
from django.views.decorators.http import require_safe

from kpm.caseload import Caseload
from pkh_casework.access import CASE, access
from pkh_casework.htmx import render_page
from wilayah.clock import local_today

MORE = "household-more"


@access(CASE)
@require_safe
def household_list(request):
    caseload = Caseload(request, local_today())
    part = MORE if request.htmx.target == MORE else "household-rows"
    context = {
        "caseload": caseload,
        "question": caseload.question,
        "page": caseload.page,
        # Only a pendamping logs what was done; the rows have no such link for others.
        "log_url": reverse("roles:activity_create") if request.user.is_pendamping else "",
    }
    return render_page(request, "kpm/household_list.html", context, part=part)
