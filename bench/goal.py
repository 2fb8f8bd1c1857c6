"""A goal of the bench: one figure of the results against its limit; and what is told of many."""

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


def table(goals, results):
    """The `goals` that were measured, as a table."""
    lines = ["| goal | limit | measured | |", "|---|---|---|---|"]
    for goal in goals:
        verdict = goal.verdict(results)
        if verdict is None:
            continue
        value, met = verdict
        limit = f"{'at least' if goal.at_least else 'at most'} {number(goal.limit)}{goal.unit}"
        lines.append(
            f"| {goal.text} | {limit} | {number(value)}{goal.unit} | {'met' if met else '**missed**'} |"
        )
    return "\n".join(lines)


def misses(goals, causes, results):
    """A paragraph for each of `causes` ({name: function of the results}) that explains a miss."""
    missed = {}
    for goal in goals:
        verdict = goal.verdict(results)
        if verdict and not verdict[1]:
            missed.setdefault(goal.cause, []).append(goal.text)
    return "\n\n".join(f"**{'; '.join(texts)}.** {causes[cause](results)}" for cause, texts in missed.items())


def number(value):
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
