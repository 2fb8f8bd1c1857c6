"""The values of figures: counted from their rows, or read from the roll-up where that holds them."""

from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Left

from . import rollups
from .declared.registry import FIGURES


def by_pendamping(source):
    """Group rows by who holds the family (figures of now) or did the work (figures of a month)."""
    return F(source.scope.pendamping)


@dataclass(frozen=True)
class by_area:
    """Group rows by the area whose code has so many digits."""

    digits: int

    def __call__(self, source):
        return Left(source.scope.area, self.digits)


def by_rw(source):
    """Group rows by the RW of the family's present address."""
    return F(source.scope.rw)


def by_indicator(source):
    """Group rows by the code of the indicator."""
    return F(source.scope.indicator)


def by_sub_role(source):
    """Group rows by the code of the sub-role."""
    return F(source.scope.sub_role)


def values_of(slugs, lens):
    """The values of the figures `slugs` as {slug: int}, of a median float or None; one query per source, one for all
    that the roll-up holds.
    """
    kept, counted = _shared_out(slugs, lens)
    values = _nothing(slugs)
    if kept:
        values |= _picked(rollups.kept_values(lens, [lens.month]).get(lens.month, {}), kept)
    for source, figures in counted.items():
        values |= source.rows(lens).aggregate(**{figure.slug: figure.value(lens) for figure in figures})
    return values


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
                values[part] = _nothing(slugs) | row
    for source, figures in counted.items():
        rows = source.rows(lens)
        if dimension is by_rw:
            rows = rows.filter(**{source.scope.home: lens.here})
        counts = {figure.slug: figure.value(lens) for figure in figures}
        for row in rows.order_by().values(part=dimension(source)).annotate(**counts):
            values.setdefault(row.pop("part"), _nothing(slugs)).update(row)
    return values


def _shared_out(slugs, lens, dimension=None):
    """(slugs read from the roll-up, {source: figures counted from its rows})."""
    may_keep = [slug for slug in slugs if FIGURES[slug].source.period.kept]
    is_kept = dimension in (None, by_pendamping) or isinstance(dimension, by_area)
    if not is_kept or not may_keep or lens.month not in rollups.readable_months(lens, [lens.month]):
        may_keep = []
    return may_keep, grouped_by_source(slug for slug in slugs if slug not in may_keep)


def grouped_by_source(slugs):
    """The figures `slugs` as {source: [figure, …]}."""
    grouped = {}
    for slug in slugs:
        grouped.setdefault(FIGURES[slug].source, []).append(FIGURES[slug])
    return grouped


def _nothing(slugs):
    return {slug: FIGURES[slug].without_rows for slug in slugs}


def _picked(row, slugs):
    return {slug: row[slug] for slug in slugs if slug in row}
