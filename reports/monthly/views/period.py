"""Months of kelurahan: their state and figures, locking and reopening, locked versions, and what is different now."""

from collections import Counter
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from entries.models import HeldEntry, Period
from entries.submit import submit, thank
from pkh_casework.access import AREA, KELURAHAN, KOORDINATOR, access, only
from pkh_casework.asked import asked_number
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from reports.figures import FIGURES, Lens
from reports.figures.queries import faces_of, sees_people
from reports.figures.values import values_of
from reports.models import FrozenReport, FrozenRow, LateEntry, MonthLock, MonthlyReport, MonthReopening
from reports.monthly.forms import ReasonForm
from reports.monthly.frozen import (
    END_FIGURES,
    MONTH_FIGURES,
    SORTS,
    differences,
    is_genuine,
    rows_now,
    totals_of,
    values_in,
)
from reports.monthly.operations import lock_month, may_lock, reopen_month
from reports.monthly.operations.lock import reports_of, seen_of
from reports.monthly.ready import silent_of
from wilayah.clock import local_today

PAGE = 50
MOST_DIFFERENCES = 200
State = MonthlyReport.State


def periods_of(user):
    """The months of the asker's area; of nobody else's."""
    return Period.objects.filter(wilayah__code__startswith=user.wilayah_id or "-")


def period_or_404(user, pk):
    return get_object_or_404(periods_of(user).select_related("wilayah"), pk=pk)


@access(only(KELURAHAN, KOORDINATOR))
@require_safe
def month_list(request):
    """Months that have begun in the kelurahan of the area, the newest first, and what still keeps each from its lock."""
    page = keyset_page(
        periods_of(request.user).select_related("wilayah"), request, ["-month", "wilayah_id"], size=PAGE
    )
    _add_states(page.rows)
    return render_page(request, "reports/month_list.html", {"page": page}, part="month-rows")


def _add_states(periods):
    """Give each period `states`, [(label, number)] of its reports, and `waiting`, how many are not approved."""
    wanted = Q(pk=None)
    for month in {period.month for period in periods}:
        areas = [period.wilayah_id for period in periods if period.month == month]
        wanted |= Q(month=month, wilayah__in=areas)
    found = Counter(MonthlyReport.objects.filter(wanted).values_list("wilayah", "month", "state"))
    for period in periods:
        numbers = {state: found[period.wilayah_id, period.month, state] for state in State}
        period.states = [(state.label.lower(), number) for state, number in numbers.items() if number]
        period.waiting = sum(numbers[state] for state in State if state not in MonthlyReport.DONE)


@access(only(KELURAHAN, KOORDINATOR))
@require_safe
def month_detail(request, pk):
    """One month of a kelurahan: figures as they are or were locked, reports by state, versions, susulan."""
    period = period_or_404(request.user, pk)
    locks = list(
        MonthLock.objects.filter(period=period)
        .select_related("locked_by", "reopening__by")
        .order_by("-version")
    )
    lock = locks[0] if period.state == Period.State.LOCKED else None
    _add_states([period])
    today, people = local_today(period.wilayah_id), sees_people(request.user)
    late = LateEntry.objects.filter(period=period).select_related("activity__kind", "by", "pendamping")
    context = {
        "period": period,
        "lock": lock,
        "locks": locks,
        "figures": _figures(period, request.user, lock),
        "reports": reports_of(period).select_related("pendamping").order_by("pendamping__name")
        if people
        else [],
        "late": late.filter(pk__in=LateEntry.objects.still_late()),
        "told": late.exclude(pk__in=LateEntry.objects.still_late()),
        "held": _held_of(period, request.user) if people else [],
        "is_over": period.month < today.replace(day=1),
        "may_lock": may_lock(period, request.user),
        "people": people,
    }
    return render_page(request, "reports/month_detail.html", context)


def _held_of(period, user):
    """Entries held for this month that wait for a decision."""
    held = HeldEntry.objects.visible_to(user).waiting().select_related("author")
    return held.filter(
        wilayah=period.wilayah_id,
        reason=HeldEntry.Reason.MONTH_LOCKED,
        payload__tanggal__startswith=f"{period.month:%Y-%m}",
    )


def _figures(period, user, lock):
    """[{figure, value, url}]: frozen ones open their frozen rows, the others the rows of now."""
    if lock:
        values = values_in(lock.totals)
        urls = {slug: reverse("reports:version_rows", args=[lock.pk, slug]) for slug in MONTH_FIGURES}
    else:
        area = period.wilayah_id
        values = values_of(MONTH_FIGURES, Lens(user, local_today(area), period.month, area=area))
        query = urlencode({"bulan": f"{period.month:%Y-%m}", "wilayah": area})
        urls = {slug: f"{reverse('reports:figure_rows', args=[slug])}?{query}" for slug in MONTH_FIGURES}
    return [
        {"figure": FIGURES[slug], "value": values.get(slug, 0), "url": urls[slug]} for slug in MONTH_FIGURES
    ]


# --- locking ----------------------------------------------------------------------------------------------------------


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def month_lock(request, pk):
    """Close a month: what will be frozen, whose report is not approved, and since a reopening what is different."""
    period = _lockable_or_404(request.user, pk)
    _add_states([period])
    silent = silent_of(request.user, period, local_today(period.wilayah_id))
    form = _form(request, period, needs_reason=bool(period.waiting or silent), label="Mengapa tetap dikunci")
    if receipt := submit(request, form, partial(lock_month, period)):
        thank(request, receipt, "Bulan dikunci.")
        return redirect("reports:month_detail", pk=pk)
    context = {
        "period": period,
        "form": form,
        "figures": _figures(period, request.user, None),
        "unfinished": reports_of(period).exclude(state__in=MonthlyReport.DONE).select_related("pendamping"),
        "silent": silent,
        "is_over": period.month < local_today(period.wilayah_id).replace(day=1),
    }
    return render_page(request, "reports/month_lock.html", context)


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def month_reopen(request, pk):
    """Open a locked month again, with a reason. What was locked stays readable as its version."""
    period = _lockable_or_404(request.user, pk)
    form = _form(request, period, needs_reason=True, label="Mengapa dibuka lagi")
    if receipt := submit(request, form, partial(reopen_month, period)):
        thank(request, receipt, "Bulan dibuka lagi.")
        return redirect("reports:month_detail", pk=pk)
    return render_page(request, "reports/month_reopen.html", {"period": period, "form": form})


