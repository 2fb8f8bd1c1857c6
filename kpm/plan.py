"""How a family's plan stands: its open goals, what a goal may be made from, what still waits for one, and how far its
graduation is.
"""

from django.db.models import Exists, OuterRef, Q

from .independence.rule import asked_on, has_school_child
from .models import Assessment, Deferral, Goal, GraduationCase, Indicator, Level, Score, WatchCheck

LOW = Level.BERKEMBANG  # a goal may be made from an indicator up to this level


def open_goals(household):
    """The open goals of a family in the order of their slots, with their steps: two queries."""
    goals = Goal.objects.filter(household=household).open()
    return list(goals.select_related("indicator").prefetch_related("steps").order_by("slot"))


def low_scores(household, day):
    """Standing scores that a goal may be made from, the lowest first: of indicators that apply to the family on `day`
    and have no open goal. Each knows its `indicator`.
    """
    return _that_apply(low_among(Score.objects.filter(household=household)), household, day)


def low_among(scores):
    """Of `scores`, of any families, the standing ones that a goal may be made from, the lowest first; whether each still
    applies to its family is another question (`asked_of`).
    """
    scores = scores.filter(level__lte=LOW).standing().exclude(Exists(_goals_for_score().open()))
    return scores.order_by("level", "indicator__position")


def waiting_scores(household, day):
    """Standing scores at level 1 that have neither a goal nor a written *belum*, in the order of the instrument.

    A goal closed since the score was given also counts: closing took a reason, and the next assessment asks anew.
    """
    return _that_apply(waiting_among(Score.objects.filter(household=household)), household, day)


def waiting_among(scores):
    """Of `scores`, of any families, those that wait for a goal or a written *belum*; see `low_among`."""
    scores = scores.filter(level=Level.RENTAN).standing()
    goals = _goals_for_score().filter(Q(state=Goal.State.OPEN) | Q(closed_on__gte=OuterRef("assessed_on")))
    deferrals = Deferral.objects.filter(assessment=OuterRef("assessment"), code=OuterRef("code"))
    scores = scores.exclude(Exists(goals)).exclude(Exists(deferrals))
    return scores.order_by("indicator__position")


def graduation_line(household, day):
    """For the family's page: its open or standing case, else the one that ended last, and the next check."""
    cases = GraduationCase.objects.filter(household=household).select_related("kind").order_by("-id")
    case = cases.first()
    waiting = WatchCheck.objects.filter(household=household).waiting().order_by("due_on").first()
    return {"case": case, "check": waiting, "due": bool(waiting) and waiting.due_on <= day}


def _goals_for_score():
    return Goal.objects.filter(household=OuterRef("household"), code=OuterRef("code"))


def _that_apply(scores, household, day):
    """What was asked once may not apply any more: another path, no child at school."""
    scores = list(scores.select_related("indicator"))
    school = any(score.indicator.only_with == Indicator.OnlyWith.SCHOOL_CHILD for score in scores)
    school = school and has_school_child(household, day)
    keys = asked_of([score.indicator for score in scores], path=household.path, school_child=school)
    return [score for score in scores if score.indicator_id in keys]


def asked_of(indicators, *, path, school_child):
    """The keys of those of `indicators` that concern a family on `path`, with or without a child at school."""
    asked = asked_on(indicators, path=path, form=Assessment.Form.FULL, school_child=school_child)
    return {indicator.key for indicator in asked}
