"""`make bench`: measure against the goals and write docs/performance.md. Never fails because of a figure.

    python -m bench                both sizes, everything; about ten minutes once the databases are filled
    python -m bench --quick        100 thousand families only
    python -m bench --only b       a: logging a visit, b: reading the caseload, c: how far families have come,
                                   d: dashboards, e: exports, f: page weight, g: a file of families taken in

The databases stay in PKH_HOME/bench for the next run. Only a whole run writes docs/performance.md; any other
leaves its report beside the databases.
"""

import argparse
import json
import os
from contextlib import ExitStack
from pathlib import Path

import psycopg

from pkh_casework import postgres

from . import dashboards, exports, imports, independence, report, runs, sections
from .ground import PROJECT, Ground, database_url, environment, fill, python, web_server
from .measure import memory_mb

SIZES = {"100k": Ground(100_200), "1M": Ground(1_000_200)}  # multiples of a caseload of 300


def main():
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against the goals.")
    parser.add_argument("--quick", action="store_true", help="100 thousand families only")
    parser.add_argument(
        "--only", choices=list("abcdefg"), action="append", help="one measure; may be repeated"
    )
    parser.add_argument("--rounds", type=int, default=runs.ROUNDS)
    options = parser.parse_args()
    home = (Path(os.environ.get("PKH_HOME") or PROJECT / ".pkh") / "bench").resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    sizes = {"100k": SIZES["100k"]} if options.quick else SIZES
    wanted = set(options.only or "abcdefg")
    if not wanted & set("abdf"):
        sizes = {}

    grounds = [*sizes.values(), *(independence.GROUNDS.values() if wanted & set("ce") else ())]
    databases = fill(home, grounds)
    with postgres.running(home) as server:
        results = {"machine": report.machine(server.url)}
        if sizes:
            chosen = {label: databases[ground] for label, ground in sizes.items()}
            results |= measure(home, server, chosen, wanted, options)
            results["load"] = {
                label: {"families": ground.families, "steps": databases[ground][1]}
                for label, ground in sizes.items()
            }
        chosen = {
            label: databases[ground] for label, ground in independence.GROUNDS.items() if ground in databases
        }
        if "c" in wanted:
            results["c"] = compare(home, server, chosen, options)
        if "e" in wanted:
            print("  (e) exports", flush=True)
            name, _ = chosen[independence.SHORT]
            results["e"] = exports.measure(runs.Site("exports", home, database_url(server.url, name), (0, 0)))
        if "g" in wanted:
            print("  (g) a file of families taken in", flush=True)
            results["g"] = imports.measure(home, server, imports.FAMILIES, imports.PEER_FAMILIES)
            sections.put(imports.section(results["g"], results["machine"]))
    (home / "results.json").write_text(json.dumps(results, indent=1))
    text = report.write(results)
    whole = not options.quick and not options.only
    target = sections.REPORT if whole else home / "performance.md"
    target.write_text(f"{text}\n{sections.kept(sections.REPORT.read_text())}" if whole else text)
    print(f"\n{report.goals_table(results)}\nThe whole report: {target}")


def measure(home, server, databases, wanted, options):
    """Start every site on its database, run the wanted measures, return all figures."""
    with ExitStack() as running:
        sites = {}
        urls = {label: database_url(server.url, name) for label, (name, _) in databases.items()}
        *_, largest = urls
        python(["manage.py", "collectstatic", "--no-input", "-v0"], environment(home, urls[largest]))

        def site(name, label, *, plain=False):
            address = running.enter_context(web_server(home, urls[label], plain=plain))
            sites[name] = runs.Site(name, home, urls[label], address, plain=plain)

        site("plain", largest, plain=True)
        for label in urls:
            site(label, label)
        ours = sites[largest]
        memory = []

        def note_memory(when):
            pss, rss = memory_mb(ours.pid)
            memory.append({"when": when, "pss": pss, "rss": rss})

        ours.load(ours.reads("/kpm/"), count=16, workers=8)  # every thread and process has answered once
        note_memory("at rest, after the first pages")
        results = {"sizes": list(urls), "memory": memory}
        with psycopg.connect(server.url) as connection:
            results["disk"] = {
                label: connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()[0]
                for label, (name, _) in databases.items()
            }
        if "a" in wanted:
            print("  (a) logging a visit", flush=True)
            results["a"], results["statements"] = runs.log_visits(
                sites, server.process.pid, rounds=options.rounds
            )
            note_memory(f"after logging visits, {runs.CONNECTIONS} at a time")
        if "b" in wanted:
            print("  (b) reading the caseload", flush=True)
            results["b"], results["plans"] = runs.read_caseload(
                sites, server.process.pid, rounds=options.rounds
            )
            note_memory("after reading pages")
        if "d" in wanted:
            print("  (d) dashboards", flush=True)
            results["d"] = dashboards.measure(ours, server.process.pid, rounds=options.rounds)
        if "f" in wanted:
            print("  (f) page weight", flush=True)
            results["f"] = runs.weigh_pages(ours)
        note_memory("at the end")
        return results


def compare(home, server, databases, options):
    """The figures of (c), with a site on each of its databases."""
    print("  (c) how far families have come", flush=True)
    with ExitStack() as running:
        sites = {}
        for label, (name, _) in databases.items():
            url = database_url(server.url, name)
            if not sites:
                python(["manage.py", "collectstatic", "--no-input", "-v0"], environment(home, url))
            address = running.enter_context(web_server(home, url))
            sites[label] = runs.Site(label, home, url, address)
        found = independence.measure(sites, server.process.pid, rounds=options.rounds)
    found["load"] = {label: steps for label, (_, steps) in databases.items()}
    return found


if __name__ == "__main__":
    main()
