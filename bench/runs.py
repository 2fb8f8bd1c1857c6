"""The runs: (a) logging a visit, (b) reading the caseload, (f) what a page weighs. They return plain figures.

Systems take turns inside every round, so that a busy neighbour hits all alike; the rounds' medians are kept.
"""

import gzip
import json
import re
import statistics
import subprocess
import time
from datetime import date
from functools import cached_property
from urllib.parse import unquote, urljoin

import psycopg

from .client import ask
from .ground import PGBENCH, environment, python
from .load import PER_PENDAMPING, VISITS
from .measure import Watch, wait_for_quiet

CONNECTIONS = 8
ROUNDS = 3
VISIT_SECONDS = 5
READS = 60
QUIET = 0.5  # cores of strangers up to which a round counts as undisturbed
NEXT_PAGE = re.compile(r'href="(/kpm/\?[^"]*sesudah=[^"]*)"')
NOTES = "Membicarakan tabungan dan sekolah anak; buku catatan belanja sudah diisi sampai minggu lalu."
# All that a visit leaves behind, in one statement: what no application can undercut.
LIMIT_SQL = """\\set n random(1, :families)
WITH target AS (
    SELECT *, uuidv7() AS op_id, uuidv7() AS activity_id FROM bench.target WHERE n = :n
), receipt AS (
    INSERT INTO entries_receipt (op_id, author_id, kind, content_hash, received_at, object_id)
    SELECT op_id, pendamping_id, 'roles.activity', rpad(op_id::text, 64, '0'), now(), activity_id FROM target
), activity AS (
    INSERT INTO roles_activity (id, op_id, pendamping_id, wilayah_id, occurred_on, kind_id, sub_role_id, place,
        notes, outcome, next_step, received_at)
    SELECT activity_id, op_id, pendamping_id, wilayah_id, CURRENT_DATE, 'kunjungan_rumah', 'FAS-1', '',
        'Membicarakan tabungan dan sekolah anak; buku catatan belanja sudah diisi sampai minggu lalu.', '', '',
        now()
    FROM target
), family AS (
    INSERT INTO roles_activityhousehold (id, activity_id, household_id, pendamping_id, wilayah_id,
        occurred_on, is_visit, met)
    SELECT uuidv7(), activity_id, household_id, pendamping_id, wilayah_id, CURRENT_DATE, true, true
    FROM target
)
UPDATE kpm_household SET last_visited_on = CURRENT_DATE FROM target
WHERE kpm_household.id = target.household_id;
"""


