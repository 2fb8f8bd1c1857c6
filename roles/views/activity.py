"""Logging an activity, reading it, correcting it."""

from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from entries.holding import submit_for_families
from entries.models import AccessLog, HeldEntry, Receipt
from entries.operations import newest_receipt
from entries.submit import CHANGED, CannotBeTaken, submit, thank
from entries.trail import note_access, note_look
from kpm.forms.families import CASE_NUMBER
from kpm.models import Goal, Group, Household, Member, MemberComponent
from kpm.models.search import found_in, reason
from pkh_casework.access import CASE, CASE_LOOK, FIELD, FIELD_WRITE, KOORDINATOR, access, only
from pkh_casework.asked import asked_number, asked_text, ids_in
from pkh_casework.htmx import render_page
from pkh_casework.media import photo_response
from pkh_casework.paging import keyset_page
from pkh_casework.templatetags.formats import tanggal
from roles.catalogue import catalogue_on, offered_phrases, offered_roles
from roles.commitments.follow_up import to_follow_up, words_of
from roles.forms.activity import REPRESENTATION, ActivityForm, ReopenForm
from roles.listings import ActivityListing
from roles.models import Activity, ActivityHousehold, GroupSession, Photo, TrainingPlace, VisitAct
from roles.operations.activity import change_activity, record_activity, reopen_activity
from roles.operations.undo import seconds_left, undone_words
from roles.quality.rules import photo_kinds_on
from roles.views.quality import is_asked_anew, remarks_on
from roles.views.undo import remember_promises
from roster.handover import just_given
from wilayah.clock import local_today

BEFORE = "Catatan ini sudah diterima sebelumnya."
FOUND_FAMILIES = 12
NEIGHBOURS = 5  # offered to be met on the same way
FAMILIES_OPENED = 5
PAGE = 50


@access(FIELD_WRITE)
@transaction.non_atomic_requests  # record_activity is a transaction of its own
@require_http_methods(["GET", "HEAD", "POST"])
def activity_create(request):
    """The one screen of logging: `?kpm=<case>` (repeatable) or `?kelompok=<id>` choose the families beforehand,
    `?mitra=<id>` the partner spoken with; `?ulang=<id>` fills in what the asker wrote and took back.
    """
    catalogue = catalogue_on(local_today(request.user.wilayah_id))
    if request.method == "POST":
        form = ActivityForm(request.POST, request.FILES, user=request.user, catalogue=catalogue)
    else:
        form = _new_form(request, catalogue)
    receipt = submit_for_families(request, form, record_activity)
    if not receipt:
        return _form_page(request, form)
    if receipt.is_resend and not Activity.objects.filter(pk=receipt.object_id).exists():
        messages.info(request, "Catatan ini sudah dibatalkan.")
        return redirect("roles:activity_list")
    thank_once(request, receipt)
    remember_promises(request, receipt.object_id, form.ticked_promises)
    if len(form.households) == 1 and not is_asked_anew(receipt.object_id):
        return redirect("desk:household_detail", case=form.households[0].case_number)
    return redirect("roles:activity_detail", pk=receipt.object_id)


def thank_once(request, receipt):
    """Tell that an activity is written down, or that it was before."""
    thank(request, receipt, BEFORE if receipt.is_resend else "Tercatat.")


def _new_form(request, catalogue):
    households, group = _families_asked_for(request)
    given = _given_asked_for(request, households)
    kind = catalogue.kind(request.GET.get("jenis")) or catalogue.kind("p2k2" if group else "kunjungan_rumah")
    initial = {
        "occurred_on": local_today(request.user.wilayah_id),
        "kind": kind and kind.code,
        "group": group and group.pk,
        "partners": [partner] if (partner := asked_number(request.GET, "mitra")) is not None else [],
    }
    for again in ids_in(request.GET.getlist("ulang")):
        initial |= undone_words(request.user, again)
    families = [(household, "ya") for household in households]
    form = ActivityForm(
        initial=initial, user=request.user, catalogue=catalogue, families=families, given=given
    )
    # The role used last is not chosen beforehand: which roles a pendamping takes is what the study measures.
    if initial["partners"]:
        form.initial["sub_role"] = next(
            (sub.code for sub in catalogue.sub_roles if sub.role_id == REPRESENTATION), None
        )
    return form


