"""The tahap of a year as one of its own, and how its payment stands in the families of an asker."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q

from pkh_casework.dated import kept_a_minute
from pkh_casework.days import months_after

from .models import Household, PaymentCheck, PayStage

TERMS_BACK = 5  # of which a check can still be written down: this tahap and a year back
State = PaymentCheck.State
COUNTED = {
    "paid": Q(payment_checks__state=State.PAID),
    "not_yet": Q(payment_checks__state=State.NOT_YET),
    "trouble": Q(payment_checks__state=State.TROUBLE),
}


@dataclass(frozen=True)
class PayTerm:
    """One tahap of one year: `key` names it in addresses, as 2026-T4."""

    year: int
    stage: PayStage

    @property
    def key(self):
        return f"{self.year}-{self.stage.pk}"

    @property
    def name(self):
        return f"{self.stage.name} {self.year}"

    @cached_property
    def first_on(self):
        return date(self.year, self.stage.first_month, 1)

    @cached_property
    def last_on(self):
        return months_after(date(self.year, self.stage.last_month, 1), 1) - timedelta(days=1)

    def __str__(self):
        return self.name


def term_of(day):
    """The PayTerm that a day falls in; None where no rhythm was in force."""
    stage = next(
        (
            one
            for one in _stages()
            if one.valid_from <= day
            and (one.valid_to is None or day < one.valid_to)
            and one.first_month <= day.month <= one.last_month
        ),
        None,
    )
    return PayTerm(day.year, stage) if stage else None


@kept_a_minute
def _stages():
    return list(PayStage.objects.all())


def terms_back(day, number=TERMS_BACK):
    """The PayTerm of `day` and those before it, the newest first; fewer where no rhythm was in force."""
    terms, month = [], day.replace(day=1)
    while len(terms) < number and (term := term_of(month)):
        terms.append(term)
        month = months_after(term.first_on, -1)
    return terms


def counts_of(families, term) -> dict[str, int]:
    """{"families", "paid", "not_yet", "trouble", "unchecked"} of `families` (a queryset of Household) in one tahap; one
    query.
    """
    counts = families.aggregate(families=Count("pk", distinct=True), **_counted(term))
    return _with_unchecked(counts)


def counts_by_group(families, term) -> dict:
    """{id of a kelompok, or None: counts as counts_of gives them}; one query."""
    rows = families.order_by().values("group").annotate(families=Count("pk", distinct=True), **_counted(term))
    return {row.pop("group"): _with_unchecked(row) for row in rows}


def _counted(term):
    of_term = Q(
        payment_checks__year=term.year, payment_checks__stage=term.stage, payment_checks__is_latest=True
    )
    return {name: Count("pk", filter=of_term & state, distinct=True) for name, state in COUNTED.items()}


def _with_unchecked(counts):
    return counts | {"unchecked": counts["families"] - sum(counts[name] for name in COUNTED)}


def trouble_counts(user, term) -> list[tuple]:
    """[(PaymentTrouble, number of families stuck so now), …], the most frequent first; one query."""
    rows = PaymentCheck.objects.visible_to(user).of_term(term).troubled()
    rows = rows.filter(household__status__in=Household.ACTIVE).order_by()
    counted = rows.values("trouble__name", "trouble").annotate(number=Count("pk"))
    return [
        (row["trouble"], row["trouble__name"], row["number"])
        for row in counted.order_by("-number", "trouble")
    ]


def payments_of(household, day, number=2) -> list[tuple]:
    """[(PayTerm, PaymentCheck or None), …] of the newest tahap of one family; one query."""
    terms = terms_back(day, number)
    checks = PaymentCheck.objects.filter(
        household=household, year__gte=min((t.year for t in terms), default=0)
    )
    stored = {(check.year, check.stage_id): check for check in checks.newest().select_related("trouble")}
    return [(term, stored.get((term.year, term.stage.pk))) for term in terms]


def unchecked_in(term):
    """The Q of families without any check about this tahap."""
    checks = PaymentCheck.objects.of_term(term).newest()
    return ~Exists(checks.filter(household=OuterRef("pk")))
