from django.core.exceptions import BadRequest
from django.http import JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from pkh_casework.access import ADMIN, KOORDINATOR, SIGNED_IN, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.templatetags.formats import tanggal

from .models import Boundary, Wilayah

MOST_RESULTS = 20
KEPT_SECONDS = 24 * 60 * 60
KOTA = 4  # digits; a wider area would be too heavy for a phone


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


@access(SIGNED_IN)
@require_safe
@cache_control(private=True, max_age=KEPT_SECONDS)
def boundaries(request):
    """The outlines of the kelurahan under `?di=` (the code of a kota, kecamatan or kelurahan) as GeoJSON, with the
    words that a map must show beside them. No personal data, so browsers keep it.
    """
    code = asked_text(request.GET, "di")
    if len(code) < KOTA:
        raise BadRequest("too wide")
    kelurahan = Boundary.objects.under(code).filter(wilayah__level=Wilayah.Level.KELURAHAN)
    rows = list(kelurahan.select_related("wilayah").order_by("pk"))
    sources = sorted({f"{row.source}, {tanggal(row.dated)}" for row in rows})
    return JsonResponse(
        {
            "type": "FeatureCollection",
            "caption": f"Batas indikatif. Sumber: {'; '.join(sources)}." if rows else "",
            "features": [
                {"type": "Feature", "properties": {"nama": row.wilayah.name}, "geometry": row.shape}
                for row in rows
            ],
        }
    )
