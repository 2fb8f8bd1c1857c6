"""What figures should reach, and how far they have come: one function for every page and paper and for every asker.

A target is of an area or of one pendamping. That of an area is its own; without one it is the sum of those below it, each
counted once: of a kecamatan its kelurahan that have one, and the pendamping of all others. A pendamping without a target
has the one that holds for every pendamping (TargetRule), where there is one.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum, TextField
from django.db.models.functions import Cast, Coalesce

from accounts.models import User
from kpm.models import Assignment
from pkh_casework.access import PENDAMPING
from pkh_casework.templatetags.formats import angka
from reports.models import Target, TargetRule

from .declared.figure import Figure
from .declared.registry import FIGURES
from .values import values_of

OWN = "ditetapkan untuk {} ini"
GENERAL = "target umum tiap pendamping"


@dataclass(frozen=True)
class Aim:
    """What a figure should reach: `value`, of one pendamping or of an area, and where it comes from, in words."""

    value: int
    of_person: bool
    origin: str


@dataclass(frozen=True)
class Coverage:
    """How much of its `aim` a figure reached."""

    figure: Figure
    value: int
    aim: Aim

    @property
    def target(self):
        return self.aim.value

    @property
    def share(self):
        """As a fraction; None where there should be none at all."""
        return self.value / self.target if self.target else None

    @property
    def is_over(self):
        """Whether there are more than there should be, of a figure where fewer is better."""
        return self.figure.fewer and self.value > self.target

    @property
    def filled(self):
        """The length of its bar, of at most `target`."""
        return min(self.value, self.target)

    @property
    def label(self):
        """As "Target wilayah setahun", or "Batas wilayah setahun" where fewer is better."""
        period = self.figure.source.period
        span = " sebulan" if period.of_month else " setahun" if period.of_year else ""
        whose = "pendamping" if self.aim.of_person else "wilayah"
        return f"{'Batas' if self.figure.fewer else 'Target'} {whose}{span}"


def coverage_of(values, lens):
    """{slug: Coverage} of those of `values` ({slug: value}) for which a target is in force; two queries."""
    aims = aims_of([slug for slug, value in values.items() if value is not None], lens)
    return {slug: Coverage(FIGURES[slug], values[slug], aim) for slug, aim in aims.items()}


def all_coverage(lens, slugs=FIGURES):
    """The Coverage of each of the figures `slugs` that has a target through `lens`, in their order."""
    aims = aims_of(slugs, lens)
    values = values_of(aims, lens)
    return [Coverage(FIGURES[slug], values[slug], aim) for slug, aim in aims.items()]


def aims_of(slugs, lens):
    """{slug: Aim} of the figures `slugs` through `lens`, in their order; none where it looks at a part that has no targets
    (an RW, a kelompok, an indicator, a sub-role).
    """
    if lens.rw is not None or lens.group_id or lens.indicator or lens.sub_role:
        return {}
    person = lens.user.pk if lens.user.duty == PENDAMPING else lens.pendamping_id
    slugs = [slug for slug in slugs if FIGURES[slug].takes_target(of_person=bool(person))]
    held, rules = _held(slugs, lens), TargetRule.objects.valid_on(lens.last_day).filter(figure__in=slugs)
    found = _of_person(held, rules, person) if person else _of_area(held, rules, lens)
    return {slug: found[slug] for slug in slugs if slug in found}


def _held(slugs, lens):
    """The Targets in force of `slugs` in the area looked at and below it, in the month of the lens; of figures of now in the
    one that runs.
    """
    rows = Target.objects.counted_for(lens.user).filter(wilayah__code__startswith=lens.here).order_by()
    of_now = [slug for slug in slugs if not FIGURES[slug].source.period.newest_first]
    now = rows.in_force(lens.today.replace(day=1)).filter(figure__in=of_now)
    return now | rows.in_force(lens.month).filter(figure__in=set(slugs).difference(of_now))


def _of_person(held, rules, person):
    own = dict(held.filter(pendamping=person).values_list("figure", "value"))
    return {
        slug: Aim(value, of_person=True, origin=OWN.format("pendamping") if slug in own else GENERAL)
        for slug, value in (dict(rules.values_list("figure", "value")) | own).items()
    }


def _of_area(held, rules, lens):
    around = held.filter(pendamping=None, figure=OuterRef("figure")).exclude(pk=OuterRef("pk"))
    around = around.alias(inner=Cast(OuterRef("wilayah_id"), TextField()))
    topmost = held.exclude(Exists(around.filter(inner__startswith=F("wilayah_id"))))
    counted = topmost.values_list("figure").annotate(
        Sum("value"),
        own=Count("pk", filter=Q(pendamping=None, wilayah=lens.here)),
        areas=Count("pk", filter=Q(pendamping=None)),
        people=Count("pendamping"),
    )
    found, aims = {slug: rest for slug, *rest in counted}, {}
    general = {
        slug: rest for slug, *rest in rules.values_list("figure", "value", _without_target(held, lens))
    }
    for slug in {**found, **general}:
        total, own, areas, people = found.get(slug, (0, 0, 0, 0))
        value, others = general.get(slug, (0, 0))
        if own:
            aims[slug] = Aim(total, of_person=False, origin=OWN.format("wilayah"))
        elif areas or people or others:
            words = _sum_words(areas, people, others)
            aims[slug] = Aim(total + value * others, of_person=False, origin=words)
    return aims


def _sum_words(areas, people, others):
    parts = (
        (areas, "wilayah di dalamnya"),
        (people, "pendamping"),
        (others, "pendamping menurut target umum"),
    )
    return f"jumlah target {' dan '.join(f'{angka(number)} {words}' for number, words in parts if number)}"


def _without_target(held, lens):
    """For each TargetRule how many pendamping of the area, who held families on the last day of the lens, have neither a
    target of their own nor one of an area around them.
    """
    terms = Assignment.objects.filter(
        Q(to_on=None) | Q(to_on__gt=lens.last_day), from_on__lte=lens.last_day, pendamping=OuterRef("pk")
    )
    told = held.filter(figure=OuterRef(OuterRef("figure")))
    told = told.alias(inner=Cast(OuterRef("wilayah_id"), TextField())).filter(
        Q(pendamping=OuterRef("pk")) | Q(pendamping=None, inner__startswith=F("wilayah_id"))
    )
    people = User.objects.pendamping().filter(
        Exists(terms), ~Exists(told), wilayah__code__startswith=lens.here
    )
    counted = people.order_by().values("duty").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
