"""The values of figures: counted from their rows, or read from the roll-up where that holds them."""

from dataclasses import replace

from . import rollups
from .counting import by_area, by_indicator, by_month, by_pendamping, by_rw, by_sub_role, count, nothing_of
from .declared.registry import FIGURES

__all__ = [
    "by_area",
    "by_indicator",
    "by_month",
    "by_pendamping",
    "by_rw",
    "by_sub_role",
    "count",
    "values_by",
    "values_of",
]


def values_of(slugs, lens):
    """The values of the figures `slugs` as {slug: int}, of a median float or None; one query for all that is counted,
    and one for all that the roll-up holds.
    """
    values = nothing_of(slugs)
    if lens.span > 1:
        added, counted = _added_up(slugs, lens)
        return values | added | count(counted, lens).get((), {})
    kept, counted = _shared_out(slugs, lens)
    if kept:
        values |= _picked(rollups.kept_values(lens, [lens.month]).get(lens.month, {}), kept)
    return values | count(counted, lens).get((), {})


def _added_up(slugs, lens):
    """({slug: number} of the figures whose months may be added up, the slugs to count over all months together). The last
    month may still run, and is counted; where the roll-up lacks one of those before it, all are.
    """
    added = [slug for slug in slugs if FIGURES[slug].source.period.kept and not FIGURES[slug].once_per_family]
    *before, _ = lens.months
    if not added or rollups.readable_months(lens, before) != set(before):
        return {}, slugs
    values = nothing_of(added) | count(added, replace(lens, span=1)).get((), {})
    for row in rollups.kept_values(lens, before).values():
        for slug in added:
            values[slug] += row.get(slug, 0)
    return values, [slug for slug in slugs if slug not in values]


def values_by(slugs, lens, dimension):
    """The values of `slugs` for every group that has any, as {group: {slug: value}}; queries as for values_of.

    Grouping by RW leaves out families that have moved away from `lens.here`, as narrowing to an RW does.
    """
    kept, counted = _shared_out(slugs, lens, dimension)
    values = {}
    if kept:
        for part, row in rollups.kept_by(
            lens, None if dimension is by_pendamping else dimension.digits
        ).items():
            if row := _picked(row, kept):
                values[part] = nothing_of(slugs) | row
    for (part,), row in count(counted, lens, dimension).items():
        values.setdefault(part, nothing_of(slugs)).update(row)
    return values


def _shared_out(slugs, lens, dimension=None):
    """(slugs read from the roll-up, slugs counted from their rows)."""
    may_keep = [slug for slug in slugs if FIGURES[slug].source.period.kept]
    is_kept = dimension in (None, by_pendamping) or isinstance(dimension, by_area)
    is_one_month = lens.span == 1 and not lens.until and not lens.day
    if (
        not is_kept
        or not is_one_month
        or not may_keep
        or lens.month not in rollups.readable_months(lens, [lens.month])
    ):
        may_keep = []
    return may_keep, [slug for slug in slugs if slug not in may_keep]


def _picked(row, slugs):
    return {slug: row[slug] for slug in slugs if slug in row}
