"""Reading a package into an installation that is empty but for its areas and master data: all of it or nothing."""

import json
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pgtrigger
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from wilayah.models import Wilayah

from . import OfficeFault
from .area import Everything
from .locked import NO_PACKAGE, unlock
from .tables import office_tables
from .taking import FORMAT, rows_of

LONGEST_LINE = 64 << 20  # bytes of one row
MOST_NAMED = 20


def load(path, passphrase, *, keep_case_key, say=lambda text: None):
    """Read the package at `path` into this installation; returns its manifest.

    Everything stands as the package says it, each table with the same number of rows and the same checksum, or nothing
    was changed. `keep_case_key(key)` keeps the key of case numbers and receipts; `say` is told each step. Raises
    OfficeFault.
    """
    with tempfile.TemporaryDirectory(prefix="kantor-") as folder:
        plain = Path(folder) / "paket.zip"
        unlock(path, plain, passphrase)
        try:
            with zipfile.ZipFile(plain) as archive:
                return _load(archive, keep_case_key, say)
        except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
            raise OfficeFault(NO_PACKAGE) from error


def _load(archive, keep_case_key, say):
    manifest = json.loads(archive.read("manifest.json"))
    if manifest["format"] != FORMAT:
        raise OfficeFault(f"Paket ini berformat {manifest['format']}; yang dibaca di sini {FORMAT}.")
    tables = office_tables()
    _refuse_other_tables(manifest, tables)
    _refuse_what_is_there(tables)
    stored = []
    try:
        with pgtrigger.ignore(), transaction.atomic():
            for table in reversed([table for table in tables if table.is_master]):
                _execute(f'DELETE FROM "{table.name}"')
            for table in tables:
                say(table.label)
                _fill(table, archive)
            _refuse_unknown_areas(tables)
            _hold_keys()
            _set_sequences(tables, manifest["sequences"])
            _compare(tables, manifest)
            _store_files(archive, manifest, stored)
            keep_case_key(manifest["case_key"])
    except BaseException:
        for name in stored:
            default_storage.delete(name)
        raise
    return manifest


def _refuse_other_tables(manifest, tables):
    """Raise OfficeFault unless the package has the very tables and columns of this release."""
    said = {told["table"]: told["columns"] for told in manifest["tables"]}
    here = {table.label: table.columns for table in tables}
    odd = sorted(said.keys() ^ here.keys())
    odd += [
        f"{label} ({', '.join(sorted(set(said[label]) ^ set(columns)))})"
        for label, columns in here.items()
        if label in said and set(said[label]) != set(columns)
    ]
    if odd:
        raise OfficeFault(
            f"Paket ini dari versi Langkah yang lain: {', '.join(odd)}. Pasang versi yang sama, muat, lalu perbarui."
        )


def _refuse_what_is_there(tables):
    with connection.cursor() as cursor:
        there = []
        for table in tables:
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table.name}")')
            if not table.is_master and cursor.fetchone()[0]:
                there.append(table.label)
    if there:
        raise OfficeFault(
            f"Pemasangan ini sudah berisi data ({', '.join(there)}). Paket hanya dimuat ke pemasangan yang baru,"
            " sebelum akun pertama dibuat."
        )


def _fill(table, archive):
    """Every row of a table, as its lines say it."""
    indexes = [table.index_of(field) for field in table.numbers]
    columns = ", ".join(f'"{name}"' for name in [*table.columns, *indexes])
    values, left = columns, _required_but_left(table)
    for field in left:
        columns, values = f'{columns}, "{field.column}"', f"{values}, '{UNUSABLE_PASSWORD_PREFIX}'"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS kantor_baris (baris json) ON COMMIT DROP")
        with (
            archive.open(f"data/{table.label}.jsonl") as lines,
            cursor.copy("COPY kantor_baris FROM STDIN") as copy,
        ):
            while line := lines.readline(LONGEST_LINE):
                if table.is_sealed:
                    row = table.closed(json.loads(line))
                    line = json.dumps(row, ensure_ascii=False).encode()
                copy.write_row((line.decode(),))
        try:
            with transaction.atomic():
                cursor.execute(
                    f'INSERT INTO "{table.name}" ({columns}) SELECT {values}'
                    f' FROM kantor_baris, json_populate_record(NULL::"{table.name}", baris)'
                )
        except (DatabaseError, ValueError) as error:
            raise OfficeFault(f"{table.label} tidak bisa dimuat: {_told(error)}") from error
        cursor.execute("TRUNCATE kantor_baris")


