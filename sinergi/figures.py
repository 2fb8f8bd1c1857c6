"""Baseline against now for the families of a programme, beside similar families that are in none.

Described, never claimed as an effect. Similar is: same kelurahan, same path, and a mean level at the programme's start
within the rule's `near_mean` of an enrolled family's baseline. Each number counts rows that the asker may count, and
`rows_of` lists them.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, Subquery

from kpm.models import Assessment, Household, Indicator, Instrument, Score

from .closing import enrolments_of
from .models import Enrolment, Programme, ProgrammeRule

ENROLLED, SIMILAR = "peserta", "serupa"


@dataclass(frozen=True)
class Pair:
    """The mean level of so many `families` then and now."""

    families: int = 0
    then: Decimal | None = None
    now: Decimal | None = None

    @property
    def change(self):
        return None if self.then is None else self.now - self.then


@dataclass
class Comparison:
    """What the figures page shows: of each indicator the Pair of the enrolled and of similar families."""

    enrolled: int
    similar: int
    rows: list  # (Indicator, Pair of the enrolled, Pair of similar families)
    until: date
    small_number: int

    @property
    def is_small(self):
        return self.enrolled < self.small_number or self.similar < self.small_number


def compare(programme: Programme, user, day: date, rule: ProgrammeRule) -> Comparison:
    """The Comparison for what `user` may count; the same few queries however many families there are."""
    until = min(programme.closed_on or day, day)
    enrolments = _enrolments(programme, user)
    similar = similar_to(programme, enrolments, user, rule)
    ours = _means([(code, then, now) for _, code, then, now in _ways(enrolments, until)])
    theirs = {
        row["code"]: Pair(row["families"], _round(row["then"]), _round(row["later"]))
        for row in _similar_scores(programme, similar, until)
        .order_by()
        .values("code")
        .annotate(families=Count("pk"), then=Avg("level"), later=Avg("now"))
    }
    indicators = Indicator.objects.filter(instrument__in=Instrument.objects.valid_on(until))
    rows = [
        (indicator, ours.get(indicator.code, Pair()), theirs.get(indicator.code, Pair()))
        for indicator in indicators.order_by("position")
        if indicator.code in ours or indicator.code in theirs
    ]
    return Comparison(len(enrolments), len(similar), rows, until, rule.small_number)


def rows_of(programme: Programme, user, day: date, rule: ProgrammeRule, code: str, whose: str):
    """The families behind one Pair, as (queryset of Household, {household id: (level then, level now)}).

    Some may have moved to where the asker sees no family: only what any row of a figure tells is loaded.
    """
    until, enrolments = min(programme.closed_on or day, day), _enrolments(programme, user)
    if whose == SIMILAR:
        scores = _similar_scores(programme, similar_to(programme, enrolments, user, rule), until)
        ways = {
            pk: (then, now)
            for pk, then, now in scores.filter(code=code).values_list("household", "level", "now")
        }
    else:
        ways = {pk: (then, now) for pk, of, then, now in _ways(enrolments, until) if of == code}
    return Household.objects.filter(pk__in=ways).only("case_number"), ways


def _enrolments(programme, user):
    newest = enrolments_of(programme, user).newest().select_related("baseline")
    return list(newest.annotate(path=F("household__path")))


def similar_to(programme, enrolments, user, rule) -> list:
    """The ids of families that are in no programme and began like one of `enrolments`."""
    alike = Q(pk__in=[])
    spans = defaultdict(list)
    for one in enrolments:
        if one.baseline.mean is not None:
            spans[one.wilayah_id, one.path].append(one.baseline.mean)
    for (wilayah, path), means in spans.items():
        for low, high in _merged(means, rule.near_mean):
            alike |= Q(wilayah=wilayah, path=path, mean__range=(low, high))
    first = Assessment.objects.filter(household=OuterRef("pk"), assessed_on__lte=programme.starts_on)
    families = Household.objects.counted_for(user).annotate(
        mean=Subquery(first.order_by("-assessed_on").values("mean")[:1])
    )
    return list(
        families.exclude(Exists(Enrolment.objects.filter(household=OuterRef("pk"))))
        .filter(alike)
        .order_by()
        .values_list("pk", flat=True)
    )


def _merged(means, near):
    """The spans within `near` of any of `means`, those that overlap made one: the query stays short."""
    spans = []
    for mean in sorted(set(means)):
        if spans and mean - near <= spans[-1][1]:
            spans[-1] = (spans[-1][0], mean + near)
        else:
            spans.append((mean - near, mean + near))
    return spans


def _similar_scores(programme, households, until):
    """Scores as `households` stood at the programme's start, with the level `now` on `until`; both are there."""
    later = Score.objects.standing(until).filter(
        household=OuterRef("household"), code=OuterRef("code"), level__isnull=False
    )
    scores = Score.objects.standing(programme.starts_on).filter(household__in=households, level__isnull=False)
    return scores.annotate(now=Subquery(later.values("level")[:1])).filter(now__isnull=False)


def _ways(enrolments, until):
    """(household id, code, level at the baseline, level at the end) of every indicator known at both times.

    The end is the day on which the family left, or `until`.
    """
    ends = {one.household_id: (one.baseline.assessed_on, one.left_on or until) for one in enrolments}
    then, now = {}, {}
    scores = Score.objects.filter(household__in=ends).exclude(state=Score.State.SKIPPED)
    for household, code, on, level in scores.order_by("assessed_on").values_list(
        "household", "code", "assessed_on", "level"
    ):
        first, last = ends[household]
        if on <= first:
            then[household, code] = level
        if on <= last:
            now[household, code] = level
    return [
        (household, code, level, now[household, code])
        for (household, code), level in then.items()
        if level is not None and now[household, code] is not None
    ]


def _means(ways):
    levels = defaultdict(list)
    for code, then, now in ways:
        levels[code].append((then, now))
    return {
        code: Pair(
            len(pairs),
            _round(Decimal(sum(then for then, _ in pairs)) / len(pairs)),
            _round(Decimal(sum(now for _, now in pairs)) / len(pairs)),
        )
        for code, pairs in levels.items()
    }


def _round(number):
    return Decimal(number).quantize(Decimal("0.01"))
