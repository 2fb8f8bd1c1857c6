"""What a figure means, and the rows behind it."""

from django.http import Http404
from django.views.decorators.http import require_safe

from kpm.models import Household
from pkh_casework.access import AREA, SIGNED_IN, access
from pkh_casework.htmx import render_page
from reports.figures.declared.activities import STEPS
from reports.figures.declared.families import FAMILIES
from reports.figures.declared.goals import GOALS_OPEN
from reports.figures.declared.inactive import BY_REASON
from reports.figures.declared.locked import lock_state
from reports.figures.declared.registry import FIGURES
from reports.figures.periods import in_words, name_of
from reports.figures.queries import figure_page, sees_people
from reports.figures.targets import coverage_of
from reports.figures.values import values_of

from .lens import narrowed, shell_of, view_of

DASHBOARD, GAP = "reports:dashboard", "reports:gap"
# Where a number may have been pressed, besides a tile: the page, and the table on it.
CAME_FROM = {
    "rw": (DASHBOARD, "rw"),
    "wilayah": (DASHBOARD, "wilayah"),
    "pendamping": (DASHBOARD, "pendamping"),
    "kesenjangan": (GAP, ""),
    "kesenjangan-rw": (GAP, "rw"),
    "kesenjangan-wilayah": (GAP, "wilayah"),
    "rekap": ("reports:recap", ""),
    "hari": ("desk:day_summary", ""),
}
PROMISED = (STEPS, GOALS_OPEN)
PARTS = {"kpm-dinonaktifkan": BY_REASON}  # figures that take one apart, shown on its page


@access(SIGNED_IN)
@require_safe
def figure_meanings(request):
    """All figures with what they mean, over what time they are counted and for whom."""
    return render_page(request, "reports/figure_meanings.html", {"figures": list(FIGURES.values())})


@access(AREA)
@require_safe
def figure_rows(request, slug):
    """The rows that one figure counts, through the same lens, with its meaning; 50 a page."""
    figure = FIGURES.get(slug)
    if figure is None:
        raise Http404("no such figure")
    view = narrowed(view_of(request, has_periods=True), request.GET, figure)
    seen, came_from = figure.source.seen(view.lens), request.GET.get("dari")
    if came_from not in CAME_FROM:
        came_from = ""
    rows, cursor = figure_page(figure, view.lens, request.GET.get("sesudah"))
    for row in rows:
        row["url"] = _row_url(row, figure, request.user)
        row["tone"] = _row_tone(row, figure, view.lens)
        row["words"] = _words(row, figure)
    parts = PARTS.get(slug, ())
    late = ["susulan"] if figure.source.frozen else []
    values = values_of([slug, *parts, *late, *([figure.share_of] if figure.share_of else [])], view.lens)
    shell = shell_of(view)
    if late:
        shell |= {
            "locked": lock_state(seen),
            "late": values["susulan"],
            "late_url": view.figure_url("susulan"),
        }
    if came_from:
        shell["kept"]["dari"] = came_from
    context = shell | {
        "figure": figure,
        "definition": in_words(figure.definition, seen),
        "nothing": in_words(figure.nothing, seen),
        "period_name": name_of(seen),
        "value": values[slug],
        "share": share_of(slug, values),
        "whole": values.get(figure.share_of),
        "coverage": coverage_of({slug: values[slug]}, view.lens).get(slug),
        "target_url": view.url("reports:target_list") if sees_people(request.user) else "",
        "propose_url": _propose_url(view, figure),
        "rows": rows,
        "parts": [(FIGURES[one], values[one], view.figure_url(one)) for one in parts if values[one]],
        "next_url": view.figure_url(slug, sesudah=cursor, dari=came_from) if cursor else "",
        "later_page": "sesudah" in request.GET,
        "first_url": view.figure_url(slug, dari=came_from),
        "back_url": _back_url(view, slug, came_from),
    }
    return render_page(request, "reports/figure_rows.html", context, part="figure-rows")


def _propose_url(view, figure):
    """Where to propose a target for the figure of who is looked at; "" where none can be set."""
    lens = view.lens
    of_person = lens.user.is_pendamping or view.colleague is not None
    is_whole = lens.rw is None and not lens.indicator and not lens.sub_role
    if not (sees_people(lens.user) and is_whole and figure.takes_target(of_person=of_person)):
        return ""
    return view.url("reports:target_propose", angka=figure.slug)


def share_of(slug, values):
    """The figure as a fraction of the one it is a part of; None where there is none, or nothing to divide by."""
    whole = values.get(FIGURES[slug].share_of)
    return values[slug] / whole if whole else None


def _row_url(row, figure, user):
    """Where a row leads: to its own page, else to the family's; "" where the asker may not go."""
    shown, family = figure.source.shown, row.get("family")
    knows_family = bool(family and "name" in family)
    tells_page = shown.opens and not figure.once_per_family and (sees_people(user) or shown.for_all)
    if row.get("is_gone"):
        return ""
    if tells_page and (knows_family or not shown.needs_family):
        return shown.opens(row)
    return Household(case_number=family["case_number"]).get_absolute_url() if knows_family else ""


def _words(row, figure):
    """What a row says besides its day; nothing of a family that several rows stand behind, or that is another's now."""
    shown = figure.source.shown
    is_open = row.get("family") or "family" not in row or not shown.needs_family
    return shown.words(row) if shown.words and is_open and not figure.once_per_family else ""


def _row_tone(row, figure, lens):
    """How urgent the day of a row of now is, as the suffix of a pill's class; a month's rows are neutral."""
    if figure.source in PROMISED:
        return "overdue" if row["day"] < lens.today else "none"
    if figure.source is not FAMILIES:
        return "none"
    if row["day"] is None or row["day"] < lens.days_ago(60):
        return "overdue"
    return "ok" if row["day"] >= lens.days_ago(30) else "soon"


def _back_url(view, slug, came_from):
    """The place that the number was pressed on: a tile, or a row of the table that `came_from` names."""
    lens, areas = view.lens, view.areas
    route, table = CAME_FROM.get(came_from, (DASHBOARD, ""))
    back = {"indikator": None, "sub_peran": None, "anchor": slug if route == DASHBOARD else lens.indicator}
    if table == "rw" and lens.rw is not None:
        back |= {"rw": None, "anchor": f"rw-{lens.rw}"}
    elif table == "pendamping" and view.colleague:
        back |= {"pendamping": None, "anchor": f"pendamping-{view.colleague.pk}"}
    elif table == "wilayah" and len(areas) > 1:
        back |= {"wilayah": areas[-2].code, "anchor": f"wilayah-{areas[-1].code}"}
    return view.url(route, **back)
