"""The tables of a dashboard that compare its parts: areas or RWs, and pendamping."""

from pkh_casework.access import KOORDINATOR
from pkh_casework.places import rw_words
from reports.figures.declared.registry import FIGURES
from reports.figures.headlines import Part
from reports.figures.periods import short_name_of
from reports.figures.queries import MOST_COLLEAGUES, values_by_colleague, values_by_part, values_by_rw
from wilayah.models import Wilayah

from .figure import share_of

ROUTE = "reports:dashboard"
COLUMNS = (
    "kpm-aktif",
    "dikunjungi-30-hari",
    "belum-60-hari",
    "langkah-terlambat",
    "kpm-dikunjungi",
    "kegiatan",
    "graduasi",
)
RW_COLUMNS = tuple(slug for slug in COLUMNS if FIGURES[slug].source.scope.rw)
DRAWN = "dikunjungi-30-hari"  # the column whose share is drawn beside its number


def table_of(view, title, label, slugs, rows, note=""):
    """A table of `rows`, each of an id, a name, the changes of the lens that narrow it to the row, and the values.

    A row's name opens the dashboard of the row, its numbers the rows behind them; `dari` leads back to the table.
    """
    labels = [
        f"{FIGURES[slug].heading} {_period(view.lens, FIGURES[slug].source)}".rstrip() for slug in slugs
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


def _period(lens, source):
    """The month, tahap or year that figures of `source` are of, short; "" for those of now."""
    if source.period.of_year:
        return str(lens.month.year)
    return short_name_of(source.seen(lens)) if source.period.of_month else ""


def parts_of(view, slugs):
    """The Parts of the area looked at, with the columns of their table and the figures `slugs` as far as these can be told of
    places: its RWs, or the areas one level down; none of one RW.
    """
    lens = view.lens
    if view.areas[-1].level != Wilayah.Level.KELURAHAN:
        slugs = [slug for slug in {*COLUMNS, *slugs} if FIGURES[slug].source.scope.area]
        return [Part("wilayah", part.code, part.name, values) for part, values in values_by_part(slugs, lens)]
    if lens.rw is not None:
        return []
    slugs = [slug for slug in {*RW_COLUMNS, *slugs} if FIGURES[slug].source.scope.rw]
    return [Part("rw", rw, rw_words(rw), values) for rw, values in values_by_rw(slugs, lens)]


def parts_table(view, parts):
    """The table of these parts; None where there can be none."""
    rows = [(part.param, part.key, part.name, part.values) for part in parts]
    if view.areas[-1].level == Wilayah.Level.KELURAHAN:
        note = "RW menurut alamat sekarang; KPM yang sudah pindah hanya masuk jumlah seluruhnya."
        return None if view.lens.rw is not None else table_of(view, "Per RW", "RW", RW_COLUMNS, rows, note)
    label = Wilayah.Level(view.areas[-1].level + 1).label
    return table_of(view, f"Per {label}", label.capitalize(), COLUMNS, rows)


def colleagues_of(view, slugs):
    """The pendamping of the area looked at with the columns of their table and the figures `slugs` as far as these can be told
    of people, for a koordinator; None for others or too many.
    """
    if view.lens.user.duty != KOORDINATOR or view.colleague:
        return None
    slugs = [slug for slug in {*COLUMNS, *slugs} if FIGURES[slug].source.scope.pendamping]
    return values_by_colleague(slugs, view.lens)


def colleagues_table(view, people):
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
    return table_of(view, "Per pendamping", "Pendamping", COLUMNS, rows, note)
