"""What this room shows on pages of lower rooms: where a family can be sent, and where it was sent."""

from kpm.plan import LOW
from pkh_casework.panels import panel
from wilayah.clock import local_today

from .matches import matches_by_code, matches_for
from .models import Referral

MOST_MATCHES = 3  # shown for each need


@panel("kpm:goal_detail", "resources/goal_help.html")
def help_for_goal(request, goal):
    """Referrals for `goal`, and while it is open the resources that fit."""
    household = goal.household
    today = local_today(household.wilayah_id)
    referrals = Referral.objects.filter(household=household, goal=goal).select_related("resource")
    return {
        "household": household,
        "holds": household.pendamping_id == request.user.pk,
        "today": today,
        "referrals": referrals.order_by("-id"),
        "matches": matches_for(household, today, [goal.code])[:MOST_MATCHES] if goal.is_open else [],
        "query": f"kpm={household.case_number}&tujuan={goal.pk}",
    }


@panel("kpm:household_independence", "resources/family_help.html")
def help_for_family(request, drawn):
    """For each low indicator of a LifeMap that some resource lifts, the lowest first, its best matches; and the family's
    referrals.
    """
    household = drawn.household
    low = [place for place in drawn.places if place.level and place.level <= LOW]
    low = {place.indicator.code: place.indicator for place in sorted(low, key=lambda place: place.level)}
    return {
        "household": household,
        "holds": household.pendamping_id == request.user.pk,
        "today": drawn.today,
        "help": [
            (low[code], found[:MOST_MATCHES], f"kpm={household.case_number}&indikator={code}", len(found))
            for code, found in matches_by_code(household, drawn.today, low).items()
        ],
        "referrals": Referral.objects.filter(household=household).select_related("resource").order_by("-id"),
    }


@panel("roster:handover_family", "resources/handover_referrals.html")
def referrals_on_the_way(request, row):
    """Referrals of a family that is handed over which somebody still has to do or answer something for."""
    referrals = Referral.objects.filter(household=row.household).open().select_related("resource")
    return {"referrals": list(referrals.order_by("due_on", "id"))}
