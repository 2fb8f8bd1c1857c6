"""Figures of a month over many months, one query for those that are counted and one for what the roll-up holds."""

from dataclasses import replace

from . import rollups
from .declared.registry import FIGURES
from .values import by_month, count


def trend_of(slugs, lens, months):
    """The values of the figures `slugs` in the `months` (first days, one after the other, newest last), seen through
    `lens`, as {slug: [value, …]} in the order of `months`.

    Only figures whose rows each fall on a day of the month: how things stood at its end is another question.
    """
    slugs = dict.fromkeys(slugs).keys()
    kept = {slug for slug in slugs if FIGURES[slug].source.period.kept}
    readable = rollups.readable_months(lens, months) if kept else set()
    values = {month: {slug: FIGURES[slug].without_rows for slug in slugs} for month in months}
    if readable:
        for month, row in rollups.kept_values(lens, readable).items():
            values[month] |= {slug: row[slug] for slug in kept if slug in row}
    for wanted, counted in ((months, slugs - kept), ([one for one in months if one not in readable], kept)):
        if not wanted or not counted:
            continue
        span = months.index(wanted[-1]) - months.index(wanted[0]) + 1
        found = count(sorted(counted), replace(lens, month=wanted[-1], span=span), by_month)
        for (month,), row in found.items():
            if month in wanted:
                values[month] |= row
    return {slug: [values[month][slug] for month in months] for slug in slugs}
