"""Where need meets nothing: how many families stand low on each indicator, and what there is that lifts it.

Families are those behind the figure *perlu-dibantu*; resources those that serve the area looked at, or a part of it.
Reads only; the same few queries however many there are.
"""

from dataclasses import dataclass

from django.db.models import CharField, Count, F, Func, Q, Sum

from kpm.models import Indicator
from resources.models import Resource

from .declared.assessments import LOW
from .declared.registry import FIGURES
from .queries import indicators
from .values import by_indicator, by_rw, values_by

NEED = FIGURES["perlu-dibantu"]
NOTHING, CLOSED, SHORT, SERVED = "tidak-ada", "tutup", "kurang", "ada"
WORST_FIRST = (NOTHING, CLOSED, SHORT, SERVED)


class Unnest(Func):
    """A row for each element of an array."""

    function = "unnest"
    set_returning = True
    output_field = CharField()


@dataclass(frozen=True)
class Offer:
    """What there is for one indicator: `resources` in all, `open` those that take people today, `places` their quota
    left where they have one, `limitless` those that have none.
    """

    resources: int = 0
    open: int = 0
    places: int = 0
    limitless: int = 0

    def state_for(self, families):
        """How well so many families are served: one of WORST_FIRST."""
        if not self.resources:
            return NOTHING
        if not self.open:
            return CLOSED
        return SERVED if self.limitless or self.places >= families else SHORT


@dataclass(frozen=True)
class Gap:
    """So many families of an area stand low on `indicator`, against what is offered to lift it."""

    indicator: Indicator
    families: int
    offer: Offer

    @property
    def state(self):
        return self.offer.state_for(self.families)


def needs(lens):
    """How many families stand low, of what the lens looks at: {indicator code: families}."""
    return {code: row[NEED.slug] for code, row in values_by([NEED.slug], lens, by_indicator).items()}


def needs_by(lens, dimension):
    """The same for each part of the area looked at: {part: {indicator code: families}}.

    `dimension` is by_area(…), whose parts add up to `needs`, or by_rw.
    """
    rows = NEED.rows(lens)
    if dimension is by_rw:
        rows = rows.filter(**{LOW.scope.home: lens.here})
    found = {}
    for row in rows.order_by().values("code", part=dimension(LOW)).annotate(families=Count("pk")):
        found.setdefault(row["part"], {})[row["code"]] = row["families"]
    return found


def gaps(lens, families):
    """The Gaps of what the lens looks at, the worst first, `families` as needs() has them; indicators on which nobody
    stands low are left out.
    """
    return _gaps(indicators(lens.today), families, _serving(_offers_by_area(lens), lens.here))


def gaps_in(lens, dimension, parts):
    """The Gaps of each of `parts`, as needs_by(lens, dimension) has them, the worst first: {part: [Gap, …]}."""
    asked, offers = indicators(lens.today), _offers_by_area(lens)
    here = _serving(offers, lens.here)
    return {
        part: _gaps(asked, families, here if dimension is by_rw else _serving(offers, part))
        for part, families in parts.items()
    }


def gaps_by(lens, dimension, parts):
    """The worst of each of `parts`: {part: (the worst Gap, how many Gaps are not SERVED)}; parts that want for nothing
    are missing.
    """
    found = {}
    for part, of_part in gaps_in(lens, dimension, parts).items():
        unserved = [gap for gap in of_part if gap.state != SERVED]
        if unserved:
            found[part] = unserved[0], len(unserved)
    return found


def _gaps(asked, families, serving):
    found = [
        Gap(one, families[one.code], serving.get(one.code, Offer())) for one in asked if one.code in families
    ]
    return sorted(found, key=lambda gap: (WORST_FIRST.index(gap.state), -gap.families))


def _offers_by_area(lens):
    """[(area code served, indicator code, Offer), …] of all that concerns the area looked at."""
    resources = Resource.objects.visible_to(lens.user).active().for_area(lens.here)
    is_open = Q(pk__in=Resource.objects.open_on(lens.today).values("pk"))
    rows = resources.order_by().values(area=F("wilayah_id"), code=Unnest("lifts"))
    rows = rows.annotate(
        resources=Count("pk"),
        open=Count("pk", filter=is_open),
        places=Sum("quota_left", filter=is_open, default=0),
        limitless=Count("pk", filter=is_open & Q(quota_left=None)),
    )
    return [(row.pop("area"), row.pop("code"), Offer(**row)) for row in rows]


def _serving(offers, place):
    """{indicator code: Offer} of those that serve `place`, a part of it or an area around it."""
    found = {}
    for area, code, offer in offers:
        if area.startswith(place) or place.startswith(area):
            one = found.get(code, Offer())
            found[code] = Offer(
                one.resources + offer.resources,
                one.open + offer.open,
                one.places + offer.places,
                one.limitless + offer.limitless,
            )
    return found
