"""Aggregates that PostgreSQL knows and Django does not."""

from django.db.models import Aggregate


class Median(Aggregate):
    """The middle one of the values, or the mean of the two in the middle; None without any."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
