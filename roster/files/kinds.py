"""What a file is by its content, and whether it may be opened at all. Nothing is unpacked or parsed here but the list of
what a packed file holds, and the first bytes of each of its parts.
"""

import mmap
import re
import struct
import zipfile
import zlib

from pkh_casework.uploads import what_is

from .text import FileRefused

LARGEST_UNPACKED = 200_000_000  # bytes of XML; a workbook of 100 thousand families has about 90 million
MOST_ENTRIES = 200  # files inside a workbook; a plain one has about ten
MOST_RATIO = 100  # how many times smaller packed; tables reach about 20
WORTH_A_LOOK = 10_000_000  # bytes; what is smaller unpacked does no harm, however well it packs
LOOKED_AT = 65_536  # bytes at the start of a part, where a DOCTYPE would stand

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
CENTRAL_ENTRY = re.compile(rb"PK\x01\x02")
SEND = "Kirim berkas Excel (.xlsx atau .xls), ODS, atau CSV."
SAVE_AGAIN = "Buka berkasnya, lalu simpan ulang sebagai .xlsx atau .csv."
BROKEN = f"Berkas ini rusak atau belum selesai disalin. {SAVE_AGAIN}"
LOCKED = "Berkas ini dikunci dengan sandi. Buka, hapus sandinya, simpan, lalu kirim lagi."
MACROS = "Berkas ini berisi makro. Buka, lalu simpan ulang sebagai .xlsx (tanpa makro) atau .csv."
LINKED = "Berkas ini terhubung ke berkas lain. Salin isinya sebagai nilai ke berkas baru, lalu kirim lagi."
TOO_MUCH = (
    "Isi berkas ini terlalu besar sesudah dibuka. Hapus lembar dan gambar yang tidak perlu, juga isi yang jauh di kanan "
    "atau di bawah daftar."
)
# A table whose first heading is ID and the next begins with P looks the same but for its second line.
SYLK = re.compile(rb"ID;P[^\r\n]*[\r\n]+[BCFNOP];")
OLDEST_EXCEL = re.compile(
    rb"\x09[\x00\x02\x04\x08][\x04\x06\x08]\x00"
)  # before Excel 5 kept its files in OLE
WEB_PAGE = re.compile(
    r"(?:<!--.*?-->\s*)*(?:<!doctype html|</?(?:html|head|meta|body|style|table|tr|div|script)\b|mime-version:)",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(path):
    """xlsx, xls, ods or csv. Raises FileRefused for what is no list or must not be opened."""
    with path.open("rb") as file:
        head = file.read(4096)
    if what := what_is(head, of_office=False):
        raise FileRefused(f"Ini {what}, bukan daftar. {SEND}")
    if head.startswith(OLE):
        return _kind_of_ole(path)
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if OLDEST_EXCEL.match(head):
        raise FileRefused(f"Ini berkas Excel yang sangat lama. {SAVE_AGAIN}")
    if SYLK.match(head):
        raise FileRefused(f"Ini berkas SYLK yang diberi nama Excel. {SAVE_AGAIN}")
    _refuse_markup(head)
    return "csv"


def _refuse_markup(head):
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head.decode("utf-16" if utf16 else "utf-8", "replace").lstrip("\ufeff \r\n\t")
    if WEB_PAGE.match(text):
        raise FileRefused(f"Ini halaman web yang diberi nama Excel. {SAVE_AGAIN}")
    if text.startswith(("<?xml", "<!DOCTYPE", "<Workbook", "<office:")):
        raise FileRefused(f"Ini berkas XML yang diberi nama Excel. {SAVE_AGAIN}")
    if re.match(r'[\[{]\s*["{\[]', text):
        raise FileRefused(f"Ini berkas JSON, bukan daftar. {SEND}")


# --- before Excel 2007 ------------------------------------------------------------------------------------------------


def _kind_of_ole(path):
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def holds(*names):
            """Whether one of `names` stands in the file as its directory would write it."""
            return any(data.find(f"{name}\0".encode("utf-16-le")) >= 0 for name in names)

        if holds("EncryptedPackage"):
            raise FileRefused(LOCKED)
        if holds("_VBA_PROJECT", "_VBA_PROJECT_CUR"):
            raise FileRefused(MACROS)
        if holds("WordDocument"):
            raise FileRefused("Ini dokumen Word. Salin tabelnya ke Excel, lalu kirim berkas Excelnya.")
        if holds("PowerPoint Document"):
            raise FileRefused(f"Ini presentasi, bukan daftar. {SEND}")
        if not holds("Workbook", "Book"):
            raise FileRefused(f"Berkas ini bukan daftar Excel. {SAVE_AGAIN}")
    return "xls"


# --- packed: XLSX and ODS ---------------------------------------------------------------------------------------------


def _kind_of_zip(path):
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        # Counted here, since opening the archive would first make an object of each entry.
        if sum(1 for _ in CENTRAL_ENTRY.finditer(data)) > MOST_ENTRIES:
            raise FileRefused(TOO_MUCH)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _refuse_sizes(entries)
            if any(entry.flag_bits & 1 for entry in entries):
                raise FileRefused(LOCKED)
            names = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
            # Two parts of one name: two readers may take two different ones. Other packings no office programme uses.
            if len(names) < len(entries) or any(entry.compress_type not in PACKINGS for entry in entries):
                raise FileRefused(BROKEN)
            kind = _kind_of_names(archive, names)
            _refuse_company(archive, names)
            _refuse_declarations(archive, entries)
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
        struct.error,
    ) as error:
        raise FileRefused(BROKEN) from error
    return kind


