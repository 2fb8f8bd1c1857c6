"""Fewer points for the outlines of areas, so that neighbours still meet: the line between two is thinned once for both."""

from collections import defaultdict
from itertools import pairwise
from math import cos, hypot, radians

METRES_A_DEGREE = 111_320


def simplify(rings, metres):
    """Thin closed `rings` ([[longitude, latitude], …], of all areas together) in place: no line moves by more than
    `metres` (Douglas-Peucker), and where three areas meet, or two at the edge, the point stays.
    """
    beside = defaultdict(set)  # the points before and after each point, over all rings
    for ring in rings:
        for one, other in pairwise(ring):
            beside[tuple(one)].add(tuple(other))
            beside[tuple(other)].add(tuple(one))
    for ring in rings:
        points = [tuple(point) for point in ring[:-1]]
        corners = {point for point in points if len(beside[point]) != 2}
        start = points.index(min(corners or points))  # the same from both sides of a line
        points = points[start:] + points[: start + 1]
        thinned = [list(point) for line in _lines(points, corners) for point in _thinned(line, metres)[1:]]
        if len(thinned) >= 3:  # one that is smaller than `metres` stays as it is
            ring[:] = [*thinned[-1:], *thinned]


def _lines(points, corners):
    """`points` cut at `corners`; each end begins the next line."""
    line = points[:1]
    for place, point in enumerate(points[1:], 2):
        line.append(point)
        if point in corners or place == len(points):
            yield line
            line = [point]


def _thinned(line, metres):
    """`line` without what lies within `metres` of it, the same whichever way it is read."""
    if line[::-1] < line:
        return _thinned(line[::-1], metres)[::-1]
    kept, parts = {0, len(line) - 1}, [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        away = [(_away(line[place], line[first], line[last]), place) for place in range(first + 1, last)]
        farthest, place = max(away, default=(0, 0))
        if farthest > metres:
            kept.add(place)
            parts += [(first, place), (place, last)]
    return [line[place] for place in sorted(kept)]


def _away(point, start, end):
    """How many metres `point` lies from the straight line between `start` and `end`."""
    across = cos(radians(start[1])) * METRES_A_DEGREE
    x, y = (point[0] - start[0]) * across, (point[1] - start[1]) * METRES_A_DEGREE
    east, north = (end[0] - start[0]) * across, (end[1] - start[1]) * METRES_A_DEGREE
    length = east**2 + north**2
    along = min(1, max(0, (x * east + y * north) / length)) if length else 0
    return hypot(x - along * east, y - along * north)
