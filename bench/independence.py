"""Run (c): how far families have come, for a kelurahan and a whole kota, beside the same by hand-written SQL; whether
a long history costs anything; what recording an assessment costs. With its part of the report.
"""

import time
from datetime import date

import psycopg

from .ground import Ground
from .measure import Watch
from .runs import figures, take_turns

FAMILIES, KOTA = 100_200, "3273"
SHORT, LONG = "2 assessments", "8 assessments"
GROUNDS = {SHORT: Ground(FAMILIES, KOTA, 2), LONG: Ground(FAMILIES, KOTA, 8)}
IN_KELURAHAN = 600  # families; the ground has some such
READS = {"kelurahan": 20, "kota": 4}
PAGE = "/dasbor/kemandirian/"

# --- the same by hand: what the page shows, without a page ------------------------------------------------------------

AREA = "starts_with(household.wilayah_id, %(area)s) AND household.status IN ('aktif', 'calon_graduasi')"
NEWEST = f"""newest AS MATERIALIZED (
        SELECT household_id, code, level, assessed_on
        FROM kpm_score score JOIN kpm_household household ON household.id = household_id
        WHERE until_on IS NULL AND state = 'dijawab' AND {AREA}
    )"""  # noqa: S608  our own words
PAIR = """pair AS MATERIALIZED (
        SELECT newest.household_id, newest.code, earlier.level AS before, newest.level
        FROM newest JOIN kpm_score earlier ON earlier.household_id = newest.household_id
            AND earlier.code = newest.code AND earlier.state = 'dijawab' AND earlier.assessed_on <= %(day)s
            AND (earlier.until_on IS NULL OR earlier.until_on > %(day)s)
        WHERE newest.assessed_on > %(day)s
    ), family AS MATERIALIZED (
        SELECT household_id, CASE WHEN sum(level - before) * 5 >= count(*) THEN 'naik'
            WHEN sum(before - level) * 5 >= count(*) THEN 'turun' ELSE 'tetap' END AS outcome
        FROM pair GROUP BY household_id
    )"""
COUNTED = f"""SELECT count(*), count(*) FILTER (WHERE EXISTS (
        SELECT FROM kpm_assessment WHERE household_id = household.id
    )) FROM kpm_household household WHERE {AREA}"""  # noqa: S608
NOW = f"WITH {NEWEST} SELECT code, level, count(*) FROM newest GROUP BY code, level"  # noqa: S608
THEN = """SELECT code, level, sum(families) FROM kpm_levelmonth
    WHERE month = date_trunc('month', %(day)s::date) AND starts_with(wilayah_id, %(area)s) GROUP BY code, level"""
COMPARED = [
    f"WITH {NEWEST}, {PAIR} SELECT before, level, count(*) FROM pair WHERE code = 'A1' GROUP BY 1, 2",  # noqa: S608
    f"""WITH {NEWEST}, {PAIR} SELECT family.outcome, role_id, count(*)
    FROM family JOIN roles_activityhousehold reached USING (household_id)
    JOIN roles_activity activity ON activity.id = activity_id JOIN roles_subrole role ON role.code = sub_role_id
    WHERE met AND reached.occurred_on > %(day)s GROUP BY 1, 2""",  # noqa: S608
    f"""WITH {NEWEST} SELECT code, count(*) FROM newest WHERE level <= 2 AND EXISTS (
        SELECT FROM kpm_score before WHERE before.household_id = newest.household_id AND before.code = newest.code
            AND before.until_on = newest.assessed_on AND before.level <= 2
    ) GROUP BY code""",  # noqa: S608
]
BY_HAND = {"kelurahan": [COUNTED, NOW, THEN, *COMPARED], "kota": [COUNTED, NOW, THEN]}


def measure(sites, postgres_pid, *, rounds):
    """All figures of (c); `sites` by the names in GROUNDS."""
    areas = {"kelurahan": _kelurahan(sites[LONG]), "kota": KOTA}
    turns = {}
    for name, site in sites.items():
        reader = site.inside("koordinator")
        for part, area in areas.items():
            path = PAGE if part == "kota" else f"{PAGE}?wilayah={area}"
            job = {"method": "GET", "path": "{path}", "expect": 200, "rows": [reader | {"path": path}]}
            turns[f"{part}, {name}: page"] = lambda site=site, job=job, part=part: site.read(
                job, postgres_pid, READS[part]
            )
            turns[f"{part}, {name}: by hand"] = lambda site=site, area=area, part=part: _by_hand(
                site, postgres_pid, BY_HAND[part], area, READS[part]
            )
    for warm_up in turns.values():
        warm_up()
    return {
        "pages": take_turns(turns, rounds),
        "plans": {name: _plans(site, areas) for name, site in sites.items()},
        "levels": {name: _levels(site, areas) for name, site in sites.items()},
        "record": {name: site.inside("assess", str(postgres_pid)) for name, site in sites.items()},
    }


def _kelurahan(site):
    with psycopg.connect(site.url) as connection:
        return connection.execute(
            "SELECT wilayah_id FROM kpm_household GROUP BY 1 ORDER BY abs(count(*) - %s), 1 LIMIT 1",
            [IN_KELURAHAN],
        ).fetchone()[0]


