"""Locking a month of a kelurahan, and opening it again (contract C7)."""

import time
from datetime import date
from functools import partial
from uuid import UUID, uuid5

from accounts.models import User
from entries.models import LateWrite, Period
from entries.operations import Refused, operation, why_not
from pkh_casework.access import KOORDINATOR
from reports.models import FrozenReport, FrozenRow, MonthLock, MonthlyReport, MonthReopening
from reports.monthly.frozen import digest_of, rows_now, totals_of
from reports.monthly.ready import silent_of

from .report import is_over, note_move, opens_words

State = MonthlyReport.State
BATCH = 1000
AT_ONCE = 12  # seconds after which a person is told how far it came


def may_lock(period: Period, user: User) -> bool:
    """Whether `user` may lock and reopen: a koordinator of the area without an own report in it."""
    if user.duty != KOORDINATOR or not period.wilayah_id.startswith(user.wilayah_id or "-"):
        return False
    return not reports_of(period).filter(pendamping=user).exists()


def reports_of(period: Period):
    """The reports of a month, of whoever wrote them."""
    return MonthlyReport.objects.filter(wilayah=period.wilayah_id, month=period.month)


def seen_of(period: Period) -> str:
    """Names what a person saw of a month: how often it was locked, and whether it is now."""
    return f"{MonthLock.objects.filter(period=period).count()}-{period.state}"


def _locked_then(receipt, period):
    return MonthLock.objects.get(op_id=receipt.op_id)


def _reopened_then(receipt, period):
    return MonthReopening.objects.get(op_id=receipt.op_id).lock


@operation(kind="laporan_kunci", title="Kunci bulan", again=_locked_then)
def lock_month(
    period: Period, *, by: User, op_id: UUID, today: date, seen: str = "", reason: str = ""
) -> MonthLock:
    """Freeze the rows, totals and reports of `period` and close it; returns the MonthLock.

    The row of the month is taken FOR UPDATE first: writers hold it FOR SHARE until they commit, so what they wrote is
    counted whole, and who comes later finds the month closed. Raises Refused: the month is not over or closed already,
    a report waits for a decision, one is not approved or not written and no `reason` says why; OtherContent.
    """
    stored = _period(period, by, seen)
    if stored.state == Period.State.LOCKED:
        raise Refused("Bulan ini sudah dikunci.")
    if not is_over(stored.month, today):
        raise Refused(f"Bulan ini belum selesai. Dapat dikunci mulai {opens_words(stored.month)}.")
    reports = list(reports_of(stored).select_for_update(of=["self"], no_key=True).order_by("pk"))
    if waiting := sum(report.state == State.SUBMITTED for report in reports):
        raise Refused(f"Masih ada {waiting} laporan menunggu keputusan. Setujui atau kembalikan dulu.")
    if not reason.strip() and (
        any(report.state not in MonthlyReport.DONE for report in reports) or silent_of(by, stored, today)
    ):
        raise Refused(
            "Ada laporan yang belum disetujui atau belum dibuat. Tulis mengapa bulan ini tetap dikunci.",
            "reason",
        )
    lock = _freeze(stored, reports, by=by, op_id=op_id, reason=reason)
    stored.state = Period.State.LOCKED
    stored.save(update_fields=["state"])
    _move_all(reports, State.APPROVED, State.LOCKED, by=by, op_id=op_id)
    return lock


def lock_many(chosen, *, by: User, op_id: UUID, today: date, reason: str = ""):
    """Lock the months of `chosen`, pairs of a Readiness and what was seen of its month (seen_of): each in a transaction of
    its own, so that one that fails stops no other. Returns [(Readiness, "" or why not)]; what was not begun within
    AT_ONCE says so.

    A resend of `op_id` locks nothing twice: each kelurahan has an id made from both.
    """
    results, until = [], time.monotonic() + AT_ONCE
    for one, seen in chosen:
        if time.monotonic() > until:
            results.append((one, "Belum sempat dikunci. Centang lagi, lalu tekan sekali lagi."))
            continue
        period, _ = Period.objects.get_or_create(wilayah_id=one.area.code, month=one.month)
        said = {"op_id": uuid5(op_id, one.area.code), "sent": f"{one.area.code} {one.month} {reason}"}
        lock = partial(lock_month, period, by=by, today=today, seen=seen, reason=reason, **said)
        results.append((one, why_not(lock)))
    return results


@operation(kind="laporan_buka", title="Pembukaan bulan", again=_reopened_then)
def reopen_month(
    period: Period, *, by: User, op_id: UUID, today: date, seen: str = "", reason: str = ""
) -> MonthLock:
    """Open a locked month again, with a reason; its versions stay as they are. Raises Refused, OtherContent."""
    stored = _period(period, by, seen)
    if stored.state != Period.State.LOCKED:
        raise Refused("Bulan ini tidak terkunci.")
    if not reason.strip():
        raise Refused("Tulis alasannya, singkat saja.", "reason")
    lock = MonthLock.objects.filter(period=stored).order_by("-version")[0]
    # What came late counts from now on: the roll-up of the month says something else until it is counted anew.
    LateWrite.objects.create(wilayah_id=stored.wilayah_id, month=stored.month)
    MonthReopening.objects.create(op_id=op_id, lock=lock, by=by, reason=reason)
    stored.state = Period.State.OPEN
    stored.save(update_fields=["state"])
    reports = list(reports_of(stored).select_for_update(of=["self"], no_key=True).order_by("pk"))
    _move_all(reports, State.LOCKED, State.APPROVED, by=by, op_id=op_id, reason=reason)
    return lock


def _freeze(period, reports, *, by, op_id, reason):
    rows = rows_now(by, period)
    totals = totals_of(rows)
    version = MonthLock.objects.filter(period=period).count() + 1
    words = [
        FrozenReport(
            report=report,
            state=State.LOCKED if report.state == State.APPROVED else report.state,
            results=report.results,
            obstacles=report.obstacles,
            plans=report.plans,
        )
        for report in reports
    ]
    lock = MonthLock.objects.create(
        op_id=op_id,
        period=period,
        version=version,
        schema=MonthLock.SCHEMA,
        totals=totals,
        digest=digest_of(period, version, totals, rows, words, MonthLock.SCHEMA),
        locked_by=by,
        reason=reason,
    )
    for row in [*rows, *words]:
        row.lock = lock
    FrozenRow.objects.bulk_create(rows, batch_size=BATCH)
    FrozenReport.objects.bulk_create(words)
    return lock


def _move_all(reports, origin, target, *, by, op_id, reason=""):
    for report in reports:
        if report.state == origin:
            report.state = target
            report.save(update_fields=["state"])
            note_move(report, target, by=by, op_id=uuid5(op_id, str(report.pk)), reason=reason)


def _period(period, by, seen):
    stored = Period.objects.select_for_update(of=["self"]).get(pk=period.pk)
    if not may_lock(stored, by):
        raise Refused("Ini bukan bagian Anda. Bulan dengan laporan sendiri dikunci koordinator lain.")
    if seen and seen != seen_of(stored):
        raise Refused("Bulan ini berubah sejak Anda buka. Muat ulang halaman untuk melihatnya.")
    return stored
