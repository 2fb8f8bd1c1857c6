"""Trainings: what families wait for, a training shared by the pendamping of an area, who comes, and who can hold one."""

from functools import partial

from django.db.models import Count
from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from entries.holding import submit_for_families
from entries.operations import newest_receipt
from entries.submit import CHANGED, submit, thank
from entries.trail import note_look
from kpm.models import Indicator, Instrument
from pkh_casework.access import CASE, CASE_LOOK, CASE_WRITE, FIELD_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from roles.catalogue import catalogue_on
from roles.demand import levels_of, needs_of, part_word, waiting_for
from roles.forms.roll import RollForm, rows_for
from roles.forms.training import InviteForm, TrainerForm, TrainingForm
from roles.listings import TrainerListing, TrainingListing
from roles.models import Trainer, Training, TrainingPlace
from roles.operations.roll import roll_in_words
from roles.operations.training import (
    correct_training,
    effect_of,
    hold_training,
    own_places,
    places_with_level,
    save_invitations,
    save_trainer,
    save_training,
    to_call,
    way_of,
)
from wilayah.clock import local_today

from .activity import closed, thank_once

PAGE, MOST_INVITED = 50, 300
KIND, SUB_ROLE = "pelatihan", "EDU-4"
State = TrainingPlace.State
CALLED = [(State.PRESENT.value, "Hadir"), (State.ABSENT.value, "Tidak hadir")]


@access(CASE)
@require_safe
def training_demand(request):
    """How many families of the area wait for what, and which trainings are planned for it."""
    today = local_today(request.user.wilayah_id)
    trainings = Training.objects.visible_to(request.user).filter(held_on=None, planned_on__gte=today)
    planned = {}
    for training in trainings.order_by("planned_on", "pk")[:PAGE]:
        planned.setdefault(training.code, training)
    needs = [(need, planned.get(need.indicator.code)) for need in needs_of(request.user, today)]
    context = {"needs": needs, "part": part_word(request.user.wilayah_id)}
    return render_page(request, "roles/training_demand.html", context)


@access(CASE)
@require_safe
def training_need(request, code):
    """The asker's families that wait for one indicator."""
    indicator = _indicator_or_404(request.user, code)
    families = waiting_for(indicator.code, request.user).select_related("wilayah", "pendamping")
    page = keyset_page(
        families.annotate(folded_name=Lower("name")), request, ["folded_name", "id"], size=PAGE
    )
    levels = levels_of(indicator.code, [household.pk for household in page.rows])
    rows = [(household, levels.get(household.pk)) for household in page.rows]
    context = {"page": page, "rows": rows, "indicator": indicator}
    return render_page(request, "roles/training_need.html", context, part="need-rows")


@access(CASE)
@require_safe
def training_list(request):
    """Trainings of the area: those to come by day, those held newest first."""
    today = local_today(request.user.wilayah_id)
    listing = TrainingListing(request.GET, user=request.user, today=today)
    page = keyset_page(listing.qs.select_related("partner", "wilayah"), request, listing.order, size=PAGE)
    ids = [training.pk for training in page.rows]
    taken = TrainingPlace.objects.filter(training__in=ids).exclude(state=State.DECLINED).order_by()
    taken = dict(taken.values_list("training").annotate(Count("pk")))
    context = {
        "page": page,
        "rows": [(training, taken.get(training.pk, 0)) for training in page.rows],
        "chosen": listing.in_force["keadaan"],
        "today": today,
    }
    return render_page(request, "roles/training_list.html", context, part="training-rows")


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def training_create(request):
    """A new training; `?indikator=` names the need it answers."""
    indicators = _indicators(request.user)
    asked = next((one for one in indicators if one.code == asked_text(request.GET, "indikator")), None)
    initial = (
        {"code": asked.code, "title": f"Pelatihan {asked.name.lower()}", "seats": 20}
        if asked
        else {"seats": 20}
    )
    form = _training_form(request, indicators, initial=initial)
    if receipt := submit(request, form, save_training):
        thank(request, receipt, "Pelatihan diusulkan. Rekan di wilayah ini dapat ikut mengundang.")
        return redirect("roles:training_list")
    return render_page(request, "roles/training_form.html", {"form": form, "title": "Usulkan pelatihan"})


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def training_edit(request, pk):
    """Another day or place; for who proposed it and for a koordinator."""
    training = _training_or_404(request.user, pk)
    if not _may_edit(request.user, training):
        raise Http404("not proposed by the asker")
    form = _training_form(request, _indicators(request.user), instance=training)
    if receipt := submit(request, form, save_training):
        thank(request, receipt, "Pelatihan diperbarui.")
        return redirect(training)
    context = {"form": form, "title": "Ubah pelatihan", "training": training}
    return render_page(request, "roles/training_form.html", context)


