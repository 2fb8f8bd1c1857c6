"""The dashboard of each duty: how things stand, what a month brought, how it compares."""

from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from pkh_casework.access import ADMIN, KOORDINATOR, PENDAMPING, SIGNED_IN, access
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from pkh_casework.places import rw_words
from reports.figures.declared.activities import ROLE_CODES
from reports.figures.declared.locked import lock_state
from reports.figures.declared.registry import FIGURES
from reports.figures.gap import SERVED, gaps, needs
from reports.figures.progress import MOST_FAMILIES
from reports.figures.queries import (
    MOST_COLLEAGUES,
    house_counts,
    sees_people,
    values_by_colleague,
    values_by_part,
    values_by_rw,
)
from reports.figures.targets import coverage_of
from reports.figures.trend import trend_of
from reports.figures.values import by_sub_role, values_by, values_of
from reports.figures.workload import FAR_OFF, outliers
from reports.models import Export
from roles.models import SubRole
from roster.handover import waits_for
from wilayah.models import Wilayah

from .figure import share_of
from .lens import MONTHS_OFFERED, shell_of, view_of, wider_than

ROUTE = "reports:dashboard"
# What is shown of now and of a month, by topic: the key and title of each with its figures.
NOW = (
    ("kpm", "KPM", ("kpm-aktif", "dikunjungi-30-hari", "belum-30-hari", "belum-60-hari", "belum-90-hari")),
    (
        "menunggu",
        "Yang menunggu",
        (
            "langkah-terlambat",
            "tujuan-terlambat",
            "kasus-terbuka",
            "kasus-terlambat",
            "advokasi-berjalan",
            "bantuan-bermasalah",
            "bantuan-belum-dicek",
        ),
    ),
)
OF_AREA = (("sumber", "Sumber daya", ("sumber-daya", "sumber-daya-lama")),)
OF_PEOPLE = (
    (
        "kiriman",
        "Kiriman pendamping",
        ("tanpa-kiriman-3-hari", "tanpa-kiriman-7-hari", "kpm-tanpa-pemegang"),
    ),
)
IN_MONTH = (
    (
        "kegiatan-bulan",
        "Kunjungan dan kegiatan",
        ("kpm-dikunjungi", "kunjungan", "tidak-bertemu", "kegiatan"),
    ),
    (
        "pertemuan",
        "P2K2 dan pelatihan",
        ("p2k2-rencana", "p2k2", "p2k2-hadir", "pelatihan", "pelatihan-hadir"),
    ),
    ("komitmen", "Verifikasi komitmen", ("komitmen-dinilai", "komitmen-terpenuhi", "komitmen-belum")),
    ("perubahan", "Asesmen dan tujuan", ("asesmen", "naik", "tetap", "turun", "tujuan-tercapai")),
    (
        "rujukan-bulan",
        "Rujukan dan kasus",
        (
            "rujukan",
            "rujukan-berakhir-selesai",
            "rujukan-terbuka",
            "rujukan-dijawab",
            "rujukan-lama-jawab",
            "kasus-baru",
        ),
    ),
    ("laporan-bulan", "Laporan", ("laporan", "laporan-diajukan", "laporan-disetujui", "laporan-terkunci")),
)
IN_YEAR = ("graduasi", "bertahan-12-bulan", "kembali-rentan", "kpm-dinonaktifkan")
COMPARING = {"naik", "tetap", "turun"}  # read two answers of each family: of no more than MOST_FAMILIES
IN_ROLES = tuple(f"kegiatan-{code}" for code in ROLE_CODES)
TREND = ("kpm-dikunjungi", "kegiatan", "p2k2-hadir", "asesmen", "rujukan")
COLUMNS = (  # of the tables that compare
    "kpm-aktif",
    "dikunjungi-30-hari",
    "belum-60-hari",
    "langkah-terlambat",
    "kpm-dikunjungi",
    "kegiatan",
    "graduasi",
)
RW_COLUMNS = tuple(slug for slug in COLUMNS if FIGURES[slug].source.scope.rw)
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
DRAWN = "dikunjungi-30-hari"  # the column whose share is drawn beside its number
WORST_SHOWN = 3
# Without any of these there is nothing to tell of the families here yet.
OWN = ("kpm-aktif", "kegiatan", "kunjungan", "p2k2", *IN_YEAR)


@access(SIGNED_IN)
@require_safe
def dashboard(request):
    """The figures of what is the asker's, of now and of one month, their trend, and tables that compare its parts."""
    if request.user.duty == ADMIN:
        return render_page(request, "reports/dashboard_admin.html", house_counts())
    view = view_of(request)
    now, month = topics_of(view)
    slugs = [slug for _, _, of_topic in (*now, *month) for slug in of_topic]
    wanted = {*slugs, *IN_ROLES, *IN_YEAR, "susulan"} - COMPARING
    values = _with_wholes(wanted, view.lens)
    if values["kpm-aktif"] <= MOST_FAMILIES:
        values |= _with_wholes(COMPARING, view.lens)
    coverage = coverage_of(values, view.lens)
    people = _colleagues(view)
    context = shell_of(view) | {
        "now": _tiles(view, now, values, coverage),
        "in_month": _tiles(view, month, values, coverage),
        "locked": lock_state(view.lens),
        "late": values["susulan"],
        "late_url": view.figure_url("susulan"),
        "in_year": [_tile(view, slug, values, coverage) for slug in IN_YEAR],
        "too_many_to_compare": MOST_FAMILIES if values["kpm-aktif"] > MOST_FAMILIES else None,
        "roles": [
            {"code": code, "value": values[slug], "url": view.figure_url(slug)}
            for code, slug in zip(ROLE_CODES, IN_ROLES, strict=True)
        ],
        "sub_roles": _sub_roles(view),
        "empty": not any(values[slug] for slug in OWN if slug in values),
        "trend": _trend(view),
        "worst": _worst(view),
        "gap_url": view.url("reports:gap"),
        "independence_url": view.url("reports:independence", bulan=None),
        "tables": [table for table in (_parts_table(view), _colleagues_table(view, people)) if table],
        "outliers": _outliers(view, people),
        "workload": _workload(view, people),
        "far_off": FAR_OFF,
        "wider": wider_than(view, ROUTE),
        "may_add": sees_people(request.user),
        "recap": Export.objects.news_of_recap(request.user),
        "handovers": waits_for(request.user, view.lens.today) if request.user.duty == KOORDINATOR else None,
    }
    return render_page(request, "reports/dashboard.html", context)