def _families_asked_for(request):
    """(households, group) named in the address; anything not the asker's own is left out without a word."""
    families = Household.objects.visible_to(request.user)
    group_id = asked_number(request.GET, "kelompok")
    if group_id is not None:
        group = Group.objects.visible_to(request.user).filter(pk=group_id).first()
        return list(families.active().filter(group=group).order_by("name", "id")) if group else [], group
    cases = [case for case in request.GET.getlist("kpm") if CASE_NUMBER.fullmatch(case)]
    return list(families.filter(case_number__in=cases).order_by("name", "id")) if cases else [], None


def _given_asked_for(request, households):
    """The HandoverFamily rows of those families named in the address that the asker gave on just now."""
    asked = {*request.GET.getlist("kpm")} - {row.case_number for row in households}
    if not asked:
        return []
    rows = just_given(request.user, local_today(request.user.wilayah_id))
    return [row for row in rows if row.household.case_number in asked]


def _form_page(request, form, activity=None):
    kinds = form.catalogue.kinds
    chosen_kind = form["kind"].value()
    # Whose families are chosen does nothing of the office just now; the page is light without those sentences.
    told = [kind for kind in kinds if kind.needs_family or kind.code == chosen_kind or not form.households]
    phrases = offered_phrases(told, form.user, _categories_of(form)) if activity is None else []
    shown = [
        phrase for kind, first, others in phrases if kind.code == chosen_kind for phrase in [*first, *others]
    ]
    single = form.households[0] if len(form.households) == 1 else None
    return render_page(
        request,
        "roles/activity_form.html",
        {
            "form": form,
            "activity": activity,
            "families": form.family_rows(),
            "single": single,
            "neighbours": _neighbours(form.user, single) if single and activity is None else [],
            "inside": _inside(form, with_promises=activity is None),
            "ticked_members": form.ticked_members,
            "ticked_promises": form.ticked_promises,
            "ticked_commitments": form.ticked_commitments,
            "ticked_goals": form.ticked_goals,
            "ticked_steps": form.ticked_steps,
            "partners": form.partner_choices(),
            "ticked_partners": form.ticked_partners,
            "kinds": kinds,
            "photo_kinds": photo_kinds_on(form.today),
            "chosen_kind": chosen_kind,
            "is_call": any(kind.is_call for kind in kinds if kind.code == chosen_kind),
            "chosen_sub_role": form["sub_role"].value() or (form.suggested and form.suggested.code),
            "offered_roles": offered_roles(shown, form.catalogue),
            "roles": form.catalogue.by_role(),
            "phrases": phrases,
            "ticked_phrases": set(form["phrase"].value() or []),
        },
        part="activity-form",
    )


def _categories_of(form):
    """The categories of the components that the chosen families have today."""
    if not form.households:
        return set()
    held = MemberComponent.objects.visible_to(form.user).filter(household__in=form.households)
    return set(held.on(form.today).values_list("component__category", flat=True))


def _inside(form, *, with_promises):
    """What may be ticked within the chosen families: for each of a few of them its members, open promises and goals.

    For a whole kelompok that would be a hundred boxes; what was ticked before travels hidden then.
    """
    shown = form.households if len(form.households) <= FAMILIES_OPENED else []
    members, promises, commitments = {}, {}, {}
    for member in Member.objects.visible_to(form.user).filter(household__in=shown, left_on=None):
        members.setdefault(member.household_id, []).append(member)
    if with_promises:
        steps = ActivityHousehold.objects.visible_to(form.user).filter(household__in=shown).open_steps()
        for row in steps.select_related("activity").order_by("step_due_on", "id"):
            promises.setdefault(row.household_id, []).append(row)
        for row in to_follow_up(form.user, form.today).filter(household__in=shown):
            commitments.setdefault(row.household_id, []).append((row, words_of(row)))
    goals = _goals_inside(form, shown)
    offered = {str(row.pk) for rows in [*members.values(), *promises.values()] for row in rows}
    offered |= {str(row.pk) for rows in commitments.values() for row, _ in rows}
    return {
        "members": [(family, members[family.pk]) for family in shown if family.pk in members],
        "promises": [(family, promises[family.pk]) for family in shown if family.pk in promises],
        "commitments": [(family, commitments[family.pk]) for family in shown if family.pk in commitments],
        "carried_members": form.ticked_members - offered,
        "carried_promises": form.ticked_promises - offered,
        "carried_commitments": form.ticked_commitments - offered,
        **goals,
    }


