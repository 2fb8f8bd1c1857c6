"""The demo's P2K2 and trainings fit the activities beside them."""

from collections import Counter

from django.db.models import F

from roles.models import Activity, ActivityHousehold, Attendance, GroupSession


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
