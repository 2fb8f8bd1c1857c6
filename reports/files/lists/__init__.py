"""Every list of the house that may leave it as a file: what is in it, for whom, and in which words.

A list is named by its slug, the rows behind a figure by `angka/<slug of the figure>`. Its rows come from the very
functions that its page uses, so that a file holds what the page shows and nothing beyond the asker's scope.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import date_format

from kpm.models import Household
from pkh_casework.asked import asked_number, asked_text, month_of
from pkh_casework.templatetags.formats import tanggal
from reports.figures import FIGURES, Lens, queries
from roles.models import SubRole
from wilayah.models import Wilayah

from .columns import Asked, Column, List, cells
from .families import ASSESSMENTS, FAMILIES, GOALS, GRADUATIONS, LEVELS, REFERRALS, person_name
from .network import EXITS, GROUPS, PARTNERS, TRAINERS
from .people import PEOPLE, REPORTS
from .work import ACTIVITIES, ATTENDANCE, CHECKS, PLACES, RESOURCES, SESSIONS, TRAININGS, VISITS

__all__ = ["LISTS", "Asked", "Column", "List", "Wanted", "asked_by", "cells", "name_of", "wanted"]

OFFERED = (
    FAMILIES,
    ACTIVITIES,
    ASSESSMENTS,
    GOALS,
    REFERRALS,
    SESSIONS,
    ATTENDANCE,
    TRAININGS,
    PLACES,
    GRADUATIONS,
    GROUPS,
    EXITS,
    RESOURCES,
    PARTNERS,
    TRAINERS,
)
LISTS = {one.slug: one for one in OFFERED}
BY_MODEL = {one.model: one for one in (*OFFERED, VISITS, CHECKS, LEVELS, PEOPLE, REPORTS)}
OF_FIGURE = "angka/"
FROM, TO = "dari", "sampai"
OF_LENS = ("bulan", "wilayah", "rw", "pendamping", "indikator", "sub_peran")


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for: the list, its rows for the asker, its name, the filters as (name, value) words, and the
    query that says the same again.
    """

    of: List
    rows: QuerySet
    name: str
    filters: list[tuple[str, str]]
    query: str


def wanted(what, asked):
    """The Wanted that `what` names for Asked, or None when there is no such list."""
    if what.startswith(OF_FIGURE):
        figure = FIGURES.get(what.removeprefix(OF_FIGURE))
        return figure and _of_figure(figure, asked)
    of = LISTS.get(what)
    return of and _of_list(of, asked)


def _of_list(of, asked):
    rows, filters, query = of.rows(asked), [], {}
    for name, (label, words) in of.keeps.items():
        if value := asked_text(asked.GET, name):
            query[name] = value
            if value := _in_words(words, asked, value):
                filters.append((label, value))
    if of.day:
        for name, label, lookup in ((FROM, "Sejak", "gte"), (TO, "Sampai", "lte")):
            if day := _day(asked.GET, name):
                rows = rows.filter(**{f"{of.day}__{lookup}": day})
                query[name] = day.isoformat()
                filters.append((label, tanggal(day)))
    return Wanted(of, rows, of.name, filters, urlencode(query))


def _in_words(words, asked, value):
    """A value of the address as people say it; "" for one that asks nothing."""
    if words is None:
        return value
    if isinstance(words, dict):
        return str(words.get(value, ""))
    return (value.isalnum() and len(value) < 20 and words(asked, value)) or ""


def _day(query, name):
    try:
        return date.fromisoformat(asked_text(query, name))
    except ValueError:
        return None


def _of_figure(figure, asked):
    lens, query = lens_of(asked), {name: asked_text(asked.GET, name) for name in OF_LENS}
    if figure.of_one and not lens.indicator:  # as its page does
        query["indikator"] = queries.indicators(asked.today)[0].code
        lens = replace(lens, indicator=query["indikator"])
    area = Wilayah.objects.filter(pk=lens.here).first()
    if area is None:
        return None
    rows = figure.rows(lens)
    of = FAMILIES if figure.once_per_family else BY_MODEL[rows.model]
    if figure.once_per_family:
        rows = Household.objects.filter(pk__in=rows.order_by().values("household"))
    filters = [("Wilayah", area.name)]
    if figure.source.period.of_month:
        filters.append(("Bulan", date_format(lens.month, "F Y")))
    elif figure.source.period.of_year:
        filters.append(("Tahun", str(lens.month.year)))
    if lens.rw:
        filters.append(("RW", f"{lens.rw:02}"))
    if lens.pendamping_id and not asked.user.is_pendamping:
        filters.append(("Pendamping", person_name(asked, lens.pendamping_id) or "–"))
    if lens.indicator:
        names = (one.name for one in queries.indicators(asked.today) if one.code == lens.indicator)
        filters.append(("Indikator", next(names, lens.indicator)))
    if lens.sub_role:
        name = SubRole.objects.filter(pk=lens.sub_role).values_list("name", flat=True).first()
        filters.append(("Sub-peran", name or lens.sub_role))
    query = urlencode({name: value for name, value in query.items() if value})
    return Wanted(of, rows.order_by("pk"), figure.name, filters, query)


def lens_of(asked):
    """The Lens that the query names. The page has checked it; whatever it says, it stays within the asker's scope."""
    area = asked_text(asked.GET, "wilayah")
    area = area if re.fullmatch(r"[0-9]{2,10}", area) and area.startswith(asked.user.wilayah_id) else ""
    month = month_of(asked_text(asked.GET, "bulan"), asked.today)
    rw, person = asked_number(asked.GET, "rw"), asked_number(asked.GET, "pendamping")
    codes = {"indicator": asked_text(asked.GET, "indikator"), "sub_role": asked_text(asked.GET, "sub_peran")}
    return Lens(asked.user, asked.today, month, area, rw, person, **codes)


def asked_by(user, query, today):
    """The Asked of a stored query (str)."""
    return Asked(user, QueryDict(query), today)


def name_of(what):
    """How people call the list `what`."""
    if what.startswith(OF_FIGURE):
        figure = FIGURES.get(what.removeprefix(OF_FIGURE))
        return figure.name if figure else what
    return LISTS[what].name if what in LISTS else what.capitalize()
