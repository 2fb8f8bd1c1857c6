"""The P2K2 of a kelompok: the plan of a year, a session held with its attendance, and the correction of one.

A session is held by one save: `record_activity` writes the activity with its families, receipt and month; the session
and its attendance are written in the same transaction.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.db.models import F

from entries.operations import Refused, locked, operation
from kpm.models import Group
from roles.models import Attendance, GroupSession, Module, ModuleSession
from roles.operations.activity import correct, correcting, logging, store
from roles.operations.roll import said_of

PLAN_MONTHS = 12
FOLLOWED_UP = timedelta(days=14)  # so long an absence stays on the list of what to do
HELD_ALREADY = (
    "Daftar hadir pertemuan ini sudah disimpan. Untuk memperbaikinya, buka pertemuan itu lalu ketuk Perbaiki."
)
CHANGED = "Rencana ini berubah sejak Anda buka. Muat ulang halaman, lalu ubah lagi."


@dataclass(frozen=True)
class Planned:
    """A line of a plan: which ModuleSession on which day; `meeting` is the GroupSession it is stored as, if it is.
    Without a day the line is no meeting, and one that was planned is taken out.
    """

    session: ModuleSession
    on: date | None
    meeting: GroupSession | None = None


def sessions_on(day):
    """The sessions in force on `day` (ModuleSession, with their module) in the order of the modules."""
    sessions = ModuleSession.objects.valid_on(day).filter(module__in=Module.objects.valid_on(day))
    return list(sessions.select_related("module").order_by("module__position", "number"))


def propose_plan(group, first_on, today):
    """The lines ([Planned]) of PLAN_MONTHS months from that of `first_on`: what is planned already, and for each month
    without a meeting the next sessions in order, on the weekday of `first_on`.
    """
    meetings = list(GroupSession.objects.filter(group=group).select_related("session__module"))
    planned = [one for one in meetings if one.activity_id is None]
    taken = {_month(one.held_on or one.planned_on) for one in meetings}
    days = [same_weekday(first_on, months) for months in range(PLAN_MONTHS)]
    free = [day for day in days if _month(day) not in taken]
    lines = [Planned(one.session, one.planned_on, one) for one in planned]
    last = max(meetings, key=lambda one: (one.planned_on, one.pk), default=None)
    lines += [
        Planned(session, day)
        for day, session in zip(free, _following(sessions_on(today), last, len(free)), strict=False)
    ]
    return sorted(lines, key=lambda line: line.on)


def _following(sessions, last, number):
    """The `number` sessions after the one of `last` (a GroupSession or None); after the last comes the first."""
    keys = [session.pk for session in sessions]
    start = keys.index(last.session_id) + 1 if last and last.session_id in keys else 0
    return [sessions[(start + turn) % len(sessions)] for turn in range(number)] if sessions else []


def same_weekday(first, months):
    """The day in the month `months` after that of `first` on the same weekday, such as the second Tuesday; the fourth
    one at the latest, since not every month has five.
    """
    years, month = divmod(first.month - 1 + months, 12)
    begin = date(first.year + years, month + 1, 1)
    nth = min((first.day - 1) // 7, 3)
    return begin + timedelta(days=(first.weekday() - begin.weekday()) % 7 + 7 * nth)


def _month(day):
    return day.replace(day=1)


@operation(kind="roles.pertemuan_rencana", title="Rencana pertemuan")
def save_plan(group, *, by, lines):
    """Store the plan of a kelompok as `lines` ([Planned]) say. Raises Refused when it changed meanwhile, OtherContent."""
    stored = locked(Group.objects, group.pk)
    planned = GroupSession.objects.filter(group=stored, activity=None).select_for_update(of=["self"])
    waiting = {meeting.pk: meeting for meeting in planned}
    for line in lines:
        if line.meeting is None:
            if line.on:
                GroupSession.objects.create(
                    group=stored,
                    wilayah_id=stored.wilayah_id,
                    session=line.session,
                    planned_on=line.on,
                    planned_by=by,
                )
        elif not (meeting := waiting.get(line.meeting.pk)):
            raise Refused(CHANGED)
        elif line.on is None:
            meeting.delete()
        elif (meeting.session_id, meeting.planned_on) != (line.session.pk, line.on):
            meeting.session, meeting.planned_on = line.session, line.on
            meeting.save(update_fields=["session", "planned_on"])


@logging
def hold_session(meeting, *, by, pk, op_id, receipt, entry, rows, facilitator):
    """Store that a planned session was held: its activity as `entry` says, and `rows` (roll.RollRow) as its attendance.

    Returns the Activity. Raises Refused when another save of it came first, MonthLocked, OtherContent.
    """
    stored = locked(GroupSession.objects.select_related("activity"), meeting.pk)
    if stored.activity_id:
        raise Refused(HELD_ALREADY)
    activity = store(by=by, pk=pk, op_id=op_id, receipt=receipt, entry=entry)
    stored.activity, stored.held_on = activity, entry.occurred_on
    # A kelompok may have moved since the plan; the month that is held open is that of the activity's area.
    stored.wilayah_id = activity.wilayah_id
    stored.facilitator, stored.place = facilitator, entry.place
    stored.save(update_fields=["activity", "wilayah", "held_on", "facilitator", "place"])
    Attendance.objects.bulk_create(
        Attendance(
            group_session=stored,
            household=row.household,
            wilayah_id=row.household.wilayah_id,
            held_on=entry.occurred_on,
            **said_of(row),
        )
        for row in rows
    )
    return activity


@partial(correcting, by_its="activity_id")
def correct_session(meeting, *, by, op_id, entry, rows, facilitator):
    """Correct a session that was held; what it said before stays in the trail. Raises as `change_activity` does."""
    stored = locked(GroupSession.objects.select_related("activity"), meeting.pk)
    correct(stored.activity, op_id=op_id, entry=entry)
    stored.held_on, stored.facilitator, stored.place = entry.occurred_on, facilitator, entry.place
    stored.save(update_fields=["held_on", "facilitator", "place"])
    said = {row.household.pk: said_of(row) for row in rows}
    attendance = list(Attendance.objects.filter(group_session=stored).select_for_update(of=["self"]))
    for row in attendance:
        row.held_on = entry.occurred_on
        for name, value in said.get(row.household_id, {}).items():
            setattr(row, name, value)
    Attendance.objects.bulk_update(attendance, ["held_on", "state", "who", "note"])


def absences(user, day):
    """Attendance rows of families that stayed away from their P2K2 and were not visited since, for FOLLOWED_UP days."""
    rows = Attendance.objects.visible_to(user).filter(
        state=Attendance.State.ABSENT, held_on__gt=day - FOLLOWED_UP, held_on__lte=day
    )
    # A family never visited has no last visit; `exclude` keeps it.
    return rows.exclude(household__last_visited_on__gte=F("held_on"))
