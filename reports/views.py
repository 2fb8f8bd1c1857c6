"""The dashboard of each duty, and the rows behind each of its figures."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.models import User
from kpm.models import Household
from pkh_casework.htmx import render_page
from pkh_casework.policy import ADMIN, KOORDINATOR, PENDAMPING
from roles.models import Activity
from wilayah.clock import local_today
from wilayah.models import Wilayah

from .figures import FAMILIES, FIGURES, ROLE_CODES, STEPS, Lens, values_of
from .queries import (
    BadCursor,
    figure_page,
    house_counts,
    narrowable_pendamping,
    sees_people,
    values_by_colleague,
    values_by_part,
    values_by_rw,
)

MONTHS_OFFERED = 13
TABLES = {"rw", "wilayah", "pendamping"}  # what a number may be pressed in, besides a tile
NOW = (
    "kpm-aktif",
    "dikunjungi-30-hari",
    "belum-30-hari",
    "belum-60-hari",
    "belum-90-hari",
    "langkah-terlambat",
)
IN_MONTH = ("kpm-dikunjungi", "kunjungan", "tidak-bertemu", "kegiatan")
IN_ROLES = tuple(f"kegiatan-{code}" for code in ROLE_CODES)
COLUMNS = {  # of the tables that compare, with names short enough for a heading
    "kpm-aktif": "KPM aktif",
    "dikunjungi-30-hari": "Dikunjungi 30 hari",
    "belum-60-hari": "Belum 60 hari",
    "langkah-terlambat": "Langkah terlambat",
    "kpm-dikunjungi": "KPM dikunjungi",
    "kegiatan": "Kegiatan",
}
RW_COLUMNS = tuple(slug for slug in COLUMNS if FIGURES[slug].source.rw)
ALERTING = {"belum-60-hari": "warn", "belum-90-hari": "bad", "langkah-terlambat": "warn"}


@dataclass(frozen=True)
class View:
    """A lens with what a page says about it: the areas from the asker's own down to the one looked at, and the
    pendamping narrowed to.
    """

    lens: Lens
    areas: list[Wilayah]
    colleague: User | None

    def url(self, route, *args, anchor="", **changes):
        """The address of `route` through this lens; `changes` replace single values, "" or None drops one."""
        lens = self.lens
        query = {
            "bulan": f"{lens.month:%Y-%m}",
            "wilayah": lens.area,
            "rw": lens.rw,
            "pendamping": lens.pendamping_id,
        } | changes
        query = urlencode({name: value for name, value in query.items() if value})
        return f"{reverse(route, args=args)}?{query}" + (f"#{anchor}" if anchor else "")

    def figure_url(self, slug, **changes):
        return self.url("reports:figure_rows", slug, **changes)


# --- reading the address ---------------------------------------------------------------------------------------------


def _month_of(text, today):
    """The first day of the month that `text` (2026-11) names; this month when it names none or one to come."""
    this_month = today.replace(day=1)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        return this_month
    try:
        return min(date.fromisoformat(f"{text}-01"), this_month)
    except ValueError:
        return this_month


def _number(text, most):
    """A number from 1 to `most` in `text`, None when `text` is empty; anything else is a page that isn't there."""
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text) or not 1 <= int(text) <= most:
        raise Http404("not a number")
    return int(text)


def _view_of(request):
    """Read the lens from the address. Raises Http404 for an area or pendamping that is not the asker's."""
    user, today = request.user, local_today()
    area = request.GET.get("wilayah", "")
    if area and not (re.fullmatch(r"[0-9]{2,10}", area) and area.startswith(user.wilayah_id)):
        raise Http404("another area")
    here = area or user.wilayah_id
    above = [here[:digits] for digits in (2, 4, 6, 10) if len(user.wilayah_id) <= digits <= len(here)]
    areas = list(Wilayah.objects.filter(code__in=above))
    if not areas or areas[-1].code != here:
        raise Http404("no such area")
    if area == user.wilayah_id and user.duty != PENDAMPING:  # the scope itself, not a narrower part of it
        area = ""
    rw = _number(request.GET.get("rw", ""), most=999)
    if rw and areas[-1].level != Wilayah.Level.KELURAHAN:
        raise Http404("an RW of no kelurahan")
    month = _month_of(request.GET.get("bulan", ""), today)
    pendamping_id = _number(request.GET.get("pendamping", ""), most=2**63 - 1)
    colleague = narrowable_pendamping(user, pendamping_id) if pendamping_id else None
    if pendamping_id and not colleague:
        raise Http404("another pendamping")
    lens = Lens(user=user, today=today, month=month, area=area, rw=rw, pendamping_id=pendamping_id)
    return View(lens, areas, colleague)


def _months(view):
    """The months to choose from, newest first, with the one looked at."""
    months, month = [], view.lens.today.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return months if view.lens.month in months else [*months, view.lens.month]


def _shell(view):
    """What both pages say of the lens, and the fields that a change of month keeps."""
    lens = view.lens
    kept = {"wilayah": lens.area, "rw": lens.rw, "pendamping": lens.pendamping_id}
    return {
        "lens": lens,
        "area": view.areas[-1],
        "colleague": view.colleague,
        "months": _months(view),
        "kept": {name: value for name, value in kept.items() if value},
    }


# --- the dashboard -----------------------------------------------------------------------------------------------------


