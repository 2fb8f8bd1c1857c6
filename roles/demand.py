"""What families of an area wait for: from low indicators and open goals, as numbers and as the families behind them."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Left

from kpm.models import Goal, Household, Indicator, Instrument, Level, Score

WAITS_UP_TO = Level.BERTAHAN
# How an area is told apart, by the digits of its code: a province by its kota, a kota by its kelurahan, else by RW.
PARTS = {2: ("kota", 4), 4: ("kelurahan", 10)}


@dataclass
class Need:
    """So many families of an area wait for `indicator`, in `places` of its parts; `own` of them are the asker's."""

    indicator: Indicator
    families: int = 0
    places: int = 0
    own: int = 0


def part_word(area):
    """What the parts of an area are called that `Need.places` counts."""
    return PARTS.get(len(area), ("RW", 0))[0]


def needs_of(user, day):
    """The Needs of the asker's area on `day`, the greatest first; five queries for a pendamping, else three."""
    area = user.wilayah_id
    here = Household.objects.active().filter(wilayah__code__startswith=area)
    instruments = Instrument.objects.valid_on(day)
    indicators = Indicator.objects.filter(instrument__in=instruments).order_by("position")
    needs = {indicator.code: Need(indicator) for indicator in indicators}
    for code, places in _waiting_by_place(here, area).items():
        if need := needs.get(code):
            need.families, need.places = sum(places.values()), len(places)
            need.own = need.families
    if user.is_pendamping:
        own = _waiting_by_place(Household.objects.visible_to(user).active(), area)
        for code, need in needs.items():
            need.own = sum(own.get(code, {}).values())
    found = [need for need in needs.values() if need.families or need.own]
    return sorted(found, key=lambda need: (-need.families, need.indicator.position))


def _waiting_by_place(families, area):
    """{code: {place: families}}; a family that waits for a code by its level and by a goal counts once."""
    digits = PARTS.get(len(area), ("", 0))[1]
    place = (
        {"place": Left("household__wilayah", digits)}
        if digits
        else {"place": F("household__wilayah"), "rw": F("household__rw")}
    )
    counts = {}
    low = _low().filter(household__in=families)
    goals = Goal.objects.open().filter(household__in=families).exclude(Exists(_low_like_this()))
    for rows in (low, goals):
        grouped = rows.order_by().values("code", **place).annotate(number=Count("pk"))
        for row in grouped:
            code, number = row.pop("code"), row.pop("number")
            places = counts.setdefault(code, {})
            key = tuple(row.values())
            places[key] = places.get(key, 0) + number
    return counts


def waiting_for(code, user):
    """The families of the asker that wait for `code`, with `level` (None without a score) and `has_goal`."""
    low = _low().filter(household=OuterRef("pk"), code=code)
    goal = Goal.objects.open().filter(household=OuterRef("pk"), code=code)
    families = Household.objects.visible_to(user).active()
    return families.filter(Q(Exists(low)) | Q(Exists(goal))).annotate(has_goal=Exists(goal))


def levels_of(code, households):
    """{household id: standing level} of the indicator `code`."""
    scores = Score.objects.standing().filter(code=code, household__in=households, level__isnull=False)
    return dict(scores.values_list("household", "level"))


def _low():
    return Score.objects.standing().filter(level__lte=WAITS_UP_TO)


def _low_like_this():
    return _low().filter(household=OuterRef("household"), code=OuterRef("code"))
