"""What a programme's writes leave alone, and what is sent twice."""

from datetime import timedelta

import pytest

from entries.operations import Refused
from sinergi.models import BudgetLine, BusinessMember, Enrolment, Stage
from sinergi.operations.enrolment import leave, move_by_hand
from sinergi.operations.programme import (
    change_programme,
    close_programme,
    save_budget,
    save_business,
    save_stages,
)
from tests.factories import HouseholdFactory
from tests.programmes import START, TODAY, end, join, make_business, make_programme, put, said

LATER = START + timedelta(days=30)


@pytest.fixture
def family(db):
    return HouseholdFactory()


def test_a_family_moved_and_gone_by_one_tap_sent_twice_is_moved_and_gone_once(family, programme):
    enrolment, by = join(family, programme), family.pendamping
    stage, once = programme.stages.get(name="Pelatihan"), said()
    for _ in range(2):
        move_by_hand(
            enrolment, by=by, **once, today=TODAY, stage=stage, moved_on=LATER, reason="Sudah.", seen=1
        )
    assert enrolment.moves.count() == 2
    once = said()
    for why in ("Pindah.", "Tidak dihitung."):
        leave(enrolment, by=by, **once, today=TODAY, left_on=TODAY, ending="pindah", why=why)
    enrolment.refresh_from_db()
    assert (enrolment.left_on, enrolment.ending, enrolment.left_why) == (TODAY, "pindah", "Pindah.")
    assert enrolment.consent.withdrawn_on is None


def test_a_family_may_leave_on_the_day_of_its_last_step_and_not_before(family, programme):
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", on=LATER)
    with pytest.raises(Refused) as refused:
        end(enrolment, on=LATER - timedelta(days=1))
    assert refused.value.field == "left_on"
    end(enrolment, on=LATER)


def test_families_of_another_programme_bind_this_one_to_nothing(family, programme, koordinator):
    join(family, programme)
    free = make_programme(koordinator, name="Kedua")
    free.starts_on, free.wilayah_id, free.name = LATER, "3273161003", "Ketiga"

    change_programme(free, by=koordinator, **said(), partners=[])

    free.refresh_from_db()
    assert (free.name, free.starts_on, free.wilayah_id) == ("Ketiga", LATER, "3273161003")


@pytest.mark.parametrize(
    ("change", "is_fine"),
    [
        ({"wilayah_id": "327316"}, True),
        ({"wilayah_id": "3273161003"}, False),
        ({"starts_on": START}, True),
        ({"starts_on": START + timedelta(days=1)}, False),
    ],
    ids=str,
)
def test_with_families_in_it_a_programme_only_grows(family, programme, koordinator, change, is_fine):
    join(family, programme)
    vars(programme).update(change)
    if is_fine:
        change_programme(programme, by=koordinator, **said(), partners=[])
    else:
        with pytest.raises(Refused):
            change_programme(programme, by=koordinator, **said(), partners=[])
    programme.refresh_from_db()
    assert all((getattr(programme, name) == value) is is_fine for name, value in change.items())


def test_of_a_stage_only_what_the_form_shows_is_stored(programme, koordinator):
    stage = programme.stages.first()
    before = stage.entry
    stage.name, stage.purpose, stage.entry = "Kenalan", "Saling tahu", "asesmen-lain"

    save_stages(programme, by=koordinator, **said(), stages=[stage])

    stored = Stage.objects.get(pk=stage.pk)
    assert (stored.name, stored.purpose, stored.entry) == ("Kenalan", "Saling tahu", before)


def test_closing_leaves_who_left_before_as_they_left(family, programme, koordinator):
    gone = join(family, programme)
    end(gone, "pindah", on=LATER)
    stays = join(HouseholdFactory(), programme)

    close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="Terima kasih.")

    programme.refresh_from_db()
    assert (programme.closed_on, programme.closing_words) == (TODAY, "Terima kasih.")
    left = dict(Enrolment.objects.values_list("pk", "ending"))
    assert left == {gone.pk: "pindah", stays.pk: "ditutup"}
    assert set(Enrolment.objects.values_list("left_on", flat=True)) == {LATER, TODAY}


def test_a_business_group_gains_and_loses_members_and_its_chair(family, programme):
    first, second = join(family, programme), join(HouseholdFactory(), programme)
    group = make_business(programme, [first, second], on=LATER)
    assert group.created_by == family.pendamping
    group.chair = first
    save_business(group, by=second.pendamping, **said(), joining=[first], leaving=[], today=TODAY)
    group.refresh_from_db()
    assert (group.chair, group.created_by, group.members.count()) == (first, family.pendamping, 2)

    save_business(group, by=family.pendamping, **said(), joining=[], leaving=[first], today=TODAY)

    group.refresh_from_db()
    assert group.chair is None
    assert dict(BusinessMember.objects.values_list("enrolment", "left_on")) == {
        first.pk: TODAY,
        second.pk: None,
    }


def test_who_left_the_programme_joins_no_business_group(family, programme):
    gone, stays = join(family, programme), join(HouseholdFactory(), programme)
    end(gone)
    make_business(programme, [stays, gone], by=family.pendamping)
    assert BusinessMember.objects.get().enrolment == stays


def test_a_budget_line_is_stored_once_and_also_after_the_closing(programme, koordinator):
    close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="")
    line, once = BudgetLine(programme=programme, what="Bahan", planned=900), said()
    save_budget(line, by=koordinator, **once)
    line.planned = 1
    save_budget(line, by=koordinator, **once)
    assert BudgetLine.objects.get().planned == 900
