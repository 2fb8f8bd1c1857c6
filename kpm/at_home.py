"""Acts that may be done during a home visit (an assessment, a new goal): told to the upper room, where visits are written
down, so that what is done in one visit is one record.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple


class Visits(NamedTuple):
    """`keep(act, by=…, visited_on=…)` writes an act down as done in a visit, or not; `knows(act)` whether it is."""

    keep: Callable[..., None]
    knows: Callable[[Any], bool]


KEEPERS: list[Visits] = []


def done_at_home(act, *, by, visited_on: date | None) -> None:
    """Within the operation that stores `act`, a row with its `household`: `by` did it on a home visit of the day
    `visited_on`; None: it was done elsewhere.
    """
    for visits in KEEPERS:
        visits.keep(act, by=by, visited_on=visited_on)


def is_at_home(act) -> bool:
    """Whether `act` was done during a home visit."""
    return any(visits.knows(act) for visits in KEEPERS)
