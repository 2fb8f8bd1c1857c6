"""Screens that bring several rooms together: Hari ini, the family's page, the way to everything else."""

from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from entries.trail import note_look
from kpm.changes import changes_of, moves_for
from kpm.independence.lifemap import life_map
from kpm.models import MOST_GOALS, Household, MemberComponent
from kpm.payments import payments_of
from kpm.plan import graduation_line, open_goals, waiting_scores
from pkh_casework.access import CASE_LOOK, SIGNED_IN, access
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.waits import lines_for
from roles.commitments.follow_up import of_family
from roles.incidents.waiting import of_family as incidents_of
from roles.models import ActivityHousehold, Photo
from roster.handover import just_given, news_for
from roster.sides import duplicates_of
from sinergi.board import current_of
from wilayah.clock import local_today

from .entrances import entrances_for
from .first_steps import first_steps
from .timeline import open_steps, role_mix
from .worklist import due_by_place, month_progress, next_houses, resources_to_check

TIMELINE_PAGE = 10
MOST_GIVEN = 50


@access(SIGNED_IN)
@require_safe
def today(request):
    """Hari ini: of a pendamping what is due and why, by RW and RT, so that one walk does several houses; of a koordinator
    what waits for a decision.
    """
    if request.user.is_koordinator:
        day = local_today(request.user.wilayah_id)
        context = {"today": day, "lines": lines_for(request.user, day), "steps": first_steps(request.user)}
        return render_page(request, "desk/koordinator.html", context)
    if not request.user.is_pendamping:
        return redirect("reports:dashboard")
    day = local_today(request.user.wilayah_id)
    worklist = due_by_place(request.user, day, with_postponed="ditunda" in request.GET)
    progress = month_progress(request.user, day)
    context = {
        "today": day,
        "steps": first_steps(request.user),
        "worklist": worklist,
        "visited": progress["kpm-dikunjungi"],
        "active": progress["kpm-aktif"],
        "to_check": resources_to_check(request.user, day),
        "moves": moves_for(request.user),
        "given": just_given(request.user, day)[:MOST_GIVEN],
        "handed": dict(zip(("offered", "unread"), news_for(request.user), strict=True)),
    }
    return render_page(request, "desk/today.html", context, part="worklist")


@access(CASE_LOOK)
@require_safe
def household_detail(request, case):
    """The family's page: who they are, what was done, in which roles, and what was promised."""
    families = Household.objects.visible_to(request.user).select_related("group", "pendamping", "wilayah")
    household = get_object_or_404(families, case_number=case)
    note_look(request, case, holders={household.pendamping_id})
    day = local_today(household.wilayah_id)
    promises = {
        "household": household,
        "today": day,
        "steps": open_steps(household),
        "holds": household.pendamping_id == request.user.pk,
        "days_since": (day - household.last_visited_on).days if household.last_visited_on else None,
    }
    if request.htmx.target == "promises":
        context = {**promises, "part": True}
        return render_page(request, "desk/household_detail.html", context, part="promises")
    page = _timeline(request, household)
    if request.htmx.target == "timeline-rows":
        return render_page(request, "desk/household_detail.html", {"page": page}, part="timeline-rows")
    walks_on = promises["holds"] and promises["days_since"] == 0
    context = {
        **promises,
        "next_houses": next_houses(request.user, household, day) if walks_on else [],
        "duplicates": duplicates_of(household, request.user),
        "members": _members(household, day),
        "pengurus": household.pengurus_terms.filter(to_on=None).select_related("member", "heir").first(),
        "page": page,
        "mix": role_mix(household, day),
        "map": life_map(household, day),
        "graduation": graduation_line(household, day),
        "payments": payments_of(household, day),
        "programme": current_of(household),
        "plan": open_goals(household),
        "most_goals": MOST_GOALS,
        "waiting": waiting_scores(household, day),
        "changes": changes_of(household, request.user),
        "commitments": of_family(household, day),
        "incidents": incidents_of(household),
    }
    return render_page(request, "desk/household_detail.html", context)


def _members(household, day):
    """Members still on the card, each with the short names of today's components."""
    components = {}
    for row in MemberComponent.objects.filter(household=household).on(day).select_related("component"):
        components.setdefault(row.member_id, []).append(row)
    members = list(household.members.filter(left_on=None))
    for member in members:
        member.today_components = components.get(member.pk, [])
        member.age = member.age_on(day)
    return members


def _timeline(request, household):
    """A Page of ActivityHousehold rows, newest first, with what the page prints of each."""
    rows = ActivityHousehold.objects.filter(household=household).select_related(
        "activity__kind", "activity__sub_role", "activity__pendamping"
    )
    page = keyset_page(rows, request, ["-occurred_on", "-id"], size=TIMELINE_PAGE)
    photos = {}
    # Only photos of activities that reached this family: the family was fetched in scope, so are they.
    for photo in Photo.objects.filter(activity__in=[row.activity_id for row in page.rows]):
        photos.setdefault(photo.activity_id, []).append(photo)
    now = timezone.now()
    for row in page.rows:
        row.photos = photos.get(row.activity_id, [])
        row.editable = row.activity.is_editable_by(request.user, now)
    return page


@access(SIGNED_IN)
@require_safe
def more(request):
    """Lainnya: every page the asker's duty may open that has no place in the bottom bar."""
    return render_page(request, "desk/more.html", {"groups": entrances_for(request.user)})
