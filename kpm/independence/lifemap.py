"""The family's map of independence: where it stands on each indicator, where it stood before and at first, and how
the family sees itself beside its pendamping. Reads only; the number of queries is the same however long the history.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from kpm.models import Anchor, Assessment, Dimension, Household, Indicator, Instrument, Level, Score

from .rule import asked_on, has_school_child


@dataclass
class MapPlace:
    """One indicator of the map. `score` is the answer that holds, None before the first one.

    `before` is the level that held until the newest assessment, `first` the first one ever (both None where there was
    none); `skipped_on` is set when the newest assessment that asked passed over it.
    """

    indicator: Indicator
    score: Score | None
    before: int | None
    first: int | None
    skipped_on: date | None
    text: str = ""

    @property
    def level(self):
        """The level that counts, the pendamping's; None without an answer."""
        return self.score.level if self.score else None

    @property
    def family_level(self):
        return self.score.family_level if self.score else None

    @property
    def word(self):
        return Level(self.level).label if self.level else ""

    @property
    def not_applicable(self):
        return bool(self.score) and self.score.state == Score.State.NOT_APPLICABLE

    @property
    def change(self):
        """Steps up (or down, below 0) since the last assessment before the newest."""
        return self.level - self.before if self.level and self.before else 0


@dataclass
class Section:
    """One dimension: its places, and `line`, the mean of its levels after each assessment as (day, mean) pairs.

    Means are floats from 1 to 4, over what was answered by then; None while nothing was.
    """

    dimension: Dimension
    places: list[MapPlace]
    line: list = field(default_factory=list)

    @property
    def now(self):
        return _mean(place.level for place in self.places)

    @property
    def before(self):
        return _mean(place.before for place in self.places)

    @property
    def first(self):
        return _mean(place.first for place in self.places)


@dataclass
class LifeMap:
    """The whole map of a family on a day. `days` are the days of assessments, oldest first; empty before the first one."""

    household: Household
    today: date
    sections: list[Section]
    days: list[date]

    @property
    def newest(self):
        return self.days[-1] if self.days else None

    @cached_property
    def places(self):
        return [place for section in self.sections for place in section.places]

    @cached_property
    def answered(self):
        return [place for place in self.places if place.level]

    @cached_property
    def risen(self):
        return [place for place in self.answered if place.change > 0]

    @cached_property
    def fallen(self):
        return [place for place in self.answered if place.change < 0]

    @cached_property
    def mean(self):
        """The mean of the levels that hold now, None before the first answer."""
        return _mean(place.level for place in self.places)

    @cached_property
    def level(self):
        """The Level that the family has reached on the whole: that of its mean, cut; None before the first answer. A word
        to begin a talk with, and no measure of anything: graduation has its lens.
        """
        return Level(int(self.mean)) if self.mean else None

    @cached_property
    def strengths(self):
        """Where the family stands best, the highest and then the risen first."""
        good = [place for place in self.answered if place.level >= Level.BERKEMBANG]
        return sorted(good, key=lambda place: (-place.level, -place.change))


def life_map(household, day) -> LifeMap:
    """Where the family stands on `day` on the indicators that apply to it; a score of another version of the
    instrument counts by its code.
    """
    instrument = Instrument.objects.valid_on(day)
    indicators = Indicator.objects.filter(instrument__in=instrument).select_related("dimension")
    asked = asked_on(
        indicators,
        path=household.path,
        form=Assessment.Form.FULL,
        school_child=has_school_child(household, day),
    )
    scores = Score.objects.filter(household=household).defer("note").order_by("assessed_on", "pk")
    dimensions = Dimension.objects.filter(instrument__in=instrument)
    return LifeMap(household, day, *_drawn(dimensions, asked, list(scores)))


def _drawn(dimensions, asked, scores):
    """(the Sections, the days of assessments)."""
    days = sorted({score.assessed_on for score in scores})
    by_code = {}
    for score in scores:
        by_code.setdefault(score.code, []).append(score)
    sections = []
    for dimension in dimensions:
        here = [indicator for indicator in asked if indicator.dimension_id == dimension.pk]
        places = [_place(indicator, by_code.get(indicator.code, []), days) for indicator in here]
        section = Section(dimension, places)
        told = [score for indicator in here for score in by_code.get(indicator.code, [])]
        section.line = [
            (day, mean) for day in days if (mean := _mean(score.level for score in _standing(told, day)))
        ]
        sections.append(section)
    return sections, days


def _place(indicator, scores, days):
    """`scores` are those of the indicator, `days` those of all assessments; both oldest first."""
    standing = [score for score in scores if score.until_on is None and _tells(score)]
    earlier = _standing(scores, days[-2]) if len(days) > 1 else []
    levels = [score.level for score in scores if score.level]
    return MapPlace(
        indicator,
        score=standing[0] if standing else None,
        before=earlier[0].level if earlier else None,
        first=levels[0] if levels else None,
        skipped_on=scores[-1].assessed_on if scores and not _tells(scores[-1]) else None,
    )


def _tells(score):
    return score.state != Score.State.SKIPPED


def _standing(scores, day):
    """Those of `scores` that held after an assessment on `day`."""
    return [
        score
        for score in scores
        if _tells(score) and score.assessed_on <= day and (score.until_on is None or score.until_on > day)
    ]


def _mean(levels):
    known = [level for level in levels if level]
    return sum(known) / len(known) if known else None


def add_anchors(places):
    """Give each answered place its `text`: what life is like at its level, in the words that were read out then."""
    texts = {
        (anchor.indicator_id, anchor.level): anchor.text
        for anchor in Anchor.objects.filter(
            indicator__in=[place.score.indicator_id for place in places if place.level]
        )
    }
    for place in places:
        if place.level:
            place.text = texts.get((place.score.indicator_id, place.level), "")


def as_chart(section):
    """The places of `section` as chart_life_map draws them."""
    return [
        {
            "label": place.indicator.name,
            "code": place.indicator.code,
            "family": place.family_level,
            "worker": place.level,
            "before": place.before,
            "word": place.word,
            "text": place.text,
            "note": _note(place),
        }
        for place in section.places
    ]


def _note(place):
    """(short word, sentence) for what an answer does not tell; ("", "") where it does."""
    if place.not_applicable:
        return "Tidak berlaku", place.score.reason
    if place.score is None:
        return ("Dilewati", "") if place.skipped_on else ("Belum dinilai", "")
    if place.skipped_on:
        return "", "Pada asesmen terakhir dilewati; ini jawaban sebelumnya."
    return "", ""
