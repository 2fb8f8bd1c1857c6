"""The plan of a kelompok and the absences from its meetings, below their pages."""

from datetime import date, timedelta

import pytest

from entries.operations import Refused
from pkh_casework.ids import uuid7
from roles.models import Attendance, GroupSession, Module, ModuleSession
from roles.operations.meeting import (
    FOLLOWED_UP,
    PLAN_MONTHS,
    Planned,
    absences,
    propose_plan,
    save_plan,
    sessions_on,
)
from tests.factories import GroupFactory, HouseholdFactory, UserFactory, hold, plan_session

from .conftest import DAY


@pytest.fixture
def group(pendamping):
    return GroupFactory(pendamping=pendamping)


def save(group, *lines, **changes):
    said = {"by": group.pendamping, "op_id": uuid7(), "sent": "", **changes}
    save_plan(group, lines=list(lines), **said)


def test_only_sessions_in_force_of_modules_in_force_are_offered_in_order(db):
    sessions = sessions_on(DAY)
    ordered = sorted(sessions, key=lambda one: (one.module.position, one.number))
    assert sessions == ordered and sessions
    ended, module = sessions[0], sessions[-1].module
    ModuleSession.objects.filter(pk=ended.pk).update(valid_to=DAY)
    Module.objects.filter(pk=module.pk).update(valid_to=DAY)

    assert sessions_on(DAY) == [one for one in sessions[1:] if one.module != module]
    assert sessions_on(DAY - timedelta(days=1)) == sessions


def test_a_plan_fills_the_free_months_after_the_last_session_of_this_kelompok(group):
    plan_session(GroupFactory(pendamping=group.pendamping), "ekonomi-2", on=date(2027, 3, 9))
    family = HouseholdFactory(pendamping=group.pendamping, group=group)
    hold(plan_session(group, "ekonomi-1", on=date(2026, 12, 8)), {family: "hadir"})
    waiting = plan_session(group, "ekonomi-2", on=date(2027, 2, 3))
    order = [session.pk for session in sessions_on(DAY)]
    following = order[(order.index("ekonomi-2") + 1) % len(order)]

    lines = propose_plan(group, date(2026, 12, 8), DAY)

    months = [(line.on.year, line.on.month) for line in lines]
    assert months == sorted(months) and len(months) == PLAN_MONTHS - 1  # December was held
    assert (2026, 12) not in months
    assert [line.meeting for line in lines if line.meeting] == [waiting]
    fresh = [line for line in lines if line.meeting is None]
    assert (fresh[0].session.pk, fresh[0].on) == (following, date(2027, 1, 12))
    assert len({line.session.pk for line in fresh}) == min(len(fresh), len(order))


def test_a_plan_is_stored_changed_and_taken_out_line_by_line(group):
    first, second = sessions_on(DAY)[:2]
    once = {"op_id": uuid7()}
    save(group, Planned(first, DAY), Planned(second, None), **once)
    save(group, Planned(first, DAY), Planned(second, None), **once)
    meeting = GroupSession.objects.get()
    assert (meeting.session, meeting.planned_on, meeting.planned_by, meeting.wilayah_id) == (
        first,
        DAY,
        group.pendamping,
        group.wilayah_id,
    )

    save(group, Planned(second, DAY, meeting))
    meeting.refresh_from_db()
    assert (meeting.session, meeting.planned_on) == (second, DAY)
    save(group, Planned(second, DAY + timedelta(days=7), meeting))
    meeting.refresh_from_db()
    assert (meeting.session, meeting.planned_on) == (second, DAY + timedelta(days=7))

    save(group, Planned(second, None, meeting))
    assert not GroupSession.objects.exists()
    with pytest.raises(Refused, match="berubah"):
        save(group, Planned(second, DAY, meeting))


def test_a_plan_touches_no_meeting_that_was_held_or_is_of_another_kelompok(group):
    family = HouseholdFactory(pendamping=group.pendamping, group=group)
    held = hold(plan_session(group, on=DAY), {family: "hadir"})
    other = plan_session(GroupFactory(), on=DAY)

    for meeting in (held, other):
        with pytest.raises(Refused):
            save(group, Planned(meeting.session, None, meeting))

    assert GroupSession.objects.count() == 2


def test_an_absence_is_followed_up_for_two_weeks_until_the_family_is_visited(group):
    family, excused, elsewhere = (
        HouseholdFactory(pendamping=worker, group=None)
        for worker in (group.pendamping, group.pendamping, UserFactory())
    )
    hold(
        plan_session(group, on=DAY),
        {family: "tidak_hadir", excused: "izin", elsewhere: "tidak_hadir"},
    )
    own = Attendance.objects.get(household=family)

    def told(days):
        return list(absences(group.pendamping, DAY + timedelta(days=days)))

    last = FOLLOWED_UP.days - 1
    assert [told(days) for days in (-1, 0, last, last + 1)] == [[], [own], [own], []]
    for visited_on, expected in ((DAY - timedelta(days=1), [own]), (DAY, [])):
        family.last_visited_on = visited_on
        family.save()
        assert told(3) == expected
