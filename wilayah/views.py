from django.views.decorators.http import require_safe

from pkh_casework.access import ADMIN, KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page

from .models import Wilayah

MOST_RESULTS = 20


@access(only(KOORDINATOR, ADMIN))
@require_safe
def search(request):
    """Areas by name, for whoever gives out areas of work: a koordinator finds those of the own area only."""
    query = asked_text(request.GET, "q")
    areas = Wilayah.objects.all()
    if request.user.duty != ADMIN:
        areas = areas.under(request.user.wilayah_id)
    # One row more than is shown tells whether there are more.
    found = list(areas.named_like(query).select_related("parent__parent__parent")[: MOST_RESULTS + 1])
    context = {
        "query": query,
        "areas": [{"area": area, "chain": _chain(area)} for area in found[:MOST_RESULTS]],
        "has_more": len(found) > MOST_RESULTS,
        "reach": request.user.wilayah if request.user.duty != ADMIN else None,
    }
    return render_page(request, "wilayah/search.html", context, part="area-list")


def _chain(area):
    """The areas that `area` lies in, nearest first, as text: "Kecamatan Kiaracondong, Kota Bandung, Jawa Barat"."""
    names = []
    while (area := area.parent) is not None:
        names.append(f"Kecamatan {area}" if area.level == Wilayah.Level.KECAMATAN else area.name)
    return ", ".join(names)