def _goals_inside(form, shown):
    """`goals`: [(family, [(Goal, its GoalSteps to tick), …], whether to unfold), …] of the families `shown`; and what
    was ticked beyond them. Open goals and steps, and those that a corrected activity served before.
    """
    goals = Goal.objects.visible_to(form.user).filter(household__in=shown)
    goals = goals.filter(Q(state=Goal.State.OPEN) | Q(pk__in=form.ticked_goals))
    by_family, goal_ids, step_ids = {}, set(), set()
    soon = form.today + timedelta(days=1)
    for goal in goals.order_by("slot", "id").prefetch_related("steps"):
        steps = [step for step in goal.steps.all() if not step.done_on or str(step.pk) in form.ticked_steps]
        due = any(step.due_on <= soon for step in steps)
        goal_ids.add(str(goal.pk))
        step_ids |= {str(step.pk) for step in steps}
        ticked = str(goal.pk) in form.ticked_goals or bool(
            form.ticked_steps & {str(step.pk) for step in steps}
        )
        by_family.setdefault(goal.household_id, []).append((goal, steps, due or ticked))
    return {
        "goals": [
            (family, by_family[family.pk], any(unfold for *_, unfold in by_family[family.pk]))
            for family in shown
            if family.pk in by_family
        ],
        "carried_goals": form.ticked_goals - goal_ids,
        "carried_steps": form.ticked_steps - step_ids,
    }


@access(FIELD)
@require_safe
def family_find(request):
    """Families found while typing on the logging screen: rows to tick, at most FOUND_FAMILIES."""
    text = asked_text(request.GET, "q")
    rows = []
    if text:
        families = Household.objects.visible_to(request.user).active()
        found = found_in(families, text)
        if found is None:
            rows = list(families.asked_place(text).order_by("name", "id")[:FOUND_FAMILIES])
        else:
            rows = [home._replace(row=reason(home, hit)) for home, hit in found.hits[:FOUND_FAMILIES]]
    return render_page(
        request, "roles/family_find.html", {"found": rows, "text": text}, part="family-results"
    )


def _neighbours(user, home):
    """Up to NEIGHBOURS families of the RT of `home`, or where it has none of its kelompok, that were not visited today, who
    waits longest first.
    """
    if home.rt is None and home.group_id is None:
        return []
    same = {"group": home.group_id} if home.rt is None else {"rw": home.rw, "rt": home.rt}
    near = Household.objects.visible_to(user).active().filter(wilayah=home.wilayah_id, **same)
    near = near.exclude(pk=home.pk).not_visited_since(local_today(home.wilayah_id))
    return list(near.order_by(F("last_visited_on").asc(nulls_first=True), "name", "pk")[:NEIGHBOURS])


@access(CASE)
@require_safe
def activity_list(request):
    """Activities, newest first."""
    listing = ActivityListing(request.GET, user=request.user, today=local_today(request.user.wilayah_id))
    activities = listing.qs
    page = keyset_page(
        activities.select_related("kind", "sub_role", "pendamping"), request, listing.order, size=PAGE
    )
    # Counted for the rows shown; as a column of the list it would be counted for all before the page is cut.
    shown = activities.filter(pk__in=[activity.pk for activity in page.rows])
    counts = dict(shown.values_list("pk").annotate(Count("families")))
    for activity in page.rows:
        activity.family_count = counts.get(activity.pk, 0)
    single = [activity.pk for activity in page.rows if activity.family_count == 1]
    # A family handed over meanwhile keeps its name from the former holder.
    rows = ActivityHousehold.objects.visible_to(request.user).filter(activity__in=single)
    names = dict(rows.values_list("activity", "household__name"))
    for activity in page.rows:
        activity.family_name = names.get(activity.pk, "")
    return render_page(request, "roles/activity_list.html", {"page": page}, part="activity-rows")


