"""Which families a resource fits: `matches` the other way round. Who stands low on what it lifts, or has a goal for it,
and meets what it asks, the best first. Reads only; the same few queries however many families there are.
"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from kpm.models import Goal, Household, Level, Score

from .matches import RANK, facts_by_family
from .matching import MET, NOT_MET, RequirementCheck, check_all, verdict
from .models import Referral, Resource
from .nearby import Way, origin_of, way_between

LOW = Level.BERTAHAN  # who stands higher has no need of it, unless by a goal
MOST_FAMILIES = 600  # whose requirements are checked, those in greatest need first; more hold no pendamping


@dataclass(frozen=True)
class Fit:
    """One family for one resource: what it needs it for (`low`: Scores, `goals`), what is still to be asked, the way
    there, and the family's own referral there that is under way.
    """

    resource: Resource
    household: Household
    verdict: str
    low: list[Score]
    goals: list[Goal]
    checks: list[RequirementCheck]
    way: Way | None
    referral: Referral | None = None

    @property
    def to_ask(self):
        """What the resource asks and nobody knows of the family yet."""
        return [check for check in self.checks if check.state != MET]

    @property
    def query(self):
        """What the page of a new referral is asked for this: the family, the resource, and the need, by the goal if any."""
        need = {"tujuan": self.goals[0].pk} if self.goals else {"indikator": self.low[0].code}
        return f"?{urlencode({'kpm': self.household.case_number, 'sumber': self.resource.pk} | need)}"

    @property
    def rank(self):
        """Who comes first: who is not on the way yet, surely fits, stands lowest, wants it, lives near."""
        lowest = min((score.level for score in self.low), default=LOW + 1)
        far = self.way.km if self.way else float("inf")
        return bool(self.referral), RANK[self.verdict], lowest, not self.goals, far, self.household.name


@dataclass(frozen=True)
class Fitting:
    """The families that a resource `fits`, the best first, how many need it without meeting what it asks (`unmet`), and
    whether there were more in need than were looked at.
    """

    fits: list[Fit]
    unmet: int = 0
    has_more: bool = False


def families_for(resource: Resource, user: User, day: date) -> Fitting:
    """The families of `user` (those that `visible_to` shows) which `resource` fits on `day`: seven queries."""
    families = (
        Household.objects.visible_to(user).active().filter(wilayah__code__startswith=resource.wilayah_id)
    )
    scores = Score.objects.filter(
        household=OuterRef("pk"), code__in=resource.lifts, level__lte=LOW
    ).standing()
    goals = Goal.objects.filter(household=OuterRef("pk"), code__in=resource.lifts).open()
    in_need = families.filter(Exists(scores) | Exists(goals)).annotate(
        lowest=Coalesce(Subquery(scores.order_by("level").values("level")[:1]), LOW + 1)
    )
    found = list(
        in_need.select_related("wilayah", "pendamping").order_by("lowest", "pk")[: MOST_FAMILIES + 1]
    )
    households = found[:MOST_FAMILIES]
    low = _by_family(
        Score.objects.filter(household__in=households, code__in=resource.lifts, level__lte=LOW)
        .standing()
        .select_related("indicator")
        .order_by("level", "indicator__position")
    )
    wished = _by_family(
        Goal.objects.filter(household__in=households, code__in=resource.lifts).open().order_by("slot")
    )
    own = Referral.objects.filter(household__in=households, resource=resource).open()
    under_way = {referral.household_id: referral for referral in own}
    facts = facts_by_family(households, day)
    fits = []
    for household in households:
        checks = check_all(resource, facts[household.pk])
        fits.append(
            Fit(
                resource,
                household,
                verdict(checks),
                low.get(household.pk, []),
                wished.get(household.pk, []),
                checks,
                way_between(resource, origin_of(household)),
                under_way.get(household.pk),
            )
        )
    fitting = sorted((fit for fit in fits if fit.verdict != NOT_MET), key=lambda fit: fit.rank)
    return Fitting(fitting, len(fits) - len(fitting), len(found) > MOST_FAMILIES)


def _by_family(rows):
    found = {}
    for row in rows:
        found.setdefault(row.household_id, []).append(row)
    return found
