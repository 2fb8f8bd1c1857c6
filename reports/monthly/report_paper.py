"""A monthly report as facts for paper (templates/reports/monthly.typ)."""

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format

from pkh_casework.templatetags.formats import NONE, angka, persen
from reports.figures import FIGURES
from reports.figures.targets import coverage_of
from reports.figures.values import values_of
from reports.models import MonthlyReport
from roles.models import ActivityHousehold
from wilayah.clock import zone_of
from wilayah.models import Wilayah

from .frozen import MONTH_FIGURES
from .report import (
    LATE,
    activities_of,
    latest_lock,
    lens_of,
    rhk_values,
    told_late,
    values_for,
    words_are_locked,
)
from .rhk_paper import POST

# What came of the work, beside what was done; of the month or the year.
OUTCOMES = (
    "kpm-akhir-bulan",
    "asesmen",
    "naik",
    "turun",
    "tujuan-tercapai",
    "rujukan",
    "rujukan-berakhir-selesai",
    "graduasi",
)
ON_PAPER = 250  # activities in the list; a longer one says how many more there are


def paper_of(report):
    """The report's data, anything JSON can hold; identity numbers and names of families are no part of it."""
    values, lock = values_for(report), latest_lock(report.wilayah_id, report.month)
    coverage = coverage_of({slug: values.get(slug, 0) for slug in MONTH_FIGURES}, lens_of(report))
    code = report.wilayah_id
    areas = dict(Wilayah.objects.filter(code__in=[code, code[:6], code[:4]]).values_list("code", "name"))
    activities = list(activities_of(report)[: ON_PAPER + 1])
    reached = ActivityHousehold.objects.filter(activity__in=activities).order_by().values_list("activity")
    reached = dict(reached.annotate(Count("pk")))
    decided = report.state in MonthlyReport.DONE
    return {
        "month": date_format(report.month, "F Y"),
        "kelurahan": areas.get(code, ""),
        "kecamatan": areas.get(code[:6], ""),
        "kota": areas.get(code[:4], ""),
        "state": report.get_state_display(),
        "locked": _lock_words(report, lock),
        "worker": report.pendamping.name,
        "nip": report.pendamping.nip,
        "post": POST,
        "koordinator": report.decided_by.name if decided else "",
        "koordinator_nip": report.decided_by.nip if decided else "",
        "figures": [
            *(
                [FIGURES[slug].name, values.get(slug, 0), FIGURES[slug].unit, _reached(coverage.get(slug))]
                for slug in MONTH_FIGURES
            ),
            *([["Susulan, di luar angka ini", values[LATE], "kegiatan", NONE]] if values[LATE] else []),
        ],
        "outcomes": _outcomes(report),
        "rhk": [[result.number, result.name, value] for result, value in rhk_values(report, values)],
        "activities": [
            [
                date_format(activity.occurred_on, "j M"),
                activity.kind.name,
                f"{activity.sub_role.role.name}: {activity.sub_role.name}",
                reached.get(activity.pk, 0),
            ]
            for activity in activities[:ON_PAPER]
        ],
        "cut": len(activities) > ON_PAPER,
        "late": [
            [date_format(late.activity.occurred_on, "j M Y"), late.activity.kind.name, late.reason]
            for late in told_late(report)
        ],
        "words": [
            ["Capaian dan perubahan", report.results],
            ["Kendala", report.obstacles],
            ["Rencana bulan depan", report.plans],
        ],
    }


def _outcomes(report):
    lens = lens_of(report)
    values = values_of(OUTCOMES, lens)
    coverage = coverage_of(values, lens)

    def period(figure):
        if figure.source.period.of_month:
            return date_format(lens.month, "F Y")
        return f"tahun {lens.month.year}" if figure.source.period.of_year else "saat dicetak"

    return [
        [
            FIGURES[slug].name,
            values[slug],
            FIGURES[slug].unit,
            period(FIGURES[slug]),
            _reached(coverage.get(slug)),
        ]
        for slug in OUTCOMES
    ]


def _reached(coverage):
    """The target and how much of it was reached, as "20 (60%)"."""
    if coverage is None:
        return NONE
    share = f" ({persen(coverage.share)})" if coverage.target else ""
    return f"{'paling banyak ' if coverage.figure.fewer else ''}{angka(coverage.target)}{share}"


def _lock_words(report, lock):
    """How a locked month is told: version, day and the first half of its hash, where that covers the words too."""
    if lock is None:
        return "belum; angkanya masih dapat berubah"
    day = timezone.localdate(lock.locked_at, zone_of(report.wilayah_id))
    told = f"versi {lock.version}, {date_format(day, 'j F Y')}"
    if words_are_locked(report, lock):
        return f"{told}, sidik {lock.digest[:32]}"
    return f"{told}; analisis di bagian D ditulis sesudahnya"