def _refuse_sizes(entries):
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED or any(
        entry.file_size > max(WORTH_A_LOOK, MOST_RATIO * entry.compress_size) for entry in entries
    ):
        raise FileRefused(TOO_MUCH)


def _kind_of_names(archive, names):
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and "content.xml" in names:
        if names["mimetype"].file_size < 200 and b"spreadsheet" in archive.read(names["mimetype"]):
            return "ods"
        raise FileRefused(f"Ini dokumen, bukan lembar kerja. {SEND}")
    if "word/document.xml" in names:
        raise FileRefused("Ini dokumen Word. Salin tabelnya ke Excel, lalu kirim berkas Excelnya.")
    if "ppt/presentation.xml" in names:
        raise FileRefused(f"Ini presentasi, bukan daftar. {SEND}")
    if "xl/workbook.bin" in names:
        raise FileRefused(f"Ini berkas .xlsb. {SAVE_AGAIN}")
    if any(name.startswith("index/") or name == "index.zip" for name in names):
        raise FileRefused("Ini berkas Numbers. Pilih Ekspor ke Excel, lalu kirim hasilnya.")
    raise FileRefused("Ini arsip ZIP, bukan daftar. Buka dulu arsipnya, lalu kirim berkas di dalamnya.")


def _refuse_company(archive, names):
    """Refuse what a list does not bring along: programs, other files, parts under a password."""
    if any(
        name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/", "xl/macrosheets/"))
        for name in names
    ):
        raise FileRefused(MACROS)
    types = names.get("[content_types].xml")
    if types and types.file_size < LOOKED_AT and b"macroEnabled" in archive.read(types):
        raise FileRefused(MACROS)
    if any(
        "externallinks/" in name or "embeddings/" in name or re.fullmatch(r"object \d+", name)
        for name in names
    ):
        raise FileRefused(LINKED)
    manifest = names.get("meta-inf/manifest.xml")
    if "encrypted-package" in names or (
        manifest and manifest.file_size < WORTH_A_LOOK and b"encryption-data" in archive.read(manifest)
    ):
        raise FileRefused(LOCKED)


def _refuse_declarations(archive, entries):
    """Refuse XML that declares things of its own; no office programme writes that."""
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                head = part.read(LOOKED_AT).replace(b"\0", b"")  # also as UTF-16
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise FileRefused(f"Berkas ini tidak dibuat oleh Excel atau LibreOffice. {SAVE_AGAIN}")
