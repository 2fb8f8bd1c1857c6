"""The root of all numbers: what figures count, of months that are locked as they were locked, by any dimension."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Left, TruncMonth

from .declared.locked import KEPT, kept_rows, kept_value, may_be_locked, open_values, with_sub_role
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


def by_month(source):
    """Group rows by the month of their day, for a lens that spans several."""
    return TruncMonth(source.period.day)


def count(slugs, lens, *dimensions):
    """What the figures `slugs` count in each group of the `dimensions` that has any rows, as {(part, …): {slug: value}};
    without dimensions there is one group, (). The root of all numbers: of a locked month the rows that its lock keeps
    are counted, else those that stand (declared.locked).
    """
    found = defaultdict(lambda: nothing_of(slugs))
    for source, figures in grouped_by_source(slugs).items():
        rows, values = open_values(figures, lens, dimensions)
        for parts, row in _groups(rows, source, dimensions, lens, values):
            found[parts] |= row
    locked = [FIGURES[slug] for slug in slugs if FIGURES[slug].source.frozen]
    if locked and may_be_locked(lens):
        sources = list(dict.fromkeys(figure.source for figure in locked))
        rows = kept_rows(lens, sources)
        if by_sub_role in dimensions:
            rows = with_sub_role(rows, sources[0], lens)
        values = {figure.slug: kept_value(figure) for figure in locked}
        for parts, row in _groups(rows, KEPT, dimensions, lens, values):
            found[parts] |= {slug: found[parts][slug] + number for slug, number in row.items()}
    return dict(found)


def _groups(rows, source, dimensions, lens, values):
    """(parts, {slug: value}) of each group of `rows`."""
    if not dimensions:
        return [((), rows.aggregate(**values))]
    if by_rw in dimensions:
        rows = rows.filter(**{source.scope.home: lens.here})
    parts = {f"part_{place}": dimension(source) for place, dimension in enumerate(dimensions)}
    found = rows.order_by().values(**parts).annotate(**values)
    return [(tuple(row.pop(part) for part in parts), row) for row in found]


def grouped_by_source(slugs):
    """The figures `slugs` as {source: [figure, …]}."""
    grouped = {}
    for slug in slugs:
        grouped.setdefault(FIGURES[slug].source, []).append(FIGURES[slug])
    return grouped


def nothing_of(slugs):
    """The values of `slugs` where there are no rows."""
    return {slug: FIGURES[slug].without_rows for slug in slugs}
