"""Whether a database was prepared by these very files of the program, so that a second start has nothing to do."""

from hashlib import sha256

import psycopg
from django.conf import settings

# What `manage.py prepare` reads: models and migrations, master data, the demo's story, packages, static files.
READ = [*settings.HOUSE_APPS, "static"]


def fingerprint(*tops):
    """A digest of name, size and time of every file below `tops`, or else of all that the preparation depends on."""
    digest = sha256()
    for top in tops or READ:
        for path in sorted((settings.BASE_DIR / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                told = path.stat()
                digest.update(f"{path} {told.st_size} {told.st_mtime_ns}\n".encode())
    digest.update((settings.BASE_DIR / "requirements.lock").read_bytes())
    return digest.hexdigest()


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
