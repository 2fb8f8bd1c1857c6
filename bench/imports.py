"""A file of families taken in, beside django-import-export doing the same; with its section of docs/performance.md.

    python -m bench.imports [--families 5000] [--peer-families 2000] [--only ours]

Each way is a process of its own on a database of its own. Ours runs with so many families, the other with so many of its
own, since it takes an hour for what ours does in a minute; both are compared by what a thousand families cost.
"""

import argparse
import json
import os
from contextlib import suppress
from pathlib import Path

import psycopg

from pkh_casework import postgres

from . import ground, report, sections
from .ground import PROJECT, copy_of, database_url, environment, python, remove
from .measure import Watch

KINDS = ("csv", "xlsx")
FAMILIES, PEER_FAMILIES = 5_000, 2_000
HOLDERS = 330  # whom the file names
WAYS = ("ours", "import-export", "import-export-one")
HEADING = sections.TAKEN_IN


def main():
    parser = argparse.ArgumentParser(
        prog="python -m bench.imports", description="Take a file of families in."
    )
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--peer-families", type=int, default=PEER_FAMILIES)
    parser.add_argument("--only", choices=WAYS)
    options = parser.parse_args()
    home = (Path(os.environ.get("PKH_HOME") or PROJECT / ".pkh") / "bench").resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with postgres.running(home) as server:
        found = measure(home, server, options.families, options.peer_families, only=options.only)
        text = section(found, report.machine(server.url))
    print(text)
    if not options.only:
        sections.put(text)


def measure(home, server, families, peer_families, *, only=None):
    """{"ours, csv": {rows, new, refused, seconds, cpu, pg, peak_mb, steps}, …}, one after the other."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        base = ground.base(connection, server.url, home)
    found = {}
    for way, count in (
        ("ours", families),
        ("import-export", peer_families),
        ("import-export-one", peer_families),
    ):
        for kind in KINDS:
            if only in {None, way}:
                name = f"{way}, {kind}"
                found[name] = _take_in(home, server, base, way, kind, count)
                row = found[name]
                print(
                    f"    {name}: {row['seconds']:.1f} s, {row['cpu']:.1f} + {row['pg']:.1f} CPU s, {row['steps']}",
                    flush=True,
                )
    return found


def _take_in(home, server, base, way, kind, count):
    path, name = home / f"families.{kind}", f"bench_taking_in_{kind}_{WAYS.index(way)}"
    python(["-m", "bench.importing", "make", kind, str(count), str(path)], environment(home, server.url))
    env = environment(home, database_url(server.url, copy_of(server.url, base, name)))
    try:
        python(["-m", "bench.taking_in", "people", str(HOLDERS)], env)
        watch = Watch({"pg": server.process.pid}).start()
        found = json.loads(python(["-m", "bench.taking_in", way, str(path)], env))
        watch.stop()
    finally:
        path.unlink()
        with suppress(psycopg.errors.InsufficientPrivilege):  # a vacuum is at work; the next run removes it
            remove(server.url, name)
    if found["new"] + found["refused"] != count:
        raise RuntimeError(f"{way} {kind}: {found}")
    return found | {"pg": watch.cpu["pg"], "strangers": watch.strangers}


def per_thousand(row):
    """Processor seconds of app and database for a thousand families."""
    return (row["cpu"] + row["pg"]) / row["rows"] * 1000


def section(found, machine):
    """The section of the report."""
    lines = [
        HEADING,
        "",
        (
            f"`python -m bench.imports`, commit {machine['commit']}, {machine['date']}, {machine['cores']} cores"
            f" ({machine['model']}), PostgreSQL {machine['postgres']}. A row a family, 15 columns; of every fiftieth the NIK"
            " is damaged and told by its row. Read, checked and taken in; processor time of the app and of PostgreSQL. The"
            " start of the program, about a second, is in it, and weighs where the families are few."
        ),
        "",
        (
            "*import-export* is a resource of django-import-export over Langkah's tables, run as its admin does: of each row a"
            " family, its pengurus, a component, a kelompok, a term of its holder, the history of all of them and sealed"
            " numbers, as ours. *import-export-one* makes one row of one plain table, without history, numbers in the clear,"
            " looked up by an index."
        ),
        "",
        "| way | families | refused | s | CPU s app + PostgreSQL | CPU s for 1,000 | memory MB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {row['rows']:,} | {row['refused']:,} | {row['seconds']:.1f} | {row['cpu']:.1f} + {row['pg']:.1f}"
        f" | {per_thousand(row):.2f} | {row['peak_mb']:.0f} |"
        for name, row in found.items()
    ]
    lines += [
        f"\n{kind.upper()}: for the same processor time {_times(found, kind, 'import-export'):.0f}x the families that"
        f" django-import-export makes of the same (goal: 20x), {_times(found, kind, 'import-export-one'):.0f}x the rows that it"
        " puts into one table."
        for kind in KINDS
        if all(f"{way}, {kind}" in found for way in WAYS)
    ]
    return "\n".join(lines)


def _times(found, kind, way):
    return per_thousand(found[f"{way}, {kind}"]) / per_thousand(found[f"ours, {kind}"])


if __name__ == "__main__":
    main()
