"""The report: goals first, misses with their causes, then every table."""

import os
import platform
import subprocess
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psycopg

from . import dashboards, exports, independence
from .goal import Goal, misses, table
from .ground import PROJECT

KIB = 1024


def _big(results):
    return results["sizes"][-1]


def _a(results, name, figure):
    return results["a"][_big(results) if name == "ours" else name][figure]


def _b(results, name, figure):
    return results["b"][name.replace("ours", _big(results))][figure]


def _plan(results, label, figure):
    return next(plan[figure] for plan in results["plans"][label] if plan["name"] == "caseload")


FIRST, ALL = "ours caseload, first 50", "ours caseload, all 300"


def _over(name, figure, other, results):
    return _a(results, name, figure) / _a(results, other, figure)


def _weight(page, when):
    """A reader of the bytes of `page`, in units of 1000."""
    return lambda results: results["f"][page][when] / 1000


FIRST = "ours caseload, first 50"
GOALS = [
    Goal(
        "visit: processor time against plain Django",
        lambda r: _over("ours", "cpu_ms", "plain", r),
        1 / 5,
        cause="visit",
    ),
    Goal(
        "visit: accepted per second against plain Django",
        lambda r: _over("ours", "rate", "plain", r),
        4.5,
        at_least=True,
        cause="visit",
    ),
    Goal(
        "visit: p95 of 8 at once against plain Django",
        lambda r: _over("ours", "p95", "plain", r),
        1 / 3,
        cause="visit",
    ),
    Goal(
        "visit: accepted per second against the bare answer",
        lambda r: _over("ours", "rate", "bare", r),
        0.10,
        at_least=True,
        cause="visit",
    ),
    Goal(
        "visit: processor time at 10M against 1M stored activities",
        lambda r: r["a"]["1M"]["cpu_ms"] / r["a"]["100k"]["cpu_ms"],
        1.15,
        cause="visit growth",
    ),
    Goal(
        "caseload: p50 of the first page against the plain page",
        lambda r: _b(r, FIRST, "p50") / _b(r, "plain, all 300", "p50"),
        1 / 4,
        cause="page",
    ),
    Goal("caseload: own statements", lambda r: _plan(r, _big(r), "count"), 3, unit="", cause="statements"),
    Goal("caseload: PostgreSQL's time", lambda r: _b(r, FIRST, "pg_ms"), 1.5, unit=" ms", cause="statements"),
    Goal(
        "caseload: processor time at 1M against 100k families",
        lambda r: r["b"]["1M caseload, first 50"]["cpu_ms"] / r["b"]["100k caseload, first 50"]["cpu_ms"],
        1.1,
        cause="growth",
    ),
    Goal(
        "caseload: database pages read at 1M against 100k families",
        lambda r: _plan(r, "1M", "buffers") / _plan(r, "100k", "buffers"),
        1.1,
        cause="growth",
    ),
    *(
        Goal(
            f"progress: {words}, {area}, 8 against 2 assessments a family",
            lambda r, area=area, moment=moment, cost=cost: independence.level_growth(r, area, moment, cost),
            limit,
            cause="history",
        )
        for area in ("kelurahan", "kota")
        for moment, cost, limit, words in (
            ("now", "ms", 1.2, "PostgreSQL's time for a cell of the levels now"),
            ("then", "buffers", 1.1, "database pages for a cell of the levels a year ago"),
        )
    ),
    Goal(
        "progress: a year ago from the roll-up against the scores, kota of 100k families",
        independence.roll_up_gain,
        0.1,
        cause="roll-up",
    ),
    *(
        Goal(
            f"progress: p50 of the page of a {area} against its hand-written SQL",
            lambda r, area=area: independence.page_over_sql(r, area),
            2,
            cause="progress",
        )
        for area in ("kelurahan", "kota")
    ),
    Goal(
        "assessment: processor time to record one, 8 against 2 before it",
        independence.record_growth,
        1.1,
        cause="recording",
    ),
    Goal("login page, first time", lambda r: r["f"]["login"]["cold"] / KIB, 20, unit=" KiB", cause="files"),
    Goal("caseload, first time", lambda r: r["f"]["caseload"]["cold"] / KIB, 45, unit=" KiB", cause="files"),
    Goal("caseload, next time", lambda r: r["f"]["caseload"]["warm"] / KIB, 8, unit=" KiB", cause="html"),
    Goal("caseload, requests", lambda r: r["f"]["caseload"]["cold_requests"], 8, unit="", cause="requests"),
    Goal("logging page, first time", _weight("log form", "cold"), 60, unit=" KB", cause="files"),
    Goal("logging page, next time", _weight("log form", "warm"), 15, unit=" KB", cause="html"),
    Goal("family's page, first time", _weight("family", "cold"), 60, unit=" KB", cause="files"),
    Goal("family's page, next time", _weight("family", "warm"), 15, unit=" KB", cause="html"),
    Goal("app tier at rest", lambda r: r["memory"][0]["pss"], 250, unit=" MB", cause="memory"),
    Goal(
        "app tier, most", lambda r: max(note["pss"] for note in r["memory"]), 400, unit=" MB", cause="memory"
    ),
    *dashboards.GOALS,
    *exports.GOALS,
]


