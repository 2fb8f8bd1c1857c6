"""Master data that holds from one day to another: [valid_from, valid_to), open when the end is empty."""

import time
from functools import lru_cache, wraps

from django.db import models
from django.db.models import Q

KEPT_SECONDS = 60


class DatedQuerySet(models.QuerySet):
    """Master data with `valid_from` and `valid_to`."""

    def valid_on(self, day):
        """Rows in force on `day`."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


def kept_a_minute(read):
    """Decorator for what reads master data, as of a day or whole: it changes with a release, so each process asks for
    it once a minute.
    """

    @lru_cache(maxsize=32)
    def kept(_minute, *asked):
        return read(*asked)

    @wraps(read)
    def ask(*asked):
        return kept(_this_minute(), *asked)

    return ask


def _this_minute():
    return int(time.monotonic() // KEPT_SECONDS)
