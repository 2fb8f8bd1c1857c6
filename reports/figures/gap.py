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


def gaps(lens):
    """The Gaps of what the lens looks at, the worst first; indicators on which nobody stands low are left out."""
    needs = values_by([NEED.slug], lens, by_indicator)
    offers = _offers(lens)
    found = [
        Gap(one, needs[one.code][NEED.slug], offers.get(one.code, Offer()))
        for one in indicators(lens.today)
        if one.code in needs
    ]
    return sorted(found, key=lambda gap: (WORST_FIRST.index(gap.state), -gap.families))


def gaps_by(lens, dimension):
    """The worst of each part of the area looked at: {part: (the worst Gap, how many Gaps are not SERVED)}; parts that
    want for nothing are missing. `dimension` is by_area(…) or by_rw.
    """
    rows = NEED.rows(lens)
    if dimension is by_rw:
        rows = rows.filter(**{LOW.scope.home: lens.here})
    rows = rows.order_by().values("code", part=dimension(LOW)).annotate(families=Count("pk"))
    by_code = {one.code: one for one in indicators(lens.today)}
    offers, serving = _offers_by_area(lens), {}
    parts = {}
    for row in rows:
        part, code = row["part"], row["code"]
        place = lens.here if dimension is by_rw else part
        if place not in serving:
            serving[place] = _serving(offers, place)
        gap = code in by_code and Gap(by_code[code], row["families"], serving[place].get(code, Offer()))
        if gap and gap.state != SERVED:
            parts.setdefault(part, []).append(gap)
    return {
        part: (min(found, key=lambda gap: (WORST_FIRST.index(gap.state), -gap.families)), len(found))
        for part, found in parts.items()
    }


def _offers(lens):
    return _serving(_offers_by_area(lens), lens.here)


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
