"""Which RHK an activity serves: the dated list and its map, read once and asked for by figures and papers."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from pkh_casework.dated import kept_a_minute
from pkh_casework.days import months_after
from reports.models import RHK, PlanAction, RHKRule


@dataclass(frozen=True)
class RHKList:
    """The list in force: `results` (RHK in order, each with `own_actions`), and the PlanAction that activities of a
    kind serve, or of a (kind, sub-role) pair, which wins. Kinds and sub-roles by code. `actions` are all a pendamping
    may choose from, by key; `map_since` is the day from which the present map holds, None without one.

    What a person chose for an activity wins over the map, as long as the list has it.
    """

    results: list[RHK]
    by_kind: dict[str, PlanAction]
    by_pair: dict[tuple[str, str], PlanAction]
    actions: dict[str, PlanAction]
    map_since: date | None

    def action_of(self, activity):
        """The PlanAction (with its RHK) that `activity` serves, or None."""
        return self.actions.get(activity.rhk_action) or self.mapped(activity)

    def mapped(self, activity):
        """The PlanAction that `activity` serves by the map, or None."""
        pair = self.by_pair.get((activity.kind_id, activity.sub_role_id))
        return pair or self.by_kind.get(activity.kind_id)

    def serving(self, number):
        """The Q of activities that serve the RHK of this number; with None of those that serve none."""
        unchosen = ~Q(rhk_action__in=list(self.actions))
        if number is None:
            mapped = Q(kind__in=list(self.by_kind))
            for kind, sub_role in self.by_pair:
                mapped |= Q(kind=kind, sub_role=sub_role)
            return unchosen & ~mapped
        serving = Q(pk=None)
        for kind, action in self.by_kind.items():
            if action.rhk.number == number:
                others = [pair[1] for pair in self.by_pair if pair[0] == kind]
                serving |= Q(kind=kind) & ~Q(sub_role__in=others)
        for (kind, sub_role), action in self.by_pair.items():
            if action.rhk.number == number:
                serving |= Q(kind=kind, sub_role=sub_role)
        chosen = [key for key, action in self.actions.items() if action.rhk.number == number]
        return Q(rhk_action__in=chosen) | (unchosen & serving)


@kept_a_minute
def rhk_in(month):
    """The RHKList in force on the first day of a month: the list of a month never changes within it."""
    results = list(RHK.objects.valid_on(month).order_by("number").prefetch_related("actions"))
    for result in results:
        result.own_actions = [action for action in result.actions.all() if not action.supervising]
    rules = RHKRule.objects.valid_on(month).filter(action__rhk__in=results).select_related("action__rhk")
    by_kind, by_pair, map_since = {}, {}, None
    for rule in rules:
        map_since = max(map_since or rule.valid_from, rule.valid_from)
        if rule.sub_role_id:
            by_pair[rule.kind_id, rule.sub_role_id] = rule.action
        else:
            by_kind[rule.kind_id] = rule.action
    actions = {action.key: action for result in results for action in result.own_actions}
    return RHKList(results, by_kind, by_pair, actions, map_since)


def serving(number):
    """For a figure: the Q of activities of the lens's months that serve the RHK of this number, or with None none; each month
    by its own list.
    """

    def where(lens):
        if lens.span == 1:
            return rhk_in(lens.month).serving(number)
        served = Q(pk=None)
        for month in lens.months:
            of_month = Q(occurred_on__gte=month, occurred_on__lt=months_after(month, 1))
            served |= of_month & rhk_in(month).serving(number)
        return served

    return where
