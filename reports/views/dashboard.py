"""The dashboard of each duty."""

from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from pkh_casework.htmx import render_page
from pkh_casework.policy import ADMIN, KOORDINATOR
from reports.figures import FIGURES, ROLE_CODES
from reports.operations.recap import waiting_recap
from reports.queries import (
    graduation_target,
    house_counts,
    sees_people,
    values_by_colleague,
    values_by_part,
    values_by_rw,
)
from reports.values import values_of
from wilayah.models import Wilayah

from .figure import share_of
from .lens import shell_of, view_of, wider_than

NOW = (
    "kpm-aktif",
    "dikunjungi-30-hari",
    "belum-30-hari",
    "belum-60-hari",
    "belum-90-hari",
    "langkah-terlambat",
)
IN_MONTH = ("kpm-dikunjungi", "kunjungan", "tidak-bertemu", "kegiatan", "p2k2-rencana", "p2k2", "p2k2-hadir")
IN_YEAR = ("graduasi", "bertahan-12-bulan", "kembali-rentan")
WHOLES = ("cek-12-bulan", "p2k2-anggota")  # what a share is told of, without a tile of their own
IN_ROLES = tuple(f"kegiatan-{code}" for code in ROLE_CODES)
COLUMNS = {  # of the tables that compare, with names short enough for a heading
    "kpm-aktif": "KPM aktif",
    "dikunjungi-30-hari": "Dikunjungi 30 hari",
    "belum-60-hari": "Belum 60 hari",
    "langkah-terlambat": "Langkah terlambat",
    "kpm-dikunjungi": "KPM dikunjungi",
    "kegiatan": "Kegiatan",
    "graduasi": "Graduasi",
}
RW_COLUMNS = tuple(slug for slug in COLUMNS if FIGURES[slug].source.rw)
ALERTING = {"belum-60-hari": "warn", "belum-90-hari": "bad", "langkah-terlambat": "warn"}


# --- the dashboard -----------------------------------------------------------------------------------------------------


@require_safe
def dashboard(request):
    """The figures of what is the asker's, of now and of one month, and tables that compare its parts."""
    if request.user.duty == ADMIN:
        return render_page(request, "reports/dashboard_admin.html", house_counts())
    view = view_of(request)
    values = values_of([*NOW, *IN_MONTH, *IN_ROLES, *IN_YEAR, *WHOLES], view.lens)
    context = shell_of(view) | {
        "now": [_tile(view, slug, values) for slug in NOW],
        "in_month": [_tile(view, slug, values) for slug in IN_MONTH],
        "in_year": [_tile(view, slug, values) for slug in IN_YEAR],
        "target": graduation_target(view.lens, view.colleague),
        "roles": [
            {"code": code, "value": values[slug], "url": view.figure_url(slug)}
            for code, slug in zip(ROLE_CODES, IN_ROLES, strict=True)
        ],
        "empty": not any(values.values()),
        "tables": [table for table in (_parts_table(view), _colleagues_table(view)) if table],
        "gap_url": view.url("reports:gap"),
        "wider": wider_than(view, "reports:dashboard"),
        "definitions": [FIGURES[slug] for slug in (*NOW, *IN_MONTH, *IN_YEAR)],
        "may_add": sees_people(request.user),
        "recap": waiting_recap(request.user),
    }
    return render_page(request, "reports/dashboard.html", context)


def _tile(view, slug, values):
    return {
        "figure": FIGURES[slug],
        "value": values[slug],
        "share": share_of(slug, values),
        "whole": FIGURES.get(FIGURES[slug].share_of),
        "tone": ALERTING.get(slug, "") if values[slug] else "",
        "url": view.figure_url(slug),
    }


def _table(view, title, label, slugs, rows, note=""):
    """A table of `rows`, each of an id, a name, the changes of the lens that narrow it to the row, and the values.

    A row's name opens the dashboard of the row, its numbers the rows behind them; `dari` leads back to the table.
    """
    labels = [f"{COLUMNS[slug]} {_period(view.lens, FIGURES[slug].source)}".rstrip() for slug in slugs]
    return {
        "title": title,
        "label": label,
        "columns": labels,
        "note": note,
        "rows": [
            {
                "id": f"{param}-{value}",
                "name": name,
                "url": view.url("reports:dashboard", **{param: value}),
                "cells": [
                    {
                        "label": text,
                        "value": values[slug],
                        "share": share_of(slug, values) if slug == "dikunjungi-30-hari" else None,
                        "url": view.figure_url(slug, **{param: value}, dari=param),
                    }
                    for slug, text in zip(slugs, labels, strict=True)
                ],
            }
            for param, value, name, values in rows
        ],
    }


def _period(lens, source):
    """The month or year that figures of `source` are of, short; "" for those of now."""
    return date_format(lens.month, "M") if source.of_month else str(lens.month.year) if source.of_year else ""


def _parts_table(view):
    """The parts of the area looked at: its RWs, or the areas one level down."""
    lens, level = view.lens, view.areas[-1].level
    if level == Wilayah.Level.KELURAHAN:
        if lens.rw:
            return None
        rows = [("rw", rw, f"RW {rw:02}", values) for rw, values in values_by_rw(RW_COLUMNS, lens)]
        note = "RW menurut alamat sekarang; KPM yang sudah pindah hanya masuk jumlah seluruhnya."
        return _table(view, "Per RW", "RW", RW_COLUMNS, rows, note)
    rows = [("wilayah", part.code, part.name, values) for part, values in values_by_part(COLUMNS, lens)]
    label = Wilayah.Level(level + 1).label
    return _table(view, f"Per {label}", label.capitalize(), COLUMNS, rows)


def _colleagues_table(view):
    """The pendamping of the area looked at, for a koordinator."""
    if view.lens.user.duty != KOORDINATOR or view.colleague:
        return None
    people = values_by_colleague(COLUMNS, view.lens)
    note = (
        "KPM dan langkah dihitung pada pendamping yang memegangnya hari ini; kegiatan dan kunjungan pada "
        "pendamping yang melakukannya."
    )
    if people is None:
        note = "Pilih satu wilayah di atas untuk membandingkan pendampingnya."
    rows = [("pendamping", person.pk, person.name, values) for person, values in people or []]
    return _table(view, "Per pendamping", "Pendamping", COLUMNS, rows, note)
