"""A goal of the bench: one figure of the results against its limit."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`value` of the results against `limit`; `cause` names the words that explain a miss."""

    text: str
    value: Callable
    limit: float
    at_least: bool = False
    unit: str = "x"
    cause: str = ""

    def verdict(self, results):
        """(value, met), or None when this run did not measure it."""
        try:
            value = self.value(results)
        except KeyError:  # a measure or a size that this run left out
            return None
        return value, value >= self.limit if self.at_least else value <= self.limit
