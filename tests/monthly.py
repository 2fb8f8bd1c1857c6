"""Monthly reports and locked months for tests, made by the operations themselves."""

from datetime import UTC, date, datetime, time, timedelta

from entries.models import Period
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.models import MonthlyReport, Target
from reports.monthly.operations import accept_late, lock_month, move_report, open_report, reopen_month
from reports.targets.operations import propose_target
from tests.factories import UserFactory
from tests.held import asking, hold_visit

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TODAY = date(2026, 11, 24)


def write_report(pendamping, *moves, month=OCTOBER, koordinator=None, **words):
    """The report of `pendamping`, taken through `moves` (of reports.monthly.operations.MOVES). Returns it as it is then."""
    said = {"sent": "", "today": TODAY}
    words = {"results": "Dua keluarga menabung.", "obstacles": "", "plans": ""} | words
    report = open_report(
        by=pendamping, op_id=uuid7(), wilayah_id=pendamping.wilayah_id, month=month, **words, **said
    )
    return move(report, *moves, koordinator=koordinator)


def move(report, *moves, koordinator=None, reason="Alasan."):
    """Take `report` through `moves`; a decision is the koordinator's."""
    for name in moves:
        by = report.pendamping if name == "ajukan" else koordinator
        report = move_report(report, name, by=by, op_id=uuid7(), sent="", today=TODAY, reason=reason)
    return MonthlyReport.objects.get(pk=report.pk)


def period_of(area, month=OCTOBER):
    period, _ = Period.objects.get_or_create(wilayah_id=area, month=month)
    return period


def lock(koordinator, area, *, month=OCTOBER, reason="Semua sudah dibaca.", today=TODAY):
    period = period_of(area, month)
    return lock_month(period, by=koordinator, op_id=uuid7(), sent="", today=today, reason=reason)


def reopen(koordinator, area, *, month=OCTOBER, reason="Ada yang tertinggal."):
    period = period_of(area, month)
    return reopen_month(period, by=koordinator, op_id=uuid7(), sent="", today=TODAY, reason=reason)


def hold_late(household, *, on, notes="Baru terkirim.", **fields):
    """A visit to the family on the day `on`, held because its month is locked; `fields` as another form sent them."""
    held = hold_visit(household, on=on, notes=notes, fields=fields)
    held.received_at = datetime.combine(on + timedelta(days=4), time(12), UTC)
    held.save(update_fields=["received_at"])
    return held


def let_in(held, koordinator, reason="Ponsel rusak."):
    return accept_late(
        held, by=koordinator, op_id=uuid7(), request=asking(koordinator), today=TODAY, reason=reason
    )


def make_target(pendamping, words, *, figure="kunjungan", value=20):
    """A target that `pendamping` proposes for the own families, from a month for which nobody else proposed one."""
    return propose_target(
        by=pendamping,
        op_id=uuid7(),
        today=TODAY,
        figure=figure,
        wilayah_id=pendamping.wilayah_id,
        pendamping=pendamping,
        from_month=months_after(NOVEMBER, Target.objects.count()),
        value=value,
        reason=words,
    )


def make_for_walker(family, words, today):
    """A report that waits for a decision, a version of a month locked, a late entry told in the report, and a target that
    is proposed; all their texts hold `words`.
    """
    pendamping = family.pendamping
    other = UserFactory(koordinator=True, wilayah_id=pendamping.wilayah_id[:6])
    texts = {"results": words, "obstacles": words, "plans": words}
    report = write_report(pendamping, "ajukan", "kembalikan", month=OCTOBER, koordinator=other, **texts)
    report = move(report, "ajukan")
    # Each family its own month, since a kelurahan's month is locked once.
    month = date(2021 + Period.objects.count() // 12, 1 + Period.objects.count() % 12, 1)
    write_report(pendamping, month=month, **texts)
    locked = lock(other, pendamping.wilayah_id, month=month, reason=words)
    late = let_in(hold_late(family, on=month, notes=words), other, reason=words)
    return {
        "report": report,
        "period": locked.period,
        "lock": locked,
        "late": late,
        "target": make_target(pendamping, words),
        "held_month": hold_late(family, on=month.replace(day=2), notes=words),
    }
