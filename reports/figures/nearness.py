"""Where the parts of an area lie, and what is nearest to each: for the map of need against supply. Reads only."""

from django.db.models import Avg, Count

from kpm.models import Household
from resources.models import Resource
from resources.nearby import Origin, way_between
from wilayah.models import Wilayah

from .values import by_rw

FEWEST_HOUSES = 3  # with a point; the middle of fewer would tell where somebody lives


def middles(lens, dimension, parts):
    """{part: (latitude, longitude)} of those of `parts` whose middle is known: of an RW that of its houses with a point,
    of an area its own. One query.
    """
    if dimension is by_rw:
        families = (
            Household.objects.counted_for(lens.user).active().filter(wilayah=lens.here, rw__in=list(parts))
        )
        rows = families.exclude(latitude=None).order_by().values("rw")
        rows = rows.annotate(houses=Count("pk"), north=Avg("latitude"), east=Avg("longitude"))
        rows = rows.filter(houses__gte=FEWEST_HOUSES).values_list("rw", "north", "east")
    else:
        areas = Wilayah.objects.filter(code__in=list(parts)).exclude(latitude=None)
        rows = areas.values_list("code", "latitude", "longitude")
    return {part: (float(north), float(east)) for part, north, east in rows}


def open_places(lens):
    """The resources that concern the area looked at, take people today and have a point of their own. One query."""
    resources = Resource.objects.visible_to(lens.user).active().for_area(lens.here).open_on(lens.today)
    return list(resources.exclude(latitude=None).select_related("wilayah"))


def nearest(places, code, middle):
    """(Resource, Way) of the one of `places` that lifts the indicator `code` and is nearest to `middle`; None without."""
    origin = Origin(*middle, is_exact=False)
    ways = [(place, way_between(place, origin)) for place in places if code in place.lifts]
    return min(ways, key=lambda found: (found[1].km, found[0].pk), default=None)