@access(CASE_LOOK)
@require_safe
def training_detail(request, pk):
    """One training: the own families by name, those of colleagues as a number, and what became of the level."""
    training = _training_or_404(request.user, pk)
    if request.user.is_koordinator:
        note_look(request, training.pk, holders=())
    places = list(places_with_level(own_places(training, request.user)))
    everybody = TrainingPlace.objects.filter(training=training).order_by()
    counts = dict(everybody.values_list("state").annotate(Count("pk")))
    by_people = everybody.exclude(state=State.DECLINED).values_list("pendamping__name").annotate(Count("pk"))
    called = next((place.activity for place in places if place.activity_id), None)
    context = {
        "training": training,
        "need_name": _need_name(training.code),
        "places": [(place, way_of(place) if place.state == State.PRESENT else "") for place in places],
        "counts": [(state.label, counts[state]) for state in State if counts.get(state)],
        "people": sorted(by_people),
        "taken": sum(number for state, number in counts.items() if state != State.DECLINED),
        "others": sum(counts.values()) - len(places),
        "effect": effect_of(training) if training.held_on else [],
        "today": local_today(request.user.wilayah_id),
        "may_edit": _may_edit(request.user, training) and training.held_on is None,
        "waits": any(place.state in {State.INVITED, State.COMING} for place in places),
        "editable": called and called.is_editable_by(request.user, timezone.now()),
    }
    return render_page(request, "roles/training_detail.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def training_invite(request, pk):
    """Whose of the own families are invited, and what they answered."""
    training = _training_or_404(request.user, pk)
    own = TrainingPlace.objects.visible_to(request.user).filter(training=training)
    said = dict(own.filter(activity=None).values_list("household", "state"))
    called = own.exclude(activity=None).values("household")
    families = waiting_for(training.code, request.user).exclude(pk__in=called).order_by("name", "id")
    households = list(families[:MOST_INVITED])
    # Also those invited before who do not wait for it any more.
    rest = set(said) - {household.pk for household in households}
    households += [
        place.household for place in own_places(training, request.user) if place.household_id in rest
    ]
    form = InviteForm(
        request.POST or None,
        households=households,
        said=said,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, partial(save_invitations, training)):
        thank(request, receipt, "Undangan tersimpan.")
        return redirect(training)
    levels = levels_of(training.code, [household.pk for household in households])
    rows = [(household, levels.get(household.pk), field) for household, field in form.shown()]
    context = {"form": form, "training": training, "rows": rows}
    return render_page(request, "roles/training_invite.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def training_hold(request, pk):
    """Who of the own families came: one save writes their places and the activity. Within its days also a correction,
    by `?perbaiki=1`.
    """
    training = _training_or_404(request.user, pk)
    own = own_places(training, request.user)
    called = [place for place in own if place.activity_id and place.activity.pendamping_id == request.user.pk]
    if request.GET.get("perbaiki") and called:
        return _correct_page(request, training, called)
    today = local_today(request.user.wilayah_id)
    if request.method == "POST":
        among = TrainingPlace.objects.filter(training=training, pendamping=request.user)
        among = set(among.values_list("household__case_number", flat=True))
        form = _roll(request, training, request.POST, request.FILES, among=among)
        if receipt := submit_for_families(request, form, partial(hold_training, training)):
            thank_once(request, receipt)
            return redirect(training)
        return _roll_page(request, form, training)
    rows = rows_for(to_call(training, request.user), today)
    if not rows:
        return redirect(training)
    initial = {
        "occurred_on": training.held_on or min(training.planned_on, today),
        "sub_role": SUB_ROLE,
        "place": training.place,
        "facilitator": training.trainer,
        "notes": f"{training.title}.",
    }
    form = _roll(request, training, initial=initial, rows=rows)
    if request.GET.get("semua") == State.PRESENT:
        form.all_present()
    return _roll_page(request, form, training)


def _correct_page(request, training, called):
    activity = called[0].activity
    sent_form = partial(_roll, request, training, request.POST, request.FILES)
    if not activity.is_editable_by(request.user, timezone.now()):
        return closed(request, activity, sent_form)
    places = {place.household_id: place for place in called if place.activity_id == activity.pk}
    if request.method == "POST":
        among = set(activity.families.values_list("household__case_number", flat=True))
        form = sent_form(among=among)
        form.now = partial(roll_in_words, own_places(training, request.user).filter(activity=activity))
        if receipt := submit(request, form, partial(correct_training, activity, training)):
            thank(request, receipt, CHANGED)
            return redirect(training)
        return _roll_page(request, form, training, editing=True)
    rows = rows_for([place.household for place in places.values()], local_today(request.user.wilayah_id))
    for row in rows:
        place = places[row.household.pk]
        row.state, row.who, row.note = place.state, place.who, place.note
    initial = {
        "version": newest_receipt(activity),
        "occurred_on": activity.occurred_on,
        "sub_role": activity.sub_role_id,
        "place": activity.place,
        "notes": activity.notes,
    }
    return _roll_page(request, _roll(request, training, initial=initial, rows=rows), training, editing=True)


@access(CASE)
@require_safe
def trainer_list(request):
    """Who of the area can hold a training, in what."""
    listing = TrainerListing(request.GET, user=request.user, today=local_today(request.user.wilayah_id))
    page = keyset_page(listing.qs.select_related("partner", "wilayah"), request, listing.order, size=PAGE)
    return render_page(request, "roles/trainer_list.html", {"page": page}, part="trainer-rows")


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def trainer_create(request):
    return _trainer_page(request, None, "Tambah pelatih")


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def trainer_edit(request, pk):
    return _trainer_page(
        request, get_object_or_404(Trainer.objects.visible_to(request.user), pk=pk), "Ubah pelatih"
    )


def _trainer_page(request, trainer, title):
    form = TrainerForm(
        request.POST or None,
        instance=trainer,
        indicators=[(one.code, one.name) for one in _indicators(request.user)],
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, save_trainer):
        thank(request, receipt, "Pelatih tersimpan.")
        return redirect("roles:trainer_list")
    return render_page(request, "roles/trainer_form.html", {"form": form, "title": title})


def _training_form(request, indicators, **kwargs):
    trainers = Trainer.objects.visible_to(request.user).filter(is_active=True)
    return TrainingForm(
        request.POST or None,
        indicators=[(one.code, one.name) for one in indicators],
        trainers=trainers[:PAGE],
        user=request.user,
        today=local_today(request.user.wilayah_id),
        **kwargs,
    )


def _roll(request, training, *args, **kwargs):
    catalogue = catalogue_on(local_today(request.user.wilayah_id))
    form = RollForm(
        *args,
        user=request.user,
        catalogue=catalogue,
        kind=catalogue.kind(KIND),
        states=CALLED,
        **kwargs,
    )
    form.fields["photos"].label = "Foto"
    return form


def _roll_page(request, form, training, *, editing=False):
    context = {"form": form, "training": training, "editing": editing}
    return render_page(request, "roles/training_hold.html", context, part="roll-form")


def _indicators(user):
    instruments = Instrument.objects.valid_on(local_today(user.wilayah_id))
    return list(Indicator.objects.filter(instrument__in=instruments).order_by("position"))


def _indicator_or_404(user, code):
    found = next((one for one in _indicators(user) if one.code == code.upper()), None)
    if found is None:
        raise Http404("no such indicator")
    return found


def _need_name(code):
    newest = Indicator.objects.filter(code=code).order_by("-instrument").first()
    return newest.name if newest else ""


def _may_edit(user, training):
    return training.proposed_by_id == user.pk or (
        user.is_koordinator and training.wilayah_id.startswith(user.wilayah_id)
    )


def _training_or_404(user, pk):
    trainings = Training.objects.visible_to(user).select_related(
        "partner", "resource", "wilayah", "proposed_by"
    )
    return get_object_or_404(trainings, pk=pk)
