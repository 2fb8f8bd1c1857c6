"""What a monthly report shows: its figures, live or as they were locked, and what came late."""

from reports.figures import FIGURES, Lens
from reports.figures.declared.locked import rows_in_force
from reports.figures.declared.rhk import rhk_in
from reports.figures.values import values_of
from reports.models import FrozenReport, LateEntry, MonthLock, MonthlyReport
from wilayah.clock import local_today

from .frozen import FROZEN_FIGURES

LATE = "susulan"


def latest_lock(wilayah_id, month):
    """The lock in force of a kelurahan's month, or None while it is open."""
    locks = MonthLock.objects.in_force().filter(period__wilayah=wilayah_id, period__month=month)
    return locks.select_related("period").order_by("-version").first()


def words_are_locked(report, lock):
    """Whether the words of `report` are those that `lock` (a MonthLock) froze."""
    words = {name: getattr(report, name) for name in MonthlyReport.WORDS}
    return FrozenReport.objects.filter(lock=lock, report=report, **words).exists()


def lens_of(report):
    """The lens through which `report` counts: its author's work of its month in its kelurahan."""
    today = local_today(report.wilayah_id)
    return Lens(report.pendamping, today, report.month, area=report.wilayah_id)


def values_for(report):
    """{slug: int} of what the figures say: as locked, or what is logged now."""
    return values_of((*FROZEN_FIGURES, LATE), lens_of(report))


def rhk_values(report, values):
    """[(RHK, number of activities)] of the list in force, out of `values`."""
    return [(result, values.get(f"rhk-{result.number}", 0)) for result in rhk_in(report.month).results]


def activities_of(report):
    """The activities that `report` counts, oldest first: those that were locked, or what is logged now."""
    rows = rows_in_force(FIGURES["kegiatan"], lens_of(report))
    return rows.select_related("kind", "sub_role__role").order_by("occurred_on", "pk")


def told_late(report):
    """Susulan of the author that this report has to tell of: of earlier, locked months, let in during this one. What a
    later version of its own month counts, or will count since the month is open again, is told there and not here.
    """
    late = LateEntry.objects.filter(
        pendamping=report.pendamping_id, period__wilayah=report.wilayah_id, told_in=report.month
    )
    return late.still_late().select_related("period", "activity__kind", "by")
