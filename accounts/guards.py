"""What stands against a change of an account: upper rooms say so, of which this one knows nothing.

A room that has a reason says so in its `panels.py`: a function marked with `stands_against` gets the account and the
change, and answers the words for the person at the page, or "".
"""

from collections.abc import Callable
from dataclasses import dataclass

GUARDS: list[Callable] = []


class StandsAgainst(Exception):
    """The account can't be changed so; the text is for the person at the page."""


@dataclass(frozen=True)
class SwitchingOff:
    """The account is to be switched off."""


@dataclass(frozen=True)
class Moving:
    """The account is to get the area `wilayah_id` (a code)."""

    wilayah_id: str | None


def stands_against(function):
    """Ask `function(officer, change)` before an account is switched off or moved."""
    GUARDS.append(function)
    return function


def refuse_if_anything(officer, change):
    """Raise StandsAgainst with the words of all rooms that something of `officer` would be left behind in."""
    if words := [said for guard in GUARDS if (said := guard(officer, change))]:
        raise StandsAgainst(" ".join(words))
