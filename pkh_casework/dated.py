"""Master data that holds from one day to another: [valid_from, valid_to), open when the end is empty."""

from django.db import models
from django.db.models import Q


class DatedQuerySet(models.QuerySet):
    """Master data with `valid_from` and `valid_to`."""

    def valid_on(self, day):
        """Rows in force on `day`."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)
