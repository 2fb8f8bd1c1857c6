"""CSV and other text tables: their encoding, their separator, their rows."""

import codecs
import csv
import json

SEPARATORS = ";,\t|"
LOOKED_AT = 30  # lines
LONGEST_CELL = 100_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class CannotBeRead(Exception):
    """What stands in the file can't be read; the text is for the person who sent it."""


def write_text_rows(path, out):
    """Write the rows of the text table at `path` to `out`; what roster.files.read_file tells of it. Raises
    CannotBeRead.
    """
    encoding = encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as text, out.open("w", encoding="utf-8") as lines:
            first = text.readline(LONGEST_CELL)
            skipped = 0
            if first.lower().startswith("sep="):
                separator, skipped = first[4:5], 1
            else:
                text.seek(0)
                separator = separator_of([text.readline(LONGEST_CELL) for _ in range(LOOKED_AT)])
                text.seek(0)
            last = _write(csv.reader(text, delimiter=separator, strict=False), lines, skipped)
    except csv.Error as error:
        raise CannotBeRead("Berkas CSV ini rusak: ada tanda kutip yang tidak ditutup.") from error
    except UnicodeError as error:
        raise CannotBeRead(
            "Tulisan di berkas ini tidak terbaca. Simpan ulang sebagai CSV UTF-8 atau .xlsx."
        ) from error
    return {"sheet": "", "sheets": {}, "rows": last}


def _write(rows, lines, skipped):
    last, number = 0, skipped + 1
    for cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            last = number
        json.dump([number, cells], lines, ensure_ascii=False)
        lines.write("\n")
        number = rows.line_num + skipped + 1
    return last


def encoding_of(path):
    """The encoding of the text at `path`. Raises CannotBeRead for what is no text."""
    with path.open("rb") as file:
        head = file.read(4)
        for bom, encoding in BOMS:
            if head.startswith(bom):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8 = True
        while piece := file.read(1 << 20):
            if b"\0" in piece:
                raise CannotBeRead("Ini bukan berkas teks. Kirim berkas Excel (.xlsx, .xls), ODS, atau CSV.")
            if is_utf8:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
    return "utf-8" if is_utf8 else "cp1252"


def separator_of(lines):
    """The sign that parts the cells: the one that most lines have equally often."""

    def regular(sign):
        counts = [line.count(sign) for line in lines if line.strip()]
        most = max(set(counts), key=counts.count, default=0)
        return (most > 0) * counts.count(most), most

    return max(SEPARATORS, key=regular)
