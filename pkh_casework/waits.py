"""What waits for a koordinator: one line a sort, said by the room it belongs to.

A room says so in its `panels.py`, which its AppConfig imports; the page that gathers the lines (desk) knows of none of
them. Each line is one query of rows that an index finds, and its number is that of the list that it opens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Waiting:
    """`number` of something (`words` say of what) waiting at `url`, the first of them since the day `since`.

    `presses` where each day costs somebody: a family with nobody, words that may be lost. `since` is None where none of
    them has a day.
    """

    icon: str
    words: str
    number: int
    url: str
    since: date | None = None
    presses: bool = False


@dataclass(frozen=True)
class Line:
    """A Waiting with how many days its first one waits, None where nobody knows."""

    waiting: Waiting
    days: int | None


ROOMS: list[Callable] = []


def waits(function):
    """Decorator: what the function gives for (user, today) stands on the day of a koordinator: a list of Waiting."""
    ROOMS.append(function)
    return function


def lines_for(user, today):
    """The Lines of `user`, a koordinator: what presses first, then what waits longest, then what has no day."""
    said = [one for room in ROOMS for one in room(user, today) if one.number]
    lines = [Line(one, max((today - one.since).days, 0) if one.since else None) for one in said]
    return sorted(
        lines, key=lambda line: (not line.waiting.presses, -1 - (line.days or 0), line.days is None)
    )
