"""Whose benefit ends by itself soon."""

from django.views.decorators.http import require_safe

from kpm.benefits import Tables, counted_on, exits_within, outlooks
from kpm.models import Household, MemberComponent
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

PAGE = 50


def exits_of(user, day, tables):
    """(components of people `user` accompanies that end within a year of `day` with nothing to follow, order)."""
    own = MemberComponent.objects.visible_to(user)
    exits = exits_within(counted_on(day, own), tables, day)
    return exits.filter(household__status__in=Household.ACTIVE), ["ends_on", "pk"]


@require_safe
def exit_list(request):
    """People whose component ends within a year and nothing follows, by day, with what the family then receives."""
    day = local_today(request.user.wilayah_id)
    tables = Tables()
    periods, order = exits_of(request.user, day, tables)
    periods = periods.select_related("member", "component", "household__wilayah", "household__pendamping")
    page = keyset_page(periods, request, order, size=PAGE)
    ahead = outlooks({period.household_id for period in page.rows}, day, tables)
    rows = [(period, ahead[period.household_id]) for period in page.rows]
    for period, outlook in rows:
        period.then = next(e.yearly for e in outlook.events if e.ending.period.pk == period.pk)
    return render_page(request, "kpm/exit_list.html", {"page": page, "rows": rows}, part="exit-more")
