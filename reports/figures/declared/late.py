"""Susulan: what was done in a month and came after its lock, told beside the numbers of the month and never in them."""

from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast

from reports.models import FrozenRow

from .activities import ACTIVITIES
from .figure import Figure
from .locked import among_locked, locks, may_be_locked
from .sources import MonthSpan, Source


def _late(lens):
    """Activities of locked months that the lock in force does not keep."""
    rows = ACTIVITIES.start(lens)
    if not may_be_locked(lens):
        return rows.none()
    kept = FrozenRow.objects.filter(
        lock__in=locks(lens), source=ACTIVITIES.frozen, key=Cast(OuterRef("pk"), TextField())
    )
    return among_locked(rows, ACTIVITIES, lens, inside=True).exclude(Exists(kept))


LATE = Source(
    start=_late,
    scope=ACTIVITIES.scope,
    period=MonthSpan("occurred_on", of_month=True),
    shown=ACTIVITIES.shown,
)

FIGURES = (
    Figure(
        slug="susulan",
        name="Susulan",
        definition=(
            "Kegiatan yang tanggalnya di bulan yang dipilih tetapi diterima sesudah bulan itu dikunci. Tidak masuk angka "
            "bulan itu; ditulis di laporan berikutnya, atau masuk versi berikutnya bila bulannya dibuka dan dikunci lagi."
        ),
        unit="kegiatan",
        source=LATE,
        fewer=True,
        nothing="Tidak ada yang datang sesudah bulan ini dikunci.",
    ),
)
