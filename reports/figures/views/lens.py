"""What every page of figures reads from its address: the lens, the months to choose from, the way it is told."""

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from accounts.models import User
from kpm.models import Group, Indicator
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.asked import asked_day, asked_text, month_of
from pkh_casework.days import PKH_BEGAN, months_after
from pkh_casework.places import MOST, WITHOUT_RW
from reports.figures import periods, queries
from reports.figures.declared.sources import Lens
from roles.models import SubRole
from wilayah.clock import local_today
from wilayah.models import Wilayah

MONTHS_OFFERED = 13
MONTHS_BACK = 24  # as far as the roll-up of levels is counted anew every night
A_YEAR_AGO = 11  # among the months that are over, newest first


@dataclass(frozen=True)
class View:
    """A lens with what a page says about it: the areas from the asker's own down to the one looked at, the pendamping
    and the kelompok narrowed to, and the months to choose from, newest first. For the rows of one figure also the
    indicator and the sub-role narrowed to, and the indicators to choose from.
    """

    lens: Lens
    areas: list[Wilayah]
    colleague: User | None
    group: Group | None
    months: list[date]
    indicator: Indicator | None = None
    sub_role: SubRole | None = None
    indicators: tuple[Indicator, ...] = ()

    def url(self, route, *args, anchor="", **changes):
        """The address of `route` through this lens; `changes` replace single values, "" or None drops one."""
        lens = self.lens
        query = {
            "bulan": f"{lens.month:%Y-%m}",
            "periode": lens.period,
            "sampai": lens.until,
            "wilayah": lens.area,
            "rw": lens.rw,
            "pendamping": lens.pendamping_id,
            "kelompok": lens.group_id,
            "indikator": lens.indicator,
            "sub_peran": lens.sub_role,
            "tanggal": lens.day,
        } | changes
        query = urlencode({name: value for name, value in query.items() if value or value == WITHOUT_RW})
        return f"{reverse(route, args=args)}?{query}" + (f"#{anchor}" if anchor else "")

    def figure_url(self, slug, **changes):
        return self.url("reports:figure_rows", slug, **changes)


# --- reading the address ---------------------------------------------------------------------------------------------


def _months_before(month, number):
    """`month` and those before it, newest first."""
    return [months_after(month, -back) for back in range(number)]


def _number(text, most, least=1):
    """A number from `least` to `most` in `text`, None when `text` is empty; anything else is a page that isn't there."""
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
        raise Http404("not a number")
    return int(text)


def view_of(request, *, looks_back=False, has_periods=False):
    """Read the lens from the address. A page that `looks_back` compares now with a month that is over, by default a
    year ago, and may be narrowed to a kelompok; one that `has_periods` may tell of a tahap or a year.

    Raises Http404 for an area, a pendamping or a kelompok that is not the asker's.
    """
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
    rw = _number(request.GET.get("rw", ""), most=MOST, least=WITHOUT_RW)
    if rw is not None and areas[-1].level != Wilayah.Level.KELURAHAN:
        raise Http404("an RW of no kelurahan")
    this_month = today.replace(day=1)
    if looks_back:
        months = _months_before(this_month, MONTHS_BACK + 1)[1:]
        month = month_of(asked_text(request.GET, "bulan"), months[0], months[A_YEAR_AGO])
    else:
        months = _months_before(this_month, MONTHS_OFFERED)
        month = month_of(asked_text(request.GET, "bulan"), this_month)
    pendamping_id = _number(request.GET.get("pendamping", ""), most=2**63 - 1)
    colleague = queries.narrowable_pendamping(user, pendamping_id) if pendamping_id else None
    if pendamping_id and not colleague:
        raise Http404("another pendamping")
    group_id = _number(request.GET.get("kelompok", ""), most=2**63 - 1) if looks_back else None
    group = Group.objects.visible_to(user).filter(pk=group_id).first() if group_id else None
    if group_id and not group:
        raise Http404("another kelompok")
    lens = Lens(user, today, month, area, rw, pendamping_id, group_id)
    if has_periods:
        lens = periods.over(lens, asked_text(request.GET, "periode"), asked_day(request.GET, "sampai"))
    return View(lens, areas, colleague, group, months if lens.month in months else [*months, lens.month])


def narrowed(view, query, figure):
    """The View of the rows of one `figure`, as `query` (a QueryDict) narrows it further to a day, an indicator or a sub-role.
    A figure that is told of one indicator only is told of the first where none is asked for.

    Raises Http404 for what is not there, or what the figure doesn't tell apart.
    """
    code, sub_role = asked_text(query, "indikator"), asked_text(query, "sub_peran")
    source = figure.source
    day = asked_day(query, "tanggal", PKH_BEGAN, view.lens.today)
    if day and source.period.of_month and not source.period.at_end:
        view = replace(view, lens=replace(view.lens, day=day, month=day.replace(day=1)))
    if (code and not source.scope.indicator) or (sub_role and not source.scope.sub_role):
        raise Http404("the figure is not split so")
    if code or figure.of_one:
        indicators = tuple(queries.indicators(view.lens.today))
        found = next((one for one in indicators if one.code == code), None)
        if code and not found:
            raise Http404("no such indicator")
        found = found or indicators[0]
        lens = replace(view.lens, indicator=found.code)
        return replace(view, lens=lens, indicator=found, indicators=indicators)
    if sub_role:
        found = SubRole.objects.filter(pk=sub_role).first()
        if not found:
            raise Http404("no such sub-role")
        return replace(view, lens=replace(view.lens, sub_role=found.code), sub_role=found)
    return view


def wider_than(view, route):
    """The way back from a page to its wider view, at the place that led here, as url and name; None at the top."""
    lens, areas = view.lens, view.areas
    if view.colleague and lens.user.duty == KOORDINATOR:
        anchor = f"pendamping-{view.colleague.pk}"
        return {"url": view.url(route, pendamping=None, anchor=anchor), "name": areas[-1].name}
    if lens.rw is not None:
        return {"url": view.url(route, rw=None, anchor=f"rw-{lens.rw}"), "name": areas[-1].name}
    if len(areas) > 1:
        up, here = areas[-2], areas[-1]
        return {"url": view.url(route, wilayah=up.code, anchor=f"wilayah-{here.code}"), "name": up.name}
    return None


def shell_of(view):
    """What every page says of the lens, and the fields that a change of month keeps."""
    lens = view.lens
    kept = {
        "periode": lens.period,
        "wilayah": lens.area,
        "rw": lens.rw,
        "pendamping": lens.pendamping_id,
        "indikator": "" if view.indicators else lens.indicator,
        "sub_peran": lens.sub_role,
    }
    return {
        "lens": lens,
        "area": view.areas[-1],
        "colleague": view.colleague,
        "group": view.group,
        "months": view.months,
        "periods": periods.choices(lens),
        "period_name": periods.name_of(lens),
        "indicator": view.indicator,
        "indicators": view.indicators,
        "sub_role": view.sub_role,
        "kept": {name: value for name, value in kept.items() if value or value == WITHOUT_RW},
    }