class Site:
    """One running server on one database: ours or the plain project's, with logins for the load."""

    def __init__(self, name, home, url, server, *, plain=False):
        self.name, self.home, self.url, self.plain = name, home, url, plain
        self.port, self.pid = server

    def inside(self, command, *arguments, job=None):
        """What `bench.inside` says about this site's database; `job` goes to its standard input."""
        env = environment(self.home, self.url)
        if self.plain:
            env["DJANGO_SETTINGS_MODULE"] = "bench.peers.settings"
        return json.loads(python(["-m", "bench.inside", command, *arguments], env, input=json.dumps(job)))

    def families(self, holder):
        """(case number, id in the plain project, its kelurahan, its group) of the families of `holder`."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(
                "SELECT case_number, family.id, village_id, group_id FROM peer.plain_household family"
                " JOIN peer.auth_user holder ON holder.id = worker_id WHERE username = %s ORDER BY family.id",
                [holder],
            ).fetchall()

    def visits(self):
        """The job of a pendamping's phone: one visit to one family in every request."""
        return self._plain_visits() if self.plain else self._our_visits()

    def _rows(self, fields_of):
        cases = {f"bench{number}": self.families(f"bench{number}") for number in range(1, VISITS + 1)}
        writers = self.inside("sessions")["writers"]
        return [
            writer | fields_of(cases[writer["holder"]][place % PER_PENDAMPING])
            for place, writer in enumerate(writers)
        ]

    def _our_visits(self):
        return {
            "method": "POST",
            "path": "/kegiatan/catat/",
            "expect": 302,
            "multipart": True,
            "rows": self._rows(lambda family: {"case": family[0]}),
            "fields": {
                "csrfmiddlewaretoken": "{csrf}",
                "op_id": "{uuid}",
                "kpm": "{case}",
                "met-{case}": "ya",
                "kind": "kunjungan_rumah",
                "sub_role": "FAS-1",
                "notes": NOTES,
                "outcome": "Sepakat menabung tiap minggu.",
                "next_step": "",
                "next_step_on": "",
                "occurred_on": date.today().isoformat(),
                "place": "",
                "group": "",
            },
        }

    def _plain_visits(self):
        return {
            "method": "POST",
            "path": "/visit/",
            "expect": 302,
            "multipart": False,
            "rows": self._rows(
                lambda family: {"household": family[1], "village": family[2], "group": family[3]}
            ),
            "fields": {
                "csrfmiddlewaretoken": "{csrf}",
                "household": "{household}",
                "province": "{village:.2}",
                "regency": "{village:.4}",
                "district": "{village:.6}",
                "village": "{village}",
                "kind": "kunjungan_rumah",
                "role": "fasilitasi",
                "sub_role": "FAS-1",
                "group": "{group}",
                "occurred_on": date.today().isoformat(),
                "notes": NOTES,
                "outcome": "Sepakat menabung tiap minggu.",
                "next_step": "",
                "next_step_on": "",
            },
        }

    def reads(self, *paths, part=""):
        """The job of opening `paths` in turn as the one who only reads; `part` is what htmx asks for."""
        headers = {"HX-Request": "true", "HX-Target": part} if part else {}
        return {
            "method": "GET",
            "path": "{path}",
            "expect": 200,
            "headers": headers,
            "rows": [self.reader | {"path": path} for path in paths],
        }

    @cached_property
    def reader(self):
        return self.inside("sessions")["reader"]

    def load(self, job, **how):
        """Send `job` from a process of its own and return what bench.client saw. Raises on a wrong answer."""
        answers = json.loads(
            python(
                ["-m", "bench.client"],
                environment(self.home, self.url),
                input=json.dumps({"port": self.port, "workers": 1, **job, **how}),
            )
        )
        wrong = {
            status: times for status, times in answers["statuses"].items() if int(status) != job["expect"]
        }
        if wrong:
            raise RuntimeError(f"{self.name}, {job['method']} {job['path']}: unexpected answers {wrong}")
        return answers

    def read(self, job, postgres_pid, count):
        """The figures of a block of `count` requests of `job`, one after the other, with the bytes of an answer."""
        watch = Watch({"app": self.pid, "pg": postgres_pid}).start()
        answers = self.load(job, count=count)
        return figures(answers, watch.stop()) | {"bytes": answers["bytes"]}


def figures(answers, watch):
    """The figures of one block: rate, latencies, processor ms of one operation, neighbours."""
    done, latencies = answers["done"], answers["latencies"]
    return {
        "done": done,
        "rate": done / answers["seconds"],
        "p50": statistics.median(latencies),
        "p95": latencies[int(len(latencies) * 0.95)],
        "app_ms": watch.cpu["app"] * 1000 / done,
        "pg_ms": watch.cpu["pg"] * 1000 / done,
        "cpu_ms": (watch.cpu["app"] + watch.cpu["pg"]) * 1000 / done,
        "strangers": watch.strangers,
    }


def medians(blocks):
    """The median of every figure over the quiet rounds, or over all when none was quiet."""
    kept = [block for block in blocks if block["strangers"] <= QUIET] or blocks
    return {name: statistics.median(block[name] for block in kept) for name in blocks[0]}


def take_turns(turns, rounds=ROUNDS):
    """Run each of `turns` (name to a function returning a block's figures) in every round; medians by name."""
    blocks = {name: [] for name in turns}
    for number in range(rounds):
        for name, turn in turns.items():
            wait_for_quiet()
            block = turn()
            blocks[name].append(block)
            print(
                f"    round {number + 1} {name}: p50 {block['p50']:.1f} ms, cpu {block['app_ms']:.2f} +"
                f" {block['pg_ms']:.2f} ms, strangers {block['strangers']:.1f}",
                flush=True,
            )
    return {name: medians(found) for name, found in blocks.items()}


# --- (a) logging a visit ------------------------------------------------------------------------------------


