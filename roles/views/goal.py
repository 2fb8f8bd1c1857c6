"""One goal of a family: its words, its steps, and the activities that served it."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from entries.trail import note_look
from kpm.models import Goal
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from resources.matches import matches_for
from resources.models import Referral
from roles.models import ActivityHousehold
from wilayah.clock import local_today

PAGE, MOST_MATCHES = 20, 3


@require_safe
def goal_detail(request, pk):
    goals = Goal.objects.visible_to(request.user).select_related(
        "household__wilayah", "indicator", "pendamping"
    )
    goal = get_object_or_404(goals.prefetch_related("steps"), pk=pk)
    household = goal.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    served = ActivityHousehold.objects.filter(household=household, goals=goal)
    served = served.select_related("activity__kind", "activity__sub_role", "activity__pendamping")
    page = keyset_page(served.prefetch_related("goal_steps"), request, ["-occurred_on", "-id"], size=PAGE)
    today = local_today(household.wilayah_id)
    referrals = Referral.objects.filter(household=household, goal=goal).select_related("resource")
    context = {
        "goal": goal,
        "household": household,
        "page": page,
        "today": today,
        "referrals": referrals.order_by("-id"),
        "matches": matches_for(household, today, [goal.code])[:MOST_MATCHES] if goal.is_open else [],
        "query": f"kpm={household.case_number}&tujuan={goal.pk}",
        "holds": household.pendamping_id == request.user.pk,
    }
    return render_page(request, "roles/goal_detail.html", context, part="served-rows")
