"""Every list of the house that may leave it as a file: what is in it, for whom, and in which words.

A list is named by its slug, the rows behind a figure by `angka/<slug of the figure>`. Its rows come from the very
Listing that its page uses, so that a file holds what the page shows, nothing beyond the asker's scope, and says by which
filters.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet

from accounts.models import User
from kpm.models import Household
from pkh_casework.asked import asked_day, asked_number, asked_text, month_of
from pkh_casework.listing import Listing
from pkh_casework.places import rw_words
from pkh_casework.templatetags.formats import tanggal
from reports.figures import FIGURES, Lens, periods, queries
from reports.figures.declared.locked import households_in_force, lock_state, rows_in_force
from reports.models import Export
from roles.models import SubRole
from wilayah.models import Wilayah

from .columns import List, ListColumn, cells
from .families import ASSESSMENTS, CHANGES, FAMILIES, GOALS, GRADUATIONS, LEVELS, REFERRALS
from .network import EXITS, GROUPS, PARTNERS, TRAINERS
from .people import DUTIES, PEOPLE, REPORTS
from .work import (
    ACTIVITIES,
    ATTENDANCE,
    CHECKS,
    COMMITMENTS,
    INCIDENTS,
    PAYMENTS,
    PLACES,
    RESOURCES,
    SESSIONS,
    TRAININGS,
    VISITS,
)

__all__ = ["LISTS", "List", "ListColumn", "Wanted", "cells", "name_of", "wanted"]

OFFERED = (
    FAMILIES,
    ACTIVITIES,
    ASSESSMENTS,
    GOALS,
    REFERRALS,
    SESSIONS,
    ATTENDANCE,
    COMMITMENTS,
    INCIDENTS,
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
BY_MODEL = {
    one.model: one for one in (*OFFERED, VISITS, PAYMENTS, CHECKS, CHANGES, LEVELS, PEOPLE, REPORTS, DUTIES)
}
OF_FIGURE = "angka/"
PERIOD = (("dari", "Sejak", "gte"), ("sampai", "Sampai", "lte"))
OF_LENS = ("bulan", "periode", "sampai", "wilayah", "rw", "pendamping", "indikator", "sub_peran")


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for: the list, its rows for the asker, its name, the filters in force as (name, value) words,
    the query that asks the same again, and the asker: a Listing or a Lens.
    """

    of: List
    rows: QuerySet
    name: str
    filters: list[tuple[str, str]]
    query: str
    asker: Listing | Lens


def wanted(what, query, *, user, today):
    """The Wanted that `what` names with an address's `query` (a QueryDict), or None when there is no such list."""
    if what.startswith(OF_FIGURE):
        figure = FIGURES.get(what.removeprefix(OF_FIGURE))
        return figure and _of_figure(figure, query, user, today)
    of = LISTS.get(what)
    return of and _of_list(of, query, user, today)


def _of_list(of, query, user, today):
    listing = of.listing(query, user=user, today=today)
    rows, told, asked = listing.rows, listing.told, listing.address
    for name, label, lookup in PERIOD if of.day else ():
        if day := asked_day(query, name):
            rows = rows.filter(**{f"{of.day}__{lookup}": day})
            told.append((label, tanggal(day)))
            asked[name] = day.isoformat()
    return Wanted(of, rows, of.name, told, urlencode(asked), listing)


def _of_figure(figure, query, user, today):
    lens, asked = lens_of(query, user, today), {name: asked_text(query, name) for name in OF_LENS}
    if figure.of_one and not lens.indicator:  # as its page does
        asked["indikator"] = queries.indicators(today)[0].code
        lens = replace(lens, indicator=asked["indikator"])
    area = Wilayah.objects.filter(pk=lens.here).first()
    if area is None:
        return None
    lens = figure.source.seen(lens)
    rows = rows_in_force(figure, lens)
    of = FAMILIES if figure.once_per_family else BY_MODEL[rows.model]
    if figure.once_per_family:
        rows = Household.objects.filter(pk__in=households_in_force(figure, lens))
    asked = urlencode({name: value for name, value in asked.items() if value})
    return Wanted(of, rows.order_by("pk"), figure.name, _told(figure, lens, area), asked, lens)


def _told(figure, lens, area):
    """The filters that `lens` sets on `figure`, as (name, value) words."""
    told = [("Wilayah", area.name)]
    if figure.source.period.of_month:
        told.append(("Periode" if lens.period else "Bulan", periods.name_of(lens)))
        if figure.source.frozen:
            told.append(("Kuncian bulan", lock_state(lens).words))
    elif figure.source.period.of_year:
        told.append(("Tahun", str(lens.month.year)))
    if lens.rw is not None:
        told.append(("RW", rw_words(lens.rw).removeprefix("RW ")))
    if lens.pendamping_id and not lens.user.is_pendamping:
        people = User.objects.visible_to(lens.user).filter(pk=lens.pendamping_id)
        told.append(("Pendamping", people.values_list("name", flat=True).first() or "–"))
    if lens.indicator:
        names = (one.name for one in queries.indicators(lens.today) if one.code == lens.indicator)
        told.append(("Indikator", next(names, lens.indicator)))
    if lens.sub_role:
        name = SubRole.objects.filter(pk=lens.sub_role).values_list("name", flat=True).first()
        told.append(("Sub-peran", name or lens.sub_role))
    return told


def lens_of(query, user, today):
    """The Lens that `query` names. The page has checked it; whatever it says, it stays within the asker's scope."""
    area = asked_text(query, "wilayah")
    area = area if re.fullmatch(r"[0-9]{2,10}", area) and area.startswith(user.wilayah_id) else ""
    month = month_of(asked_text(query, "bulan"), today)
    rw, person = asked_number(query, "rw"), asked_number(query, "pendamping")
    codes = {"indicator": asked_text(query, "indikator"), "sub_role": asked_text(query, "sub_peran")}
    lens = Lens(user, today, month, area, rw, person, **codes)
    return periods.over(lens, asked_text(query, "periode"), asked_day(query, "sampai"))


def name_of(what):
    """How people call the list `what`."""
    if what.startswith(OF_FIGURE):
        figure = FIGURES.get(what.removeprefix(OF_FIGURE))
        return figure.name if figure else what
    if what == Export.OFFICE:
        return "Paket kantor"
    return LISTS[what].name if what in LISTS else what.capitalize()