def _by_hand(site, postgres_pid, texts, area, times):
    """The statements of a page one after the other on an open connection, `times` times."""
    values = {"area": area, "day": _last_day()}
    with psycopg.connect(site.url, autocommit=True) as connection:
        watch, latencies = Watch({"pg": postgres_pid}).start(), []
        for _ in range(times):
            start = time.perf_counter()
            for text in texts:
                connection.execute(text, values).fetchall()
            latencies.append((time.perf_counter() - start) * 1000)
        watch.stop()
    watch.cpu["app"] = 0.0
    answers = {"done": times, "seconds": watch.seconds, "latencies": sorted(latencies)}
    return figures(answers, watch) | {"bytes": 0}


def _last_day():
    """The last day of the month that the page compares with, a year ago."""
    today = date.today()
    month = today.month % 12 + 1
    return date.fromordinal(date(today.year - 1 + (month == 1), month, 1).toordinal() - 1)


def _plans(site, areas):
    paths = [f"{PAGE}?wilayah={areas['kelurahan']}", PAGE]
    found = site.inside("koordinator_queries", *paths)
    keep = ("count", "buffers", "ms")
    return {part: {name: plan[name] for name in keep} for part, plan in zip(areas, found, strict=True)}


def _levels(site, areas):
    """{part of the country: {now, then, unrolled: {cells, buffers, ms}}}."""
    names = {area: part for part, area in areas.items()}
    found = {part: {} for part in areas}
    for row in site.inside("levels", *areas.values()):
        found[names[row.pop("area")]][row.pop("part")] = row
    return found


# --- what it says -----------------------------------------------------------------------------------------------------


def level_growth(results, part, moment, cost):
    """How many times the `cost` (buffers, ms) of a cell of a distribution grows from the short to the long history."""
    long, short = (results["c"]["levels"][each][part][moment] for each in (LONG, SHORT))
    return long[cost] / long["cells"] / (short[cost] / short["cells"])


def page_over_sql(results, part):
    pages = results["c"]["pages"]
    return pages[f"{part}, {LONG}: page"]["p50"] / pages[f"{part}, {LONG}: by hand"]["p50"]


def roll_up_gain(results):
    levels = results["c"]["levels"][LONG]["kota"]
    return levels["then"]["ms"] / levels["unrolled"]["ms"]


def record_growth(results):
    long, short = (results["c"]["record"][each] for each in (LONG, SHORT))
    return (long["app_ms"] + long["pg_ms"]) / (short["app_ms"] + short["pg_ms"])


def section(results):
    """The part of the report on (c), or "" when it was not run."""
    if "c" not in results:
        return ""
    found = results["c"]
    return "\n\n".join(
        [
            "## (c) How far families have come",
            (
                f"A kota of {FAMILIES:,} families in two databases: in one each family was assessed twice in two years, in"
                f" the other eight times. The page `{PAGE}` of a kelurahan of {IN_KELURAHAN} families and of the whole kota,"
                " beside hand-written SQL on the same tables. For a kota the page compares no families one by one."
            ),
            _table_of_pages(found["pages"]),
            "### What the page asks of PostgreSQL\n\n" + _table_of_plans(found),
            (
                "The levels now are compared by time, since a page count misleads there: no row is fetched from the"
                " table, but every entry of the index asks the map of visible pages, which is longer for a longer"
                " table, and each turn to another of its pages is counted as a page read."
            ),
            "### Recording an assessment\n\nThe operation of a short assessment, without the web around it: processor"
            " time for each, and PostgreSQL's for the same rows in four statements by hand.\n\n"
            + _table_of_records(found["record"]),
        ]
    )


def _table_of_pages(pages):
    lines = [
        "| families, history | p50 ms | CPU ms (app + PostgreSQL) | bytes of an answer | strangers' cores |",
        "|---|---|---|---|---|",
    ]
    for name, row in pages.items():
        size = f"{row['bytes']:,.0f}" if row["bytes"] else ""
        lines.append(
            f"| {name} | {row['p50']:,.1f} | {row['app_ms']:,.2f} + {row['pg_ms']:,.2f} = {row['cpu_ms']:,.2f} | {size}"
            f" | {row['strangers']:.1f} |"
        )
    return "\n".join(lines)


def _table_of_plans(found):
    lines = [
        "| area | what | 2 assessments: database pages | ms | 8 assessments: database pages | ms |",
        "|---|---|---|---|---|---|",
    ]
    words = {
        "now": "levels now",
        "then": "levels a year ago, from the roll-up",
        "unrolled": "levels a year ago, from the scores",
    }
    for part in found["levels"][LONG]:
        rows = {words[name]: [found["levels"][each][part][name] for each in GROUNDS] for name in words}
        rows["the whole page"] = [found["plans"][each][part] for each in GROUNDS]
        for name, cells in rows.items():
            told = " | ".join(f"{cell['buffers']:,} | {cell['ms']:,.2f}" for cell in cells)
            lines.append(f"| {part} | {name} | {told} |")
    return "\n".join(lines)


def _table_of_records(record):
    lines = [
        "| history | statements | CPU ms (app + PostgreSQL) | by hand, PostgreSQL ms | strangers' cores |",
        "|---|---|---|---|---|",
    ]
    for name, row in record.items():
        lines.append(
            f"| {name} | {row['statements']} | {row['app_ms']:.2f} + {row['pg_ms']:.2f} |"
            f" {row['raw_pg_ms']:.2f} | {row['strangers']:.1f} |"
        )
    return "\n".join(lines)
