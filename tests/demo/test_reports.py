"""The demo's monthly reports: a year that was locked, a month that waits, a month begun, and what came late."""

from collections import Counter

from ledger.models import HeldEntry, Period
from pkh_casework.days import months_after
from reports.frozen import differences, is_genuine, rows_now
from reports.models import LateEntry, MonthLock, MonthlyReport


def test_a_year_of_months_is_locked_and_genuine(today):
    locks = MonthLock.objects.select_related("period")
    assert len(locks) == 3 * 11
    assert all(is_genuine(lock) for lock in locks[:3])
    assert (
        not Period.objects.filter(state="terkunci")
        .exclude(pk__in=[lock.period_id for lock in locks])
        .exists()
    )
    assert locks.get(
        period__wilayah="3273161002", period__month=months_after(today.replace(day=1), -3)
    ).rows.exists()


def test_last_month_waits_and_this_month_has_begun(today):
    states = Counter(MonthlyReport.objects.values_list("month", "state"))
    this_month = today.replace(day=1)
    assert states[this_month, "draf"] == 4
    last = months_after(this_month, -1)
    assert (states[last, "diajukan"], states[last, "dikembalikan"]) == (3, 1)
    assert all(report.moves.last().to_state == report.state for report in MonthlyReport.objects.all())


def test_one_late_entry_was_let_in_and_one_waits(today):
    late = LateEntry.objects.get()
    lock = late.period.locks.get()
    kinds = {one.kind for one in differences(lock, rows_now(lock.locked_by, lock.period))}
    assert kinds == {"baru"}
    assert HeldEntry.objects.waiting().filter(reason="bulan_terkunci").count() == 1
