"""A place on the map: as people paste it, and how far two are from each other."""

import re
from math import asin, cos, radians, sin, sqrt

COUNTRY = ((-12, 7), (94, 142))  # degrees of latitude and of longitude
WRONG = "Tulis dua angka dengan koma di antaranya, misalnya -6.92744, 107.64680."
ABROAD = "Titik ini di luar Indonesia. Angka lintang (misalnya -6,9) lebih dulu."
EARTH_KM = 6371

_POINT = re.compile(r"\s*(-?\d{1,2}[.,]\d+)\s*[,;\s]\s*(\d{2,3}[.,]\d+)\s*")
# What a map app shares: geo:-6.9,107.6 or an address with @-6.9,107.6 or q=-6.9,107.6 in it.
_SHARED = re.compile(
    r"(?:geo:|@|[?&](?:q|query|ll|destination)=)(-?\d{1,2}\.\d+)(?:,|%2C)(\d{2,3}\.\d+)", re.IGNORECASE
)


def read_point(text: str) -> tuple[float, float]:
    """(latitude, longitude), to six places, that `text` says: two numbers, or what a map app shares.

    Raises ValueError with words for the person when there is none, or when it lies outside Indonesia.
    """
    found = _POINT.fullmatch(text) or _SHARED.search(text)
    if not found:
        raise ValueError(WRONG)
    latitude, longitude = (round(float(number.replace(",", ".")), 6) for number in found.groups())
    (south, north), (west, east) = COUNTRY
    if not (south <= latitude <= north and west <= longitude <= east):
        raise ValueError(ABROAD)
    return latitude, longitude


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way between two (latitude, longitude) as the crow flies, in kilometres."""
    north, south = radians(one[0]), radians(other[0])
    east = radians(one[1] - other[1])
    chord = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(chord))
