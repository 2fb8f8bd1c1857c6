"""The root of all numbers: what figures count, of months that are locked as they were locked, by any dimension."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Value
from django.db.models.functions import JSONObject, Left, TruncMonth

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
    for parts, values in _counted(slugs, lens, dimensions):
        row = found[parts]
        for slug, number in values.items():
            row[slug] = number if row[slug] is None else row[slug] + number
    return dict(found)


def _counted(slugs, lens, dimensions):
    """(parts, {slug: value}) of each group of each sort of rows: all sorts in one statement, however many there are. What
    asks something of each row is counted by a statement of its own, which then asks it once and not once a figure.
    """
    together = []
    for rows, source, values in _sorts(slugs, lens, dimensions):
        if not dimensions and _asks_of_each(rows):
            yield (), rows.aggregate(**values)
        else:
            together.append(_grouped(rows, source, dimensions, lens, values))
    if together:
        first, *others = together
        for *parts, values in first.union(*others, all=True).order_by() if others else first:
            yield tuple(parts), values


def _asks_of_each(rows):
    return any(getattr(asked, "contains_subquery", False) for asked in rows.query.annotations.values())


def _sorts(slugs, lens, dimensions):
    """(rows, source, {slug: aggregate}) of each source, and of what locked months keep."""
    locked = {}
    for source, figures in grouped_by_source(slugs).items():
        seen = source.seen(lens)
        rows, values = open_values(figures, seen, dimensions)
        yield rows, source, values
        if source.frozen and may_be_locked(seen):
            locked.setdefault(source.period.at_end, (seen, []))[1].extend(figures)
    for seen, figures in locked.values():
        sources = list(dict.fromkeys(figure.source for figure in figures))
        rows = kept_rows(seen, sources)
        if by_sub_role in dimensions:
            rows = with_sub_role(rows, sources[0], seen)
        yield rows, KEPT, {figure.slug: kept_value(figure) for figure in figures}


def _grouped(rows, source, dimensions, lens, values):
    """Each group of `rows` as its parts and, in one column whatever is counted, its values."""
    if by_rw in dimensions:
        rows = rows.filter(**{source.scope.home: lens.here})
    parts = {f"part_{place}": dimension(source) for place, dimension in enumerate(dimensions)}
    groups = rows.order_by().values(**parts or {"part": Value(1)})
    return groups.annotate(told=JSONObject(**values)).values_list(*parts, "told")


def grouped_by_source(slugs):
    """The figures `slugs` as {source: [figure, …]}."""
    grouped = {}
    for slug in slugs:
        grouped.setdefault(FIGURES[slug].source, []).append(FIGURES[slug])
    return grouped


def nothing_of(slugs):
    """The values of `slugs` where there are no rows."""
    return {slug: FIGURES[slug].without_rows for slug in slugs}
