"""A monthly report on its way: written, handed in, returned or approved. Every change of state is one of MOVES."""

from datetime import date
from functools import partial
from uuid import UUID, uuid5

from accounts.models import User
from entries.models import Period
from entries.months import state_for_share
from entries.operations import ChangedMeanwhile, Refused, locked, operation, version_of, why_not
from entries.workflow import Move, refuse_late, refuse_without_reason
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import tanggal
from reports.models import MonthlyReport, ReportMove
from reports.monthly.report import latest_lock, values_for, words_are_locked

State = MonthlyReport.State


MOVES = {
    "ajukan": Move(MonthlyReport.WRITABLE, State.SUBMITTED, PENDAMPING),
    "setujui": Move((State.SUBMITTED,), State.APPROVED, KOORDINATOR),
    "kembalikan": Move((State.SUBMITTED, State.APPROVED), State.RETURNED, KOORDINATOR, needs_reason=True),
}


def is_over(month: date, today: date) -> bool:
    """Whether the month that begins on `month` has ended by `today`, the local date of its area."""
    return month < today.replace(day=1)


def opens_words(month: date) -> str:
    """The day from which the report of `month` is handed in and the month is locked: "1 Des 2026"."""
    return tanggal(months_after(month, 1))


def may_move(report: MonthlyReport, move: Move, user: User) -> bool:
    """Whether `move` is for `user`: the author hands in, a koordinator of the area who is not the author decides."""
    if move.whose == PENDAMPING:
        return user.duty == PENDAMPING and report.pendamping_id == user.pk
    in_area = report.wilayah_id.startswith(user.wilayah_id or "-")
    return user.duty == KOORDINATOR and in_area and report.pendamping_id != user.pk


@operation(kind="laporan", title="Laporan bulanan", makes=MonthlyReport)
def open_report(
    *, by: User, pk: UUID, op_id: UUID, today: date, wilayah_id: str, month: date, **words
) -> MonthlyReport:
    """Begin the report of `by` for a month of a kelurahan. Raises Refused when it is there already, or of a month to
    come, OtherContent.
    """
    report = MonthlyReport(id=pk, op_id=op_id, pendamping=by, wilayah_id=wilayah_id, month=month, **words)
    if month > today:
        raise Refused("Bulan itu belum mulai.")
    # A month in which nothing was logged can be locked too, so its row must be there.
    Period.objects.bulk_create([Period(wilayah_id=wilayah_id, month=month)], ignore_conflicts=True)
    Period.objects.select_for_update(of=["self"]).get(wilayah=wilayah_id, month=month)  # two tabs at once
    if MonthlyReport.objects.filter(pendamping=by, wilayah=wilayah_id, month=month).exists():
        raise Refused("Laporan bulan ini sudah ada. Buka dari daftar laporan untuk melanjutkannya.")
    report.save(force_insert=True)
    note_move(report, State.DRAFT, by=by, op_id=op_id)
    return report


@operation(kind="laporan_ubah", title="Perubahan laporan bulanan", about=MonthlyReport)
def change_report(
    report: MonthlyReport,
    *,
    by: User,
    today: date,
    version: str | None = None,
    **words,
) -> MonthlyReport:
    """Change the author's words while the report is a draft or returned. `version` is what the author saw (version_of).

    Raises ChangedMeanwhile when the words are others now, Refused, OtherContent.
    """
    stored = locked(MonthlyReport.objects, report.pk)
    if stored.pendamping_id != by.pk:
        raise Refused("Laporan ini milik pendamping lain.")
    if stored.state not in MonthlyReport.WRITABLE:
        raise Refused(
            f"Laporan ini sekarang {stored.get_state_display().lower()}, isinya tidak dapat diubah."
        )
    if version is not None and version != version_of(stored):
        raise ChangedMeanwhile(stored)
    for name, text in words.items():
        setattr(stored, name, text)
    stored.save(update_fields=list(words))
    return stored


@operation(kind="laporan_langkah", title="Langkah laporan bulanan", about=MonthlyReport)
def move_report(
    report: MonthlyReport,
    move: str,
    *,
    by: User,
    op_id: UUID,
    today: date,
    seen: str = "",
    reason: str = "",
) -> MonthlyReport:
    """Take `report` one of MOVES further. `seen` names the last move that the person saw. Raises Refused: not theirs,
    another came first, a reason is missing, the month is not over; OtherContent.
    """
    # Whoever locks the month waits for this row: a report is approved before the lock or after it, never between.
    is_locked = state_for_share(report.wilayah_id, report.month) == Period.State.LOCKED
    stored, way = locked(MonthlyReport.objects, report.pk), MOVES[move]
    refuse_late(stored, way, seen=seen, called="Laporan")
    if not may_move(stored, way, by):
        raise Refused("Ini bukan bagian Anda. Laporan sendiri tidak boleh diputuskan sendiri.")
    refuse_without_reason(way, reason)
    if move == "ajukan" and not is_over(stored.month, today):
        raise Refused(
            f"Bulan ini belum selesai. Laporannya dapat diajukan mulai {opens_words(stored.month)}."
        )
    if move == "ajukan":
        stored.submitted_on, stored.decided_by, stored.decided_on = today, None, None
    else:
        stored.decided_by, stored.decided_on = by, today
    stored.state = way.target
    values = values_for(stored)
    note_move(stored, way.target, by=by, op_id=op_id, reason=reason, values=values)
    # What was written after the lock is under no hash: it stays approved.
    approves_late = move == "setujui" and is_locked
    if approves_late and words_are_locked(stored, latest_lock(stored.wilayah_id, stored.month)):
        stored.state = State.LOCKED
        note_move(stored, State.LOCKED, by=by, op_id=uuid5(op_id, State.LOCKED), values=values)
    stored.save(update_fields=["state", "submitted_on", "decided_by", "decided_on"])
    return stored


def approve_many(chosen, *, by: User, op_id: UUID, today: date):
    """Approve the reports of `chosen`, pairs of MonthlyReport and the move that was seen of it: each in a transaction
    of its own, so that one that fails stops no other. Returns [(report, "" or why not)].

    A resend of `op_id` approves nothing twice: each report has an id made from both.
    """
    results = []
    for report, seen in chosen:
        said = {"op_id": uuid5(op_id, str(report.pk)), "sent": str(report.pk)}
        approve = partial(move_report, report, "setujui", by=by, today=today, seen=seen, **said)
        results.append((report, why_not(approve)))
    return results


def note_move(report, state, *, by, op_id, reason="", values=None):
    """Keep that `report` came to `state`; the caller stores the report."""
    ReportMove.objects.create(
        op_id=op_id, report=report, to_state=state, by=by, reason=reason, values=values or {}
    )
