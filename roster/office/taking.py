"""Writing a package: every table as JSON Lines (exact) and as CSV (for a spreadsheet), its files, and what it all is."""

import json
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from pkh_casework.fields import NumberUnreadable, identity_keys
from pkh_casework.sheets import Sheet, SheetColumn, write_csv
from wilayah.models import Wilayah

from . import OfficeFault
from .area import Everything, OfArea
from .locked import lock
from .tables import office_tables, schema

FORMAT = 1
BEAT_ROWS = 500
README = """PAKET KANTOR LANGKAH

Isi: {area}, diambil {made_at}.
{mark}
{rows} baris dalam {tables} tabel, {files}.

manifest.json   daftar tabel: jumlah baris dan SHA-256 tiap tabel
schema.json     arti tiap kolom (JSON Schema): jenis, pilihan, menunjuk ke tabel mana, mana yang data pribadi
data/*.jsonl    isi tiap tabel, satu baris JSON untuk satu baris tabel. Inilah yang dibaca kembali oleh Langkah.
csv/*.csv       isi yang sama untuk Excel. Isi yang mirip rumus diawali tanda petik (').
files.jsonl     daftar foto dan berkas: nama dan SHA-256
files/          foto dan berkas itu sendiri, bila disertakan

Tidak ikut: sandi petugas, sesi masuk, kunci HP, tautan mitra, berkas ekspor, dan angka yang dihitung ulang.

Berisi NIK, No KK dan data pribadi keluarga secara lengkap. Simpan terkunci, hapus sesudah dipakai.
"""


@dataclass
class Row:
    """One row on its way: the line of JSON as it is written, and the values of the columns for a CSV."""

    line: bytes
    cells: tuple


def take(path, *, key, salt, user=None, mark="", with_files=True, begin=None, beat=None):
    """Write the package of the whole installation, or of the area of the koordinator `user`, locked to `path`.

    `mark` says inside who took it and what for. `begin(rows)` is told how many rows there will be, `beat(rows)` now and then how many are written. Returns the
    manifest. Raises OfficeFault, and whatever `begin` and `beat` raise. Memory does not grow with the office.
    """
    with tempfile.TemporaryDirectory(prefix="kantor-") as folder:
        plain = Path(folder) / "paket.zip"
        with snapshot(), zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _Taking(archive, Path(folder), user, begin, beat).write(mark, with_files=with_files)
        lock(plain, path, key=key, salt=salt)
    return manifest


