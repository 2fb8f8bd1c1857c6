"""The dashboard of each duty: what presses, what changed, what to do; then every figure by topic, and how parts compare."""

from dataclasses import replace

from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from pkh_casework.access import ADMIN, KOORDINATOR, PENDAMPING, SIGNED_IN, access
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from reports.figures.changes import changes
from reports.figures.declared.activities import ROLE_CODES
from reports.figures.declared.locked import lock_state
from reports.figures.declared.registry import FIGURES
from reports.figures.gap import SERVED, gaps, needs
from reports.figures.headlines import watched
from reports.figures.periods import MONTH, PERIODS, YEAR, name_of
from reports.figures.queries import house_counts, sees_people
from reports.figures.targets import coverage_of
from reports.figures.trend import trend_of
from reports.figures.values import by_sub_role, values_by, values_of
from reports.figures.workload import FAR_OFF, outliers
from reports.models import Export
from roles.models import SubRole
from roster.handover import waits_for
from wilayah.models import Wilayah

from .figure import share_of
from .first import actions_of, linked, said_of
from .lens import MONTHS_OFFERED, shell_of, view_of, wider_than
from .tables import ROUTE, colleagues_of, colleagues_table, parts_of, parts_table

# What is told besides the headlines, by topic: the key and title of each with its figures, the one that leads it first.
TOPICS = (
    (
        "topik-keluarga",
        "Keluarga",
        ("kpm-aktif", "dikunjungi-30-hari", "belum-30-hari", "belum-60-hari", "belum-90-hari"),
    ),
    (
        "topik-kunjungan",
        "Kunjungan dan kegiatan",
        ("kpm-dikunjungi", "kunjungan", "tidak-bertemu", "kegiatan", "langkah-terlambat"),
    ),
    (
        "topik-asesmen",
        "Asesmen dan tujuan",
        ("asesmen", "naik", "tetap", "turun", "tujuan-tercapai", "tujuan-terlambat"),
    ),
    (
        "topik-pertemuan",
        "P2K2 dan pelatihan",
        ("p2k2-hadir", "p2k2", "p2k2-rencana", "pelatihan", "pelatihan-hadir"),
    ),
    (
        "topik-rujukan",
        "Rujukan",
        (
            "rujukan-berakhir-selesai",
            "rujukan",
            "rujukan-terbuka",
            "rujukan-dijawab",
            "rujukan-lama-jawab",
        ),
    ),
    (
        "topik-kasus",
        "Kasus dan advokasi",
        ("kasus-terbuka", "kasus-terlambat", "kasus-baru", "advokasi-berjalan"),
    ),
    (
        "topik-bantuan",
        "Pembayaran bantuan",
        ("bantuan-cair", "bantuan-belum-cair", "bantuan-bermasalah", "bantuan-belum-dicek"),
    ),
    (
        "topik-komitmen",
        "Verifikasi komitmen",
        ("komitmen-terpenuhi", "komitmen-belum", "komitmen-dinilai"),
    ),
    (
        "topik-laporan",
        "Laporan",
        ("laporan-disetujui", "laporan-diajukan", "laporan-terkunci", "laporan"),
    ),
    (
        "topik-graduasi",
        "Graduasi",
        ("graduasi", "bertahan-12-bulan", "kembali-rentan", "kpm-dinonaktifkan"),
    ),
)
OF_AREA = (("topik-sumber", "Sumber daya", ("sumber-daya", "sumber-daya-lama")),)
OF_PEOPLE = (
    (
        "topik-kiriman",
        "Kiriman pendamping",
        ("tanpa-kiriman-3-hari", "tanpa-kiriman-7-hari", "kpm-tanpa-pemegang"),
    ),
)
IN_ROLES = tuple(f"kegiatan-{code}" for code in ROLE_CODES)
TREND = ("kpm-dikunjungi", "kegiatan", "p2k2-hadir", "asesmen", "rujukan")
ALERTING = {
    "belum-60-hari": "warn",
    "belum-90-hari": "bad",
    "langkah-terlambat": "warn",
    "tujuan-terlambat": "warn",
    "kasus-terlambat": "bad",
    "bantuan-bermasalah": "warn",
    "kembali-rentan": "bad",
    "tanpa-kiriman-3-hari": "warn",
    "tanpa-kiriman-7-hari": "bad",
    "kpm-tanpa-pemegang": "bad",
}
TONES = {True: " move--naik", False: " move--turun", None: ""}
WORST_SHOWN = 3
OF_MONTH = {"periode": None, "sampai": None}  # of one month, whatever the period looked at
# Without any of these there is nothing to tell of the families here yet.
OWN = ("kpm-aktif", "kegiatan", "kunjungan", "p2k2", "graduasi", "kpm-dinonaktifkan")


