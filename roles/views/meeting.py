"""P2K2: what is due for each kelompok, the plan of a year, a session with its attendance, the sheet to sign."""

from functools import partial

from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from entries.holding import submit_for_families
from entries.models import AccessLog
from entries.operations import newest_receipt
from entries.submit import CHANGED, submit, thank
from entries.trail import note_access, note_look
from kpm.models import Group
from pkh_casework.access import CASE, CASE_EXPORT, CASE_LOOK, FIELD_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from pkh_casework.places import short_place_of
from roles.catalogue import catalogue_on
from roles.forms.meeting import PlanForm, StartForm
from roles.forms.roll import RollForm, families_of_group, rows_for
from roles.listings import SessionListing
from roles.models import Attendance, GroupSession, Photo
from roles.operations.meeting import (
    correct_session,
    hold_session,
    propose_plan,
    same_weekday,
    save_plan,
    sessions_on,
)
from roles.operations.roll import roll_in_words
from wilayah.clock import local_today

from .activity import closed, thank_once

PAGE, GROUPS_A_PAGE, MONTHS_BACK = 50, 25, 12
KIND = "p2k2"
NO_PLAN = "tanpa-rencana"
FILTERS = SessionListing.STATES | {NO_PLAN: "Belum ada rencana"}
PRESENT = Count("attendance", filter=Q(attendance__state=Attendance.State.PRESENT))


@access(CASE)
@require_safe
def meeting_list(request):
    """The next session of each kelompok, the longest due first; the sessions held; the kelompok without a plan."""
    today = local_today(request.user.wilayah_id)
    listing = SessionListing(request.GET, user=request.user, today=today)
    chosen = listing.in_force["keadaan"]
    if asked_text(request.GET, "keadaan") == NO_PLAN:
        chosen = NO_PLAN
        planned = GroupSession.objects.filter(activity=None).values("group")
        groups = Group.objects.visible_to(request.user).exclude(pk__in=planned)
        groups = groups.select_related("pendamping", "wilayah").annotate(folded_name=Lower("name"))
        page = keyset_page(groups, request, ["folded_name", "pk"], size=PAGE)
    else:
        rows = listing.qs.select_related("group__pendamping", "session__module", "wilayah")
        page = keyset_page(rows, request, listing.order, size=PAGE)
    if chosen == SessionListing.DONE:
        _add_counts(page.rows)
    context = {
        "page": page,
        "filters": FILTERS.items(),
        "chosen": chosen,
        "today": today,
    }
    return render_page(request, "roles/meeting_list.html", context, part="meeting-rows")


def _add_counts(meetings):
    """Give each session `listed` and `present`, how many families were called and how many came: one query."""
    counted = GroupSession.objects.filter(pk__in=[meeting.pk for meeting in meetings])
    counts = {
        pk: numbers
        for pk, *numbers in counted.values_list("pk").annotate(listed=Count("attendance"), present=PRESENT)
    }
    for meeting in meetings:
        meeting.listed, meeting.present = counts.get(meeting.pk, (0, 0))


