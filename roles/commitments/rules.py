"""When a commitment is kept, by the rules in force in its month."""

from decimal import ROUND_DOWN, Decimal

from pkh_casework.dated import kept_a_minute
from pkh_casework.days import months_after
from roles.models import Commitment, CommitmentRule

State = Commitment.State
CENT = Decimal("0.01")


@kept_a_minute
def _all_rules():
    return list(CommitmentRule.objects.select_related("kind", "component"))


def rules_in(month):
    """The CommitmentRules in force on the first day of a month, each with its kind and component, as a list. Read once
    for all months: a correction is judged over many.
    """
    return [rule for rule in _all_rules() if _holds(rule, month) and _holds(rule.kind, month)]


def _holds(dated, day):
    return dated.valid_from <= day and (dated.valid_to is None or day < dated.valid_to)


def age_in_months(born, month):
    """Whole months of age on the last day of `month` (its first day); None without a birth date."""
    if born is None:
        return None
    return 12 * (month.year - born.year) + month.month - born.month


def rule_for(component, born, month):
    """The CommitmentRule that binds who was born then (None: unknown) and counts for the component (its code), or None."""
    age = age_in_months(born, month)
    bound = (rule for rule in rules_in(month) if rule.component_id == component and rule.binds(age))
    return next(bound, None)


def percent_present(rule, effective, absent, leave, ill):
    """Percent present (Decimal, cut to two places) of `effective` school days, more than none."""
    away = absent + (0 if rule.leave_is_present else leave) + (0 if rule.ill_is_present else ill)
    return (Decimal(100 * (effective - away)) / effective).quantize(CENT, ROUND_DOWN)


def state_of_attendance(rule, percent):
    """The Commitment.State of so much attendance (Decimal or None)."""
    if percent is None:
        return State.OPEN
    return State.KEPT if percent >= rule.least_percent else State.NOT_KEPT


def state_of_check(rule, came, *, came_before, since, month):
    """The Commitment.State of a check in `month` (first day).

    `came_before`: whether the member came in the months before that still count; `since`: the day from which it is
    expected. Who stays away is only late once the whole time has passed.
    """
    if came or came_before:
        return State.KEPT if came or came is False else State.OPEN
    if came is None:
        return State.OPEN
    first = months_after(month, 1 - rule.within_months)
    return State.NOT_KEPT if rule.within_months == 1 or since <= first else State.OPEN
