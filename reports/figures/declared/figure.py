"""What a figure is: a name and a meaning for people, and the rows of a source that it counts or measures."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, FloatField, Q

from pkh_casework.aggregates import Median

from .sources import Lens, Source


@dataclass(frozen=True)
class Figure:
    """One figure: the rows of `source` that fulfil `where`; with `once_per_family`, the families in them.

    `name`, `definition`, `unit` and `nothing` (what an empty list says) are for people; `short` is a name for the
    heading of a narrow column, where `name` is too long. `share_of` names the figure
    that this one is a part of; `of_one` the field of the lens without which it says little ("indicator").
    `median_of` (a column of the source) makes it the middle value of its rows instead of their number. Of a figure where
    `fewer` is better a target is the most that there should be.
    """

    slug: str
    name: str
    definition: str
    unit: str
    source: Source
    nothing: str
    short: str = ""
    where: Callable[[Lens], Q] = lambda lens: Q()
    once_per_family: bool = False
    share_of: str = ""
    of_one: str = ""
    median_of: str = ""
    fewer: bool = False

    @property
    def heading(self):
        return self.short or self.name

    @property
    def without_rows(self):
        """The value where there is nothing to count: 0, or no value where there is nothing to measure."""
        return None if self.median_of else 0

    def takes_target(self, *, of_person):
        """Whether a target can be set for one pendamping or else for an area: of numbers that can be added up, and that
        belong to one such.
        """
        scope = self.source.scope
        whose = scope.pendamping if of_person else scope.area or scope.in_area
        return bool(whose) and not self.median_of and not self.of_one

    def rows(self, lens):
        """The rows of `source` that this figure counts."""
        return self.source.rows(lens).filter(self.where(lens))

    def value(self, lens):
        """The aggregate that gives this figure's value among the rows of its source."""
        if self.median_of:
            return Median(self.median_of, filter=self.where(lens), output_field=FloatField())
        counted = "household" if self.once_per_family else "pk"
        return Count(counted, distinct=self.once_per_family, filter=self.where(lens))