def _why_visit(results):
    a, counts = results["a"], results["statements"]
    floor, limit, ours = a["empty"]["cpu_ms"], a["plain"]["cpu_ms"] / 5, _a(results, "ours", "cpu_ms")
    return (
        f"A fifth of plain Django is {limit:.1f} ms. A signed-in request that does nothing takes {floor:.1f} ms of"
        " them already: the session and the user are read from PostgreSQL and every middleware runs. A visit"
        f" takes {ours:.1f} ms and {counts[_big(results)]['all']} statements: receipt, month lock, activity, family"
        " row, last visit and checked keys, each a round trip through the ORM. PostgreSQL alone leaves the same rows"
        f" behind in {a['pgbench']['cpu_ms']:.1f} ms. Nearer to the goal would lead one hand-written statement in place"
        " of the ORM's six, and a signed cookie in place of the session row. The last would give up that a lost phone"
        " can be logged out at once, so it is not done."
    )


def _why_visit_grows(results):
    small, large = results["a"]["100k"], results["a"]["1M"]
    return (
        f"PostgreSQL's part went from {small['pg_ms']:.2f} to {large['pg_ms']:.2f} ms, the application's from"
        f" {small['app_ms']:.2f} to {large['app_ms']:.2f} ms. The application does not know the size, so its"
        " difference is the noise of this run. PostgreSQL stands here at its default of 128 MB for shared buffers:"
        " larger indexes are fetched from the system's cache, a call for each page."
    )


CAUSES = {
    "visit": _why_visit,
    "visit growth": _why_visit_grows,
    "growth": lambda r: (
        "The plans below show which page reads more. A join over a table of all areas makes PostgreSQL read that"
        " table whole once this looks cheaper than asking for the few rows of one caseload."
    ),
    "page": lambda r: (
        "More than half of the time goes into the template: a row of the list is some fifteen template nodes, and"
        " there are fifty. Rows rendered by one format string would halve it, at the price of HTML in Python."
    ),
    "statements": lambda r: (
        "The page asks for the rows, their components, the counts behind the filters and, once a minute, what may be filtered."
        " PostgreSQL's time includes the session, the user and the check of the pooled connection."
    ),
    "files": lambda r: "The table of files shows what weighs; htmx alone is over a third of the limit.",
    "html": lambda r: (
        "The page itself is sent anew each time, since pages with case data are kept by no cache."
    ),
    "requests": lambda r: (
        "Two style sheets, htmx, a small script, icons, the manifest and the page. All but the"
        " page are kept for a year; bundling them would save requests once and send all anew at every change."
    ),
    "history": lambda r: (
        "The tables of (c) show what grew: levels now come from an index of standing scores alone."
    ),
    "roll-up": lambda r: "The roll-up is read by month and kelurahan; the table of (c) shows both.",
    "progress": lambda r: (
        "The page asks once for each of its parts, each time with the condition on who may be counted; by hand two"
        " parts share what they read."
    ),
    "recording": lambda r: "What an assessment knows is reckoned anew from all scores of the family.",
    "memory": lambda r: "The table below shows after which work it grew.",
    **dashboards.CAUSES,
    **exports.CAUSES,
}


