"""Monthly reports: a year of locked months, last month handed in and returned, this month begun; one entry let in as
susulan and one that waits.

Rows come out as reports.monthly.operations would have written them, but for their receipts (see demo.referrals).
"""

from datetime import timedelta
from random import Random

from django.db import transaction
from django.db.models import Count, Max

from entries.models import HeldEntry, Period, Receipt
from entries.operations import content_hash
from kpm.models import Household
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.models import FrozenReport, FrozenRow, LateEntry, MonthLock, MonthlyReport, ReportMove
from reports.monthly.frozen import digest_of, rows_now, totals_of
from reports.monthly.report import values_for
from roles.models import Activity, ActivityHousehold
from roles.operations.activity import KIND_OF_ENTRY
from roles.operations.last_visit import refresh_last_visit

from .calendar import DAY, last_workday, workday
from .copying import store
from .families import local_moment
from .log import held_visit, sent_form
from .script import LATELY, draft_day, report_days
from .wording import texts

SEED = 1117
LOCKED_MONTHS = 11  # before the last one, which still waits for its decision
State = MonthlyReport.State
# The states on the way to a state, itself included, and those that a koordinator gives.
WAYS = {
    State.DRAFT: [State.DRAFT],
    State.SUBMITTED: [State.DRAFT, State.SUBMITTED],
    State.RETURNED: [State.DRAFT, State.SUBMITTED, State.RETURNED],
    State.APPROVED: [State.DRAFT, State.SUBMITTED, State.APPROVED],
    State.LOCKED: [State.DRAFT, State.SUBMITTED, State.APPROVED, State.LOCKED],
}
DECIDED = {State.RETURNED, State.APPROVED, State.LOCKED}


def fill_reports(today, koordinator, workers):
    """Store the reports of last month and of this one. `koordinator` decides on those of `workers`."""
    writer = ReportWriter("now", today, koordinator)
    this_month = today.replace(day=1)
    by_area = _by_area(workers)
    for area, people in by_area:
        is_read = area == by_area[-1][0]
        writer.waiting(area, people, months_after(this_month, -1), is_read=is_read)
        writer.begun(area, people, this_month)


def months_to_lock(today):
    """First days of the months that are to be locked and are not yet, oldest first."""
    locked = set(MonthLock.objects.values_list("period__month", flat=True))
    months = (months_after(today.replace(day=1), -back) for back in range(LOCKED_MONTHS + 1, 1, -1))
    return [month for month in months if month not in locked]


@transaction.atomic
def lock_month(today, month, koordinator, workers):
    """Store the reports and locks of `month` as `koordinator` made them; after the last one, what came late for it."""
    writer = ReportWriter(str(month), today, koordinator)
    for area, people in _by_area(workers):
        writer.locked(area, people, month)
    if month == months_after(today.replace(day=1), -2):
        writer.late(max((people for _, people in _by_area(workers)), key=len)[0], month)


def _by_area(workers):
    """(area code, its pendamping), both in a fixed order."""
    by_area = {}
    for worker in sorted(workers, key=lambda user: user.username):
        by_area.setdefault(worker.wilayah_id, []).append(worker)
    return sorted(by_area.items())