def _required_but_left(table):
    """The columns that are left behind and yet may not be empty: an account's password, which nothing opens."""
    left = {field.column for field in table.model._meta.concrete_fields} - set(table.columns)
    return [
        field
        for field in table.model._meta.concrete_fields
        if field.column in left and not field.null and not isinstance(field, models.BinaryField)
    ]


def _refuse_unknown_areas(tables):
    missing = set()
    with connection.cursor() as cursor:
        for table in tables:
            for field in table.keys:
                if field.related_model is Wilayah:
                    cursor.execute(
                        f'SELECT DISTINCT "{field.column}" FROM "{table.name}" WHERE "{field.column}" IS NOT NULL'
                        f' AND NOT EXISTS (SELECT 1 FROM "{Wilayah._meta.db_table}" WHERE code = "{field.column}")'
                    )
                    missing.update(code for (code,) in cursor.fetchall())
    if missing:
        named = ", ".join(sorted(missing)[:MOST_NAMED])
        raise OfficeFault(f"Wilayah ini belum ada di sini: {named}. Jalankan dulu manage.py load_wilayah.")


def _hold_keys():
    """Let the database look at every foreign key now."""
    try:
        _execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        raise OfficeFault(f"Isi paket tidak saling cocok: {_told(error)}") from error


def _told(error):
    """What the database says of a fault, without the values of rows: the kind, and the rule or column."""
    said = getattr(error.__cause__, "diag", None)
    where = said and (said.constraint_name or said.column_name)
    return f"{type(error).__name__} {where}" if where else type(error).__name__


def _set_sequences(tables, sequences):
    for table in tables:
        key = table.model._meta.pk
        if isinstance(key, models.AutoField):
            _execute(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{key.column}'),"
                f' COALESCE(max("{key.column}"), 1), max("{key.column}") IS NOT NULL) FROM "{table.name}"'
            )
    for name, following in sequences.items():
        _execute("SELECT setval(to_regclass(%s), %s, false)", [name, following])


def _compare(tables, manifest):
    """Raise OfficeFault unless every table reads as it did where the package was made."""
    said = {told["table"]: (told["rows"], told["sha256"]) for told in manifest["tables"]}
    for table in tables:
        digest, number = sha256(), 0
        for row in rows_of(table, Everything()):
            digest.update(row.line)
            number += 1
        if (number, digest.hexdigest()) != said[table.label]:
            raise OfficeFault(
                f"{table.label} terbaca lain dari paketnya: {number} baris, seharusnya {said[table.label][0]}."
            )


def _store_files(archive, manifest, stored):
    """Store the files of the package under their names, which `stored` (a list) is told."""
    if not manifest["files"]["included"]:
        return
    with archive.open("files.jsonl") as lines:
        for told in map(json.loads, lines):
            if told["sha256"] is None:
                continue
            name = told["name"]
            with archive.open(f"files/{name}") as entry:
                kept = default_storage.save(name, File(entry, name))
            stored.append(kept)
            digest = sha256()
            with default_storage.open(kept) as written:
                for piece in written.chunks():
                    digest.update(piece)
            if kept != name or digest.hexdigest() != told["sha256"]:
                raise OfficeFault(f"Berkas {name} tidak bisa disimpan seperti dalam paket.")


def _execute(statement, params=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
