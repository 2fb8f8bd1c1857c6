"""When a family was met, and for which of its goals: told by the upper rooms, where meetings are written down."""

from datetime import date
from typing import NamedTuple

TELLERS = []


class Met(NamedTuple):
    """Somebody met the family `on` a day, as the page at `url` says; `code` is the indicator of a goal that this served
    (None without one). A meeting that served several stands once for each.
    """

    on: date
    code: str | None
    url: str


def tells_meetings(function):
    """Ask `function` for the Mets of a family, the latest last, whenever they matter here."""
    TELLERS.append(function)
    return function


def meetings_with(household) -> list[Met]:
    """Every Met of the family, the latest last."""
    return sorted((met for tell in TELLERS for met in tell(household)), key=lambda met: met.on)
