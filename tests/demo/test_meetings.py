"""The demo's P2K2 and trainings fit the activities beside them."""

import itertools
from collections import Counter, defaultdict

from django.db.models import Count, F

from roles.models import (
    Activity,
    ActivityHousehold,
    Attendance,
    GroupSession,
    Trainer,
    Training,
    TrainingPlace,
)
from roles.operations.meeting import sessions_on


def test_every_p2k2_is_a_session_with_the_attendance_of_its_families(today):
    held = GroupSession.objects.exclude(activity=None)
    meetings = Activity.objects.filter(kind="p2k2", group__isnull=False)
    assert set(held.values_list("activity", flat=True)) == set(meetings.values_list("pk", flat=True))
    assert not held.exclude(held_on=F("activity__occurred_on"), group=F("activity__group")).exists()
    listed = {
        (activity, family): state == "hadir"
        for activity, family, state in Attendance.objects.values_list(
            "group_session__activity", "household", "state"
        )
    }
    rows = ActivityHousehold.objects.filter(activity__in=meetings)
    assert listed == {(row.activity_id, row.household_id): row.met for row in rows}
    assert len(Counter(Attendance.objects.values_list("state", flat=True))) == 3
    for row in Attendance.objects.exclude(who=None).select_related("who"):
        assert row.who.household_id == row.household_id


def test_each_kelompok_goes_through_the_modules_in_order_month_by_month(today):
    order = {session.pk: number for number, session in enumerate(sessions_on(today))}
    by_group = defaultdict(list)
    for meeting in GroupSession.objects.order_by("planned_on"):
        by_group[meeting.group_id].append(meeting)
    for meetings in by_group.values():
        core = [order[one.session_id] for one in meetings if one.activity_id]
        assert all(later in (before + 1, 0) for before, later in itertools.pairwise(core))
        waiting = [one for one in meetings if one.activity_id is None]
        assert len({(one.planned_on.year, one.planned_on.month) for one in waiting}) == len(waiting)
    assert any(one.activity_id is None and one.planned_on > today for one in GroupSession.objects.all())


def test_one_training_was_held_and_one_is_shared_by_colleagues(today):
    of_programmes = "Pelatihan kemasan dan hitung laba"  # see demo.programmes
    held, coming = Training.objects.exclude(title=of_programmes).order_by("planned_on")
    assert (held.held_on is not None, coming.held_on) == (True, None)
    assert set(TrainingPlace.objects.filter(training=held).values_list("state", flat=True)) == {"hadir"}
    people = TrainingPlace.objects.filter(training=coming).values("pendamping").annotate(Count("pk"))
    assert len(people) == 2
    assert Trainer.objects.count() == 3
