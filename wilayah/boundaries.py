"""Indicative outlines of areas from a GeoJSON file, checked whole and simplified before anything is stored."""

import json
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from .models import Boundary, Wilayah
from .simplifying import simplify

CODE_NAMES = ("kode", "code")  # how files call the Kemendagri code of a feature
SHAPES = {"Polygon": 1, "MultiPolygon": 2}  # how many lists lie around a ring
PLACES = 5  # about a metre
METRES = 10  # how far a line may move when it is simplified, unless told otherwise
MOST_POINTS = 5000  # of one area; a finer outline is for a surveyor and too heavy for a phone


class BadBoundaries(Exception):
    """A file that can't be loaded; the text names every fault, one a line."""


@dataclass(frozen=True)
class LoadedBoundaries:
    created: int
    changed: int
    unchanged: int


@transaction.atomic
def load_boundaries(path, *, source="", dated=None, metres=METRES):
    """Store the outlines in the FeatureCollection at `path`, simplified, one for each area code in it; a LoadedBoundaries.

    A feature names its area in the property `kode` (dots allowed). `source` (str) and `dated` (date) say whose the
    outlines are and of when; where they are not given the file's own `source` and `date` count. No line moves by more
    than `metres`, and neighbours of one file still meet. All or nothing: raises BadBoundaries with every fault.
    """
    collection = _read(path)
    source = source or str(collection.get("source") or "")
    dated = dated or _date(collection.get("date"))
    faults = [] if source else ["no source: name whose outlines these are"]
    faults += [] if dated else ["no date: say of when these outlines are"]
    shapes, lines = {}, {}
    for number, feature in enumerate(collection["features"], 1):
        try:
            code, geometry, rings = _outline(feature)
            if code in shapes:
                raise ValueError(f"{code} comes twice")
            shapes[code], lines[code] = geometry, rings
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"feature {number}: {error}")
    simplify([ring for rings in lines.values() for ring in rings], metres)
    faults += [
        f"{code} has more than {MOST_POINTS} points: simplify it further"
        for code, rings in lines.items()
        if sum(map(len, rings)) > MOST_POINTS
    ]
    known = set(Wilayah.objects.filter(pk__in=shapes).values_list("pk", flat=True))
    faults += [f"{code}: no such area" for code in sorted(shapes.keys() - known)]
    if faults:
        raise BadBoundaries("\n".join(faults))
    return _store(shapes, source, dated)


def _store(shapes, source, dated):
    stored = Boundary.objects.in_bulk(shapes)
    rows = [
        Boundary(wilayah_id=code, shape=shape, source=source, dated=dated) for code, shape in shapes.items()
    ]
    new = [row for row in rows if row.pk not in stored]
    changed = [row for row in rows if row.pk in stored and _content(row) != _content(stored[row.pk])]
    Boundary.objects.bulk_create(new)
    Boundary.objects.bulk_update(changed, ["shape", "source", "dated"])
    return LoadedBoundaries(len(new), len(changed), len(rows) - len(new) - len(changed))


def _content(row):
    return row.shape, row.source, row.dated


def _read(path):
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadBoundaries(f"{path}: {error}") from error
    if not isinstance(collection, dict) or not isinstance(collection.get("features"), list):
        raise BadBoundaries(f"{path}: no GeoJSON FeatureCollection")
    return collection


def _date(text):
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError) as error:
        raise BadBoundaries(f"date: {error}") from error


def _outline(feature):
    """(code, GeoJSON geometry with PLACES decimals, the rings in it) of one feature. Raises KeyError, TypeError,
    ValueError.
    """
    names = feature["properties"]
    code = next((str(names[name]) for name in CODE_NAMES if names.get(name)), "").replace(".", "")
    if not code:
        raise ValueError("no code")
    kind = feature["geometry"]["type"]
    if kind not in SHAPES:
        raise ValueError(f"{code} is a {kind}, not a Polygon or MultiPolygon")
    rings = []
    coordinates = _rounded(feature["geometry"]["coordinates"], SHAPES[kind] + 1, rings)
    if not rings or any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise ValueError(f"{code} has a ring that does not close")
    return code, {"type": kind, "coordinates": coordinates}, rings


def _rounded(part, depth, rings):
    """`part` with its numbers rounded; every ring met on the way goes into `rings`."""
    if depth == 0:
        longitude, latitude = part[:2]
        if not (90 <= longitude <= 145 and -15 <= latitude <= 10):
            raise ValueError(f"the point {longitude}, {latitude} is not in Indonesia (longitude comes first)")
        return [round(longitude, PLACES), round(latitude, PLACES)]
    whole = [_rounded(inner, depth - 1, rings) for inner in part]
    if depth == 1:
        rings.append(whole)
    return whole
