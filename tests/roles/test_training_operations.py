"""Invitations to a training, who came, and what became of the indicator, below the pages."""

from datetime import date, timedelta

import pytest

from entries.operations import Refused
from pkh_casework.ids import uuid7
from roles.models import Training, TrainingPlace
from roles.operations.roll import RollRow
from roles.operations.training import (
    correct_training,
    effect_of,
    hold_training,
    own_places,
    places_with_level,
    save_invitations,
    to_call,
    way_of,
)
from tests.factories import HouseholdFactory, MemberFactory, UserFactory, assess

from .conftest import DAY


@pytest.fixture
def training(pendamping):
    return Training.objects.create(
        op_id=uuid7(),
        wilayah_id=pendamping.wilayah_id,
        proposed_by=pendamping,
        code="C2",
        title="NIB",
        seats=2,
        planned_on=DAY,
    )


@pytest.fixture
def families(pendamping):
    return [HouseholdFactory(pendamping=pendamping, name=name) for name in ("Ani", "Budi", "Cici")]


def invite(training, states, **changes):
    said = {"by": training.proposed_by, "op_id": uuid7(), "sent": str(states), **changes}
    save_invitations(training, states=states, **said)


def told(training):
    return dict(training.places.values_list("household", "state"))


def call(training, entry, states, *, op_id=None, by=None):
    rows = [
        RollRow(family, state=state, who=family.members.get() if state == "hadir" else None, note="Alasan")
        for family, state in states.items()
    ]
    return hold_training(
        training, by=by or training.proposed_by, op_id=op_id or uuid7(), entry=entry, rows=rows
    )


def test_invitations_are_made_changed_and_taken_back(training, families, pendamping):
    first, second, third = families
    assess(first, {"C2": 2}, on=DAY - timedelta(days=30))
    invite(training, {first: "diundang", second: "bersedia", third: ""})
    place = training.places.get(household=first)
    assert told(training) == {first.pk: "diundang", second.pk: "bersedia"}
    assert (place.level_before, place.pendamping, place.wilayah_id) == (2, pendamping, first.wilayah_id)
    assert training.places.get(household=second).level_before is None

    invite(training, {first: "menolak", second: "", third: "bersedia"})
    assert told(training) == {first.pk: "menolak", third.pk: "bersedia"}
    assert training.places.get(household=first).pk == place.pk


def test_seats_are_for_who_may_come_and_the_refusal_says_how_many_are_left(training, families):
    first, second, third = families
    invite(training, {first: "menolak", second: "diundang"})
    invite(training, {third: "diundang"})
    with pytest.raises(Refused, match=r"tinggal 0\b"):
        invite(training, {first: "diundang"})
    with pytest.raises(Refused, match=r"tinggal 1\b"):
        invite(training, {second: "bersedia", HouseholdFactory(): "diundang"})


def test_what_is_sent_twice_changes_nothing(training, families):
    once = {"op_id": uuid7(), "sent": "x"}
    invite(training, {families[0]: "diundang"}, **once)
    invite(training, {families[0]: "menolak"}, **once)
    assert told(training) == {families[0].pk: "diundang"}


def test_who_was_called_is_not_invited_anew(training, families, entry_for):
    first, second, third = families
    invite(training, {first: "diundang", second: "diundang"})
    call(training, entry_for([first]), {first: "hadir"})

    invite(training, {first: "menolak", second: "menolak", third: "diundang"})
    assert told(training) == {first.pk: "hadir", second.pk: "menolak", third.pk: "diundang"}
    invite(training, {first: "", third: ""})
    assert told(training) == {first.pk: "hadir", second.pk: "menolak"}


def test_each_pendamping_calls_the_own_families_once_and_the_first_sets_the_day(
    training, families, entry_for, pendamping
):
    first, second, _ = families
    colleague = UserFactory()
    theirs = HouseholdFactory(pendamping=colleague)
    Training.objects.update(seats=9)
    invite(training, {first: "diundang", second: "menolak", theirs: "bersedia"})
    other = Training.objects.get()
    other.pk, other.op_id = uuid7(), uuid7()
    other.save(force_insert=True)
    invite(other, {second: "diundang"})
    assert list(to_call(training, pendamping)) == [first]
    assert list(to_call(training, colleague)) == [theirs]
    assert [place.household for place in own_places(training, pendamping)] == [first, second]

    op_id, entry = uuid7(), entry_for([first])
    recorded = call(training, entry, {first: "hadir"}, op_id=op_id)
    place = training.places.get(household=first)
    assert (place.state, place.who, place.note) == ("hadir", first.members.get(), "")
    assert place.activity == recorded
    assert call(training, entry, {first: "tidak_hadir"}, op_id=op_id) == recorded
    assert told(training)[first.pk] == "hadir"
    with pytest.raises(Refused, match="sudah disimpan"):
        call(training, entry_for([first], notes="Lain."), {first: "hadir"})
    assert not to_call(training, pendamping).exists()

    later = DAY + timedelta(days=1)
    call(training, entry_for([theirs], occurred_on=later), {theirs: "tidak_hadir"}, by=colleague)
    training.refresh_from_db()
    assert training.held_on == DAY
    place = training.places.get(household=theirs)
    assert (place.state, place.who, place.note) == ("tidak_hadir", None, "Alasan")


def test_a_correction_changes_the_rows_of_its_activity_once(training, families, entry_for):
    first, second, _ = families
    invite(training, {first: "diundang", second: "diundang"})
    recorded = call(training, entry_for([first, second]), {first: "hadir", second: "hadir"})
    activity = training.places.get(household=first).activity
    assert activity == recorded
    other = MemberFactory(household=first)
    said = {"by": training.proposed_by, "op_id": uuid7(), "entry": entry_for([first, second], notes="Benar.")}

    for state in ("tidak_hadir", "hadir"):
        correct_training(activity, training, rows=[RollRow(second, state=state, who=other)], **said)

    assert told(training) == {first.pk: "hadir", second.pk: "tidak_hadir"}
    activity.refresh_from_db()
    assert activity.notes == "Benar."


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (2, 3, "naik"),
        (2, 2, "tetap"),
        (2, 1, "turun"),
        (None, 2, "belum"),
        (2, None, "belum"),
        (0, 1, "naik"),
    ],
)
def test_what_became_of_a_level(before, after, words):
    place = TrainingPlace(level_before=before)
    place.level_after = after
    assert way_of(place).startswith(words)


def test_the_level_after_is_the_first_one_assessed_after_the_training(training, families, entry_for):
    first, second, _ = families
    for family in (first, second):
        assess(family, {"C2": 2}, on=date(2026, 10, 1))
    invite(training, {first: "diundang", second: "diundang"})
    assess(first, {"C2": 4}, on=DAY)
    call(training, entry_for([first, second]), {first: "hadir", second: "tidak_hadir"})
    training.refresh_from_db()
    assert dict(effect_of(training)) == {"naik": 0, "tetap": 0, "turun": 0, "belum dinilai lagi": 1}
    assess(second, {"C2": 1}, on=DAY + timedelta(days=1))
    assess(first, {"C2": 3, "C1": 1}, on=DAY + timedelta(days=1))
    assess(first, {"C2": 1}, on=DAY + timedelta(days=2))

    place = places_with_level(training.places.filter(household=first)).get()
    assert (place.level_before, place.level_after) == (2, 3)
    assert effect_of(training) == [("naik", 1), ("tetap", 0), ("turun", 0), ("belum dinilai lagi", 0)]
