"""The demo's monthly reports: a year that was locked, a month that waits, a month begun, and what came late."""

from entries.models import Period
from pkh_casework.days import months_after
from reports.models import MonthLock
from reports.monthly.frozen import is_genuine


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
