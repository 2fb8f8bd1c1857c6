"""Files as an office has them, read into rows: XLSX, XLS, ODS, CSV. No database here.

What a file really is decides its content, not its name. Workbooks are parsed in a process of their own, with a limit of
memory and time: a small file may unpack into a very large one.
"""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .text import CannotBeRead, write_text_rows

LARGEST = 25_000_000  # bytes; a CSV of 100 thousand families has about 15 million
LARGEST_UNPACKED = 200_000_000  # bytes of XML; a workbook of 100 thousand families has about 90 million
MOST_ENTRIES = 200  # files inside a workbook; a plain one has about ten
MOST_RATIO = 100  # how many times smaller packed; tables reach about 20
SECONDS = 120
MOST_MEMORY = (
    2_000_000_000  # bytes of address space; a sheet of 100 thousand families takes about 400 million
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AGAIN = "Buka berkasnya, lalu simpan ulang sebagai .xlsx atau .csv."
OTHER_KINDS = (  # first bytes, what it is
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "foto"),
    (b"\x89PNG", "gambar"),
    (b"GIF8", "gambar"),
    (b"Rar!", "arsip RAR"),
    (b"7z\xbc\xaf", "arsip 7z"),
    (b"\x1f\x8b", "arsip GZ"),
    (b"{\\rtf", "dokumen RTF"),
    (b"ID;P", "berkas SYLK"),
    (b"ELF", "program"),
    (b"MZ", "program"),
)


class FileRefused(Exception):
    """The file can't be taken; the text says why and what to do, for the person who sent it."""


@dataclass(frozen=True)
class Opened:
    """What was read: `kind` (xlsx, xls, ods, csv), the name of the `sheet` ("" for CSV), the rows of each sheet, the
    number of `rows` up to the last that holds something, and a word to the person ("" for none).
    """

    kind: str
    sheet: str
    sheets: dict
    rows: int
    note: str


def read_file(
    path: Path, name: str, out: Path, *, sheet: str = "", cancelled: Callable[[], bool] = lambda: False
) -> Opened:
    """Write the rows of the file at `path`, called `name` by its sender, to `out` as JSON lines: [line, [cells]].

    A text is a JSON string, a number a JSON number, a date {"date": "2014-05-03"}; an empty row has no cells. Of a
    workbook the named `sheet` is read, else the visible one with the most rows. Raises FileRefused.
    """
    size = path.stat().st_size
    if not size:
        raise FileRefused("Berkas ini kosong.")
    if size > LARGEST:
        raise FileRefused(
            f"Berkas ini terlalu besar: paling besar {LARGEST // 1_000_000} MB. Bagi menjadi beberapa berkas."
        )
    kind = kind_of(path)
    try:
        found = (
            write_text_rows(path, out) if kind == "csv" else _in_a_process(path, kind, out, sheet, cancelled)
        )
    except CannotBeRead as error:
        raise FileRefused(str(error)) from error
    if not found["rows"]:
        raise FileRefused("Tidak ada isi di berkas ini.")
    return Opened(kind, found["sheet"], found["sheets"], found["rows"], _note(found))


def _note(found):
    if len(found["sheets"]) < 2:
        return ""
    return f"Berkas ini punya {len(found['sheets'])} lembar. Yang dibaca: {found['sheet']}."


def kind_of(path):
    """What a file is by its content. Raises FileRefused for what is no list."""
    with path.open("rb") as file:
        head = file.read(4096)
    for start, what in OTHER_KINDS:
        if head.startswith(start):
            raise FileRefused(f"Ini {what}, bukan daftar. Kirim berkas Excel (.xlsx, .xls), ODS, atau CSV.")
    if head.startswith(OLE):
        return _kind_of_ole(path)
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise FileRefused(f"Ini halaman web yang diberi nama Excel. {SAVE_AGAIN}")
    return "csv"