def _lockable_or_404(user, pk):
    period = period_or_404(user, pk)
    if not may_lock(period, user):
        raise Http404("an own report in it")
    return period


def _form(request, period, **kwargs):
    today = local_today(period.wilayah_id)
    return ReasonForm(request.POST or None, seen=seen_of(period), user=request.user, today=today, **kwargs)


# --- locked versions --------------------------------------------------------------------------------------------------


@access(only(KELURAHAN, KOORDINATOR))
@require_safe
def version_detail(request, pk):
    """One locked version: its totals, whether its hash still fits, and the reports as they stood."""
    lock = _lock_or_404(request.user, pk)
    people = sees_people(request.user)
    values = values_in(lock.totals)
    context = {
        "lock": lock,
        "period": lock.period,
        "genuine": is_genuine(lock),
        "rows": FrozenRow.objects.filter(lock=lock).count(),
        "figures": [
            {
                "figure": FIGURES[slug],
                "value": values[slug],
                "url": reverse("reports:version_rows", args=[pk, slug]),
            }
            for slug in (*MONTH_FIGURES, *END_FIGURES)
            if slug in values
        ],
        "reports": lock.reports.select_related("report__pendamping") if people else [],
        "reopening": MonthReopening.objects.filter(lock=lock).select_related("by").first(),
        "people": people,
    }
    return render_page(request, "reports/version_detail.html", context)


@access(AREA)
@require_safe
def version_rows(request, pk, slug):
    """The frozen rows behind one frozen figure; `?pendamping=` narrows to one. They never change, so pages go by
    number (`?mulai=50`).
    """
    lock, figure = _lock_or_404(request.user, pk), FIGURES.get(slug)
    if figure is None or slug not in lock.totals:
        raise Http404("no such figure in this version")
    rows = FrozenRow.objects.filter(lock=lock, figures__contains=[slug]).order_by("-day", "key")
    person = request.user.pk if request.user.is_pendamping else asked_number(request.GET, "pendamping")
    if person and sees_people(request.user):
        rows = rows.filter(pendamping=person)
    else:
        person = None
    rows = list(rows)
    if figure.once_per_family:
        rows = list({row.household_id: row for row in reversed(rows)}.values())[::-1]
    start = asked_number(request.GET, "mulai") or 0
    shown = rows[start : start + PAGE]
    faces = faces_of(request.user, {row.household_id for row in shown if row.household_id})
    for row in shown:
        row.face = faces.get(row.household_id)
    query = {"mulai": start + PAGE} | (
        {"pendamping": person} if person and not request.user.is_pendamping else {}
    )
    context = {
        "lock": lock,
        "period": lock.period,
        "figure": figure,
        "value": len(rows),
        "rows": shown,
        "person": User.objects.filter(pk=person).first() if person and rows else None,
        "next_url": f"{request.path}?{urlencode(query)}" if start + PAGE < len(rows) else "",
        "people": sees_people(request.user),
    }
    return render_page(request, "reports/version_rows.html", context, part="frozen-rows")


@access(only(KELURAHAN, KOORDINATOR))
@require_safe
def month_diff(request, pk):
    """What stands now against what was locked last: totals, and row by row what is new, gone or changed."""
    period = period_or_404(request.user, pk)
    lock = (
        MonthLock.objects.filter(period=period).order_by("-version").select_related("period__wilayah").first()
    )
    if lock is None:
        raise Http404("never locked")
    rows = rows_now(request.user, period, lock.schema)
    found = differences(lock, rows)
    then, now = values_in(lock.totals), values_in(totals_of(rows))
    shown = found[:MOST_DIFFERENCES]
    faces = faces_of(request.user, {one.row.household_id for one in shown if one.row.household_id})
    late = dict(LateEntry.objects.filter(period=period).values_list("activity", "reason"))
    people = sees_people(request.user)
    for one in shown:
        one.row.face = faces.get(one.row.household_id)
        one.row.sort = SORTS[one.row.source]
        one.row.late = people and one.row.source == "kegiatan" and late.get(UUID(one.row.key), "")
    context = {
        "period": period,
        "lock": lock,
        "totals": [
            (FIGURES[slug].name, then[slug], now[slug])
            for slug in MONTH_FIGURES
            if slug in then and then[slug] != now[slug]
        ],
        "found": shown,
        "more": len(found) - len(shown),
        "people": people,
    }
    return render_page(request, "reports/month_diff.html", context)


def _lock_or_404(user, pk):
    """A version of the asker's area; a pendamping's are those that hold own work or an own report."""
    locks = MonthLock.objects.select_related("period__wilayah", "locked_by")
    if user.is_pendamping:
        work = FrozenRow.objects.filter(lock=OuterRef("pk"), pendamping=user)
        report = FrozenReport.objects.filter(lock=OuterRef("pk"), report__pendamping=user)
        return get_object_or_404(locks.filter(Exists(work) | Exists(report)), pk=pk)
    return get_object_or_404(locks.counted_for(user), pk=pk)
