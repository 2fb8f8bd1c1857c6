"""What work without signal costs the server, the way to the phone, and the phone.

    python -m bench.phone [--rounds 15] [--write]

On the families of the demo, dealt out anew in caseloads of three sizes. What the server does is told in processor time,
that of the program and of its connection to PostgreSQL (bench.syncing); what the phone does in seconds of a browser that
is slowed down (bench.coldstart). `--write` puts the section into docs/performance.md. No figure ever fails the program.
"""

import argparse
import json
import os
import statistics
import sys
from contextlib import ExitStack
from datetime import date
from itertools import accumulate
from pathlib import Path

import brotli
import psycopg

from pkh_casework import postgres

from . import offline, sections
from .coldstart import Phone
from .ground import PROJECT, copy_of, database_url, environment, fill_demo, python, remove, web_server
from .lines import Program
from .runs import Site, medians

ROUNDS, STARTS = 9, 5
SMALL_EACH = 40  # small requests of a kind in each round
COPY = "bench_phone"
# Families that are accompanied: who holds them.
HOLDERS = {600: "pendamping.kebonjayanti", 300: "pendamping2.kebonjayanti", 100: "pendamping.sukapura"}
# Whole kelompok after kelompok; whoever is left over or no longer accompanied goes to somebody else.
DEAL = """
    WITH dealt AS (
        SELECT id, row_number() OVER (ORDER BY group_id, id) AS place FROM kpm_household
        WHERE status IN ('aktif', 'calon_graduasi')
    ), holder AS (
        SELECT household.id, coalesce(
            (SELECT person.id FROM jsonb_to_recordset(%(holders)s) AS part (username text, first int, last int)
            JOIN accounts_user person USING (username) WHERE place BETWEEN first AND last), %(rest)s
        ) AS person FROM kpm_household household LEFT JOIN dealt USING (id)
    ), families AS (
        UPDATE kpm_household family SET pendamping_id = person FROM holder WHERE holder.id = family.id
    ), terms AS (
        UPDATE kpm_assignment term SET pendamping_id = person FROM holder
        WHERE holder.id = term.household_id AND term.to_on IS NULL
    )
    UPDATE kpm_group SET name = name || ' ' || id, pendamping_id = (
        SELECT person FROM holder JOIN kpm_household family USING (id)
        WHERE family.group_id = kpm_group.id ORDER BY family.id LIMIT 1
    ) WHERE EXISTS (SELECT FROM kpm_household family WHERE family.group_id = kpm_group.id)
"""
# A kelompok that was cut in two keeps the families of its holder.
LEAVE = """
    UPDATE kpm_household family SET group_id = NULL FROM kpm_group
    WHERE kpm_group.id = family.group_id AND kpm_group.pendamping_id <> family.pendamping_id
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.phone", description="Measure work without signal.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--starts", type=int, default=STARTS, help="cold starts of each page")
    parser.add_argument("--write", action="store_true", help="put the section into docs/performance.md")
    options = parser.parse_args()
    home = (Path(os.environ.get("PKH_HOME") or PROJECT / ".pkh") / "bench").resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with postgres.running(home) as server:
        url = database_url(server.url, copy_of(server.url, fill_demo(home, server.url, date.today()), COPY))
        try:
            deal(url)
            results = measure(home, url, options)
        finally:
            remove(server.url, COPY)
    text = offline.section(results)
    print(text)
    if options.write:
        sections.put(text)


def measure(home, url, options):
    """All figures, as offline.section takes them."""
    env = environment(home, url)
    python(["manage.py", "collectstatic", "--no-input", "-v0"], env)
    results = {"rounds": options.rounds, "starts": options.starts, "scripts": scripts(home / "static")}
    with Program([sys.executable, "-m", "bench.syncing"], cwd=PROJECT, env=env) as program:
        program.ask(**{str(families): username for families, username in HOLDERS.items()})
        results |= serve(program, options.rounds)
    return results | open_cold(home, url, options.starts)


def serve(program, rounds):
    """What the server spends, in `rounds` of which a first one warms up."""
    families = max(HOLDERS)
    turns = {
        (kind, size): {"job": kind, "families": str(size)} for kind in offline.BUNDLES for size in HOLDERS
    }
    turns |= {way: {"job": way, "families": str(families)} for way in offline.SENT}
    turns |= {("parts", way): {**turns[way], "parts": True} for way in ("batch", "single")}
    for what in offline.SMALL:
        turns[what] = {"job": "check", "families": str(families), "what": what, "count": SMALL_EACH}
    found = {turn: [] for turn in turns}
    for number in range(rounds + 1):
        print(f"  round {number} of {rounds}", flush=True)
        for turn, words in turns.items():
            figures = program.ask(**words)
            if number:
                found[turn].append(figures)
    low = {turn: quartile(each) for turn, each in found.items()}
    return {
        "bundles": {turn: low[turn] for turn in turns if turn[0] in offline.BUNDLES},
        "sent": {way: low[way] for way in offline.SENT},
        "ratio": statistics.median(map(ratio, found["batch"], found["single"])),
        "parts": {
            way: low["parts", way]["parts"] | {"whole": low["parts", way]} for way in ("batch", "single")
        },
        "small": {what: low[what] for what in offline.SMALL},
    }


def quartile(rounds):
    """The lower quartile of each figure of `rounds`: what a neighbour adds is never less than nothing."""
    first = rounds[0]
    if isinstance(first, dict):
        return {name: quartile([each[name] for each in rounds]) for name in first}
    return statistics.quantiles(rounds, n=4)[0] if len(rounds) > 1 else first


def ratio(one, other):
    return (one["app"] + one["pg"]) / (other["app"] + other["pg"])


def scripts(static):
    """{name: bytes as sent} of what runs on a phone that works without signal."""
    files = [static / "vendor/idb/idb.js", *sorted((static / "js/phone").glob("*.js"))]
    plain = [
        file for file in files if file.name.count(".") == 1
    ]  # without those that have their digest in the name
    return {str(file.relative_to(static)): len(brotli.compress(file.read_bytes())) for file in plain}


def open_cold(home, url, starts):
    """What rests on a phone after its first bundle, and how long its pages take in a browser that was closed."""
    with ExitStack() as run:
        with web_server(home, url) as (port, pid):
            login = Site("phone", home, url, (port, pid)).inside("phone", HOLDERS[max(HOLDERS)])
            phone = run.enter_context(Phone(f"http://localhost:{port}"))
            kept = phone.begin(login["session"])
        # The server is gone.
        addresses = {"form": f"/kegiatan/catat/?kpm={login['case']}", "list": "/kpm/", "today": "/"}
        found = {what: [] for what in addresses}
        for number in range(starts):
            print(f"  cold start {number + 1} of {starts}", flush=True)
            for what, address in addresses.items():
                found[what].append(phone.open(address))
    cold = {what: medians(times) for what, times in found.items()}
    return {"kept": kept, "cold": cold}


def deal(url):
    """Give the families of the demo in the database `url` to the HOLDERS."""
    with psycopg.connect(url) as connection:
        rest = "SELECT id FROM accounts_user WHERE username = 'pendamping.babakansari'"
        (rest,) = connection.execute(rest).fetchone()
        connection.execute(DEAL, {"holders": json.dumps(dealt()), "rest": rest})
        connection.execute(LEAVE)


def dealt():
    """[{username, first, last}, …]: whose the families of which places are."""
    return [
        {"username": username, "first": last - families + 1, "last": last}
        for (families, username), last in zip(HOLDERS.items(), accumulate(HOLDERS), strict=True)
    ]


if __name__ == "__main__":
    main()
