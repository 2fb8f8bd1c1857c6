"""Run (e): activities as CSV and XLSX beside django-import-export and PostgreSQL's own COPY. With its part of the report.

Each file is made by a process of its own (bench.exporting), so that its memory is its own.
"""

import json

from .goal import Goal
from .ground import environment, python

ROWS, FEW, MANY = 200_000, 10_000, 1_000_000
# django-import-export holds the whole table in memory and takes minutes for it, so it gets fewer rows.
TURNS = {
    "COPY, csv": ("copy", "csv", ROWS),
    "Langkah, csv": ("ours", "csv", ROWS),
    "Langkah, xlsx": ("ours", "xlsx", ROWS),
    "django-import-export, csv": ("import-export", "csv", FEW),
    "django-import-export, xlsx": ("import-export", "xlsx", FEW),
    "Langkah, monthly report, pdf": ("report", "pdf", 0),
    "Langkah, csv, a million": ("ours", "csv", MANY),
    "Langkah, xlsx, a million": ("ours", "xlsx", MANY),
}


def measure(site):
    """{turn: {rows, seconds, cpu, peak_mb, bytes}}, one after the other."""
    site.inside("koordinator")
    env = environment(site.home, site.url)
    # Whoever came first would read the tables from the disk for all others.
    python(["-m", "bench.exporting", "copy", "csv", str(MANY)], env)
    found = {}
    for name, (way, kind, rows) in TURNS.items():
        found[name] = json.loads(python(["-m", "bench.exporting", way, kind, str(rows)], env))
        row = found[name]
        print(f"    {name}: {row['seconds']:.1f} s, {row['peak_mb']:.0f} MB", flush=True)
    return found


def _rate(name):
    return lambda results: results["e"][name]["rows"] / results["e"][name]["seconds"]


def _over(name, other):
    return lambda results: _rate(name)(results) / _rate(other)(results)


GOALS = [
    Goal(
        "export: rows a second as CSV against django-import-export",
        _over("Langkah, csv", "django-import-export, csv"),
        20,
        at_least=True,
        cause="export",
    ),
    Goal(
        "export: rows a second as CSV against COPY",
        _over("Langkah, csv", "COPY, csv"),
        1 / 3,
        at_least=True,
        cause="export",
    ),
    Goal(
        "export: rows a second as XLSX against django-import-export",
        _over("Langkah, xlsx", "django-import-export, xlsx"),
        15,
        at_least=True,
        cause="export",
    ),
    *(
        Goal(
            f"export: memory of a million rows as {kind.upper()}",
            lambda r, kind=kind: r["e"][f"Langkah, {kind}, a million"]["peak_mb"],
            250,
            unit=" MB",
            cause="export memory",
        )
        for kind in ("csv", "xlsx")
    ),
    Goal(
        "monthly report: memory of the PDF",
        lambda r: r["e"]["Langkah, monthly report, pdf"]["peak_mb"],
        150,
        unit=" MB",
        cause="export memory",
    ),
    Goal(
        "export: memory as CSV, a million rows above 200 thousand",
        lambda r: r["e"]["Langkah, csv, a million"]["peak_mb"] - r["e"]["Langkah, csv"]["peak_mb"],
        32,
        unit=" MB",
        cause="export memory",
    ),
]
CAUSES = {
    "export": lambda r: (
        "Both ways ask PostgreSQL the same: two of the columns (how many families, and which) are read from another table"
        " for each row. That takes so long that COPY, which does nothing else, is only"
        f" {_over('COPY, csv', 'django-import-export, csv')(r):.1f}x as fast as django-import-export: the goal lies beyond"
        " what the database gives for these columns. Every cell of ours is guarded against formulas and put into local"
        " form in Python."
    ),
    "export memory": lambda r: "The table of (e) shows what each file took.",
}


def section(results):
    """The part of the report on (e), or "" when it was not run."""
    if "e" not in results:
        return ""
    lines = [
        "## (e) Exports",
        "",
        (
            "Activities of a kota with twelve columns, each file by a process of its own; the rows were counted in the file"
            " afterwards. The monthly report is that of a caseload of 300 families; its rows are the activities listed."
        ),
        "",
        "| way | rows | s | rows/s | CPU s (app) | memory MB | file MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in results["e"].items():
        lines.append(
            f"| {name} | {row['rows']:,} | {row['seconds']:.1f} | {row['rows'] / row['seconds']:,.0f} |"
            f" {row['cpu']:.1f} | {row['peak_mb']:.0f} | {row['bytes'] / 1e6:.1f} |"
        )
    return "\n".join(lines)