@contextmanager
def snapshot():
    """Inside the block every statement sees the database as it was at the first; within a transaction, that one's."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


class _Taking:
    def __init__(self, archive, folder, user, begin, beat):
        self.archive, self.folder = archive, folder
        self.chosen = OfArea(user) if user else Everything()
        self.begin, self.beat = begin or (lambda rows: None), beat or (lambda rows: None)
        self.done = 0

    def write(self, mark, *, with_files):
        tables = office_tables()
        self.begin(sum(_count(table, self.chosen) for table in tables))
        with (self.folder / "names.jsonl").open("w+") as self.names:
            told = [self._write_table(table) for table in tables]
            self.names.seek(0)
            files = self._write_files(with_files=with_files)
        area = Wilayah.objects.filter(pk=self.chosen.code).first() if self.chosen.code else None
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "mark": mark,
            "area": {"code": area.pk, "name": area.name} if area else None,
            "tables": told,
            "files": files,
            "sequences": sequences(),
            "case_key": identity_keys()["case"],  # case numbers and receipts go on where they stand
        }
        self._add("schema.json", json.dumps(schema(), ensure_ascii=False, indent=1))
        self._add("README.txt", _readme(manifest))
        self._add("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
        return manifest

    def _add(self, name, text):
        self.archive.writestr(name, text)

    def _write_table(self, table):
        """Both files of a table; what the manifest says of it."""
        lines_at, csv_at, digest, number = self.folder / "lines", self.folder / "csv", sha256(), 0

        def each():
            nonlocal number
            for row in rows_of(table, self.chosen):
                lines.write(row.line)
                digest.update(row.line)
                number += 1
                self.done += 1
                if self.done % BEAT_ROWS == 0:
                    self.beat(self.done)
                self._note_files(table, row)
                yield row.cells

        with lines_at.open("wb") as lines:
            columns = [SheetColumn(name) for name in table.columns]
            write_csv(csv_at, Sheet(table.label, columns, each()))
        self.archive.write(lines_at, f"data/{table.label}.jsonl")
        self.archive.write(csv_at, f"csv/{table.label}.csv")
        return {
            "table": table.label,
            "rows": number,
            "sha256": digest.hexdigest(),
            "columns": table.columns,
            "is_master": table.is_master,
        }

    def _note_files(self, table, row):
        if table.files and not table.tracked:
            values = dict(zip(table.columns, row.cells, strict=True))
            for field in table.files:
                if name := values[field.column]:
                    told = {"name": name, "table": table.label, "sha256": values.get("sha256")}
                    self.names.write(json.dumps(told) + "\n")

    def _write_files(self, *, with_files):
        """The files that rows name, or their list; what the manifest says of them."""
        number, missing, listed = 0, 0, self.folder / "files.jsonl"
        with listed.open("w") as lines:
            for told in map(json.loads, self.names):
                number += 1
                if with_files:
                    told["sha256"] = self._write_file(told["name"])
                    missing += told["sha256"] is None
                lines.write(json.dumps(told, ensure_ascii=False) + "\n")
        self.archive.write(listed, "files.jsonl")
        return {"number": number, "included": with_files, "missing": missing}

    def _write_file(self, name):
        """The SHA-256 of a stored file, which is in the package now; None when it is gone."""
        digest = sha256()
        try:
            stored = default_storage.open(name)
        except FileNotFoundError:
            return None
        # Pictures are packed already.
        with stored, self.archive.open(zipfile.ZipInfo(f"files/{name}"), "w", force_zip64=True) as entry:
            for piece in stored.chunks():
                digest.update(piece)
                entry.write(piece)
        return digest.hexdigest()


def rows_of(table, chosen):
    """Each Row of `table` (OfficeTable) that is `chosen` (Everything or OfArea), in the order of its key.

    Raises OfficeFault when an identity number can't be opened.
    """
    where = f" WHERE {where}" if (where := chosen.where(table)) else ""
    values = ", ".join(map(chosen.value, table.fields))
    inner = f'SELECT {values} FROM "{table.name}"{where} ORDER BY {table.order}'
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone TO 'UTC'")
        with cursor.copy(f"COPY (SELECT row_to_json(one) FROM ({inner}) AS one) TO STDOUT") as copy:
            for (text,) in copy.rows():
                row = json.loads(text)
                if table.is_sealed:
                    try:
                        text = json.dumps(table.opened(row), ensure_ascii=False, separators=(",", ":"))
                    except NumberUnreadable as error:
                        raise OfficeFault(
                            f"Sebuah nomor tidak bisa dibuka dengan kunci yang ada: {error}"
                        ) from error
                yield Row(f"{text}\n".encode(), tuple(_cell(row[name]) for name in table.columns))


def _cell(value):
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _count(table, chosen):
    where = f" WHERE {where}" if (where := chosen.where(table)) else ""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table.name}"{where}')
        return cursor.fetchone()[0]


def sequences():
    """{name: next number} of the sequences that belong to no column: those of case numbers and the like."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, COALESCE(last_value + 1, start_value) FROM pg_sequences"
            " WHERE schemaname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_depend"
            " WHERE objid = format('%I', sequencename)::regclass AND deptype IN ('a', 'i'))"
        )
        return dict(cursor.fetchall())


def _readme(manifest):
    area, files = manifest["area"], manifest["files"]
    return README.format(
        area=f"{area['name']} ({area['code']})" if area else "seluruh pemasangan",
        made_at=manifest["made_at"],
        mark=manifest["mark"],
        rows=sum(table["rows"] for table in manifest["tables"]),
        tables=len(manifest["tables"]),
        files=f"{files['number']} foto dan berkas {'disertakan' if files['included'] else 'hanya didaftar'}",
    )
