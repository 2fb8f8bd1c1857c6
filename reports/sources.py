"""What figures count: rows of one sort, and the lens through which a person looks at them (contract C5).

Two rules on who counts. Figures of *now* follow the family: its holder and its address today. Figures of a *month*
or a *year* follow the work: its author and the area of the day, so that a handover or a move changes no past month. An RW is
always that of the family's present address, the only one known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from accounts.models import User
from kpm.models import GraduationCase, Household, WatchCheck
from pkh_casework.days import months_after
from roles.models import Activity, ActivityHousehold, Attendance, GroupSession


@dataclass(frozen=True)
class Lens:
    """What a person looks through: who asks, today's local date, the month (its first day), how far narrowed.

    `area` is a code below the asker's own area, or "" for all that is the asker's. `rw` stands only where `here` is
    a kelurahan, since an RW number means nothing beyond one. `group_id` narrows to the families of one kelompok,
    where a page offers that. Whether the asker may narrow so is checked by the caller; what is counted stays within
    the asker's scope whatever the lens says.
    """

    user: User
    today: date
    month: date
    area: str = ""
    rw: int | None = None
    pendamping_id: int | None = None
    group_id: int | None = None

    @property
    def here(self):
        """The area code looked at: the narrowed one or the asker's own."""
        return self.area or self.user.wilayah_id

    @property
    def next_month(self):
        return months_after(self.month, 1)

    @property
    def year(self):
        """The first day of the year of `month`, and of the year after it."""
        return self.month.replace(month=1, day=1), date(self.month.year + 1, 1, 1)

    def days_ago(self, days):
        return self.today - timedelta(days=days)


@dataclass(frozen=True)
class Source:
    """Rows of one sort: `start` is all of them that count for the asker, the paths are lookups from a row.

    `home` and `rw` lead to the family's present address; `rw` is "" where a row belongs to no single RW. `family` leads
    to the family itself, a lookup to put before a field. Lists are ordered by `day`, ties by `key`. `of_month` and
    `of_year` tell figures of a month or its year from those of now. Months of a `kept` source that are over may be
    read from the roll-up: whoever writes such rows holds their month open (ledger.operations.open_month).
    """

    start: Callable[[Lens], QuerySet]
    day: str
    area: str
    pendamping: str
    in_rw: Callable[[Lens], Q]
    home: str = ""
    rw: str = ""
    family: str = "household__"
    key: str = "id"
    of_month: bool = False
    of_year: bool = False
    newest_first: bool = False
    kept: bool = False

    def rows(self, lens):
        """The rows of `lens`, no more than its asker may count."""
        rows = self.start(lens)
        if lens.area:
            rows = rows.filter(**{f"{self.area}__startswith": lens.area})
        if lens.rw:
            rows = rows.filter(self.in_rw(lens))
        if lens.pendamping_id:
            rows = rows.filter(**{self.pendamping: lens.pendamping_id})
        if lens.group_id:
            rows = rows.filter(**{f"{self.family}group": lens.group_id})
        return rows


def _address_in_rw(path):
    return lambda lens: Q(**{f"{path}wilayah_id": lens.here, f"{path}rw": lens.rw})


def _reached_rw(lens):
    reached = ActivityHousehold.objects.filter(_address_in_rw("household__")(lens))
    return Q(pk__in=reached.values("activity"))


def _group_in_rw(lens):
    return Q(group__in=Household.objects.filter(_address_in_rw("")(lens)).values("group"))


def _in_month(rows, lens, day="occurred_on"):
    return rows.filter(**{f"{day}__gte": lens.month, f"{day}__lt": lens.next_month})


def _in_year(rows, day, lens):
    first, after = lens.year
    return rows.filter(**{f"{day}__gte": first, f"{day}__lt": after})


def _checks(lens):
    """Looks after graduations that were not undone, whatever became of the family since."""
    return WatchCheck.objects.counted_for(lens.user).exclude(case__state=GraduationCase.State.UNDONE)


# Families accompanied now.
FAMILIES = Source(
    start=lambda lens: Household.objects.counted_for(lens.user).active(),
    day="last_visited_on",
    area="wilayah__code",
    home="wilayah_id",
    rw="rw",
    pendamping="pendamping_id",
    in_rw=_address_in_rw(""),
    family="",
    key="case_number",
)
# Promised to a family accompanied now, due before today and still open; whoever promised it.
STEPS = Source(
    start=lambda lens: ActivityHousehold.objects.open_steps().filter(
        step_due_on__lt=lens.today, household__in=Household.objects.counted_for(lens.user).active()
    ),
    day="step_due_on",
    area="household__wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="household__pendamping_id",
    in_rw=_address_in_rw("household__"),
)
# One row is one family sought at home once, met or not.
VISITS = Source(
    start=lambda lens: _in_month(
        ActivityHousehold.objects.counted_for(lens.user).filter(is_visit=True), lens
    ),
    day="occurred_on",
    area="wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="pendamping_id",
    in_rw=_address_in_rw("household__"),
    of_month=True,
    newest_first=True,
    kept=True,
)
ACTIVITIES = Source(
    start=lambda lens: _in_month(Activity.objects.counted_for(lens.user), lens),
    day="occurred_on",
    area="wilayah__code",
    pendamping="pendamping_id",
    in_rw=_reached_rw,
    of_month=True,
    newest_first=True,
    kept=True,
)


# Sessions of a kelompok, of whoever held them or has to; they belong to no single RW.
def _sessions(day, *, kept):
    return Source(
        start=lambda lens: _in_month(GroupSession.objects.counted_for(lens.user), lens, day),
        day=day,
        area="wilayah__code",
        pendamping="worker",
        in_rw=_group_in_rw,
        family="",
        of_month=True,
        newest_first=True,
        kept=kept,
    )


SESSIONS_PLANNED, SESSIONS_HELD = _sessions("planned_on", kept=False), _sessions("held_on", kept=True)
# One row is one family on the list of one session, there or not.
ATTENDANCE = Source(
    start=lambda lens: _in_month(Attendance.objects.counted_for(lens.user), lens, "held_on"),
    day="held_on",
    area="wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="worker",
    in_rw=_address_in_rw("household__"),
    of_month=True,
    newest_first=True,
    kept=True,
)

# Of what follows, the author is who proposed the graduation.
GRADUATIONS = Source(
    start=lambda lens: _in_year(
        GraduationCase.objects.counted_for(lens.user).standing(), "graduated_on", lens
    ),
    day="graduated_on",
    area="wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="proposed_by_id",
    in_rw=_address_in_rw("household__"),
    of_year=True,
    newest_first=True,
)
CHECKS_DONE = Source(
    start=lambda lens: _in_year(_checks(lens), "done_on", lens),
    day="done_on",
    area="wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="case__proposed_by_id",
    in_rw=_address_in_rw("household__"),
    of_year=True,
    newest_first=True,
)
# The look that judges a graduation, 12 months later, once its day has come; one for each case.
LAST_CHECKS = Source(
    start=lambda lens: _in_year(_checks(lens).filter(months=12, due_on__lte=lens.today), "due_on", lens),
    day="due_on",
    area="wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="case__proposed_by_id",
    in_rw=_address_in_rw("household__"),
    key="case_id",
    of_year=True,
    newest_first=True,
)
