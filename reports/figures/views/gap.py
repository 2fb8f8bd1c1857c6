"""Where need meets nothing: indicators on which families stand low, against what there is to lift them."""

from collections import Counter
from urllib.parse import urlencode

from django.urls import reverse
from django.views.decorators.http import require_safe

from pkh_casework.access import AREA, access
from pkh_casework.htmx import render_page
from pkh_casework.places import rw_words
from reports.figures.gap import CLOSED, NEED, NOTHING, SERVED, SHORT, gaps, gaps_by, needs, needs_by
from reports.figures.queries import by_number, named_parts
from reports.figures.values import by_area, by_rw
from wilayah.models import DIGITS_BELOW, Wilayah

from .lens import shell_of, view_of, wider_than

ROUTE = "reports:gap"
WORDS = {
    NOTHING: "Belum ada yang melayani",
    CLOSED: "Ada, tetapi sedang tidak buka",
    SHORT: "Tempatnya kurang",
    SERVED: "Sudah ada yang melayani",
}
TONES = {NOTHING: "overdue", CLOSED: "soon", SHORT: "soon", SERVED: "ok"}


@access(AREA)
@require_safe
def gap(request):
    """Needs of the area looked at, the worst served first, and the parts of it where they are greatest."""
    view = view_of(request, has_periods=True)
    dimension = parts_of(view)
    of_parts = needs_by(view.lens, dimension) if dimension else {}
    if isinstance(dimension, by_area):  # of a wide area the families are read once; they are many
        of_whole = sum(map(Counter, of_parts.values()), Counter())
    else:
        of_whole = needs(view.lens)
    found = gaps(view.lens, of_whole)
    most = max((one.families for one in found), default=0)
    groups = {}
    for one in found:
        groups.setdefault(one.state, []).append(_row(view, one, most))
    context = shell_of(view) | {
        "groups": [(state, WORDS[state], rows) for state, rows in groups.items()],
        "nothing": NOTHING,
        "map_url": view.url("reports:need_map"),
        "parts": _parts(view, dimension, gaps_by(view.lens, dimension, of_parts)),
        "part_label": part_label(view),
        "wider": wider_than(view, ROUTE),
        "sees_all": not request.user.is_pendamping,
    }
    return render_page(request, "reports/gap.html", context)


def _row(view, one, most):
    return {
        "gap": one,
        "share": 100 * one.families // most,
        "families_url": view.figure_url(NEED.slug, indikator=one.indicator.code, dari="kesenjangan"),
        "resources_url": _resources_url(view, one.indicator.code),
        "open_url": _resources_url(view, one.indicator.code, buka=1),
        "tone": TONES[one.state],
    }


def _resources_url(view, code, **more):
    query = {"butuh": code, "di": view.lens.area} | more
    return f"{reverse('resources:resource_list')}?{urlencode({name: text for name, text in query.items() if text})}"


def part_label(view):
    level = view.areas[-1].level
    return "RW" if level == Wilayah.Level.KELURAHAN else Wilayah.Level(level + 1).label


def parts_of(view):
    """By what the area looked at is divided; None for an RW."""
    if view.lens.rw is not None:
        return None
    if view.areas[-1].level == Wilayah.Level.KELURAHAN:
        return by_rw
    return by_area(DIGITS_BELOW[len(view.lens.here)])


def _parts(view, dimension, found):
    """The parts of the area looked at with their worst need, the greatest first."""
    if dimension is by_rw:
        found = dict(by_number(found))
        named = [(rw, rw_words(rw), "rw") for rw in found]
    else:
        named = [(part.code, part.name, "wilayah") for part in named_parts(view.lens.user, found)]
    rows = [
        {
            "name": name,
            "url": view.url(ROUTE, **{param: part}),
            "worst": found[part][0],
            "words": WORDS[found[part][0].state],
            "tone": TONES[found[part][0].state],
            "unserved": found[part][1],
            "families_url": view.figure_url(
                NEED.slug,
                **{param: part},
                indikator=found[part][0].indicator.code,
                dari=f"kesenjangan-{param}",
            ),
            "id": f"{param}-{part}",
        }
        for part, name, param in named
    ]
    return sorted(rows, key=lambda row: (row["tone"] != TONES[NOTHING], -row["worst"].families))