@access(CASE)
@require_safe
def meeting_coverage(request):
    """Which kelompok met in which of the last months, the newest first, and how many of its families came."""
    today = local_today(request.user.wilayah_id)
    months = [same_weekday(today.replace(day=1), -back).replace(day=1) for back in range(MONTHS_BACK)]
    groups = Group.objects.visible_to(request.user).select_related("pendamping", "wilayah")
    page = keyset_page(
        groups.annotate(folded_name=Lower("name")), request, ["folded_name", "pk"], size=GROUPS_A_PAGE
    )
    sessions = GroupSession.objects.visible_to(request.user).filter(group__in=[row.pk for row in page.rows])
    held = list(sessions.filter(held_on__gte=months[-1]).select_related("session").order_by("held_on", "pk"))
    _add_counts(held)
    cells = {}
    for meeting in held:
        cells.setdefault((meeting.group_id, meeting.held_on.replace(day=1)), []).append(meeting)
    missed = sessions.filter(activity=None, planned_on__gte=months[-1], planned_on__lt=today)
    missed = {(group, day.replace(day=1)) for group, day in missed.values_list("group", "planned_on")}
    rows = [
        (group, [(month, cells.get((group.pk, month), []), (group.pk, month) in missed) for month in months])
        for group in page.rows
    ]
    context = {"page": page, "rows": rows, "months": months}
    return render_page(request, "roles/meeting_coverage.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_plan(request, pk):
    """The plan of a year for one kelompok: proposed in one step, each day and session open to change."""
    group = get_object_or_404(Group.objects.visible_to(request.user).select_related("wilayah"), pk=pk)
    today = local_today(group.wilayah_id)
    waiting = (
        GroupSession.objects.filter(group=group, activity=None).select_related("session__module").in_bulk()
    )
    start = StartForm(request.GET if "mulai" in request.GET else None, today=today)
    first_on = start.cleaned_data["mulai"] if start.is_valid() else _usual_day(group, today)
    start.initial["mulai"] = first_on
    lines = propose_plan(group, first_on, today) if request.method != "POST" else []
    sessions = sessions_on(today)
    known = {session.pk for session in sessions}
    # A session planned once and no longer in force stays what it is.
    sessions += {row.session for row in waiting.values() if row.session_id not in known}
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        lines=lines,
        sessions=sessions,
        waiting=waiting,
        user=request.user,
        today=today,
    )
    if receipt := submit(request, form, partial(save_plan, group)):
        thank(request, receipt, f"Rencana {group.name} tersimpan.")
        return redirect("roles:meeting_list")
    context = {"form": form, "start": start, "group": group, "has_plan": bool(waiting)}
    return render_page(request, "roles/meeting_plan.html", context)


def _usual_day(group, today):
    """The next day that is to this month what the kelompok's latest day was to its own; without one, today."""
    last = GroupSession.objects.filter(group=group).order_by("-planned_on").first()
    day = (last.held_on or last.planned_on) if last else today
    months = 12 * (today.year - day.year) + today.month - day.month
    usual = same_weekday(day, months)
    return usual if usual >= today else same_weekday(day, months + 1)