def _kind_of_ole(path):
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileRefused(
            "Berkas ini dikunci dengan kata sandi. Buka, hapus kata sandinya, simpan, lalu kirim lagi."
        )
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise FileRefused(f"Berkas ini berisi makro. {SAVE_AGAIN}")
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise FileRefused(f"Berkas ini bukan daftar Excel. {SAVE_AGAIN}")
    return "xls"


def _kind_of_zip(path):
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            kind = _kind_of_entries(archive, names)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, KeyError) as error:
        raise FileRefused(f"Berkas ini rusak atau belum selesai disalin. {SAVE_AGAIN}") from error
    unpacked, packed = (
        sum(entry.file_size for entry in entries),
        sum(entry.compress_size for entry in entries),
    )
    is_bomb = unpacked > LARGEST_UNPACKED or (
        unpacked > MOST_RATIO * max(packed, 1) and unpacked > 10_000_000
    )
    if is_bomb or len(entries) > MOST_ENTRIES:
        raise FileRefused(
            "Isi berkas ini terlalu besar sesudah dibuka. Hapus lembar dan gambar yang tidak perlu."
        )
    lower = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in lower):
        raise FileRefused(f"Berkas ini berisi makro. {SAVE_AGAIN}")
    if any("externallinks/" in name or "embeddings/" in name for name in lower):
        raise FileRefused(
            "Berkas ini terhubung ke berkas lain. Salin isinya sebagai nilai ke berkas baru, lalu kirim lagi."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused(
            "Berkas ini dikunci dengan kata sandi. Hapus kata sandinya, simpan, lalu kirim lagi."
        )
    return kind


def _kind_of_entries(archive, names):
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and "content.xml" in names:
        if archive.getinfo("mimetype").file_size < 200 and b"spreadsheet" in archive.read("mimetype"):
            return "ods"
        raise FileRefused("Ini dokumen, bukan lembar kerja. Kirim berkas Excel (.xlsx, .xls), ODS, atau CSV.")
    if "word/document.xml" in names:
        raise FileRefused("Ini dokumen Word. Salin tabelnya ke Excel, lalu kirim berkas Excelnya.")
    if "xl/workbook.bin" in names:
        raise FileRefused(f"Ini berkas .xlsb. {SAVE_AGAIN}")
    if any(name.startswith("Index/") for name in names):
        raise FileRefused("Ini berkas Numbers. Pilih Ekspor ke Excel, lalu kirim hasilnya.")
    raise FileRefused("Ini arsip ZIP, bukan daftar. Buka dulu arsipnya, lalu kirim berkas di dalamnya.")


def _in_a_process(path, kind, out, sheet, cancelled):
    """What the child says of a workbook, whose rows it writes to `out`."""
    child = subprocess.Popen(  # noqa: S603  our own module, with paths that we made
        [
            sys.executable,
            "-I",
            str(Path(__file__).with_name("child.py")),
            str(path),
            str(out),
            sheet,
            str(MOST_MEMORY),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"RAYON_NUM_THREADS": "1"},
    )
    end = time.monotonic() + SECONDS
    try:
        while True:
            try:
                said, _ = child.communicate(timeout=0.25)
                break
            except subprocess.TimeoutExpired as error:
                if cancelled():
                    raise CannotBeRead("Dibatalkan.") from error
                if time.monotonic() > end:
                    raise CannotBeRead(
                        "Berkas ini terlalu lama dibaca. Bagi menjadi beberapa berkas."
                    ) from error
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    if child.returncode:
        if kind == "xlsx" or child.returncode < 0:
            raise CannotBeRead(f"Berkas ini tidak bisa dibuka: rusak atau terlalu besar. {SAVE_AGAIN}")
        raise CannotBeRead(f"Berkas ini tidak bisa dibuka. {SAVE_AGAIN}")
    answer = json.loads(said)
    if "refused" in answer:
        raise CannotBeRead(answer["refused"])
    return answer
