"""Invented outlines of the kelurahan of the demo's kota, so that its maps have some: each holds the ground that is nearer to
its middle than to any other's. Real ones come from a file (load_boundaries).
"""

from math import cos, hypot, pi, radians, sin

from wilayah.models import Boundary, Wilayah

KOTA = "3273"
REACH = 0.011  # degrees: no outline is farther from its middle
CORNERS = 16  # of the circle that each is cut from
PLACES = 5
SOURCE = "Garis rekaan untuk demo, bukan batas sebenarnya"


def fill_outlines(today):
    """Store an outline for each kelurahan of KOTA whose middle is known."""
    areas = list(Wilayah.objects.kelurahan().under(KOTA).exclude(latitude=None).order_by("pk"))
    stretch = cos(radians(float(areas[0].latitude)))
    middles = [(float(area.longitude) * stretch, float(area.latitude)) for area in areas]
    Boundary.objects.bulk_create(
        Boundary(wilayah=area, shape=_shape(middle, middles, stretch), source=SOURCE, dated=today)
        for area, middle in zip(areas, middles, strict=True)
    )


def _shape(middle, middles, stretch):
    angles = [2 * pi * corner / CORNERS for corner in range(CORNERS)]
    ring = [(middle[0] + REACH * cos(angle), middle[1] + REACH * sin(angle)) for angle in angles]
    for other in middles:
        if 0 < hypot(other[0] - middle[0], other[1] - middle[1]) < 2 * REACH:
            ring = _nearer(ring, middle, other)
    points = [[round(x / stretch, PLACES), round(y, PLACES)] for x, y in ring]
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


def _nearer(ring, middle, other):
    """The part of a convex `ring` that is nearer to `middle` than to `other`."""
    across = other[0] - middle[0], other[1] - middle[1]
    edge = (other[0] ** 2 + other[1] ** 2 - middle[0] ** 2 - middle[1] ** 2) / 2
    beyond = [x * across[0] + y * across[1] - edge for x, y in ring]
    kept = []
    for place, (point, over) in enumerate(zip(ring, beyond, strict=True)):
        after, after_over = ring[(place + 1) % len(ring)], beyond[(place + 1) % len(ring)]
        if over <= 0:
            kept.append(point)
        if (over <= 0) != (after_over <= 0):
            share = over / (over - after_over)
            kept.append(tuple(a + share * (b - a) for a, b in zip(point, after, strict=True)))
    return kept
