"""Run (d): a year of months on the dashboard of a kelurahan and of a kota, from the roll-up, beside hand-written SQL on
the same roll-up and beside counting the rows. With its part of the report.
"""

from .goal import Goal
from .independence import IN_KELURAHAN
from .runs import take_turns

READS = {"kelurahan": 20, "kota": 10}
PAGE = "/dasbor/"
KOTA = "3273"
WAYS = {
    "ours": "the figures' own way: three statements on the roll-up",
    "by hand": "hand-written SQL on the same roll-up",
    "rows": "hand-written SQL that counts the rows",
}


def measure(site, postgres_pid, *, rounds):
    """All figures of (d) on the largest database: {pages: …, trends: {area: {way: {buffers, ms}}}}."""
    areas = {"kelurahan": site.inside("kelurahan_of", KOTA, str(IN_KELURAHAN)), "kota": KOTA}
    reader = site.inside("koordinator")
    turns = {}
    for part, area in areas.items():
        path = PAGE if part == "kota" else f"{PAGE}?wilayah={area}"
        job = {"method": "GET", "path": "{path}", "expect": 200, "rows": [reader | {"path": path}]}
        turns[part] = lambda job=job, part=part: site.read(job, postgres_pid, READS[part])
    for warm_up in turns.values():
        warm_up()
    trends = site.inside("trends", *areas.values())
    return {
        "pages": take_turns(turns, rounds),
        "trends": {part: trends[area] for part, area in areas.items()},
    }


def _trend(area, way, other, cost="ms"):
    def ratio(results):
        trends = results["d"]["trends"][area]
        return trends[way][cost] / trends[other][cost]

    return ratio


GOALS = [
    *(
        Goal(
            f"dashboard: 13 months of a {area} from the roll-up against counting the rows",
            _trend(area, "ours", "rows"),
            0.05,
            cause="trend",
        )
        for area in ("kelurahan", "kota")
    ),
    *(
        Goal(
            f"dashboard: 13 months of a {area} against hand-written SQL on the same roll-up",
            _trend(area, "ours", "by hand"),
            2,
            cause="by hand",
        )
        for area in ("kelurahan", "kota")
    ),
    *(
        Goal(
            f"dashboard: PostgreSQL's time for 13 months of a {area}",
            lambda r, area=area: r["d"]["trends"][area]["ours"]["ms"],
            1.5,
            unit=" ms",
            cause="by hand",
        )
        for area in ("kelurahan", "kota")
    ),
]
CAUSES = {
    "trend": lambda r: (
        "A kelurahan of some hundred families has few rows in a year; an index finds them nearly as fast as one row a"
        " month. The roll-up pays where many rows are counted."
    ),
    "by hand": lambda r: (
        "Beside the numbers it is asked which of the months are kept, and whether somebody wrote into one since it was"
        " counted: two small statements that keep a number from being stale."
    ),
}


def section(results):
    """The part of the report on (d), or "" when it was not run."""
    if "d" not in results:
        return ""
    lines = [
        "## (d) Dashboards",
        "",
        (
            "The largest database of (a) and (b). Thirteen months that are over, the figures of visits and"
            " activities, as the dashboard draws them."
        ),
        "",
        "| area | way | database pages | PostgreSQL ms |",
        "|---|---|---|---|",
    ]
    for area, ways in results["d"]["trends"].items():
        lines += [
            f"| {area} | {WAYS[way]} | {cost['buffers']:,} | {cost['ms']:,.2f} |"
            for way, cost in ways.items()
        ]
    lines += [
        "",
        "The whole page, with the figures of now, which are counted from the rows:",
        "",
        "| page | p50 ms | CPU ms (app + PostgreSQL) |",
        "|---|---|---|",
    ]
    for area, row in results["d"]["pages"].items():
        cpu = f"{row['app_ms']:,.1f} + {row['pg_ms']:,.1f}"
        lines.append(f"| `{PAGE}` of a {area} | {row['p50']:,.1f} | {cpu} |")
    return "\n".join(lines)