def write(results):
    """The report as Markdown."""
    causes = misses(GOALS, CAUSES, results)
    return (
        "\n\n".join(
            part
            for part in (
                _head(results),
                "## Goals\n\n" + goals_table(results),
                causes and "## Misses and why\n\n" + causes,
                _visits(results),
                _reads(results),
                _plans(results),
                independence.section(results),
                dashboards.section(results),
                exports.section(results),
                _weights(results),
                _memory(results),
                _load(results),
                HOW,
            )
            if part
        )
        + "\n"
    )


def machine(server_url):
    """What the run stood on."""
    with psycopg.connect(server_url) as connection:
        postgres = connection.execute("SHOW server_version").fetchone()[0]
        fsync = connection.execute("SHOW fsync").fetchone()[0]
        buffers = connection.execute("SHOW shared_buffers").fetchone()[0]
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607  whichever git there is
        check=False,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    return {
        "date": date.today().isoformat(),
        "commit": commit.stdout.strip() if commit.returncode == 0 else "none yet",
        "cores": os.cpu_count(),
        "model": model,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "django": version("django"),
        "gunicorn": version("gunicorn"),
        "postgres": f"{postgres} (fsync {fsync}, shared_buffers {buffers})",
    }


def goals_table(results):
    return table(GOALS, results)


def _head(results):
    on = results["machine"]
    return (
        "# Performance\n\n"
        "Written by `make bench`; a change by hand is lost with the next run. Wall figures vary with the machine\n"
        "and its neighbours, so goals are ratios inside one run, or processor time (server and PostgreSQL).\n\n"
        f"{on['date']}, commit {on['commit']}. {on['cores']} cores {on['model']}, {on['memory_gb']} GB; Python"
        f" {on['python']}, Django {on['django']}, gunicorn {on['gunicorn']} (gthread, 2 x 4), PostgreSQL"
        f" {on['postgres']}."
    )


