"""Families with whom graduation may be talked about, and those who are near: who they are and what holds them back."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from kpm.listings import NARROW_AREA
from kpm.models import Assessment, GraduationCase, Household, Score
from kpm.models.assessment import NEAR
from pkh_casework.paging import keyset_page

from .lens import NeededChange, levels_on, rule_on
from .rule import asked_on, held_since, smallest_changes, with_school_child

PAGE = 30
BY_NEARNESS = ["lacking", "-assessed_on", "id"]
WALK = ["wilayah_id", "lacking", "id"]  # as the index of a wide area lies


@dataclass(frozen=True)
class Ready:
    """One family: its newest assessment, what has to rise (none: all conditions on levels hold), since when that was
    so, whether it lasted, and a proposal under way.
    """

    assessment: Assessment
    changes: list[NeededChange]
    since: date | None
    lasted: bool
    again_on: date | None
    case: GraduationCase | None

    @property
    def household(self):
        return self.assessment.household

    @property
    def may_be_discussed(self):
        return self.lasted and not self.changes


def near_families(user):
    """The newest assessment of each family that `user` may open, still accompanied and at most NEAR indicators short
    of the rule.
    """
    later = Assessment.objects.filter(
        household=OuterRef("household"), assessed_on__gt=OuterRef("assessed_on")
    )
    return (
        Assessment.objects.visible_to(user)
        .filter(~Exists(later), household__in=Household.objects.active(), lacking__lte=NEAR)
        .exclude(household__path=Household.Path.PERLINDUNGAN)
    )


def ready_page(request, day):
    """A paging.Page of Ready rows, the nearest first; for a wide area kelurahan by kelurahan. A fixed number of
    queries.
    """
    user, order = request.user, BY_NEARNESS
    near = near_families(user).select_related("household__pendamping", "household__wilayah")
    if not user.is_pendamping and len(user.wilayah_id) < NARROW_AREA:
        # Says no more than the prefix of visible_to, but as a range, which the index can be entered by.
        own, order = user.wilayah_id, WALK
        near = near.filter(wilayah__gte=own, wilayah__lt=str(int(own) + 1))
    page = keyset_page(near, request, order, size=PAGE)
    page.rows[:] = _with_reasons(page.rows, day)
    return page


def _with_reasons(assessments, day):
    rule = rule_on(day)
    if rule is None:
        return []
    families = [assessment.household_id for assessment in assessments]
    indicators = list(rule.instrument.indicators.all())
    names = {indicator.code: indicator.name for indicator in indicators}
    pupils = with_school_child(families, day)
    scores, story = {}, {}
    for score in Score.objects.filter(household__in=families).standing(day):
        scores.setdefault(score.household_id, []).append(score)
    earlier = Assessment.objects.filter(household__in=families).order_by("-assessed_on")
    for household, on, held in earlier.values_list("household", "assessed_on", "is_ready"):
        story.setdefault(household, []).append((on, held))
    under_way = GraduationCase.objects.filter(household__in=families).open()
    cases = {case.household_id: case for case in under_way}
    rows = []
    for assessment in assessments:
        family = assessment.household
        asked = asked_on(
            indicators, path=family.path, form=Assessment.Form.FULL, school_child=family.pk in pupils
        )
        levels = levels_on(scores.get(family.pk, []), [indicator.code for indicator in asked], day)
        changes = [
            NeededChange(names[code], levels[code], level, "")
            for code, level in smallest_changes(levels, rule).items()
        ]
        since, lasted = held_since(story[family.pk], rule.days_apart)
        again_on = since and since + timedelta(days=rule.days_apart)
        rows.append(Ready(assessment, changes, since, lasted, again_on, cases.get(family.pk)))
    return rows
