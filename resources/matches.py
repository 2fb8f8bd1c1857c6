"""Which resources fit a family for a need: what each asks checked one by one, the best first, with what became of
earlier referrals there. Reads only.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kpm.models import Household, Member, Score
from pkh_casework.templatetags.formats import tanggal

from .matching import MET, NOT_MET, UNKNOWN, Facts, MatchedPerson, RequirementCheck, check_all, verdict
from .models import Referral, Resource
from .nearby import NO_PLACE, origin_of, with_metres
from .results import Results, results_by

# The stages of indicator C1 in months, as far as its anchors say: none, under six, six and more, a year and more.
BUSINESS_STAGE, MONTHS_AT = "C1", {1: (0, 0), 2: (0, 5), 3: (6, None), 4: (12, None)}
RANK = {MET: 0, UNKNOWN: 1, NOT_MET: 2}
WORDS = {MET: "Cocok", UNKNOWN: "Perlu ditanyakan", NOT_MET: "Belum memenuhi syarat"}
NO_RESULTS = Results()


@dataclass(frozen=True)
class Match:
    """One resource for one family. `closed` says why nobody is taken now ("" when it is open), `km` how far it is
    (None: not known), `referral` is the family's own one under way there, if any.
    """

    resource: Resource
    checks: list[RequirementCheck]
    verdict: str
    closed: str
    is_stale: bool
    km: float | None
    results: Results
    referral: Referral | None = None

    @property
    def words(self):
        return WORDS[self.verdict]

    @property
    def rank(self):
        """What comes first: it fits, takes people now, was checked lately, is near, and has helped before."""
        far = self.km if self.km is not None else float("inf")
        return (RANK[self.verdict], bool(self.closed), self.is_stale, far, -self.results.finished)


def facts_of(household, day) -> Facts:
    """What is known of a family on `day`: two queries."""
    return facts_by_family([household], day)[household.pk]


def facts_by_family(households, day) -> dict[UUID, Facts]:
    """The same of many families, by their id; as many queries as for one."""
    ids, people = [household.pk for household in households], defaultdict(list)
    for member in Member.objects.filter(household__in=ids).present():
        person = MatchedPerson(member.age_on(day), is_woman=member.sex == Member.Sex.FEMALE)
        people[member.household_id].append(person)
    stages = Score.objects.filter(household__in=ids, code=BUSINESS_STAGE).standing()
    levels = dict(stages.values_list("household_id", "level"))
    return {
        household.pk: Facts(
            people=tuple(people[household.pk]),
            wilayah=household.wilayah_id,
            desil=household.desil,
            business_months=MONTHS_AT.get(levels.get(household.pk)),
        )
        for household in households
    }


def matches_for(household: Household, day: date, codes=None) -> list[Match]:
    """The resources of the family's area, best first; with `codes` those that lift one of these indicators.

    Five queries, whatever their number.
    """
    resources = Resource.objects.for_area(household.wilayah_id).active()
    if codes is not None:
        resources = resources.filter(lifts__overlap=list(codes))
    if origin := origin_of(household):
        resources = with_metres(resources, origin)
    resources = list(resources.select_related("partner", "category", "wilayah"))
    if not resources:
        return []
    facts, ids = facts_of(household, day), [resource.pk for resource in resources]
    results = results_by("resource", ids)
    own = Referral.objects.filter(household=household, resource__in=ids).open()
    under_way = {referral.resource_id: referral for referral in own}
    matches = [
        _match(resource, facts, day, results.get(resource.pk), under_way.get(resource.pk))
        for resource in resources
    ]
    return sorted(matches, key=lambda match: (*match.rank, match.resource.name, match.resource.pk))


def matches_by_code(household: Household, day: date, codes) -> dict[str, list[Match]]:
    """The matches of each of `codes` that has any, in the same order; as many queries as for one."""
    matches = matches_for(household, day, codes) if codes else []
    by_code = {code: [match for match in matches if code in match.resource.lifts] for code in codes}
    return {code: found for code, found in by_code.items() if found}


def closed_on(resource, day) -> str:
    """Why `resource` takes nobody on `day`, in words; "" when it does, as far as is known."""
    if resource.opens_on and resource.opens_on > day:
        return f"baru dibuka {tanggal(resource.opens_on)}"
    if resource.closes_on and resource.closes_on < day:
        return f"sudah tutup {tanggal(resource.closes_on)}"
    return "kuota habis" if resource.quota_left == 0 else ""


def _match(resource, facts, day, results, referral):
    checks = check_all(resource, facts)
    return Match(
        resource=resource,
        checks=checks,
        verdict=verdict(checks),
        closed=closed_on(resource, day),
        is_stale=resource.is_stale_on(day),
        km=_km(resource),
        results=results or NO_RESULTS,
        referral=referral,
    )


def _km(resource):
    metres = getattr(resource, "metres", NO_PLACE)
    return None if metres == NO_PLACE else metres / 1000
