"""What a family itself is shown of where it stands: on the screen held out to it, on paper and as a picture to share.

Plain words and drawings, and no number of any card, no address, no word that puts it down: the step it stands on, what is
strong, what it wants to change and how that would look, what was promised, and who helps.
"""

from kpm.independence.lifemap import LifeMap
from kpm.models import Anchor, Goal, GoalStep, Level
from kpm.plan import open_goals
from pkh_casework.templatetags.formats import tanggal
from pkh_casework.templatetags.icons import whole_drawing
from resources.models import Referral

from .timeline import open_steps

MOST_STRENGTHS, MOST_CHANGES, MOST_PROMISES, MOST_HELPERS = 2, 3, 3, 3
WITH_THE_PARTNER = (Referral.State.SENT, Referral.State.ACCEPTED, Referral.State.RUNNING)


def sheet_of(drawn: LifeMap, day) -> dict:
    """What the screen and the paper say of the family of `drawn`, as JSON holds it; six queries. Only for a family that
    was assessed.
    """
    household, goals = drawn.household, open_goals(drawn.household)
    strengths = drawn.strengths[:MOST_STRENGTHS]
    changes = _changes(drawn, goals)
    texts = _texts([*strengths, *(place for place, _ in changes)])
    return {
        "title": "Langkah keluarga",
        "name": household.name,
        "assessed": tanggal(drawn.newest),
        "printed": tanggal(day),
        "pendamping": household.pendamping.name,
        "level": int(drawn.level),
        "strengths": [
            {
                "name": place.indicator.name,
                "code": place.indicator.code,
                "level": place.level,
                "text": texts.get((place.score.indicator_id, place.level), ""),
            }
            for place in strengths
        ],
        "changes": [
            {
                "name": place.indicator.name,
                "code": place.indicator.code,
                "level": place.level,
                "next": place.level + 1,
                "text": texts.get((place.score.indicator_id, place.level + 1), ""),
                "wish": goal.wish if goal else "",
                "target": tanggal(goal.target_on) if goal else "",
            }
            for place, goal in changes
        ],
        **_promises(household, goals),
        "helpers": _helpers(household),
    }


def with_drawings(sheet):
    """`sheet` and the drawings that it speaks of, {name: the bytes of an SVG}, for paper."""
    names = {f"tangga-{sheet['level']}"}
    names |= {f"{one['code']}-{one['level']}" for one in [*sheet["strengths"], *sheet["changes"]]}
    names |= {f"{one['code']}-{one['next']}" for one in sheet["changes"]}
    drawn = {name: list(whole_drawing(name).encode()) for name in sorted(names)}
    return sheet | {"drawings": {name: drawing for name, drawing in drawn.items() if drawing}}


def _changes(drawn: LifeMap, goals: list[Goal]):
    """(MapPlace, Goal) of what the family chose to change and has not reached; without a goal its lowest place and None."""
    places = {place.indicator.code: place for place in drawn.answered if place.level < Level.MANDIRI}
    chosen = [(places[goal.code], goal) for goal in goals if goal.code in places]
    if not chosen and places:
        chosen = [(min(places.values(), key=lambda place: place.level), None)]
    return chosen[:MOST_CHANGES]


def _texts(places):
    """{(key of an indicator, level): what life is like there}, in the words that were read out when it was asked."""
    anchors = Anchor.objects.filter(indicator__in={place.score.indicator_id for place in places})
    return {(anchor.indicator_id, anchor.level): anchor.text for anchor in anchors}


def _promises(household, goals):
    """What is still to be done, the earliest first: by the family, and by its pendamping, who also keeps what was promised
    at a visit.
    """
    steps = [
        (step.due_on, step.text, step.whose)
        for goal in goals
        for step in goal.steps.all()
        if not step.done_on
    ]
    steps += [
        (row.step_due_on, row.activity.next_step, GoalStep.Whose.PENDAMPING) for row in open_steps(household)
    ]
    told = {GoalStep.Whose.FAMILY: [], GoalStep.Whose.PENDAMPING: []}
    for due_on, text, whose in sorted(steps):
        told[whose].append({"text": text, "due": tanggal(due_on)})
    return {
        "family": told[GoalStep.Whose.FAMILY][:MOST_PROMISES],
        "worker": told[GoalStep.Whose.PENDAMPING][:MOST_PROMISES],
    }


def _helpers(household):
    """Where the family was sent and is still waited for. Nobody who has not agreed to help yet."""
    referrals = Referral.objects.filter(household=household, state__in=WITH_THE_PARTNER)
    referrals = referrals.select_related("resource", "partner").order_by("-id")[:MOST_HELPERS]
    return [
        {"name": one.partner.name if one.partner else one.resource.name, "what": one.resource.name}
        for one in referrals
    ]
