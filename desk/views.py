"""Screens that bring several rooms together: Hari ini, the family's page, what the family is shown, the way to
everything else.
"""

from collections import Counter

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from entries.models import AccessLog
from entries.trail import note_access, note_look
from kpm.changes import changes_of, moves_for
from kpm.independence.lifemap import life_map
from kpm.models import MOST_GOALS, Household, MemberComponent
from kpm.payments import payments_of
from kpm.plan import graduation_line, open_goals, waiting_scores
from pkh_casework.access import CASE_EXPORT, CASE_LOOK, SIGNED_IN, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.pdf import pdf_response, picture_response
from pkh_casework.waits import lines_for
from reports.models import Notice
from resources.models import Referral
from roles.commitments.follow_up import of_family
from roles.incidents.waiting import of_family as incidents_of
from roles.models import VisitRemark
from roster.handover import just_given, news_for
from roster.sides import duplicates_of
from sinergi.board import current_of
from wilayah.clock import local_today

from .entrances import entrances_for
from .family_sheet import sheet_of, with_drawings
from .first_steps import first_steps
from .next_action import due_of, log_way, next_action
from .since import since_last_visit
from .timeline import PARTS, last_call, open_steps, role_mix, timeline
from .worklist import due_by_place, month_progress, next_houses, resources_to_check

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
        context["unread"] = _unread(request.user)
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
        "unread": _unread(request.user),
        "moves": moves_for(request.user),
        "asked": VisitRemark.objects.visible_to(request.user).open().filter(reason="").count(),
        "given": just_given(request.user, day)[:MOST_GIVEN],
        "handed": dict(zip(("offered", "unread"), news_for(request.user), strict=True)),
    }
    return render_page(request, "desk/today.html", context, part="worklist")


@access(CASE_LOOK)
@require_safe
def household_detail(request, case):
    """The family's page, Ringkasan: who they are and how to reach them, what changed since the last visit, what to do
    next, what was promised, the goals and the map in small.
    """
    household = _family(request, case)
    day = local_today(household.wilayah_id)
    said = _frame(request, household, day) | {
        "steps": open_steps(household),
        "days_since": (day - household.last_visited_on).days if household.last_visited_on else None,
        "called_on": last_call(household),
    }
    if request.htmx.target == "promises":
        return render_page(request, "desk/household_detail.html", {**said, "part": True}, part="promises")
    drawn = life_map(household, day)
    walks_on = said["holds"] and said["days_since"] == 0
    said |= {
        "walks_on": walks_on,
        "next_houses": next_houses(request.user, household, day) if walks_on else [],
        "duplicates": duplicates_of(household, request.user),
        "members": members_of(household, day),
        "pengurus": pengurus_of(household),
        "map": drawn,
        "payments": payments_of(household, day),
        "plan": open_goals(household),
        "most_goals": MOST_GOALS,
        "waiting": waiting_scores(household, day),
        "commitments": of_family(household, day),
        "incidents": incidents_of(household),
        "since": since_last_visit(household, request.user, drawn, day),
    }
    said["components"] = components_of(said["members"])
    said["action"] = next_action(household, day, said["due"], said) if said["holds"] else None
    return render_page(request, "desk/household_detail.html", said)


@access(CASE_LOOK)
@require_safe
def household_history(request, case):
    """The family's page, Riwayat: all that happened with it, and in which roles."""
    household = _family(request, case)
    part = asked_text(request.GET, "riwayat")
    part = part if part in PARTS else ""
    past = {
        "household": household,
        "page": timeline(request, household, part),
        "parts": PARTS,
        "part_shown": part,
    }
    for target in ("timeline-rows", "timeline"):
        if request.htmx.target == target:
            return render_page(request, "desk/timeline.html", past, part=target)
    day = local_today(household.wilayah_id)
    context = _frame(request, household, day) | past | {"mix": role_mix(household, day)}
    return render_page(request, "desk/household_history.html", context)


@access(CASE_LOOK)
@require_safe
def household_family(request, case):
    """The family's page, Keluarga: who belongs to it, its data, its benefit and what was verified of its commitments."""
    household = _family(request, case)
    day = local_today(household.wilayah_id)
    context = _frame(request, household, day) | {
        "members": members_of(household, day),
        "pengurus": pengurus_of(household),
        "payments": payments_of(household, day),
        "changes": changes_of(household, request.user),
        "commitments": of_family(household, day),
    }
    return render_page(request, "desk/household_family.html", context)


