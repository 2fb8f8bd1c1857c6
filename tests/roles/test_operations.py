from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from entries.models import Period, Receipt
from entries.months import MonthLocked
from entries.operations import OtherContent
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold
from roles.operations.activity import (
    change_activity,
    mark_step_done,
    postpone,
    record_activity,
    reopen_activity,
)
from tests.factories import BABAKAN_SURABAYA, HouseholdFactory, UserFactory

from .conftest import DAY


def lock(wilayah_id, month):
    Period.objects.update_or_create(
        wilayah_id=wilayah_id, month=month, defaults={"state": Period.State.LOCKED}
    )


def test_a_home_visit_is_stored_with_receipt_and_last_visit(pendamping, family, entry_for, op_id):
    recorded = record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))

    activity, receipt = Activity.objects.get(), Receipt.objects.get()
    family.refresh_from_db()
    assert (recorded, activity.op_id, activity.wilayah_id) == (activity, op_id, family.wilayah_id)
    assert family.last_visited_on == DAY
    assert (receipt.op_id, receipt.object_id) == (op_id, activity.pk)
    assert len(receipt.code) == 6


@pytest.mark.parametrize(("kind", "met"), [("komunikasi", True), ("p2k2", True), ("kunjungan_rumah", False)])
def test_only_a_home_visit_that_met_the_family_sets_the_last_visit(
    kind, met, pendamping, family, entry_for, op_id
):
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family], kind=kind, met=met))

    family.refresh_from_db()
    assert family.last_visited_on is None


def test_an_older_visit_logged_late_does_not_move_the_last_visit_back(pendamping, family, entry_for):
    record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family]))
    record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family], occurred_on=date(2026, 11, 3)))

    family.refresh_from_db()
    assert family.last_visited_on == DAY


def test_a_replay_answers_as_the_first_time_and_stores_nothing(pendamping, family, entry_for, op_id):
    first = record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))
    again = record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))

    assert again == first
    assert Activity.objects.count() == Receipt.objects.count() == 1


def test_the_same_id_with_other_content_or_of_somebody_else_is_refused(pendamping, family, entry_for, op_id):
    record_activity(by=pendamping, op_id=op_id, sent="satu", entry=entry_for([family]))
    for by, sent in ((pendamping, "lain"), (UserFactory(), "satu")):
        with pytest.raises(OtherContent):
            record_activity(by=by, op_id=op_id, sent=sent, entry=entry_for([family], notes="Lain."))
    assert Activity.objects.get().notes == "Melihat warung."


def test_a_locked_month_refuses_the_entry_and_stores_no_part_of_it(pendamping, family, entry_for, op_id):
    lock(family.wilayah_id, date(2026, 11, 1))
    with pytest.raises(MonthLocked):
        record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))
    assert not Activity.objects.exists()
    assert not Receipt.objects.exists()


def test_one_activity_reaches_many_families_each_with_met_or_not(pendamping, entry_for, op_id):
    families = HouseholdFactory.create_batch(3, pendamping=pendamping)
    entry = entry_for(families, kind="p2k2")
    entry.families[1] = (families[1], False)

    record_activity(by=pendamping, op_id=op_id, entry=entry)

    rows = ActivityHousehold.objects.order_by("household__name")
    assert [row.met for row in rows] == [True, False, True]
    assert {row.activity_id for row in rows} == {Activity.objects.get().pk}


def test_a_change_keeps_the_old_version_and_recomputes_the_last_visit(pendamping, family, entry_for, op_id):
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))
    activity = Activity.objects.get()

    change_activity(
        activity, by=pendamping, op_id=uuid7(), entry=entry_for([family], met=False, notes="Rumah kosong.")
    )

    family.refresh_from_db()
    activity.refresh_from_db()
    assert family.last_visited_on is None
    assert activity.notes == "Rumah kosong."
    assert [event.notes for event in activity.events.all()] == ["Melihat warung."]


def test_a_family_logged_by_mistake_can_be_taken_out(pendamping, family, entry_for, op_id):
    wrong = HouseholdFactory(pendamping=pendamping)
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family, wrong]))

    change_activity(
        Activity.objects.get(), by=pendamping, op_id=uuid7(), entry=entry_for([family], dropped=[wrong])
    )

    wrong.refresh_from_db()
    assert wrong.last_visited_on is None
    assert [row.household for row in ActivityHousehold.objects.all()] == [family]