def topics_of(view):
    """(topics of now, topics of the month) of this view. What belongs to an area is left out where one pendamping is
    looked at, so that the koordinator reads there what the pendamping reads.
    """
    of_one = view.lens.user.duty == PENDAMPING or view.colleague
    now = NOW if of_one or view.lens.rw is not None else NOW + OF_AREA
    if view.lens.user.duty == KOORDINATOR and not of_one and view.lens.rw is None:
        now += OF_PEOPLE
    return now, IN_MONTH


def _with_wholes(slugs, lens):
    """The values of `slugs`, and of what they are shares of."""
    return values_of({*slugs, *(FIGURES[slug].share_of for slug in slugs)} - {""}, lens)


def _tiles(view, topics, values, coverage):
    return [
        (key, title, [_tile(view, slug, values, coverage) for slug in slugs if slug in values])
        for key, title, slugs in topics
    ]


def _tile(view, slug, values, coverage):
    return {
        "figure": FIGURES[slug],
        "value": values[slug],
        "share": share_of(slug, values),
        "whole": FIGURES.get(FIGURES[slug].share_of),
        "coverage": coverage.get(slug),
        "tone": ALERTING.get(slug, "") if values[slug] else "",
        "url": view.figure_url(slug),
    }


def _table(view, title, label, slugs, rows, note=""):
    """A table of `rows`, each of an id, a name, the changes of the lens that narrow it to the row, and the values.

    A row's name opens the dashboard of the row, its numbers the rows behind them; `dari` leads back to the table.
    """
    labels = [
        f"{FIGURES[slug].heading} {_period(view.lens, FIGURES[slug].source.period)}".rstrip()
        for slug in slugs
    ]
    return {
        "title": title,
        "label": label,
        "columns": labels,
        "note": note,
        "rows": [
            {
                "id": f"{param}-{value}",
                "name": name,
                "url": view.url(ROUTE, **{param: value}),
                "cells": [
                    {
                        "label": text,
                        "value": values[slug],
                        "url": view.figure_url(slug, **{param: value}, dari=param),
                    }
                    | (_drawn_share(slug, values) if slug == DRAWN else {})
                    for slug, text in zip(slugs, labels, strict=True)
                ],
            }
            for param, value, name, values in rows
        ],
    }


def _drawn_share(slug, values):
    """A cell's share of its whole, as a fraction and as the length of its bar."""
    share = share_of(slug, values)
    return {"share": share, "bar": f"{share or 0:.0%}"}


def _period(lens, period):
    """The month or year that figures of `period` are of, short; "" for those of now."""
    return date_format(lens.month, "M") if period.of_month else str(lens.month.year) if period.of_year else ""


def _parts_table(view):
    """The parts of the area looked at: its RWs, or the areas one level down."""
    lens, level = view.lens, view.areas[-1].level
    if level == Wilayah.Level.KELURAHAN:
        if lens.rw is not None:
            return None
        rows = [("rw", rw, rw_words(rw), values) for rw, values in values_by_rw(RW_COLUMNS, lens)]
        note = "RW menurut alamat sekarang; KPM yang sudah pindah hanya masuk jumlah seluruhnya."
        return _table(view, "Per RW", "RW", RW_COLUMNS, rows, note)
    rows = [("wilayah", part.code, part.name, values) for part, values in values_by_part(COLUMNS, lens)]
    label = Wilayah.Level(level + 1).label
    return _table(view, f"Per {label}", label.capitalize(), COLUMNS, rows)


def _colleagues(view):
    """The pendamping of the area looked at with their values, for a koordinator; None for others or too many."""
    if view.lens.user.duty != KOORDINATOR or view.colleague:
        return None
    return values_by_colleague(COLUMNS, view.lens)


def _colleagues_table(view, people):
    if view.lens.user.duty != KOORDINATOR or view.colleague:
        return None
    note = (
        "KPM dan langkah dihitung pada pendamping yang memegangnya hari ini; kegiatan dan kunjungan pada "
        "pendamping yang melakukannya."
    )
    if people is None:
        note = (
            f"Ada lebih dari {MOST_COLLEAGUES} pendamping di sini. Pilih wilayah yang lebih kecil untuk membandingkannya "
            "dan melihat beban kerjanya."
        )
    rows = [("pendamping", person.pk, person.name, values) for person, values in people or []]
    return _table(view, "Per pendamping", "Pendamping", COLUMNS, rows, note)


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
            "urls": [view.figure_url(slug, bulan=f"{month:%Y-%m}") for month in months],
            "url": view.figure_url(slug),
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
