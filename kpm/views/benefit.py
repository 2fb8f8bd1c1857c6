"""Whose benefit ends by itself soon."""

from django.views.decorators.http import require_safe

from kpm.benefits import outlooks
from kpm.listings import ExitListing
from pkh_casework.access import CASE, access
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

PAGE = 50


@access(CASE)
@require_safe
def exit_list(request):
    """People whose component ends within a year and nothing follows, by day, with what the family then receives."""
    day = local_today(request.user.wilayah_id)
    listing = ExitListing(request.GET, user=request.user, today=day)
    periods = listing.qs.select_related("member", "component", "household__wilayah", "household__pendamping")
    page = keyset_page(periods, request, listing.order, size=PAGE)
    ahead = outlooks({period.household_id for period in page.rows}, day, listing.tables)
    rows = [(period, ahead[period.household_id]) for period in page.rows]
    for period, outlook in rows:
        period.then = next(e.yearly for e in outlook.events if e.ending.period.pk == period.pk)
    return render_page(request, "kpm/exit_list.html", {"page": page, "rows": rows}, part="exit-more")