def log_visits(sites, postgres_pid, *, seconds=VISIT_SECONDS, rounds=ROUNDS):
    """Visits by CONNECTIONS connections at once: pgbench, the bare answer, the plain project, ours at each size.

    `empty` is a signed-in request to ours that is sent on without a page or a query of its own: the floor under
    everything that goes through our middleware. Returns (figures by turn, statements of one visit by turn).
    """
    plain, ours = sites["plain"], [site for site in sites.values() if not site.plain]

    def block(site, job):
        watch = Watch({"app": site.pid, "pg": postgres_pid}).start()
        answers = site.load(job, workers=CONNECTIONS, seconds=seconds)
        return figures(answers, watch.stop())

    def visit(site):
        before = _receipts(site)
        found = block(site, site.visits())
        if not site.plain and _receipts(site) - before != found["done"]:
            raise RuntimeError(f"{site.name}: {found['done']} accepted, {_receipts(site) - before} stored")
        return found

    bare = {"method": "GET", "path": "/ok/", "expect": 200, "rows": [{}]}
    empty = {"method": "GET", "path": "/", "expect": 302, "rows": [ours[-1].inside("koordinator")]}
    turns = {
        "pgbench": lambda: _pgbench(plain, postgres_pid, seconds),
        "bare": lambda: block(plain, bare),
        "empty": lambda: block(ours[-1], empty),
        "plain": lambda: visit(plain),
    }
    turns |= {site.name: lambda site=site: visit(site) for site in ours}
    for site in sites.values():
        site.load(site.visits(), workers=CONNECTIONS, seconds=3)
    counts = {site.name: site.inside("statements", job=site.visits()) for site in (plain, ours[-1])}
    return take_turns(turns, rounds), counts


def _receipts(site):
    with psycopg.connect(site.url) as connection:
        return connection.execute("SELECT max(number) FROM entries_receipt").fetchone()[0]


def _pgbench(site, postgres_pid, seconds):
    script = site.home / "limit.sql"
    script.write_text(LIMIT_SQL)
    host, _, database = site.url.partition("@")[2].partition("/")
    watch = Watch({"pg": postgres_pid}).start()
    command = [PGBENCH, "-n", "-M", "prepared", "-f", script, "-c", str(CONNECTIONS), "-T", str(seconds)]
    command += ["-D", f"families={PER_PENDAMPING * VISITS}", "-h", unquote(host), "-U", "pkh", database]
    output = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    watch.stop()
    done = int(re.search(r"actually processed: (\d+)", output)[1])
    latency = float(re.search(r"latency average = ([\d.]+)", output)[1])
    pg = watch.cpu["pg"] * 1000 / done
    return {
        "done": done,
        "rate": float(re.search(r"tps = ([\d.]+)", output)[1]),
        "p50": latency,
        "p95": latency,
        "app_ms": 0.0,
        "pg_ms": pg,
        "cpu_ms": pg,
        "strangers": watch.strangers,
    }


# --- (b) reading the caseload -------------------------------------------------------------------------------


def read_caseload(sites, postgres_pid, *, rounds=ROUNDS, reads=READS):
    """One reader, one request after the other: the caseload and the pages around it, ours, plain, in raw SQL.

    Returns (figures by turn, {site name: what its statements read}).
    """

    def turn(site, job, requests=1):
        def block():
            watch = Watch({"app": site.pid, "pg": postgres_pid}).start()
            answers = site.load(job, count=reads * requests)
            found = figures(answers, watch.stop())
            for name in ("p50", "p95", "app_ms", "pg_ms", "cpu_ms"):
                found[name] *= requests
            return found | {"bytes": answers["bytes"]}

        return block

    turns, plans = {}, {}
    for site in sites.values():
        if site.plain:
            turns["bare"] = turn(site, {"method": "GET", "path": "/ok/", "expect": 200, "rows": [{}]})
            turns["plain, all 300"] = turn(site, site.reads("/caseload/"))
            turns["plain, 50 a page"] = turn(site, site.reads("/caseload/pages/"))
            continue
        case = site.families("bench0")[0][0]
        others = {
            "log form": f"/kegiatan/catat/?kpm={case}",
            "family": f"/kpm/{case}/",
            "today": "/",
        }
        turns[f"{site.name} caseload, first 50"] = turn(site, site.reads("/kpm/"))
        pages = all_pages(site)
        turns[f"{site.name} caseload, all 300"] = turn(
            site, site.reads(*pages, part="household-more"), requests=len(pages)
        )
        turns |= {f"{site.name} {name}": turn(site, site.reads(path)) for name, path in others.items()}
        turns[f"{site.name} SQL, first 50"] = lambda site=site: _raw(site, postgres_pid, PAGE_OF_50)
        turns[f"{site.name} SQL, all 300"] = lambda site=site: _raw(site, postgres_pid, PAGE_OF_300)
        plans[site.name] = site.inside("queries", "/kpm/", *others.values())
        for plan, name in zip(plans[site.name], ["caseload", *others], strict=True):
            plan["name"] = name
    for warm_up in turns.values():
        warm_up()
    return take_turns(turns, rounds), plans


