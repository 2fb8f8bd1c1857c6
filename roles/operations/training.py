"""Trainings shared by several pendamping: whose families are invited, who came, and what became of the indicator."""

from collections import Counter

from django.db.models import OuterRef, Subquery

from entries.operations import Refused, locked, operation
from kpm.models import Household, Score
from resources.operations.rows import saving
from roles.demand import levels_of
from roles.models import Training, TrainingPlace
from roles.operations.activity import correct, correcting, logging, store
from roles.operations.roll import said_of

HELD_ALREADY = "Daftar hadir keluarga Anda sudah disimpan. Buka pelatihannya untuk memperbaiki."
FULL = "Tempat duduk tinggal {left}. Kurangi undangannya, atau minta pengusul menambah tempat."
State = TrainingPlace.State
SEATED = (State.INVITED, State.COMING)
ROSE, STOOD, FELL, NOT_YET = "naik", "tetap", "turun", "belum dinilai lagi"


save_training = saving("mitra_training", "Pelatihan", about=Training)
save_trainer = saving("mitra_trainer", "Pelatih")


@operation(kind="roles.pelatihan_undangan", title="Undangan pelatihan", about=Training)
def save_invitations(training, *, by, states):
    """Set what `by` says about the own families: {Household: a state of SEATED, DECLINED, or "" for not invited}.

    Only those not yet called at the training change. Raises Refused beyond the seats, OtherContent.
    """
    stored = locked(Training.objects, training.pk)
    own = TrainingPlace.objects.filter(training=stored, household__in=list(states), activity=None)
    places = {place.household_id: place for place in own.select_for_update(of=["self"])}
    called = set(
        TrainingPlace.objects.filter(training=stored)
        .exclude(activity=None)
        .values_list("household", flat=True)
    )
    levels = levels_of(stored.code, [household.pk for household in states])
    for household, state in states.items():
        place = places.get(household.pk)
        if household.pk in called or state == (place.state if place else ""):
            continue
        if place and not state:
            place.delete()
        elif place:
            place.state = state
            place.save(update_fields=["state"])
        else:
            TrainingPlace.objects.create(
                training=stored,
                household=household,
                wilayah_id=household.wilayah_id,
                pendamping=by,
                state=state,
                level_before=levels.get(household.pk),
            )
    taken = TrainingPlace.objects.filter(training=stored, state__in=SEATED).count()
    asked = sum(state in SEATED for state in states.values())
    if taken > stored.seats:
        raise Refused(FULL.format(left=max(0, stored.seats - taken + asked)))


@logging
def hold_training(training, *, by, pk, op_id, receipt, entry, rows):
    """Store who of the own families came, as `rows` (roll.RollRow) say, with the activity `entry`; returns the Activity.

    The first pendamping to do so sets the day of the training. Raises Refused when it was done before, MonthLocked,
    OtherContent.
    """
    stored = locked(Training.objects, training.pk)
    own = TrainingPlace.objects.filter(training=stored, household__in=[row.household for row in rows])
    places = list(own.select_for_update(of=["self"]))
    if any(place.activity_id for place in places):
        raise Refused(HELD_ALREADY)
    activity = store(by=by, pk=pk, op_id=op_id, receipt=receipt, entry=entry)
    if stored.held_on is None:
        stored.held_on = entry.occurred_on
        stored.save(update_fields=["held_on"])
    _write(places, rows, activity.pk)
    return activity


@correcting
def correct_training(activity, training, *, by, op_id, entry, rows):
    """Correct who came; what it said before stays in the trail. Raises as `change_activity` does."""
    locked(Training.objects, training.pk)
    correct(activity, op_id=op_id, entry=entry)
    places = TrainingPlace.objects.filter(activity=activity).select_for_update(of=["self"])
    _write(list(places), rows, activity.pk)


def _write(places, rows, activity_id):
    said = {row.household.pk: said_of(row) for row in rows}
    for place in places:
        for name, value in said.get(place.household_id, {}).items():
            setattr(place, name, value)
        place.activity_id = activity_id
    TrainingPlace.objects.bulk_update(places, ["state", "who", "note", "activity"])


def places_with_level(places):
    """TrainingPlaces with `level_after`: the level at the first assessment of the indicator after the training."""
    later = Score.objects.filter(
        household=OuterRef("household"),
        code=OuterRef("training__code"),
        assessed_on__gt=OuterRef("training__held_on"),
        level__isnull=False,
    ).order_by("assessed_on")
    return places.annotate(level_after=Subquery(later.values("level")[:1]))


def way_of(place):
    """What became of the level of a place with its `level_after`: one of the four words."""
    if place.level_after is None or place.level_before is None:
        return NOT_YET
    return (
        ROSE
        if place.level_after > place.level_before
        else FELL
        if place.level_after < place.level_before
        else STOOD
    )


def effect_of(training):
    """How many of those who came rose, stood, fell or were not assessed again: [(word, number), …]; one query."""
    came = TrainingPlace.objects.filter(training=training, state=State.PRESENT)
    ways = Counter(way_of(place) for place in places_with_level(came))
    return [(word, ways[word]) for word in (ROSE, STOOD, FELL, NOT_YET)]


def own_places(training, user):
    """The places of families that `user` may open, by name."""
    places = TrainingPlace.objects.visible_to(user).filter(training=training)
    return places.select_related("household", "who", "activity").order_by("household__name", "pk")


def to_call(training, user):
    """The families that `user` calls at the training: the own ones that did not decline and were not called yet."""
    places = TrainingPlace.objects.filter(training=training, state__in=SEATED, activity=None)
    families = Household.objects.visible_to(user).filter(pk__in=places.values("household"))
    return families.order_by("name", "id")
