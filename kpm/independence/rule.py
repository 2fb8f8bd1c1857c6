"""What an assessment asks of a family, where the family stands after it, and what a proposal still needs.

Pure reading and reckoning; the writes are in kpm.operations. The rule of readiness is the project's own, dated master
data, and only ever says that graduation may be talked about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import ceil

from django.db.models import Q

from kpm.models import Component, Household, Indicator, Level, Member, MemberComponent, ReadinessRule
from pkh_casework.days import years_after

TOP = max(Level)
SCHOOL_AGES = (7, 18)  # years, both included, for a child whose school is not written down as a component


@dataclass(frozen=True)
class ReadinessCondition:
    """One condition of a rule. `holds` is None while an indicator it needs was never answered.

    `code` is the indicator, "" for the condition on the mean; `wanted` is the level (or mean) it asks for, `found`
    the one that is there.
    """

    code: str
    wanted: Decimal | int
    found: Decimal | int | None

    @property
    def holds(self):
        return None if self.found is None else self.found >= self.wanted


def asked_on(indicators, *, path: str, form: str, school_child: bool) -> list[Indicator]:
    """Those of `indicators` that a family on `path` is asked on the short or full `form`."""
    column = "short_paths" if form == "singkat" else "full_paths"
    return [
        indicator
        for indicator in indicators
        if path in getattr(indicator, column).split()
        and (school_child or indicator.only_with != Indicator.OnlyWith.SCHOOL_CHILD)
    ]


def has_school_child(household, day) -> bool:
    """Whether somebody of the family (a Household or its id) goes to school on `day`, or has the age for it."""
    return bool(with_school_child([household], day))


def with_school_child(households, day) -> set:
    """The ids of those of `households` (or their ids) with somebody who goes to school on `day` or has the age for it."""
    at_school = MemberComponent.objects.filter(
        household__in=households, component__category=Component.Category.EDUCATION
    )
    youngest, oldest = SCHOOL_AGES
    born_after, born_until = years_after(day, -oldest - 1), years_after(day, -youngest)
    children = Member.objects.filter(
        Q(left_on=None) | Q(left_on__gt=day),
        household__in=households,
        birth_date__gt=born_after,
        birth_date__lte=born_until,
    )
    return {
        *at_school.on(day).values_list("household", flat=True),
        *children.values_list("household", flat=True),
    }


def mean_level(levels: Mapping[str, int | None]) -> Decimal | None:
    """The mean of the levels, to two places; None while one is unknown or there is none."""
    known = list(levels.values())
    if not known or None in known:
        return None
    return (Decimal(sum(known)) / len(known)).quantize(Decimal("0.01"))


def conditions(levels: Mapping[str, int | None], rule: ReadinessRule) -> list[ReadinessCondition]:
    """Every condition of `rule` on `levels`: the level of each indicator that applies to the family, None where it
    was never answered; one that does not apply is not in it.

    Raising a level never turns a condition from met to not met.
    """
    minima = _minima(levels, rule)
    return [
        *(ReadinessCondition(code, minima[code], levels[code]) for code in levels),
        ReadinessCondition("", rule.mean, mean_level(levels)),
    ]


def meets(levels: Mapping[str, int | None], rule: ReadinessRule, path: str) -> bool:
    """Whether all conditions of `rule` on levels hold; never on the protection path, which is not scored."""
    if path == Household.Path.PERLINDUNGAN or not levels:
        return False
    return all(condition.holds for condition in conditions(levels, rule))


def smallest_changes(levels: Mapping[str, int | None], rule: ReadinessRule) -> dict[str, int]:
    """The levels to reach so that `rule` holds: as few steps as can be, in as few indicators as can be.

    Keys in the order of `levels`. Unknown levels count as 1. Empty when all holds.
    """
    minima = _minima(levels, rule)
    wanted = {code: max(level or 1, minima[code]) for code, level in levels.items()}
    missing = ceil(rule.mean * len(wanted)) - sum(wanted.values())
    # What must rise anyway, then what has the longest way up, takes the steps: the fewest indicators have to change.
    raised = {code for code in levels if wanted[code] != levels[code]}
    for code in sorted(wanted, key=lambda code: (code not in raised, wanted[code])):
        steps = min(max(missing, 0), TOP - wanted[code])
        wanted[code] += steps
        missing -= steps
    return {code: level for code, level in wanted.items() if level != levels[code]}


def held_since(history, days_apart: int):
    """Of `history`, pairs (day, whether the levels held) newest first: (first day of the unbroken run up to now or
    None, whether the run spans `days_apart` days or more).
    """
    since = newest = None
    for day, held in history:
        if not held:
            break
        newest, since = newest or day, day
    if since is None:
        return None, False
    return since, newest - since >= timedelta(days=days_apart)


def _minima(levels, rule):
    asked = {minimum.code: minimum.level for minimum in rule.minima.all()}
    return {code: max(asked.get(code, 0), rule.lowest) for code in levels}
