"""The koordinator's recap of a month: a look at its tables, its file, and the day on which it makes itself."""

from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit
from pkh_casework.access import KOORDINATOR, access, only
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from reports.figures import FIGURES, progress
from reports.figures.declared.locked import lock_state
from reports.figures.views.lens import view_of
from reports.files.forms.recap import RecapForm, RecapPlanForm
from reports.files.operations.export import ask_export, is_small
from reports.files.operations.recap import plan_recap
from reports.files.recap import EARLIER, VALUE, covers_of, tables_of, title_of, told_in
from reports.models import Export, RecapPlan
from wilayah.clock import local_today
from wilayah.models import Wilayah

ROWS_SHOWN = 18
KEPT_SHOWN = 12
LAST_MONTH = 1  # among the months offered, newest first


@access(only(KOORDINATOR, keeps_input=True, audit="export"))
@require_http_methods(["GET", "HEAD", "POST"])
def recap(request):
    """The recap of one month of one area, by default last month's of the asker's own: its tables, then its file."""
    view = view_of(request)
    lens = view.lens if "bulan" in request.GET else replace(view.lens, month=view.months[LAST_MONTH])
    lens = replace(lens, rw=None, pendamping_id=None)
    view = replace(view, lens=lens)
    form = RecapForm(request.POST or None, user=request.user, today=lens.today)
    query = urlencode(
        {"bulan": f"{lens.month:%Y-%m}", "wilayah": lens.area}
        if lens.area
        else {"bulan": f"{lens.month:%Y-%m}"}
    )
    large = not is_small(progress.families(lens))
    if receipt := submit(request, form, partial(ask_export, Export.RECAP, query, in_background=large)):
        return redirect("reports:export_detail", pk=receipt.object_id)
    here = view.areas[-1]
    summary, *others = tables_of(lens)
    context = {
        "form": form,
        "lens": lens,
        "months": view.months,
        "area": here,
        "areas": [*view.areas, *Wilayah.objects.filter(parent=here).order_by("name")],
        "title": title_of(lens),
        "locked": lock_state(lens),
        "late": next(
            row[VALUE] for row, slug in zip(summary.rows, told_in(lens), strict=True) if slug == "susulan"
        ),
        "late_url": view.figure_url("susulan", dari="rekap"),
        "tables": [replace(summary, links=_rows_behind(view)).brief, *(table.brief for table in others)],
        "rows_shown": ROWS_SHOWN,
        "kept": _kept(request.user, lens),
        "plan": RecapPlan.objects.filter(user=request.user, day__isnull=False).first(),
    }
    return render_page(request, "reports/recap.html", context)


def _kept(user, lens):
    """The recaps of this area and month that were made, the newest first, each with its `version`."""
    kept = list(Export.objects.kept_recaps(user, covers_of(lens)).select_related("user"))
    for version, export in enumerate(kept, 1):
        export.version = version
    return kept[: -KEPT_SHOWN - 1 : -1]


def _rows_behind(view):
    """The addresses of the rows behind the numbers of the summary, of the month and of the one before it."""
    before = f"{months_after(view.lens.month, -1):%Y-%m}"
    links = {}
    for row, slug in enumerate(told_in(view.lens)):
        links[row, VALUE] = view.figure_url(slug, dari="rekap")
        if FIGURES[slug].source.period.of_month:
            links[row, EARLIER] = view.figure_url(slug, bulan=before, dari="rekap")
    return links


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def recap_plan(request):
    """The day of the month on which the recap makes itself."""
    plan = RecapPlan.objects.filter(user=request.user).first()
    initial = {"day": plan.day, "format": plan.format} if plan else {}
    form = RecapPlanForm(
        request.POST or None, user=request.user, today=local_today(request.user.wilayah_id), initial=initial
    )
    if submit(request, form, plan_recap):
        day = form.cleaned_data["day"]
        words = f"Rekap dibuat otomatis tiap tanggal {day}." if day else "Rekap tidak lagi dibuat otomatis."
        messages.success(request, words)
        return redirect("reports:recap")
    return render_page(request, "reports/recap_plan.html", {"form": form})