def all_pages(site):
    """The addresses of the caseload's pages, first to last, found as a reader finds them: by *Muat lagi*."""
    addresses, path = [], "/kpm/"
    while path:
        addresses.append(path)
        _, page = fetch(site, site.reads(path))
        link = NEXT_PAGE.search(gzip.decompress(page).decode())
        path = link[1].replace("&amp;", "&") if link else ""
    return addresses


def fetch(site, job):
    """(head, body) of the answer to the one request of `job`, as sent. Raises on a wrong answer."""
    head, body = ask({"port": site.port, **job}, job["rows"][0])
    if int(head[9:12]) != job["expect"]:
        raise RuntimeError(f"{job['rows'][0]}: {head!r}")
    return head, body


PAGE_OF_300 = """SELECT household.id, case_number, household.name, rt, rw, status, last_visited_on,
        kpm_group.name
    FROM kpm_household household LEFT JOIN kpm_group
        ON kpm_group.id = group_id AND kpm_group.pendamping_id = household.pendamping_id
    WHERE household.pendamping_id = %s AND status IN ('aktif', 'calon_graduasi')
    ORDER BY household.name, household.id"""
PAGE_OF_50 = PAGE_OF_300 + " LIMIT 50"


def _raw(site, postgres_pid, statement, times=300):
    """The same rows by one statement on an open connection."""
    with psycopg.connect(site.url, autocommit=True) as connection:
        holder = connection.execute("SELECT id FROM accounts_user WHERE username = 'bench0'").fetchone()[0]
        watch, latencies = Watch({"pg": postgres_pid}).start(), []
        for _ in range(times):
            start = time.perf_counter()
            connection.execute(statement, [holder]).fetchall()
            latencies.append((time.perf_counter() - start) * 1000)
        watch.stop()
    watch.cpu["app"] = 0.0
    answers = {"done": times, "seconds": watch.seconds, "latencies": sorted(latencies)}
    return figures(answers, watch) | {"bytes": 0}


# --- (f) what a page weighs ---------------------------------------------------------------------------------

# Files that a browser fetches because the page names them; `use` draws an icon of a sprite file.
NAMED = re.compile(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="([^"#]+)')
FOREVER = re.compile(rb"cache-control:[^\r]*immutable", re.IGNORECASE)


def weigh_pages(site):
    """Bytes over the wire (heads included, as sent) and requests of four pages, the first and the next time.

    Next time, a browser asks again only for what it was not told to keep.
    """
    case = site.families("bench0")[0][0]
    anonymous = {"method": "GET", "path": "{path}", "expect": 200}
    pages = {
        "login": anonymous | {"rows": [{"path": "/masuk/"}]},
        "caseload": site.reads("/kpm/"),
        "log form": site.reads(f"/kegiatan/catat/?kpm={case}"),
        "family": site.reads(f"/kpm/{case}/"),
    }
    weights = {}
    for name, job in pages.items():
        head, body = fetch(site, job)
        html = len(head) + len(body)
        files = {}
        for address in NAMED.findall(gzip.decompress(body).decode()):
            path = urljoin(job["rows"][0]["path"], address)
            if path in files or not path.startswith("/static/"):
                continue
            file_head, file_body = fetch(site, anonymous | {"rows": [{"path": path}]})
            files[path] = len(file_head) + len(file_body), bool(FOREVER.search(file_head))
        again = [size for size, kept in files.values() if not kept]
        weights[name] = {
            "html": html,
            "cold": html + sum(size for size, _ in files.values()),
            "cold_requests": 1 + len(files),
            "warm": html + sum(again),
            "warm_requests": 1 + len(again),
            "files": {path: size for path, (size, _) in files.items()},
        }
    return weights
