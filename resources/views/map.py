"""The map of resources: where each is, which have no point yet, and placing one with a tap."""

from functools import partial
from types import SimpleNamespace

from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from pkh_casework.access import AREA, AREA_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from resources.forms.place import PlaceForm
from resources.models import Resource
from resources.nearby import point_of
from resources.operations.resource import place_resource
from wilayah.clock import local_today
from wilayah.models import Wilayah
from wilayah.sheet import KOTA, area_of_map, sheet_of

from .search import as_asked, row_of, search_of

MOST_PINS = 300
LEVELS = (4, 6, 10)  # digits of the codes of areas that a map can show


@access(AREA)
@require_safe
def resource_map(request):
    """The resources that the list shows, as far as they have a place: numbered on the map and below it; and those that
    wait for a point of their own.
    """
    search = search_of(request)
    listing, home = search.listing, search.listing.origin if search.household else None
    base = listing.within.pk if listing.within else (search.household or request.user).wilayah_id
    area, areas = _area(request, base)
    sheet = sheet_of(area, [(home.latitude, home.longitude)] if home and home.is_exact else [])
    resources = listing.qs.select_related("category", "partner", "wilayah").order_by(*listing.order)
    found = list(resources[: MOST_PINS + 1])
    rows = [row_of(resource, search) for resource in found[:MOST_PINS]]
    pins = _pins(rows, sheet)
    context = as_asked(request, search) | {
        "sheet": sheet,
        "pins": pins,
        "placed": [row for row in rows if row.resource.latitude is not None],
        "placeless": [row for row in rows if row.resource.latitude is None],
        "has_more": len(found) > MOST_PINS,
        "home": home and sheet and sheet.spot((home.latitude, home.longitude)),
        "areas": areas,
        "area": area,
    }
    return render_page(request, "resources/resource_map.html", context, part="resource-map")


def _area(request, base):
    """(the code of the area that the map shows, those to choose from): around `base` up to the kota, and its parts."""
    around = [base[:digits] for digits in LEVELS if digits <= len(base)]
    parts = Q(parent=base) if len(base) >= KOTA else Q()
    areas = list(Wilayah.objects.filter(Q(pk__in=around) | parts).order_by("code")) if around else []
    asked = asked_text(request.GET, "sekitar")
    if asked not in {area.pk for area in areas}:
        asked = base if len(base) >= KOTA else ""
    return asked, areas


def _pins(rows, sheet):
    """Those of `rows` that lie on the sheet, by their place: what the map draws at each. Each such row gets its `number`;
    what stands at one place has numbers in a row, those with a point of their own come first.
    """
    places = {}
    for row in rows:
        place = point_of(row.resource)
        row.number, row.is_near = None, bool(place) and not place[2]
        if place and sheet and (spot := sheet.spot(place[:2])):
            places.setdefault((row.is_near, spot), []).append(row)
    pins, number = [], 0
    for (is_near, (x, y)), there in sorted(places.items(), key=lambda item: item[0][0]):
        first = number + 1
        for row in there:
            number += 1
            row.number = number
        pins.append(
            SimpleNamespace(
                x=x,
                y=y,
                first=there[0],
                words=str(first) if first == number else f"{first}–{number}",
                names=", ".join(row.resource.name for row in there),
                is_near=is_near,
                is_stale=all(row.stale for row in there),
            )
        )
    return pins


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def resource_place(request, pk):
    """Where a resource is: tapped on the map, typed, or as the phone finds it."""
    resource = get_object_or_404(Resource.objects.visible_to(request.user).select_related("wilayah"), pk=pk)
    form = PlaceForm(
        request.POST or None, resource=resource, user=request.user, today=local_today(request.user.wilayah_id)
    )
    if receipt := submit(request, form, partial(place_resource, resource)):
        thank(request, receipt, "Titik tersimpan.")
        return redirect(resource)
    # Who looks for the place of something that serves a whole kota knows it best near the own area.
    own, served = request.user.wilayah_id, resource.wilayah_id
    area, areas = _area(request, area_of_map(own) if own.startswith(served) and own != served else served)
    point = point_of(resource)
    point = point[:2] if point and point[2] else None
    sheet = sheet_of(area)
    context = {
        "form": form,
        "resource": resource,
        "sheet": sheet,
        "mark": sheet and point and sheet.spot(point),
        "areas": areas,
        "area": area,
    }
    return render_page(request, "resources/resource_place.html", context)