@require_safe
def dashboard(request):
    """The figures of what is the asker's, of now and of one month, and tables that compare its parts."""
    if request.user.duty == ADMIN:
        return render_page(request, "reports/dashboard_admin.html", house_counts())
    view = _view_of(request)
    values = values_of([*NOW, *IN_MONTH, *IN_ROLES], view.lens)
    context = _shell(view) | {
        "now": [_tile(view, slug, values) for slug in NOW],
        "in_month": [_tile(view, slug, values) for slug in IN_MONTH],
        "roles": [
            {"code": code, "value": values[slug], "url": view.figure_url(slug)}
            for code, slug in zip(ROLE_CODES, IN_ROLES, strict=True)
        ],
        "empty": not any(values.values()),
        "tables": [table for table in (_parts_table(view), _colleagues_table(view)) if table],
        "wider": _wider(view),
        "definitions": [FIGURES[slug] for slug in (*NOW, *IN_MONTH)],
        "may_add": sees_people(request.user),
    }
    return render_page(request, "reports/dashboard.html", context)


def _share(slug, values):
    """The figure as a fraction of the one it is a part of; None where there is none, or nothing to divide by."""
    whole = values.get(FIGURES[slug].share_of)
    return values[slug] / whole if whole else None


def _tile(view, slug, values):
    return {
        "figure": FIGURES[slug],
        "value": values[slug],
        "share": _share(slug, values),
        "tone": ALERTING.get(slug, "") if values[slug] else "",
        "url": view.figure_url(slug),
    }


def _table(view, title, label, slugs, rows, note=""):
    """A table of `rows`, each of an id, a name, the changes of the lens that narrow it to the row, and the values.

    A row's name opens the dashboard of the row, its numbers the rows behind them; `dari` leads back to the table.
    """
    month = date_format(view.lens.month, "M")
    labels = [COLUMNS[slug] + (f" {month}" if FIGURES[slug].source.of_month else "") for slug in slugs]
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
                        "share": _share(slug, values) if slug == "dikunjungi-30-hari" else None,
                        "url": view.figure_url(slug, **{param: value}, dari=param),
                    }
                    for slug, text in zip(slugs, labels, strict=True)
                ],
            }
            for param, value, name, values in rows
        ],
    }


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


def _wider(view):
    """The way back to a wider view, as url and name; None at the top."""
    lens, areas = view.lens, view.areas
    if view.colleague and lens.user.duty == KOORDINATOR:
        anchor = f"pendamping-{view.colleague.pk}"
        return {"url": view.url("reports:dashboard", pendamping=None, anchor=anchor), "name": areas[-1].name}
    if lens.rw:
        return {"url": view.url("reports:dashboard", rw=None, anchor=f"rw-{lens.rw}"), "name": areas[-1].name}
    if len(areas) > 1:
        up, here = areas[-2], areas[-1]
        return {
            "url": view.url("reports:dashboard", wilayah=up.code, anchor=f"wilayah-{here.code}"),
            "name": up.name,
        }
    return None


# --- the rows behind a figure ------------------------------------------------------------------------------------------


@require_safe
def figure_rows(request, slug):
    """The rows that one figure counts, through the same lens, with its meaning; 50 a page."""
    figure = FIGURES.get(slug)
    if figure is None:
        raise Http404("no such figure")
    view, came_from = _view_of(request), request.GET.get("dari")
    if came_from not in TABLES:
        came_from = ""
    try:
        rows, cursor = figure_page(figure, view.lens, request.GET.get("sesudah", ""))
    except BadCursor as error:
        raise Http404("no such place in the list") from error
    for row in rows:
        row["url"] = _row_url(row)
        row["tone"] = _row_tone(row, figure, view.lens)
    values = values_of([slug, figure.share_of] if figure.share_of else [slug], view.lens)
    shell = _shell(view)
    if came_from:
        shell["kept"]["dari"] = came_from
    context = shell | {
        "figure": figure,
        "value": values[slug],
        "share": _share(slug, values),
        "whole": values.get(figure.share_of),
        "rows": rows,
        "next_url": view.figure_url(slug, sesudah=cursor, dari=came_from) if cursor else "",
        "later_page": "sesudah" in request.GET,
        "first_url": view.figure_url(slug, dari=came_from),
        "back_url": _back_url(view, slug, came_from),
    }
    return render_page(request, "reports/figure_rows.html", context, part="figure-rows")


def _row_url(row):
    """Where a row leads: a visit or an activity to its page, else to the family's; "" where the asker may not go."""
    if "activity_key" in row and "step" not in row:
        return Activity(pk=row["activity_key"]).get_absolute_url()
    family = row.get("family")
    if family and "name" in family:
        return Household(case_number=family["case_number"]).get_absolute_url()
    return ""


def _row_tone(row, figure, lens):
    """How urgent the day of a row of now is, as the suffix of a pill's class; a month's rows are neutral."""
    if figure.source is STEPS:
        return "overdue"
    if figure.source is not FAMILIES:
        return "none"
    if row["day"] is None or row["day"] < lens.days_ago(60):
        return "overdue"
    return "ok" if row["day"] >= lens.days_ago(30) else "soon"


def _back_url(view, slug, came_from):
    """The place on the dashboard that the number was pressed on: a tile, or a row of the table `came_from`."""
    lens, areas = view.lens, view.areas
    if came_from == "rw" and lens.rw:
        return view.url("reports:dashboard", rw=None, anchor=f"rw-{lens.rw}")
    if came_from == "pendamping" and view.colleague:
        return view.url("reports:dashboard", pendamping=None, anchor=f"pendamping-{view.colleague.pk}")
    if came_from == "wilayah" and len(areas) > 1:
        return view.url("reports:dashboard", wilayah=areas[-2].code, anchor=f"wilayah-{areas[-1].code}")
    return view.url("reports:dashboard", anchor=slug)