class ReportWriter:
    """Stores what belongs to one time; all chance comes from one generator, seeded by its name."""

    def __init__(self, name, today, koordinator):
        self.rng = Random(f"{SEED} {name}")  # noqa: S311  no secrecy needed
        self.today, self.koordinator, self.texts = today, koordinator, texts("laporan")

    def locked(self, area, people, month):
        """A month of `area` whose reports were approved and which was locked a week after it ended."""
        period, _ = Period.objects.update_or_create(
            wilayah_id=area, month=month, defaults={"state": Period.State.LOCKED}
        )
        ended = months_after(month, 1)
        days = [max(last_workday(ended + days * DAY), ended) for days in (2, 5, 8)]
        days.insert(0, last_workday(ended - 2 * DAY))
        reports = [self._report(worker, area, month, State.LOCKED, days) for worker in people]
        rows = rows_now(self.koordinator, period)
        totals = totals_of(rows)
        words = [
            FrozenReport(
                report=report,
                state=State.LOCKED,
                results=report.results,
                obstacles=report.obstacles,
                plans=report.plans,
            )
            for report in sorted(reports, key=lambda report: report.pk)
        ]
        at = reports[-1].moves.last().at
        lock = MonthLock.objects.create(
            id=self._id(at),
            op_id=self._id(at),
            period=period,
            version=1,
            schema=MonthLock.SCHEMA,
            totals=totals,
            digest=digest_of(period, 1, totals, rows, words, MonthLock.SCHEMA),
            locked_by=self.koordinator,
            locked_at=at,
        )
        for row in [*rows, *words]:
            row.lock = lock
        store(FrozenRow, rows)
        store(FrozenReport, words)

    def waiting(self, area, people, month, *, is_read):
        """Last month: handed in by most, returned to one, approved where `is_read`, and no lock yet."""
        Period.objects.get_or_create(wilayah_id=area, month=month)
        for number, worker in enumerate(people):
            states = (State.DRAFT, State.SUBMITTED, State.APPROVED if is_read else State.RETURNED)
            days = report_days(self.today, month, is_decided=is_read or number > 0)
            self._report(worker, area, month, states[len(days) - 1], days)

    def begun(self, area, people, month):
        """This month, whose reports are drafts."""
        Period.objects.get_or_create(wilayah_id=area, month=month)
        for worker in people:
            self._report(worker, area, month, State.DRAFT, [draft_day(self.today)])

    def late(self, worker, month):
        """An entry let in as susulan last week, and one that waits for the koordinator, both of families lately met
        and never handed over.
        """
        families = Household.objects.active().filter(
            pendamping=worker, joined_on__lt=month, last_visited_on__gte=self.today - timedelta(days=LATELY)
        )
        met = families.alias(terms=Count("assignments")).filter(terms=1).order_by("case_number")[:2]
        for number, family in enumerate(met):
            day = workday(self.rng, month + timedelta(days=16 + number))
            held = self._held(worker, family, day)
            if number == 0:
                self._let_in(held, worker, family, day)

    # --- one row each -------------------------------------------------------------------------------------------

    def _report(self, worker, area, month, state, days):
        """A report that came to `state`; `days` are those of its moves, in order."""
        rng, says = self.rng, self.texts
        moments = [self._at(area, day) for day in days]
        report = MonthlyReport(
            id=self._id(moments[0]),
            op_id=self._id(moments[0]),
            pendamping=worker,
            wilayah_id=area,
            month=month,
            state=state,
            results=rng.choice(says["capaian"]),
            obstacles=rng.choice(says["kendala"]),
            plans=rng.choice(says["rencana"]),
            created_at=moments[0],
        )
        if len(days) > 1:
            report.submitted_on = days[1]
        if len(days) > 2:
            report.decided_by, report.decided_on = self.koordinator, days[2]
        report.save(force_insert=True)
        values = values_for(report) if state != State.DRAFT else {}
        ReportMove.objects.bulk_create(
            ReportMove(
                op_id=self._id(at),
                report=report,
                to_state=to_state,
                by=self.koordinator if to_state in DECIDED else worker,
                at=at,
                reason=rng.choice(says["dikembalikan"]) if to_state == State.RETURNED else "",
                values={} if to_state == State.DRAFT else values,
            )
            for to_state, at in zip(WAYS[state], moments, strict=True)
        )
        return report

    def _held(self, worker, family, day):
        sent_at = self._at(worker.wilayah_id, self.today - timedelta(days=4))
        # The log's families know more; what a form sends is the case number.
        fields = sent_form(day=day, kind="kunjungan_rumah", sub_role="FAS-3", notes=self.texts["terlambat"])
        case = family.case_number
        payload = held_visit({"kpm": [case], f"met-{case}": ["ya"], **fields}, day)
        return HeldEntry.objects.create(
            op_id=self._id(sent_at),
            author=worker,
            wilayah_id=family.wilayah_id,
            payload=payload,
            content_hash=content_hash(payload),
            reason=HeldEntry.Reason.MONTH_LOCKED,
            received_at=sent_at,
        )

    def _let_in(self, held, worker, family, day):
        # Receipts are numbered in the order in which entries came in, and this one was taken last.
        newest = Receipt.objects.aggregate(newest=Max("received_at"))["newest"]
        at = newest + timedelta(minutes=4)
        activity = Activity(
            id=self._id(at),
            op_id=held.op_id,
            pendamping=worker,
            wilayah_id=family.wilayah_id,
            occurred_on=day,
            kind_id="kunjungan_rumah",
            sub_role_id="FAS-3",
            notes=self.texts["terlambat"],
            received_at=at,
        )
        activity.save(force_insert=True)
        Receipt.objects.create(
            op_id=held.op_id,
            author=worker,
            kind=KIND_OF_ENTRY,
            content_hash=held.content_hash,
            received_at=at,
            object_id=activity.pk,
        )
        ActivityHousehold.objects.create(
            id=self._id(at),
            activity=activity,
            household=family,
            pendamping=worker,
            wilayah_id=family.wilayah_id,
            occurred_on=day,
            is_visit=True,
            met=True,
        )
        refresh_last_visit([family.pk])
        held.resolved_at, held.resolved_by = at, self.koordinator
        held.note = f"Diterima sebagai susulan. {self.texts['susulan']}"
        held.decision = HeldEntry.Decision.ACCEPTED
        held.save(update_fields=["resolved_at", "resolved_by", "note", "decision"])
        LateEntry.objects.create(
            held=held,
            period=Period.objects.get(wilayah_id=family.wilayah_id, month=day.replace(day=1)),
            pendamping=worker,
            activity=activity,
            told_in=(self.today - DAY).replace(day=1),
            reason=self.texts["susulan"],
            by=self.koordinator,
            at=at,
        )

    def _at(self, area, day):
        """A moment of working time on `day`; of today, which has only begun, one of its first minutes."""
        if day == self.today:
            return local_moment(area, day, 0, self.rng.randint(1, 9))
        return local_moment(area, day, self.rng.randint(9, 15), self.rng.randint(0, 53))

    def _id(self, at):
        return uuid7(int(at.timestamp() * 1000), self.rng.randbytes)