@access(SIGNED_IN)
@require_safe
def dashboard(request):
    """What is the asker's, of a month, a tahap or a year: what presses most, what changed, what to do, all figures by topic,
    their trend, and tables that compare the parts.
    """
    if request.user.duty == ADMIN:
        return render_page(request, "reports/dashboard_admin.html", house_counts())
    view = view_of(request, has_periods=True)
    lens, topics = view.lens, topics_of(view)
    now, then = watched(lens)
    values = with_wholes(
        {slug for _, _, slugs in topics for slug in slugs} | now | {*IN_ROLES, "susulan"}, lens
    )
    parts, people = parts_of(view, now), colleagues_of(view, now)
    found, fine = said_of(view, values, then, parts)
    rows = linked(view, found)
    coverage = {} if lens.period else coverage_of(values, lens)  # a target is of one month, or of a year
    context = shell_of(view) | {
        "headlines": rows,
        "fine": fine,
        "actions": actions_of(view, rows, people),
        "changes": _changes(view, values),
        "period_urls": [
            (period, view.url(ROUTE, periode="" if period == MONTH else period, sampai=None))
            for period in PERIODS
        ],
        "topics": _topics(view, topics, values, coverage),
        "locked": lock_state(lens),
        "late": values["susulan"],
        "late_url": view.figure_url("susulan"),
        "roles": [
            {"code": code, "value": values[slug], "url": view.figure_url(slug)}
            for code, slug in zip(ROLE_CODES, IN_ROLES, strict=True)
        ],
        "sub_roles": _sub_roles(view),
        "empty": not any(values[slug] for slug in OWN),
        "trend": _trend(view),
        "worst": _worst(view),
        "gap_url": view.url("reports:gap"),
        "independence_url": view.url("reports:independence", bulan=None, **OF_MONTH),
        "sheet_urls": _sheet_urls(view),
        "tables": [table for table in (parts_table(view, parts), colleagues_table(view, people)) if table],
        "outliers": _outliers(view, people),
        "workload": _workload(view, people),
        "far_off": FAR_OFF,
        "wider": wider_than(view, ROUTE),
        "may_add": sees_people(request.user),
        "recap": Export.objects.news_of_recap(request.user),
        "handovers": waits_for(request.user, lens.today) if request.user.duty == KOORDINATOR else None,
    }
    return render_page(request, "reports/dashboard.html", context)


def topics_of(view):
    """The topics of this view. What belongs to an area is left out where one pendamping is looked at, so that the
    koordinator reads there what the pendamping reads.
    """
    of_one = view.lens.user.duty == PENDAMPING or view.colleague
    topics = TOPICS if of_one or view.lens.rw is not None else TOPICS + OF_AREA
    if view.lens.user.duty == KOORDINATOR and not of_one and view.lens.rw is None:
        topics += OF_PEOPLE
    return topics


def with_wholes(slugs, lens):
    """The values of `slugs`, and of what they are shares of."""
    return values_of({*slugs, *(FIGURES[slug].share_of for slug in slugs)} - {""}, lens)