def _visits(results):
    if "a" not in results:
        return ""
    bare = results["a"]["bare"]["cpu_ms"]
    names = {
        "pgbench": "pgbench: the same rows in one statement (the limit)",
        "bare": "bare `ok` behind Django's default middleware",
        "empty": "Langkah: a signed-in request that does nothing (the floor)",
        "plain": "plain Django: ModelForm, 10 foreign keys",
    } | {label: f"Langkah, {label} families" for label in results["sizes"]}
    lines = [
        "| system | accepted/s | p50 ms | p95 ms | CPU ms (app + PostgreSQL) | in bare answers | strangers' cores |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, words in names.items():
        row = results["a"][name]
        p95 = "" if name == "pgbench" else f"{row['p95']:.0f}"
        lines.append(
            f"| {words} | {row['rate']:,.0f} | {row['p50']:.1f} | {p95} | {row['app_ms']:.2f} + {row['pg_ms']:.2f} ="
            f" {row['cpu_ms']:.2f} | {row['cpu_ms'] / bare:.1f} | {row['strangers']:.1f} |"
        )
    return (
        "## (a) Logging a visit\n\nEight connections, each sending the next visit when the answer to the last has"
        " come. Every accepted visit was counted in the database afterwards; none was lost or doubled.\n\n"
        + "\n".join(lines)
        + "\n\n"
        + _statements(results)
    )


def _statements(results):
    counts = results["statements"]
    ours, plain = counts[_big(results)], counts["plain"]
    return (
        f"Statements of one visit: Langkah {ours['own']} of its own, {ours['all']} with session, user and transaction"
        f" control; plain Django {plain['own']} and {plain['all']}."
    )


def _reads(results):
    if "b" not in results:
        return ""
    lines = [
        "| page | p50 ms | p95 ms | CPU ms (app + PostgreSQL) | bytes of an answer | strangers' cores |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in results["b"].items():
        size = f"{row['bytes']:,.0f}" if row["bytes"] else ""
        words = f"Langkah {name}" if name.split()[0] in results["sizes"] else name
        lines.append(
            f"| {words} | {row['p50']:.1f} | {row['p95']:.1f} | {row['app_ms']:.2f} + {row['pg_ms']:.2f} ="
            f" {row['cpu_ms']:.2f} | {size} | {row['strangers']:.1f} |"
        )
    return (
        '## (b) Reading the caseload\n\nOne reader with 300 families, one request after the other. "All 300" of'
        " Langkah is the sum over its pages of 50.\n\n" + "\n".join(lines)
    )


def _plans(results):
    if "plans" not in results:
        return ""
    lines = [
        "| page | families in the database | own statements | database pages read | PostgreSQL ms |",
        "|---|---|---|---|---|",
    ]
    for label, plans in results["plans"].items():
        for plan in plans:
            lines.append(
                f"| {plan['name']} | {label} | {plan['count']} | {plan['buffers']} | {plan['ms']:.2f} |"
            )
    return (
        "### What the pages ask of PostgreSQL\n\nFrom EXPLAIN (ANALYZE, BUFFERS) of the statements each page makes,"
        " without session, user and transaction control. Pages read are exact, so growth shows without noise.\n\n"
        + "\n".join(lines)
    )


def _weights(results):
    if "f" not in results:
        return ""
    lines = [
        "| page | first time, bytes | requests | next time, bytes | requests | of it HTML |",
        "|---|---|---|---|---|---|",
    ]
    files = {}
    for name, row in results["f"].items():
        files |= row["files"]
        lines.append(
            f"| {name} | {row['cold']:,} | {row['cold_requests']} | {row['warm']:,} | {row['warm_requests']} |"
            f" {row['html']:,} |"
        )
    kept = "\n".join(f"| `{Path(path).name}` | {size:,} |" for path, size in sorted(files.items()))
    return (
        "## (f) Page weight\n\nBytes over the wire with heads, compressed as sent, htmx and icons included.\n\n"
        + "\n".join(lines)
        + "\n\n| file | bytes |\n|---|---|\n"
        + kept
    )


def _memory(results):
    if "memory" not in results:
        return ""
    lines = ["| moment | PSS MB | RSS MB |", "|---|---|---|"]
    lines += [f"| {note['when']} | {note['pss']:.0f} | {note['rss']:.0f} |" for note in results["memory"]]
    return "## Memory of the app tier\n\nThe gunicorn master and its two workers.\n\n" + "\n".join(lines)


def _load(results):
    if "load" not in results:
        return ""
    lines = ["| step | " + " | ".join(f"{label}, s" for label in results["load"]) + " |"]
    lines.append("|---" * (len(results["load"]) + 1) + "|")
    for rows in zip(*(load["steps"].items() for load in results["load"].values()), strict=True):
        step = rows[-1][0].lstrip("0123456789, ")  # each size names its own number
        lines.append(f"| {step} | " + " | ".join(f"{seconds:.0f}" for _, seconds in rows) + " |")
    sizes = ", ".join(f"{label}: {size / 1e9:.1f} GB" for label, size in results["disk"].items())
    return f"## Filling the databases\n\nOnce, then kept. On disk {sizes}.\n\n" + "\n".join(lines)


HOW = """## How it is measured

`make bench` fills two databases on an embedded PostgreSQL (100,200 and 1,000,200 families, ten activities each)
and starts three application servers: Langkah on each, and `bench/peers`, a plain Django project on the same server
with the same pool of connections. Langkah runs as the demo does: all middleware, CSRF, sessions in the database,
multipart forms. Systems take turns inside every round; of three rounds the median is kept, without those in which
strangers kept more than half a core busy, unless all are such. Processor time is read from `/proc` for the whole
process tree, ended processes included; "strangers" are cores that other processes kept busy meanwhile. The 300
families of a caseload lie scattered over the whole table, as after years of changes.
`python -m bench --quick` measures 100 thousand families only, `--only a` (to f) one part; both leave their report in
`PKH_HOME/bench`. `python -m bench.phone --write` measures work without signal, `python -m bench.beside COMMIT --write`
compares with an older commit; each leaves its own section below. No figure ever fails a build."""
