"""What day it is where the work happens: WIB, WITA or WIT by province."""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from pkh_casework.csv_rows import read_rows

_MOMENT = ContextVar("moment", default=None)
ZONES_FILE = Path(__file__).parent / "data" / "zona_waktu.csv"


@lru_cache
def _zones():
    return {row["provinsi"]: ZoneInfo(row["zona"]) for _, row in read_rows(ZONES_FILE)}


def zone_of(code):
    """The time zone (ZoneInfo) of the area `code`; without an area, the project's own."""
    return _zones().get((code or "")[:2]) or ZoneInfo(settings.TIME_ZONE)


def local_today(code=None):
    """Today's date in the area `code`. Without a code, in the zone active for this request."""
    return timezone.localdate(_MOMENT.get(), timezone=zone_of(code) if code else None)


@contextmanager
def as_of(moment):
    """Within it `local_today` is the day of `moment`: what was sent then is judged by the day on which it was sent."""
    token = _MOMENT.set(moment)
    try:
        yield
    finally:
        _MOMENT.reset(token)


def local_zone(get_response):
    """Middleware: dates and times of a page are those of the asker's area."""

    def middleware(request):
        if request.user.is_authenticated and request.user.wilayah_id:
            with timezone.override(zone_of(request.user.wilayah_id)):
                return get_response(request)
        return get_response(request)

    return middleware
