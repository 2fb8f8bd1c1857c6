"""What keeps a month of a kelurahan from its lock, told of a whole area at once."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from entries.models import Period
from pkh_casework.days import months_after
from reports.figures import Lens
from reports.figures.declared.reporting import HANDED_IN, pairs_in
from reports.models import MonthlyReport
from roles.models import Activity
from wilayah.models import Wilayah

State = MonthlyReport.State
NAMED = 3  # of those who wrote no report; the rest is a number


@dataclass
class Readiness:
    """The month of one kelurahan: its Period (None where nothing was ever written), its reports by state, and the
    names of those who held families or worked there and wrote no report. `not_in` is how many of the reports that are
    waited for (figure wajib-lapor) are not handed in.

    `is_own`: a report of the asker stands in it, so another koordinator locks it.
    """

    area: Wilayah
    month: date
    period: Period | None = None
    states: Counter = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    not_in: int = 0
    is_own: bool = False
    problem: str = ""  # why it could not be locked when somebody tried

    @property
    def is_locked(self):
        return self.period is not None and self.period.state == Period.State.LOCKED

    @property
    def waiting(self):
        return self.states[State.SUBMITTED]

    @property
    def unfinished(self):
        return self.states[State.DRAFT] + self.states[State.RETURNED]

    @property
    def can_lock(self):
        """With a reason at least."""
        return not (self.is_locked or self.is_own or self.waiting)

    @property
    def is_ready(self):
        """Without a word of why."""
        return self.can_lock and not self.unfinished and not self.silent

    @property
    def words(self):
        """What stands against it, for people; "" where nothing does."""
        if self.is_own:
            return "ada laporan Anda sendiri, dikunci koordinator lain"
        said = [f"{self.waiting} laporan menunggu keputusan"] if self.waiting else []
        for state, words in ((State.RETURNED, "dikembalikan"), (State.DRAFT, "masih draf")):
            said += [f"{self.states[state]} {words}"] if self.states[state] else []
        if self.silent:
            more = f" dan {len(self.silent) - NAMED} lagi" if len(self.silent) > NAMED else ""
            said.append(f"belum ada laporan {', '.join(self.silent[:NAMED])}{more}")
        return "; ".join(said)


def readiness(user, month, today, *, area="") -> list[Readiness]:
    """The Readiness of every kelurahan of `area` ("" for all that is the asker's) in which families were held or
    something was written in `month`, by code. Six queries.
    """
    here = area or user.wilayah_id
    lens = Lens(user, today, month, area=area)
    reports = MonthlyReport.objects.visible_to(user).filter(month=month, wilayah__code__startswith=here)
    reports = list(reports.values_list("wilayah", "pendamping", "state"))
    periods = {
        period.wilayah_id: period
        for period in Period.objects.filter(month=month, wilayah__code__startswith=here)
    }
    reported = {(code, person) for code, person, _ in reports}
    held, worked = _on_duty(lens)
    silent = (held | worked) - reported
    found = periods.keys() | {code for code, _ in silent | reported}
    names = dict(User.objects.filter(pk__in={person for _, person in silent}).values_list("pk", "name"))
    told = {
        area.code: Readiness(area, month, periods.get(area.code))
        for area in Wilayah.objects.kelurahan().filter(code__in=found).order_by("code")
    }
    by_area = defaultdict(list)
    for code, person in silent:
        by_area[code].append(names[person])
    for code, names_here in by_area.items():
        if code in told:
            told[code].silent = sorted(names_here)
    for code, person, state in reports:
        if code in told:
            told[code].states[state] += 1
            told[code].is_own |= person == user.pk
    for code, _ in held - {(code, person) for code, person, state in reports if state in HANDED_IN}:
        if code in told:
            told[code].not_in += 1
    return list(told.values())


def _on_duty(lens):
    """({(kelurahan, id of a pendamping)} of who held families in the month, the same of who worked there)."""
    held = pairs_in(lens)
    until = months_after(lens.month, 1)
    work = Activity.objects.counted_for(lens.user).filter(
        occurred_on__gte=lens.month, occurred_on__lt=until, wilayah__code__startswith=lens.here
    )
    return set(held), set(work.order_by().values_list("wilayah", "pendamping").distinct())


def silent_of(user, period, today):
    """Those who had to report of a month of one kelurahan and wrote nothing, by name (Users)."""
    lens = Lens(user, today, period.month, area=period.wilayah_id)
    reports = MonthlyReport.objects.filter(wilayah=period.wilayah_id, month=period.month)
    people = {person for pairs in _on_duty(lens) for _, person in pairs} - set(
        reports.values_list("pendamping", flat=True)
    )
    return list(User.objects.filter(pk__in=people).order_by("name", "pk"))
