"""Families that were found to be another one: where their numbers lead."""

from kpm.models import Household


def standing_numbers(cases):
    """{case number: that of the family it is now} of those of `cases` that were merged: one query."""
    merged = Household.every.filter(case_number__in=cases).exclude(merged_into=None)
    return dict(merged.values_list("case_number", "merged_into__case_number"))


def standing_number(case):
    """The case number under which the family `case` goes on; mostly its own."""
    return standing_numbers([case]).get(case, case)
