"""Whether a database was prepared by these very files of the program, so that a second start has nothing to do."""

from hashlib import sha256

import psycopg
from django.conf import settings

# What `manage.py prepare` reads: models and migrations, master data, the demo's story, packages, static files.
READ = [*settings.HOUSE_APPS, "static"]
LOCK = settings.BASE_DIR / "requirements.lock"


def fingerprint():
    """A digest of name, size and time of every file that the preparation depends on."""
    digest = sha256()
    for path in _files(READ):
        told = path.stat()
        digest.update(f"{path} {told.st_size} {told.st_mtime_ns}\n".encode())
    digest.update(LOCK.read_bytes())
    return digest.hexdigest()


def version():
    """A digest of what stands in the files that make the pages, wherever and whenever they were put there."""
    digest = sha256()
    for path in _files([*settings.HOUSE_APPS, "templates", "static"]):
        digest.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    digest.update(LOCK.read_bytes())
    return digest.hexdigest()


def _files(tops):
    """The files below the folders `tops` of the project, in their order."""
    for top in tops:
        for path in sorted((settings.BASE_DIR / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def note_prepared(connection):
    """Keep the fingerprint with the database of the Django `connection`, as its comment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{fingerprint()}'")


def is_prepared(url):
    """Whether the database of the demo at `url` and the static files beside it are of these files."""
    with psycopg.connect(url) as connection:
        (noted,) = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return noted == fingerprint() and (settings.STATIC_ROOT / "staticfiles.json").is_file()