@access(CASE_LOOK)
@require_safe
def activity_detail(request, pk):
    activity = _activity_or_404(request.user, pk)
    rows = (
        activity.families.select_related("household").prefetch_related("members").order_by("household__name")
    )
    _note_look(request, activity, rows)
    mine = set(
        Household.objects.visible_to(request.user)
        .filter(activity_rows__activity=activity)
        .values_list("pk", flat=True)
    )
    families = [(row, row.household_id in mine) for row in rows]
    # The author knows which families the own activity reached, also those handed over: by case number, no more.
    # To others the families of colleagues are a number.
    shown = families if activity.pendamping_id == request.user.pk else [pair for pair in families if pair[1]]
    return render_page(
        request,
        "roles/activity_detail.html",
        {
            "activity": activity,
            "families": shown,
            "others": len(families) - len(shown),
            "group": Group.objects.visible_to(request.user).filter(pk=activity.group_id).first(),
            "partners": activity.partners.all(),
            "photos": Photo.objects.visible_to(request.user).filter(activity=activity),
            "receipt": Receipt.objects.visible_to(request.user).filter(op_id=activity.op_id).first(),
            "editable": activity.is_editable_by(request.user, timezone.now()),
            "editable_until": activity.editable_until(),
            "acts": VisitAct.objects.visible_to(request.user).filter(row__activity=activity).told(),
            "versions": _earlier_versions(activity),
            "remarks": remarks_on(activity, request.user),
            "undo": activity,
            "undo_seconds": seconds_left(activity, timezone.now())
            if activity.pendamping_id == request.user.pk and not activity.from_acts
            else 0,
            "may_report": activity.pendamping_id == request.user.pk
            or (request.user.is_koordinator and activity.wilayah_id.startswith(request.user.wilayah_id)),
            "may_reopen": request.user.is_koordinator and activity.editable_until() <= timezone.now(),
        },
    )


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def activity_edit(request, pk):
    activity = _activity_or_404(request.user, pk)
    if activity.pendamping_id != request.user.pk:
        raise Http404("not the author")
    if roll := _roll_of(activity):
        return redirect(roll)
    catalogue = catalogue_on(activity.occurred_on)
    sent_form = partial(ActivityForm, request.POST, request.FILES, user=request.user, catalogue=catalogue)
    if not activity.is_editable_by(request.user, timezone.now()):
        return closed(request, activity, sent_form)
    rows = list(
        activity.families.visible_to(request.user)
        .select_related("household")
        .prefetch_related("members", "goals", "goal_steps")
    )
    if not rows and activity.families.exists():
        return closed(request, activity, sent_form, HeldEntry.Reason.HANDED_OVER)
    if request.method == "POST":
        among = set(activity.families.values_list("household__case_number", flat=True))
        form = sent_form(among=among, rows=rows)
        form.now = partial(_in_words, activity)
        if receipt := submit(request, form, partial(change_activity, activity)):
            thank(request, receipt, CHANGED)
            return redirect("roles:activity_detail", pk=activity.pk)
        return _form_page(request, form, activity)
    form = ActivityForm(
        initial={
            "version": newest_receipt(activity),
            "group": None,
            "members": [member.pk for row in rows for member in row.members.all()],
            "goals": [goal.pk for row in rows for goal in row.goals.all()],
            "partners": activity.partners.values_list("pk", flat=True),
            "goal_steps": [step.pk for row in rows for step in row.goal_steps.all()],
            **{
                name: getattr(activity, name)
                for name in ("occurred_on", "notes", "outcome", "next_step", "next_step_on", "place")
            },
            "kind": activity.kind_id,
            "sub_role": activity.sub_role_id,
        },
        user=request.user,
        catalogue=catalogue,
        families=[(row.household, "ya" if row.met else "tidak") for row in rows],
    )
    return _form_page(request, form, activity)