def test_a_family_taken_out_by_two_changes_is_gone_once(pendamping, family, entry_for, op_id):
    wrong = HouseholdFactory(pendamping=pendamping)
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family, wrong]))
    activity = Activity.objects.get()

    for notes in ("Salah pilih.", "Salah pilih keluarga."):
        change_activity(
            activity, by=pendamping, op_id=uuid7(), entry=entry_for([family], dropped=[wrong], notes=notes)
        )

    activity.refresh_from_db()
    assert activity.notes == "Salah pilih keluarga."
    assert [row.household for row in ActivityHousehold.objects.all()] == [family]


@pytest.mark.parametrize(
    ("change", "done_on"),
    [
        ({"notes": "Salah ketik."}, DAY),
        ({"next_step": "Cek warung"}, None),
        ({"next_step_on": date(2026, 11, 28)}, None),
        ({"next_step": "", "next_step_on": None}, None),
    ],
    ids=["another text", "another step", "another day", "no step"],
)
def test_a_changed_promise_is_open_again(change, done_on, pendamping, family, entry_for, op_id):
    promise = {"next_step": "Cek buku tabungan", "next_step_on": date(2026, 11, 27)}
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family], **promise))
    mark_step_done(ActivityHousehold.objects.get(), by=pendamping, op_id=uuid7(), on=DAY)

    change_activity(
        Activity.objects.get(),
        by=pendamping,
        op_id=uuid7(),
        entry=entry_for([family], **{**promise, **change}),
    )

    assert ActivityHousehold.objects.get().step_done_on == done_on


def test_a_change_sent_twice_makes_one_version(pendamping, family, entry_for, op_id):
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))
    activity, change_id = Activity.objects.get(), uuid7()

    for _ in range(2):
        change_activity(activity, by=pendamping, op_id=change_id, entry=entry_for([family], notes="Lain."))

    assert activity.events.count() == 1


@pytest.mark.parametrize(
    ("locked", "moved_to"), [(10, date(2026, 10, 30)), (11, date(2026, 10, 30)), (11, DAY)]
)
def test_a_change_into_out_of_or_inside_a_locked_month_is_refused_whole(
    locked, moved_to, pendamping, family, entry_for, op_id
):
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family]))
    lock(family.wilayah_id, date(2026, locked, 1))

    with pytest.raises(MonthLocked):
        change_activity(
            Activity.objects.get(),
            by=pendamping,
            op_id=uuid7(),
            entry=entry_for([family], occurred_on=moved_to, notes="Lain."),
        )

    activity = Activity.objects.get()
    assert (activity.occurred_on, activity.notes) == (DAY, "Melihat warung.")
    assert Receipt.objects.get().op_id == op_id


def test_every_kelurahan_of_an_activity_must_have_its_month_open(pendamping, family, entry_for, op_id):
    """Also the second one, and also when it is corrected."""
    elsewhere = HouseholdFactory(pendamping=pendamping, wilayah_id=BABAKAN_SURABAYA)
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family, elsewhere]))
    lock(elsewhere.wilayah_id, DAY.replace(day=1))

    with pytest.raises(MonthLocked) as locked:
        record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family, elsewhere]))
    with pytest.raises(MonthLocked):
        change_activity(
            Activity.objects.get(),
            by=pendamping,
            op_id=uuid7(),
            entry=entry_for([family], dropped=[elsewhere]),
        )

    assert locked.value.wilayah_id == elsewhere.wilayah_id
    assert Activity.objects.get().families.count() == 2