def _sheet_urls(view):
    """The files for the lurah, of a kelurahan: (its form, its address) each."""
    if view.lens.user.duty == PENDAMPING or view.colleague or view.areas[-1].level != Wilayah.Level.KELURAHAN:
        return []
    return [("PDF", view.url("reports:lurah_pdf")), ("Excel", view.url("reports:lurah_xlsx"))]


def _topics(view, topics, values, coverage):
    return [
        (key, title, [_tile(view, slug, values, coverage) for slug in slugs]) for key, title, slugs in topics
    ]


def _tile(view, slug, values, coverage):
    figure = FIGURES[slug]
    return {
        "figure": figure,
        "value": values[slug],
        "share": share_of(slug, values),
        "whole": FIGURES.get(figure.share_of),
        "coverage": coverage.get(slug),
        "tone": ALERTING.get(slug, "") if values[slug] else "",
        "when": when_of(figure, view.lens),
        "url": view.figure_url(slug),
    }


def when_of(figure, lens):
    """What a figure is of where that is not the period of `lens`."""
    period = figure.source.period
    if period.of_year:
        return "" if lens.period == YEAR else f"tahun {lens.month.year}"
    return "" if period.of_month else "hari ini"


def _changes(view, values):
    """What `changes` tells, each number with the address of its rows."""
    return [
        {
            "figure": FIGURES[slug],
            "value": rows[0].value,
            "url": view.figure_url(slug),
            "rows": [
                {
                    "against": row,
                    "now_url": replace(view, lens=row.lens).figure_url(row.slug),
                    "tone": TONES[row.is_better],
                    "is_own": row.lens == view.lens,
                    "period": name_of(row.lens),
                    "url": replace(view, lens=row.earlier).figure_url(row.earlier_slug),
                }
                for row in rows
            ],
        }
        for slug, rows in changes(view.lens, values)
    ]


def _outliers(view, people):
    """What is far from the middle of the colleagues, each with where to look."""
    return [
        {
            "found": found,
            "url": view.url(ROUTE, pendamping=found.person.pk),
            "figure_url": view.figure_url(found.slug, pendamping=found.person.pk, dari="pendamping"),
        }
        for found in outliers(people or [])
    ]


def _workload(view, people):
    """How many families each pendamping holds, most first, as chart_bar draws it."""
    held = [(person, values["kpm-aktif"]) for person, values in people or []]
    return [
        (person.name, number, view.figure_url("kpm-aktif", pendamping=person.pk, dari="pendamping"))
        for person, number in sorted(held, key=lambda row: -row[1])
    ]


def _sub_roles(view):
    """Activities by sub-role in the order of the roles, as chart_bar draws it; unused ones are left out."""
    by_code = values_by(["kegiatan"], view.lens, by_sub_role)
    return [
        (one.name, by_code[one.code]["kegiatan"], view.figure_url("kegiatan", sub_peran=one.code))
        for one in SubRole.objects.filter(code__in=by_code)
    ]


def _trend(view):
    """The figures of TREND over the year up to the month looked at, each month with the address of its rows."""
    lens = view.lens
    months = [months_after(lens.month, -back) for back in reversed(range(MONTHS_OFFERED))]
    labels = [date_format(month, "M Y") for month in months]
    return [
        {
            "figure": FIGURES[slug],
            "values": values,
            "labels": labels,
            "urls": [view.figure_url(slug, bulan=f"{month:%Y-%m}", **OF_MONTH) for month in months],
            "url": view.figure_url(slug, **OF_MONTH),
        }
        for slug, values in trend_of(TREND, lens, months).items()
    ]


def _worst(view):
    """Of a kelurahan, the needs that are served worst; of a wider area the page of its own tells them."""
    if view.areas[-1].level != Wilayah.Level.KELURAHAN:
        return []
    return [
        {
            "gap": gap,
            "url": view.figure_url("perlu-dibantu", indikator=gap.indicator.code, dari="kesenjangan"),
        }
        for gap in gaps(view.lens, needs(view.lens))[:WORST_SHOWN]
        if gap.state != SERVED
    ]
