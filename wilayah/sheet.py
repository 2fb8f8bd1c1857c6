"""A map that needs no tile server: a square of ground as SVG, with the outlines and names of the kelurahan on it.

Places are (latitude, longitude) in degrees; on the sheet they are (x, y) in percent of its side, from the upper left.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, radians

from pkh_casework.templatetags.formats import angka, tanggal

from .models import Wilayah

KOTA, KECAMATAN = 4, 6  # digits of a code
STEPS = 2000  # of an outline along the side of the sheet: finer than a phone shows at its nearest
MARGIN = 0.06  # of the side, on each edge
LEAST = 0.006  # degrees: two thirds of a kilometre; closer says more than is known
FEW = 30  # names of kelurahan that a whole sheet has room for
KM_A_DEGREE = 111.32
BARS = (50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1)  # kilometres of the scale
LONGEST_BAR = 0.34  # of the side
EDGE = 3  # percent of the side


@dataclass(frozen=True)
class Label:
    """The name of a kelurahan at its middle."""

    code: str
    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """`north`, `west`: the upper left corner. `side` in degrees of latitude, `width` in those of longitude."""

    north: float
    west: float
    side: float
    width: float
    shapes: list[str] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    caption: str = ""

    def spot(self, place):
        """(x, y) of a place on the sheet, None for one beyond it."""
        x, y = self._at(*place)
        return (round(100 * x, 2), round(100 * y, 2)) if 0 <= x <= 1 and 0 <= y <= 1 else None

    def _at(self, latitude, longitude):
        return (float(longitude) - self.west) / self.width, (self.north - float(latitude)) / self.side

    @property
    def is_crowded(self):
        """Whether the names have room only when looked at closely."""
        return len(self.labels) > FEW

    @property
    def bar(self):
        """The scale: (where its line, begun at EDGE, ends in percent of the side, its length in words)."""
        side = self.side * KM_A_DEGREE
        length = next((bar for bar in BARS if bar <= side * LONGEST_BAR), BARS[-1])
        words = f"{angka(length)} km" if length >= 1 else f"{angka(length * 1000)} m"
        return round(EDGE + 100 * length / side, 2), words


def area_of_map(code):
    """The area whose kelurahan a map for somebody at `code` shows: the kecamatan, of a wide area the kota; "" wider."""
    return code[:KECAMATAN] if len(code) >= KECAMATAN else code[:KOTA] if len(code) >= KOTA else ""


def sheet_of(code, places=(), *, whole=True):
    """The Sheet of the area `code`, a kota or less, that holds its outlines, or the middles of its kelurahan where none
    are loaded, and `places`; only these, if there are any, where it need not be the `whole` area. None where nothing of all
    this is known. One query.
    """
    area = code if len(code) >= KOTA else ""
    kelurahan = Wilayah.objects.kelurahan().under(area_of_map(area)) if area else Wilayah.objects.none()
    known = (
        "code",
        "name",
        "latitude",
        "longitude",
        "boundary__shape",
        "boundary__source",
        "boundary__dated",
    )
    rows = list(kelurahan.exclude(latitude=None, boundary=None).order_by("code").values(*known))
    outlines = {row["code"]: _rings(row["boundary__shape"]) for row in rows if row["boundary__shape"]}
    within = [row for row in rows if row["code"].startswith(area)]
    corners = [_turned(point) for row in within for ring in outlines.get(row["code"], ()) for point in ring]
    middles = [
        (float(row["latitude"]), float(row["longitude"])) for row in within if row["latitude"] is not None
    ]
    places = [(float(north), float(east)) for north, east in places]
    box = _box(places if places and not whole else [*(corners or middles), *places])
    if box is None:
        return None
    blank = Sheet(*box)
    sources = sorted(
        {
            f"{row['boundary__source']}, {tanggal(row['boundary__dated'])}"
            for row in rows
            if row["boundary__shape"]
        }
    )
    return Sheet(
        *box,
        shapes=[path for rings in outlines.values() if (path := _path(blank, rings))],
        labels=[Label(row["code"], row["name"], *spot) for row in rows if (spot := _middle(blank, row))],
        caption=f"Batas indikatif. Sumber: {'; '.join(sources)}." if sources else "",
    )


def _rings(shape):
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [ring for part in parts for ring in part]


def _turned(point):
    return point[1], point[0]


def _middle(sheet, row):
    return sheet.spot((row["latitude"], row["longitude"])) if row["latitude"] is not None else None


def _box(places):
    """(north, west, side, width) of a square of ground around `places` with a margin; None around nothing."""
    if not places:
        return None
    norths, easts = zip(*places, strict=True)
    middle, across = (max(norths) + min(norths)) / 2, (max(easts) + min(easts)) / 2
    stretch = cos(radians(middle))
    side = max(max(norths) - min(norths), (max(easts) - min(easts)) * stretch, LEAST) / (1 - 2 * MARGIN)
    return middle + side / 2, across - side / stretch / 2, side, side / stretch


def _path(sheet, rings):
    """What an SVG path draws of `rings`, in STEPS along the side; "" for an outline wholly beyond the sheet."""
    parts, corners = [], []
    for ring in rings:
        spots = []
        for point in ring:
            x, y = sheet._at(*_turned(point))
            spot = round(x * STEPS), round(y * STEPS)
            if spot not in spots[-1:]:
                spots.append(spot)
        corners += spots
        steps = [f"{after[0] - before[0]} {after[1] - before[1]}" for before, after in pairwise(spots)]
        if steps:
            parts.append(f"M{spots[0][0]} {spots[0][1]}l{' '.join(steps)}z".replace(" -", "-"))
    is_there = all(min(side) <= STEPS and max(side) >= 0 for side in zip(*corners, strict=True))
    return "".join(parts) if is_there else ""
