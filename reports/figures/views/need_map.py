"""The map of need against supply: where families stand low, and how well each part of the area is served."""

from dataclasses import replace
from types import SimpleNamespace

from django.views.decorators.http import require_safe

from pkh_casework.access import AREA, access
from pkh_casework.htmx import render_page
from pkh_casework.places import WITHOUT_RW, rw_words
from reports.figures.gap import NEED, SERVED, WORST_FIRST, gaps_in, needs_by
from reports.figures.nearness import middles, nearest, open_places
from reports.figures.queries import by_number, indicators, named_parts
from reports.figures.values import by_rw
from wilayah.sheet import sheet_of

from .gap import ROUTE as GAP
from .gap import TONES, WORDS, part_label, parts_of
from .lens import narrowed, shell_of, view_of, wider_than

ROUTE = "reports:need_map"
LEAST, MORE = 11, 11  # the radius of a circle: of the least need, and what the greatest adds


@access(AREA)
@require_safe
def need_map(request):
    """Families that stand low in each part of the area looked at, RW by RW within a kelurahan, against what there is to
    lift them: on a map and as a table. Of one indicator (`?indikator=`), or of all; the numbers of the gap view.
    """
    view = view_of(request)
    view = replace(view, lens=replace(view.lens, rw=None))  # an RW is shown among the others of its kelurahan
    if request.GET.get("indikator"):
        view = narrowed(view, request.GET, NEED)
    lens, dimension = view.lens, parts_of(view)
    found = gaps_in(lens, dimension, needs_by(lens, dimension))
    places = middles(lens, dimension, found)
    rows = _rows(view, dimension, found, places)
    sheet = sheet_of(lens.here, places.values(), whole=dimension is not by_rw)
    most = max((row.needs for row in rows), default=0)
    for row in rows:
        row.spot = sheet.spot(places[row.part]) if sheet and row.part in places else None
        row.radius = round(LEAST + MORE * (row.needs / most) ** 0.5)
    context = shell_of(view) | {
        "rows": rows,
        "circles": sorted((row for row in rows if row.spot), key=lambda row: -row.radius),  # small on top
        "sheet": sheet,
        "states": [(state, WORDS[state]) for state in WORST_FIRST],
        "part_label": part_label(view),
        "indicator": view.indicator,
        "indicators": indicators(lens.today),
        "wider": wider_than(view, ROUTE),
        "gap_url": view.url(GAP, indikator=None),
        "sees_all": not request.user.is_pendamping,
    }
    return render_page(request, "reports/need_map.html", context)


def _rows(view, dimension, found, places):
    """The parts in their order, each with its needs, those not well served, the worst, and what is nearest for it."""
    if dimension is by_rw:
        named = [(None if rw == WITHOUT_RW else rw, rw_words(rw), "rw", rw) for rw, _ in by_number(found)]
    else:
        named = [(area.pk, area.name, "wilayah", area.pk) for area in named_parts(view.lens.user, found)]
    there = open_places(view.lens)
    rows = []
    for part, name, param, asked in named:
        gaps = found[part]
        worst = gaps[0]
        ways = ((gap, nearest(there, gap.indicator.code, places[part])) for gap in gaps if part in places)
        rows.append(
            SimpleNamespace(
                part=part,
                name=name,
                id=f"{param}-{asked}",
                needs=sum(gap.families for gap in gaps),
                unserved=sum(gap.families for gap in gaps if gap.state != SERVED),
                worst=worst,
                words=WORDS[worst.state],
                tone=TONES[worst.state],
                gap_url=view.url(GAP, indikator=None, **{param: asked}),
                families_url=view.figure_url(
                    NEED.slug, indikator=worst.indicator.code, dari="kesenjangan", **{param: asked}
                ),
                nearest=next(((gap, *way) for gap, way in ways if way), None),
            )
        )
    return rows