@access(CASE_LOOK)
@require_safe
def meeting_detail(request, pk):
    meeting = _meeting_or_404(request.user, pk)
    note_look(request, meeting.pk, holders={meeting.group.pendamping_id})
    rows = Attendance.objects.filter(group_session=meeting)
    shown = rows.visible_to(request.user).select_related("household", "who").order_by("household__name", "pk")
    shown = list(shown)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "meeting": meeting,
        "rows": shown,
        "others": sum(counts.values()) - len(shown),
        "counts": [(state.label, counts.get(state, 0)) for state in Attendance.State],
        "today": local_today(meeting.wilayah_id),
        "holds": meeting.group.pendamping_id == request.user.pk,
        "editable": bool(meeting.activity) and meeting.activity.is_editable_by(request.user, timezone.now()),
        "photos": Photo.objects.visible_to(request.user).filter(activity=meeting.activity_id),
    }
    return render_page(request, "roles/meeting_detail.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_hold(request, pk):
    """Who came, on one list for the phone; one save holds the session. `?semua=hadir` starts with everybody there."""
    meeting = _meeting_or_404(request.user, pk)
    if meeting.activity_id and request.method != "POST":
        return redirect(meeting)
    today = local_today(meeting.wilayah_id)
    if request.method == "POST":
        form = _roll(request, meeting, today, request.POST, request.FILES)
        if receipt := submit_for_families(request, form, partial(hold_session, meeting)):
            thank_once(request, receipt)
            return redirect(meeting)
        return _roll_page(request, form, meeting)
    session = meeting.session
    form = _roll(
        request,
        meeting,
        today,
        initial={
            "occurred_on": min(meeting.planned_on, today),
            "sub_role": session.module.sub_role_id,
            "place": _usual_place(meeting),
            "notes": f"Modul {session.module.name}, sesi {session.number}: {session.name}.",
        },
        rows=rows_for(families_of_group(meeting.group, request.user), today),
    )
    if request.GET.get("semua") == Attendance.State.PRESENT:
        form.all_present()
    return _roll_page(request, form, meeting)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request, pk):
    """Correct a session held, as long as its author may; what it said before stays in the trail."""
    meeting = _meeting_or_404(request.user, pk)
    activity = meeting.activity
    if activity is None or activity.pendamping_id != request.user.pk:
        raise Http404("nothing to correct")
    today = local_today(meeting.wilayah_id)
    sent_form = partial(_roll, request, meeting, today, request.POST, request.FILES)
    if not activity.is_editable_by(request.user, timezone.now()):
        return closed(request, activity, sent_form)
    if request.method == "POST":
        among = set(meeting.attendance.values_list("household__case_number", flat=True))
        form = sent_form(among=among)
        attendance = Attendance.objects.visible_to(request.user).filter(group_session=meeting)
        form.now = partial(roll_in_words, attendance)
        if receipt := submit(request, form, partial(correct_session, meeting)):
            thank(request, receipt, CHANGED)
            return redirect(meeting)
        return _roll_page(request, form, meeting)
    said = Attendance.objects.visible_to(request.user).filter(group_session=meeting)
    said = {
        row.household_id: row for row in said.select_related("household", "who").order_by("household__name")
    }
    rows = rows_for([row.household for row in said.values()], today)
    for row in rows:
        earlier = said[row.household.pk]
        row.state, row.who, row.note = earlier.state, earlier.who, earlier.note
    initial = {
        "version": newest_receipt(activity),
        "occurred_on": activity.occurred_on,
        "sub_role": activity.sub_role_id,
        "place": activity.place,
        "facilitator": meeting.facilitator,
        "notes": activity.notes,
    }
    return _roll_page(request, _roll(request, meeting, today, initial=initial, rows=rows), meeting)


@access(CASE_EXPORT)
@require_safe
def meeting_sheet(request, pk):
    """The attendance sheet on paper, to be signed at the meeting."""
    meeting = _meeting_or_404(request.user, pk)
    note_access(request, AccessLog.Action.EXPORT, subject=meeting.pk, fields=["daftar_hadir"])
    families = families_of_group(meeting.group, request.user)
    session, day = meeting.session, meeting.held_on or meeting.planned_on
    data = {
        "group": meeting.group.name,
        "kelurahan": meeting.wilayah.name,
        "module": session.module.name,
        "session": f"{session.number}. {session.name}",
        "day": date_format(day, "j F Y"),
        "place": meeting.place,
        "facilitator": meeting.facilitator,
        "pendamping": meeting.group.pendamping.name,
        "families": [{"name": one.name, "rt": short_place_of(one).removeprefix("RT ")} for one in families],
    }
    return pdf_response("roles/attendance.typ", data, f"daftar-hadir-{day:%Y-%m-%d}.pdf")


def _roll(request, meeting, today, *args, **kwargs):
    catalogue = catalogue_on(today)
    return RollForm(
        *args,
        user=request.user,
        catalogue=catalogue,
        kind=catalogue.kind(KIND),
        group=meeting.group,
        **kwargs,
    )


def _roll_page(request, form, meeting):
    context = {"form": form, "meeting": meeting, "group": meeting.group, "editing": meeting.activity_id}
    return render_page(request, "roles/meeting_hold.html", context, part="roll-form")


def _usual_place(meeting):
    """Where the kelompok met last."""
    held = GroupSession.objects.filter(group=meeting.group).exclude(activity=None).order_by("-held_on")
    return held.values_list("place", flat=True).first() or ""


def _meeting_or_404(user, pk):
    meetings = GroupSession.objects.visible_to(user).select_related(
        "group__pendamping", "session__module", "wilayah", "activity__kind", "activity__sub_role"
    )
    return get_object_or_404(meetings, pk=pk)
