"""What a merge of two families asks of this room: its chains of scores and goals, before and after the rows moved."""

from django.db.models import F

from entries.operations import Refused
from kpm.models import MOST_GOALS, Goal, Household, Score

from .assessment import settle

TOO_MANY_GOALS = f"Bersama-sama kedua keluarga punya lebih dari {MOST_GOALS} tujuan yang berjalan. Tutup dulu salah satunya."
SAME_GOAL = "Kedua keluarga punya tujuan yang berjalan untuk hal yang sama. Tutup dulu salah satunya."


def free_slots(survivor: Household, loser: Household) -> dict:
    """{id of an open goal of `loser`: the slot that it takes with `survivor`}. Raises Refused when there is none."""
    own = dict(Goal.objects.filter(household=survivor).open().values_list("slot", "code"))
    free = [slot for slot in range(1, MOST_GOALS + 1) if slot not in own]
    coming = list(Goal.objects.filter(household=loser).open().order_by("slot"))
    if len(coming) > len(free):
        raise Refused(TOO_MANY_GOALS)
    if {goal.code for goal in coming} & set(own.values()):
        raise Refused(SAME_GOAL)
    slots = {goal.pk: goal.slot for goal in coming if goal.slot in free}
    left = [slot for slot in free if slot not in slots.values()]
    return slots | {goal.pk: left.pop(0) for goal in coming if goal.pk not in slots}


def end_scores(household: Household) -> None:
    """Let no score of the family stand, so that they can join others; settle_scores puts the chain right."""
    standing = Score.objects.filter(household=household, until_on=None).exclude(state=Score.State.SKIPPED)
    standing.update(until_on=F("assessed_on"))


def settle_scores(household: Household) -> None:
    """Let each score of the family hold until its next one, over its whole history."""
    scores = Score.objects.filter(household=household).order_by("assessed_on")
    if first := scores.values_list("assessed_on", flat=True).first():
        settle(household, set(scores.values_list("code", flat=True)), since=first)
