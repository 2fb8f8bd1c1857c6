"""Screens that bring several rooms together: Hari ini, the family's page, what the family is shown, the way to
everything else.
"""

from collections import Counter
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from entries.models import AccessLog
from entries.trail import note_access, note_look
from kpm.changes import changes_of
from kpm.independence.lifemap import life_map
from kpm.models import MOST_GOALS, Household, MemberComponent
from kpm.payments import payments_of
from kpm.plan import graduation_line, open_goals, waiting_scores
from pkh_casework.access import CASE, CASE_EXPORT, CASE_LOOK, FIELD, PENDAMPING, SIGNED_IN, access, only
from pkh_casework.asked import asked_day, asked_number, asked_text
from pkh_casework.days import PKH_BEGAN
from pkh_casework.htmx import render_page
from pkh_casework.paging import list_page
from pkh_casework.pdf import pdf_response, picture_response
from pkh_casework.places import MOST, WITHOUT_RW, rt_words, rw_words
from pkh_casework.templatetags.formats import tanggal
from pkh_casework.waits import lines_for
from reports.figures.queries import narrowable_pendamping
from reports.models import Notice
from resources.models import Referral
from roles.catalogue import postpone_reasons
from roles.commitments.follow_up import of_family
from roles.incidents.waiting import of_family as incidents_of
from roles.operations.undo import just_recorded, seconds_left
from roster.handover import just_given
from roster.sides import duplicates_of
from sinergi.board import current_of
from wilayah.clock import local_today

from .agenda import agenda_of, shown_of
from .beside import next_houses, resources_to_check
from .due import due_families
from .entrances import entrances_for
from .family_sheet import sheet_of, with_drawings
from .first_steps import first_steps
from .next_action import due_of, log_way, next_action
from .plan import ORDERS, by_place, plan_of
from .since import since_last_visit
from .summary import lens_of, summary_of
from .timeline import PARTS, last_call, open_steps, role_mix, timeline
from .trip import for_typst, places_of, trip_of

WAITING_PAGE = 50
MOST_GIVEN = 50


@access(SIGNED_IN)
@require_safe
def today(request):
    """Hari ini: of a pendamping the plan of the day, about ten houses and what else has its time today; of a koordinator
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
    dues, plan, asked = _plan(request, day)
    agenda = agenda_of(request.user, day, dues)
    context = asked | {
        "today": day,
        "steps": first_steps(request.user),
        "plan": plan,
        "orders": ORDERS.items(),
        "places": _places(dues),
        "agenda": agenda,
        "shown": shown_of(agenda),
        "put_off": sum(bool(due.put_off) for due in dues.values()),
        "ready": postpone_reasons(day),
        # A small favour for when the day's work is done.
        "to_check": [] if plan.open else resources_to_check(request.user, day),
        "given": just_given(request.user, day)[:MOST_GIVEN],
    }
    return render_page(request, "desk/today.html", context)


def _plan(request, day):
    """(the families that are due, the Plan of the day, what the address asks for)."""
    rw, order = asked_number(request.GET, "rw"), asked_text(request.GET, "urut")
    asked = {"rw": rw, "order": order if order in ORDERS else ""}
    dues = due_families(request.user, day)
    return dues, plan_of(request, dues, day, **asked), asked


def _places(dues):
    """(RW, words) of where families are due; nothing to choose in a single one."""
    found = {due.family.rw or WITHOUT_RW for due in dues.values()}
    return [(rw, rw_words(rw)) for rw in sorted(found, key=lambda rw: rw or MOST)] if len(found) > 1 else []


@access(FIELD)
@require_safe
def families_waiting(request):
    """The families that are due and not in the plan of the day, by RW and RT; with `ditunda` those that were put off."""
    day = local_today(request.user.wilayah_id)
    dues, plan, asked = _plan(request, day)
    put_off = "ditunda" in request.GET
    rows = [due for due in dues.values() if due.put_off] if put_off else plan.others
    page = list_page(by_place(rows, asked["order"]), request, size=WAITING_PAGE)
    context = asked | {
        "page": page,
        "number": len(rows),
        "put_off": put_off,
        "orders": ORDERS.items(),
        "places": _places(dues),
        "ready": postpone_reasons(day),
    }
    return render_page(request, "desk/families_waiting.html", context, part="waiting-rows")


@access(CASE)
@require_safe
def day_summary(request):
    """What a pendamping did on a day (`tanggal`), each number with its rows; for a koordinator of a `pendamping`."""
    today = local_today(request.user.wilayah_id)
    day = asked_day(request.GET, "tanggal", PKH_BEGAN, today) or today
    asked = asked_number(request.GET, "pendamping")
    if request.user.is_koordinator and not asked:
        return redirect("reports:reporting")
    person = narrowable_pendamping(request.user, asked or request.user.pk)
    if person is None:
        raise Http404("another pendamping")
    summary = summary_of(lens_of(request.user, person, today, day), person)
    asked = {"dari": "hari", "bulan": f"{day:%Y-%m}", "pendamping": person.pk}
    context = {
        "summary": summary,
        "month_query": urlencode(asked),
        "query": urlencode(asked | {"tanggal": day}),
    }
    return render_page(request, "desk/day_summary.html", context)


@access(FIELD)
@require_safe
def trip(request):
    """The sheet of one walk, through one RT (`rw` and `rt`); without them the RTs where families are due."""
    day = local_today(request.user.wilayah_id)
    dues = due_families(request.user, day)
    rw, rt, found = _trip(request, day, dues)
    waiting = [due for due in dues.values() if not due.put_off]
    context = {"today": day, "rw": rw, "rt": rt, "trip": found, "places": places_of(waiting)}
    return render_page(request, "desk/trip.html", context)


@access(only(PENDAMPING, audit="export"))
@require_safe
def trip_paper(request):
    """The sheet of one walk on paper."""
    user, day = request.user, local_today(request.user.wilayah_id)
    rw, rt, found = _trip(request, day, due_families(user, day))
    if not found:  # no RT was named, or nobody lives there
        return redirect("desk:trip")
    where = f"{rt_words(rt)}, {rw_words(rw)}"
    note_access(request, AccessLog.Action.EXPORT, subject=user.wilayah_id, fields=[f"lembar jalan {where}"])
    said = {"where": where, "kelurahan": user.wilayah.name, "day": tanggal(day), "pendamping": user.name}
    return pdf_response(
        "desk/trip.typ", said | {"parts": for_typst(found)}, f"lembar-jalan-{day:%Y-%m-%d}.pdf"
    )


def _trip(request, day, dues):
    """(RW, RT, Trip) that the address asks for, None without them or where nobody lives."""
    rw, rt = asked_number(request.GET, "rw"), asked_number(request.GET, "rt")
    found = None if None in {rw, rt} else trip_of(request.user, day, dues, rw, rt)
    return rw, rt, found


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
    walks_on, now = said["holds"] and said["days_since"] == 0, timezone.now()
    undo = just_recorded(request.user, household, now) if said["holds"] else None
    said |= {
        "undo": undo,
        "undo_seconds": seconds_left(undo, now) if undo else 0,
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