@access(CASE_LOOK)
@require_safe
def household_plan(request, case):
    """The family's page, Rencana: its goals, where it was sent, its kasus, its programme and its way out of PKH."""
    household = _family(request, case)
    day = local_today(household.wilayah_id)
    referrals = Referral.objects.filter(household=household).select_related("resource").order_by("-id")
    context = _frame(request, household, day) | {
        "plan": open_goals(household),
        "most_goals": MOST_GOALS,
        "waiting": waiting_scores(household, day),
        "referrals": referrals,
        "programme": current_of(household),
        "incidents": incidents_of(household),
    }
    return render_page(request, "desk/household_plan.html", context)


@access(CASE_LOOK)
@require_safe
def family_show(request, case):
    """Tunjukkan ke keluarga: where it stands and what comes next, in drawings, to be looked at together."""
    household = _family(request, case)
    day = local_today(household.wilayah_id)
    drawn = life_map(household, day)
    sheet = sheet_of(drawn, day) if drawn.level else None
    holds = household.pendamping_id == request.user.pk
    return render_page(
        request, "desk/family_show.html", {"household": household, "sheet": sheet, "holds": holds}
    )


@access(CASE_EXPORT)
@require_safe
def family_sheet_pdf(request, case):
    """The same on a page that the family keeps."""
    return pdf_response("desk/family_sheet.typ", _sheet_to_take(request, case), f"langkah-{case}.pdf")


@access(CASE_EXPORT)
@require_safe
def family_sheet_png(request, case):
    """The same page as a picture, to be shared from the phone."""
    return picture_response("desk/family_sheet.typ", _sheet_to_take(request, case), f"langkah-{case}.png")


def _sheet_to_take(request, case):
    """The sheet of a family with its drawings, and that it was taken away is kept."""
    families = Household.objects.visible_to(request.user).select_related("pendamping")
    household = get_object_or_404(families, case_number=case)
    day = local_today(household.wilayah_id)
    drawn = life_map(household, day)
    if not drawn.level:
        raise Http404("no assessment yet")
    note_access(request, AccessLog.Action.EXPORT, subject=case)
    return with_drawings(sheet_of(drawn, day))


def _family(request, case):
    """The family `case` if the asker may open it; a look of somebody else than its holder is kept."""
    families = Household.objects.visible_to(request.user).select_related("group", "pendamping", "wilayah")
    household = get_object_or_404(families, case_number=case)
    note_look(request, case, holders={household.pendamping_id})
    return household


def _frame(request, household, day):
    """What the head and the tabs of every part of the family's page need."""
    graduation, due = graduation_line(household, day), due_of(household, day)
    return {
        "household": household,
        "today": day,
        "holds": household.pendamping_id == request.user.pk,
        "graduation": graduation,
        "due": due,
        "log": log_way(household, graduation, due, day),
        "here": request.resolver_match.url_name,
    }


def members_of(household, day):
    """Members still on the card, each with the short names of today's components."""
    components = {}
    for row in MemberComponent.objects.filter(household=household).on(day).select_related("component"):
        components.setdefault(row.member_id, []).append(row)
    members = list(household.members.filter(left_on=None))
    for member in members:
        member.today_components = components.get(member.pk, [])
        member.age = member.age_on(day)
    return members


def components_of(members):
    """[(short name of a component, how many of the members count for it today), …], the most frequent first."""
    rows = (row for member in members for row in member.today_components)
    return Counter(row.component.short_name for row in rows).most_common()


def pengurus_of(household):
    return household.pengurus_terms.filter(to_on=None).select_related("member", "heir").first()


@access(SIGNED_IN)
@require_safe
def more(request):
    """Lainnya: every page the asker's duty may open that has no place in the bottom bar."""
    context = {"groups": entrances_for(request.user), "unread": _unread(request.user)}
    return render_page(request, "desk/more.html", context)


def _unread(user):
    return Notice.objects.visible_to(user).unread().count()
