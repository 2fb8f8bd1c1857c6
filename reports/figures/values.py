"""The values of figures: counted from their rows, or read from the roll-up where that holds them."""

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
    """The values of the figures `slugs` as {slug: int}, of a median float or None; one query per source, one for all
    that the roll-up holds, one for all that locked months keep.
    """
    kept, counted = _shared_out(slugs, lens)
    values = nothing_of(slugs)
    if kept:
        values |= _picked(rollups.kept_values(lens, [lens.month]).get(lens.month, {}), kept)
    return values | count(counted, lens).get((), {})


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
    if not is_kept or not may_keep or lens.month not in rollups.readable_months(lens, [lens.month]):
        may_keep = []
    return may_keep, [slug for slug in slugs if slug not in may_keep]


def _picked(row, slugs):
    return {slug: row[slug] for slug in slugs if slug in row}
