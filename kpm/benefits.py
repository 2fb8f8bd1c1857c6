"""What a family receives by component, on any day, and what ends by itself within a year.

Reckoned from the dated tables and the family's own rows; an estimate for talking about the day it ends, never a
promise. The official data decide.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Case, DateField, F, Func, Q, Value, When
from django.db.models.functions import Least

from pkh_casework.days import years_after

from .models import BenefitRule, Component, ComponentRate, ComponentSpan, MemberComponent, PayStage

MONTHS_AHEAD = 12


@dataclass(frozen=True)
class Claim:
    """One person counts for one component. `person` is any key of the person, such as Member.pk."""

    person: object
    component: str


@dataclass(frozen=True)
class Share:
    """A claim that is paid, rupiah a year."""

    claim: Claim
    yearly: int


@dataclass(frozen=True)
class BenefitEnding:
    """A claim that ends on `on` by itself. `becomes` is the component the same person then has (a change, SD to SMP),
    "" when nothing follows for this person (an exit). `period` is the MemberComponent.
    """

    period: MemberComponent
    on: date
    becomes: str

    @property
    def is_exit(self):
        return not self.becomes


@dataclass(frozen=True)
class Event:
    """One ending and what the family would receive a year from that day on, all earlier endings included.

    `named` is the Component that the person then has, or None.
    """

    ending: BenefitEnding
    named: Component | None
    yearly: int


class Tables:
    """The dated tables, read once: four queries, and one more for the names of components."""

    def __init__(self, *, rates=None, rules=None, stages=None, spans=None):
        self.rates = list(ComponentRate.objects.all()) if rates is None else rates
        self.rules = list(BenefitRule.objects.all()) if rules is None else rules
        self.stages = list(PayStage.objects.all()) if stages is None else stages
        self.spans = list(ComponentSpan.objects.all()) if spans is None else spans

    @cached_property
    def names(self):
        return {component.code: component for component in Component.objects.all()}

    def rates_on(self, day):
        """{component code: ComponentRate} in force on `day`."""
        return {rate.component_id: rate for rate in self.rates if _holds(rate, day)}

    def most_people_on(self, day):
        """How many people of one family are paid at most on `day`; 0 while no rule is in force."""
        return next((rule.most_people for rule in self.rules if _holds(rule, day)), 0)

    def stage_on(self, day):
        """The PayStage that `day` falls in, or None."""
        return next(
            (
                stage
                for stage in self.stages
                if _holds(stage, day) and stage.first_month <= day.month <= stage.last_month
            ),
            None,
        )

    def span_of(self, code, day):
        return next((span for span in self.spans if span.component_id == code and _holds(span, day)), None)


def paid_shares(claims: list[Claim], tables: Tables, day: date) -> list[Share]:
    """The claims that are paid on `day`, the highest amounts first: no person twice, no component more often than its
    rate allows, and no more people than the rule allows.

    Among all choices the one with the highest sum: a place goes to the dearest component for which people can still
    be found, also by giving somebody who counts twice another of their components.
    """
    rates = tables.rates_on(day)
    people = {}
    for claim in dict.fromkeys(claims):
        if claim.component in rates:
            people.setdefault(claim.component, []).append(claim.person)
    places = [
        (code, number)
        for code in sorted(people, key=lambda code: (-rates[code].yearly, code))
        for number in range(min(len(people[code]), rates[code].most_in_family or len(people[code])))
    ]
    holder = {}  # person: place

    def find(place, seen):
        for person in people[place[0]]:
            if person in seen:
                continue
            seen.add(person)
            if person not in holder or find(holder[person], seen):
                holder[person] = place
                return True
        return False

    most = tables.most_people_on(day)
    for place in places:
        if len(holder) >= most:
            break
        find(place, set())
    taken = sorted(holder.items(), key=lambda pair: places.index(pair[1]))
    return [Share(Claim(person, code), rates[code].yearly) for person, (code, _) in taken]


def yearly_sum(claims, tables, day) -> int:
    """Rupiah a year that the claims are worth on `day`."""
    return sum(share.yearly for share in paid_shares(claims, tables, day))


def part_of_stage(yearly: int, stage: PayStage | None) -> int | None:
    """Rupiah of a yearly amount that fall into one tahap, without sen; None without a tahap."""
    return yearly * (stage.last_month - stage.first_month + 1) // 12 if stage else None


def ending_of(period: MemberComponent, tables: Tables, day: date) -> BenefitEnding | None:
    """When the component of a person ends by itself, by the rule in force on `day`; None when it has no end or the
    birth date is unknown. A written end that comes first wins.
    """
    span = tables.span_of(period.component_id, day)
    natural = becomes = None
    if span and span.ends_at_age is not None and period.member.birth_date:
        # What follows an age is the same person's next component; what follows some days (the birth) is another's.
        natural, becomes = years_after(period.member.birth_date, span.ends_at_age), span.followed_by_id
    elif span and span.ends_after_days is not None:
        natural = period.from_on + timedelta(days=span.ends_after_days)
    if period.to_on and (natural is None or period.to_on < natural):
        return BenefitEnding(period, period.to_on, "")
    return BenefitEnding(period, natural, becomes or "") if natural else None


def last_day_ahead(day: date) -> date:
    """The last day that is within MONTHS_AHEAD of `day`."""
    return years_after(day, MONTHS_AHEAD // 12)


@dataclass(frozen=True)
class Outlook:
    """What a family receives on `day` and what comes within a year.

    `paid` are (MemberComponent, rupiah a year) pairs, `unpaid` MemberComponents beyond what is paid; `overdue` are
    Endings up to `day` of components that still stand open; `events` come in order of their days. `sources` are
    (year, source) pairs of the amounts.
    """

    day: date
    stage: PayStage | None
    paid: list
    unpaid: list
    overdue: list
    events: list
    sources: list

    @property
    def yearly(self):
        return sum(yearly for _, yearly in self.paid)

    @property
    def per_stage(self):
        return part_of_stage(self.yearly, self.stage)

    @property
    def exits(self):
        return [event for event in self.events if event.ending.is_exit]

    @property
    def last_exit(self):
        """The exit after which nothing is left, or None."""
        return next((event for event in self.exits if event.yearly == 0), None)


def outlook(periods: list[MemberComponent], tables: Tables, day: date) -> Outlook:
    """The Outlook of one family, whose components that hold on `day` are `periods`, each with its member."""
    claims = {period: Claim(period.member_id, period.component_id) for period in periods}
    shares = {share.claim: share.yearly for share in paid_shares([*claims.values()], tables, day)}
    rates = tables.rates_on(day)
    used = {rates[claim.component] for claim in shares}
    endings = sorted(
        (ending for period in periods if (ending := ending_of(period, tables, day))),
        key=lambda ending: (ending.on, ending.period.pk),
    )
    ahead = [ending for ending in endings if day < ending.on <= last_day_ahead(day)]
    return Outlook(
        day=day,
        stage=tables.stage_on(day),
        paid=[(period, shares[claim]) for period, claim in claims.items() if claim in shares],
        unpaid=[period for period, claim in claims.items() if claim not in shares],
        overdue=[ending for ending in endings if ending.on <= day],
        events=_events([*claims.values()], ahead, tables),
        sources=sorted({(rate.valid_from.year, rate.source) for rate in used}),
    )


def _events(claims, endings, tables):
    claims, events = Counter(claims), []
    for ending in endings:
        claims[Claim(ending.period.member_id, ending.period.component_id)] -= 1
        if ending.becomes:
            claims[Claim(ending.period.member_id, ending.becomes)] += 1
        named = tables.names[ending.becomes] if ending.becomes else None
        events.append(Event(ending, named, yearly_sum(list(+claims), tables, ending.on)))
    return events


def outlook_of(household, day) -> Outlook:
    """The Outlook of a Household: six queries."""
    return outlooks([household], day)[household.pk]


def outlooks(households, day, tables=None) -> dict:
    """{id: Outlook} of these households (or their ids), in as many queries as for one."""
    ids = [getattr(household, "pk", household) for household in households]
    periods = {pk: [] for pk in ids}
    for period in counted_on(day).filter(household__in=ids).select_related("member", "component"):
        periods[period.household_id].append(period)
    tables = tables or Tables()
    return {pk: outlook(periods[pk], tables, day) for pk in ids}


def counted_on(day, periods=None):
    """Of `periods` (all when None) those that hold on `day`, of people still on the card."""
    periods = MemberComponent.objects.all() if periods is None else periods
    return periods.on(day).filter(member__left_on=None).order_by("pk")


def exits_within(periods, tables: Tables, day: date):
    """Those of `periods` (a queryset of components that hold on `day`) that end by themselves within a year and
    nothing follows, each with its day as `ends_on`. The same as `ending_of` says of each row.
    """
    by_component = [
        When(component=span.component_id, then=_end_in_sql(span))
        for span in tables.spans
        if _holds(span, day) and (span.ends_at_age is not None or span.ends_after_days is not None)
    ]
    follows = [
        span.component_id
        for span in tables.spans
        if _holds(span, day) and span.ends_at_age is not None and span.followed_by_id
    ]
    natural = Case(*by_component, default=None, output_field=DateField())
    ending = periods.annotate(natural=natural, ends_on=Least("natural", "to_on"))
    nothing_follows = ~Q(component__in=follows) | Q(natural=None) | Q(ends_on__lt=F("natural"))
    return ending.filter(nothing_follows, ends_on__gt=day, ends_on__lte=last_day_ahead(day))


def _end_in_sql(span):
    if span.ends_at_age is None:
        since, added = F("from_on"), Value(span.ends_after_days)
    else:
        since = F("member__birth_date")
        added = Func(Value(span.ends_at_age), template="make_interval(years => %(expressions)s)")
    return Func(since, added, template="(%(expressions)s)::date", arg_joiner=" + ", output_field=DateField())


def _holds(row, day):
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
