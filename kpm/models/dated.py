"""Rows that hold from one day to another: [from, to), open when the end is empty."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db.models import F, Func, Value


def one_a_day(name, words):
    """A constraint: of the rows of one household, [from_on, to_on) never overlap. `words` tell the person so."""
    days = Func(F("from_on"), F("to_on"), Value("[)"), function="daterange")
    return ExclusionConstraint(
        name=name,
        expressions=[("household", RangeOperators.EQUAL), (days, RangeOperators.OVERLAPS)],
        violation_error_message=words,
    )