def closed(request, activity, sent_form, reason=HeldEntry.Reason.TOO_LATE):
    """The page of an activity that can't be corrected any more, for `reason`; what was sent to it is held, as
    `sent_form()` names its fields.
    """
    if request.method == "POST":
        raise CannotBeTaken(reason, sent_form())
    context = {"activity": activity, "handed_over": reason == HeldEntry.Reason.HANDED_OVER}
    return render_page(request, "roles/activity_closed.html", context)


def _roll_of(activity):
    """The address at which an activity is corrected together with its attendance, or None."""
    if session := GroupSession.objects.filter(activity=activity).first():
        return reverse("roles:meeting_edit", args=[session.pk])
    if place := TrainingPlace.objects.filter(activity=activity).first():
        return f"{reverse('roles:training_hold', args=[place.training_id])}?perbaiki=1"
    return None


def _in_words(activity):
    stored = Activity.objects.get(pk=activity.pk)
    return " ".join(filter(None, [f"{tanggal(stored.occurred_on)}.", stored.notes, stored.outcome]))


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def activity_reopen(request, pk):
    """A koordinator gives the author time to correct an old entry, with a reason that the trail keeps."""
    activity = _activity_or_404(request.user, pk)
    today = local_today(activity.wilayah_id)
    form = ReopenForm(request.POST or None, user=request.user, today=today)
    if receipt := submit(request, form, partial(reopen_activity, activity)):
        if not receipt.is_resend:
            reason = form.cleaned_data["reason"]
            fields = ["reopened_until"]
            note_access(request, AccessLog.Action.REOPEN, subject=activity.pk, fields=fields, reason=reason)
        thank(request, receipt, "Kegiatan dibuka lagi selama 7 hari untuk dikoreksi pencatatnya.")
        return redirect("roles:activity_detail", pk=activity.pk)
    return render_page(request, "roles/activity_reopen.html", {"activity": activity, "form": form})


@access(CASE_LOOK)
@require_safe
def activity_photo(request, pk, photo):
    """One photo, for whoever may open the family; never from a public folder, never cached."""
    pictures = Photo.objects.visible_to(request.user).select_related("activity")
    picture = get_object_or_404(pictures, pk=photo, activity=pk)
    response = photo_response(picture)
    _note_look(request, picture.activity, picture.activity.families.select_related("household"))
    return response


def _note_look(request, activity, rows):
    """Keep the look unless the asker wrote the entry or holds one of its families (`rows` with their household)."""
    holders = {row.household.pendamping_id for row in rows}
    note_look(request, activity.pk, holders={activity.pendamping_id, *holders})


def _activity_or_404(user, pk):
    activities = Activity.objects.visible_to(user).select_related(
        "kind", "sub_role__role", "pendamping", "group", "wilayah"
    )
    return get_object_or_404(activities, pk=pk)


def _earlier_versions(activity):
    """What the entry said before each change, newest first: (when, who, the fields that were different)."""
    shown = ("occurred_on", "kind", "sub_role", "notes", "outcome", "next_step", "next_step_on", "place")
    events = activity.events.select_related("pgh_context", "kind", "sub_role").order_by("-pgh_id")
    users = {
        str(user.pk): user.name for user in User.objects.filter(pk__in=[_author(event) for event in events])
    }
    versions, later = [], activity
    for event in events:
        changed = [
            (Activity._meta.get_field(name).verbose_name, getattr(event, name))
            for name in shown
            if getattr(event, name) != getattr(later, name)
        ]
        if changed:
            versions.append((event.pgh_created_at, users.get(str(_author(event)), "sistem"), changed))
        later = event
    return versions


def _author(event):
    return event.pgh_context.metadata.get("user") if event.pgh_context else None