def test_an_activity_is_of_the_kelurahan_of_its_first_family_and_stays_there(
    pendamping, family, entry_for, op_id
):
    elsewhere = HouseholdFactory(pendamping=pendamping, wilayah_id=BABAKAN_SURABAYA)
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([elsewhere, family]))

    change_activity(
        Activity.objects.get(),
        by=pendamping,
        op_id=uuid7(),
        entry=entry_for([family, elsewhere], occurred_on=date(2026, 11, 2), place="Balai RW"),
    )

    activity, rows = Activity.objects.get(), ActivityHousehold.objects.order_by("wilayah_id")
    assert (activity.wilayah_id, activity.occurred_on, activity.place) == (
        BABAKAN_SURABAYA,
        date(2026, 11, 2),
        "Balai RW",
    )
    assert [row.wilayah_id for row in rows] == [family.wilayah_id, BABAKAN_SURABAYA]
    assert {row.occurred_on for row in rows} == {date(2026, 11, 2)}


def test_a_correction_leaves_whether_a_family_handed_over_meanwhile_was_met(
    pendamping, family, koordinator, entry_for, op_id
):
    gone, missed = HouseholdFactory(pendamping=pendamping), HouseholdFactory(pendamping=pendamping)
    entry = entry_for([family, gone, missed])
    entry.families[2] = missed, False
    record_activity(by=pendamping, op_id=op_id, entry=entry)
    for household in (gone, missed):
        assign(household, to=UserFactory(), by=koordinator, on=DAY)

    change_activity(
        Activity.objects.get(), by=pendamping, op_id=uuid7(), entry=entry_for([family], met=False)
    )

    assert dict(ActivityHousehold.objects.values_list("household", "met")) == {
        family.pk: False,
        gone.pk: True,
        missed.pk: False,
    }
    gone.refresh_from_db()
    assert gone.last_visited_on == DAY


def test_another_kind_makes_a_visit_of_it_or_takes_the_visit_back(pendamping, family, entry_for, op_id):
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family], kind="p2k2"))

    for kind, last_visited_on in (("kunjungan_rumah", DAY), ("komunikasi", None)):
        change_activity(
            Activity.objects.get(), by=pendamping, op_id=uuid7(), entry=entry_for([family], kind=kind)
        )
        family.refresh_from_db()
        assert family.last_visited_on == last_visited_on


def test_the_editing_time_runs_seven_days_from_receipt_and_can_be_reopened(
    pendamping, family, entry_for, op_id
):
    record_activity(by=pendamping, op_id=op_id, entry=entry_for([family], occurred_on=date(2026, 11, 1)))
    activity = Activity.objects.get()
    received = activity.received_at

    assert activity.is_editable_by(pendamping, received + timedelta(days=7, seconds=-1))
    assert not activity.is_editable_by(pendamping, received + timedelta(days=7))
    reopen_activity(activity, by=UserFactory(koordinator=True), op_id=uuid7())
    assert activity.is_editable_by(pendamping, timezone.now() + timedelta(days=6))
    assert not activity.is_editable_by(UserFactory(), received)


def test_a_step_is_ticked_once(pendamping, family, entry_for, op_id):
    entry = entry_for([family], next_step="Cek buku tabungan", next_step_on=date(2026, 11, 27))
    record_activity(by=pendamping, op_id=op_id, entry=entry)
    row, tick = ActivityHousehold.objects.open_steps().get(), uuid7()

    mark_step_done(row, by=pendamping, op_id=tick, on=DAY)
    mark_step_done(row, by=pendamping, op_id=tick, on=DAY + timedelta(days=1))

    assert not ActivityHousehold.objects.open_steps().exists()
    assert ActivityHousehold.objects.get().step_done_on == DAY


def test_a_visit_without_a_promise_leaves_no_step_open(pendamping, family, entry_for):
    record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family]))
    assert not ActivityHousehold.objects.open_steps().exists()


def test_postponing_twice_with_one_id_is_one_postponement(pendamping, family, op_id):
    for _ in range(2):
        postpone(family, by=pendamping, op_id=op_id, until_on=DAY + timedelta(days=3), reason="Keluar kota")

    assert family.postponements.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_senders_of_one_entry_make_one_visit(pendamping, family, entry_for, op_id):
    entry, start, answers = entry_for([family]), Barrier(8), []

    def send():
        start.wait()
        try:
            answers.append(record_activity(by=pendamping, op_id=op_id, entry=entry))
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Activity.objects.count() == Receipt.objects.count() == 1
    assert answers == [Activity.objects.get()] * 8
