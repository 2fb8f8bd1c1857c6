"""What a signed-in request that does nothing and a visit cost, beside an older commit of this project.

    python -m bench.beside COMMIT [--rounds 24] [--write]

Each of the two programs answers requests in a process of its own, without a web server, on its own copy of one small
database; they take turns, so that a busy neighbour hits both alike. Only processor time counts: that of the program and
of its connection to PostgreSQL. The older commit must have the same schema. `--write` puts the table into
docs/performance.md.
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tarfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pkh_casework import postgres

from . import sections
from .ground import PROJECT, Ground, copy_of, database_url, environment, fill, remove
from .lines import Program
from .runs import Site

GROUND = Ground(3_000)
ROUNDS = 24
COUNT = 41  # requests of a kind in each round
JOBS = {"empty": "a signed-in request that does nothing", "visit": "a visit"}
TREES = ("before", "now")
PARTS = ("app_ms", "pg_ms")


def main():
    parser = argparse.ArgumentParser(
        prog="python -m bench.beside", description="Compare with an older commit."
    )
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    home = (Path(os.environ.get("PKH_HOME") or PROJECT / ".pkh") / "bench").resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    name, _ = fill(home, [GROUND])[GROUND]
    with (
        TemporaryDirectory(prefix="pkh-bench-") as place,
        postgres.running(home) as server,
        ExitStack() as run,
    ):
        projects = {"before": unpack(options.commit, Path(place)), "now": PROJECT}
        programs = {}
        for tree, project in projects.items():
            copy = copy_of(server.url, name, f"bench_{tree}")
            run.callback(remove, server.url, copy)
            url = database_url(server.url, copy)
            programs[tree] = run.enter_context(program(project, home, url))
            programs[tree].ask(visit=Site("", home, url, (0, 0)).visits())
        found = take_turns(programs, options.rounds)
    text = section(options.commit, found)
    print(text)
    if options.write:
        sections.put(text)


def unpack(commit, place):
    """The files of `commit` below `place`; returns where."""
    command = ["git", "archive", commit]  # whichever git there is
    done = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as files:
        files.extractall(place, filter="data")
    return place


def program(project, home, url):
    """The program of `project` on the database `url`, which answers requests one after the other (bench.answering)."""
    env = environment(home, url) | {"PYTHONPATH": str(project)}
    # By its path, since the older commit has none, and without its place, since both have a package `bench`.
    command = [sys.executable, "-P", str(PROJECT / "bench/answering.py")]
    return Program(command, cwd=project, env=env)


def take_turns(programs, rounds):
    """{job: {tree: [figures of each round]}}; the first round warms up."""
    found = {job: {tree: [] for tree in programs} for job in JOBS}
    for number in range(rounds + 1):
        for job, by_tree in found.items():
            for tree, program in programs.items():
                figures = program.ask(job=job, count=COUNT)
                if number:
                    by_tree[tree].append(figures)
    return found


def section(commit, found):
    """The part of docs/performance.md that tells what was `found`."""
    rounds = len(found["empty"]["now"])
    how = (
        f"`python -m bench.beside {commit} --write`, {date.today().isoformat()}. Both programs answer {COUNT - 1} requests"
        f" of each kind in turn, {rounds} times, in a process without a web server. Processor time: the lower quartile of"
        " the rounds. Ratio: the median of those of the single rounds, in which a neighbour hits both alike."
    )
    lines = [
        *(sections.BESIDE, "", how, ""),
        "| request | before, CPU ms (app + PostgreSQL) | now | now / before | statements before | now |",
        "|---|---|---|---|---|---|",
    ]
    for job, by_tree in found.items():
        parts = {tree: [_low(by_tree[tree], part) for part in PARTS] for tree in TREES}
        ratio = statistics.median(map(_ratio, by_tree["before"], by_tree["now"]))
        told = [f"{app:.2f} + {pg:.2f} = {app + pg:.2f}" for app, pg in parts.values()]
        counts = [str(by_tree[tree][-1]["statements"]) for tree in TREES]
        lines.append(f"| {' | '.join([JOBS[job], *told, f'{ratio:.2f}x', *counts])} |")
    return "\n".join(lines) + "\n"


def _ratio(before, now):
    return sum(now[part] for part in PARTS) / sum(before[part] for part in PARTS)


def _low(rounds, part):
    """The lower quartile: what a neighbour adds is never less than nothing."""
    return statistics.quantiles([figures[part] for figures in rounds], n=4)[0]


if __name__ == "__main__":
    main()
