"""While a new family or person is typed: who may be there already."""

from django.views.decorators.http import require_POST

from entries.models import AccessLog
from entries.trail import note_access
from kpm.forms.known import KnownForm
from kpm.views.identity import SEARCHES_A_DAY, used_today
from pkh_casework.access import CASE, access
from pkh_casework.htmx import render_page

ROUTE = "kpm:known_already"


@access(CASE)
@require_POST
def known_already(request):
    """Families that what is typed may be; by POST, so that no name or number stands in an address. A whole number is
    looked for as often a day as in the search by number, and is kept in the trail like that.
    """
    form = KnownForm(request.POST, user=request.user)
    asks = any(form.numbers()) and used_today(request.user, route=ROUTE) < SEARCHES_A_DAY
    if asks:
        note_access(request, AccessLog.Action.LOOK, subject="", fields=["nik", "no_kk"])
    context = {"doubts": form.doubts(with_numbers=asks)}
    return render_page(request, "kpm/known_already.html", context, part="known")
