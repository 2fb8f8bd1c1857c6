"""CSV and other text tables: their encoding, their separator, their rows."""

import codecs
import csv
import json
import re

SEPARATORS = ";,\t|"
LOOKED_AT = 30  # lines
MOST_ROWS, MOST_COLUMNS = 400_000, 200  # 100 thousand families with a row a member; a form has 25 columns
LONGEST_LINE = 1_000_000  # characters
MOST_LINES = 50  # of one row: an address has few, a quotation mark that is never closed takes all
LONGEST_CELL = 4_000  # characters that are handed on; a name, an address and a note are shorter
ROWS_BETWEEN = 5_000  # two looks at whether the rows are still wanted
NO_TEXT = "Ini bukan berkas teks. Kirim berkas Excel (.xlsx atau .xls), ODS, atau CSV."
UNREADABLE = "Tulisan di berkas ini tidak terbaca. Simpan ulang sebagai CSV UTF-8 atau .xlsx."
CANCELLED = "Dibatalkan."
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
QUOTED = re.compile(r'"[^"]*"')


class FileRefused(Exception):
    """The file can't be taken; the text says why and what to do, for the person who sent it."""


def too_many_rows(rows):
    return (
        f"Ada isi sampai baris {rows}; paling banyak {MOST_ROWS} baris. "
        "Hapus yang ada di bawah daftar, atau bagi menjadi beberapa berkas."
    )


def too_many_columns(columns):
    return f"Terlalu banyak kolom: {columns}. Paling banyak {MOST_COLUMNS}; hapus kolom yang tidak perlu."


def write_text_rows(path, out, cancelled):
    """Write the rows of the text table at `path` to `out`; what roster.files.read_file tells of it. Raises FileRefused."""
    encoding = encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as text, out.open("w", encoding="utf-8") as rows:
            first = [text.readline(LONGEST_LINE) for _ in range(LOOKED_AT)]
            separator = _said_separator(first[0])
            text.seek(0)
            lines = _Lines(text)
            if separator:
                next(lines)
            else:
                separator = separator_of(first)
            last = _write(csv.reader(lines, delimiter=separator, strict=False), lines, rows, cancelled)
    except csv.Error as error:
        raise FileRefused(_unclosed(lines.begun)) from error
    except UnicodeError as error:
        raise FileRefused(UNREADABLE) from error
    return {"sheet": "", "sheets": {}, "rows": last, "delimiter": separator, "encoding": encoding}


def _said_separator(line):
    """The separator in a first line such as sep=; ("" for none)."""
    said = re.fullmatch(r'"?sep=(.)"?[;,\s]*', line.strip("\r\n"), re.IGNORECASE)
    return said[1] if said and said[1] in SEPARATORS else ""


def _unclosed(line):
    return (
        f"Ada tanda kutip yang tidak ditutup, mulai di baris {line}. Hapus tanda kutip itu, lalu kirim lagi."
    )


class _Lines:
    """The lines of a text, none of them endless; `begun` is the number of the line in which the present row begins."""

    def __init__(self, text):
        self.text, self.number, self.begun, self.quotes = text, 0, 1, 0

    def __iter__(self):
        return self

    def __next__(self):
        line = self.text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE:
            raise FileRefused(
                f"Baris {self.number} terlalu panjang. Apakah ini memang daftar? Simpan ulang sebagai .xlsx."
            )
        if "\0" in line:
            raise FileRefused(NO_TEXT)
        self.quotes += line.count('"')
        if self.number - self.begun > MOST_LINES:
            raise FileRefused(_unclosed(self.begun))
        return line

    def begin_row(self):
        self.begun, self.quotes = self.number + 1, 0


def _write(table, lines, rows, cancelled):
    """Write each row with the number of its first line; the number of the last that holds something."""
    json_of = json.JSONEncoder(ensure_ascii=False).encode  # many times as fast as json.dump
    last = number = 0
    is_open = False
    lines.begin_row()
    for cells in table:
        number, is_open = lines.begun, lines.number > lines.begun and lines.quotes % 2
        lines.begin_row()
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            last = number
            if len(cells) > MOST_COLUMNS:
                raise FileRefused(too_many_columns(len(cells)))
            if number > MOST_ROWS:
                raise FileRefused(too_many_rows(number))
        rows.write(json_of([number, [cell[:LONGEST_CELL] for cell in cells]]) + "\n")
        if number % ROWS_BETWEEN == 0 and cancelled():
            raise FileRefused(CANCELLED)
    if is_open:  # the last row runs to the end of the file
        raise FileRefused(_unclosed(number))
    return last


def encoding_of(path):
    """The encoding of the text at `path`. Raises FileRefused for what is no text."""
    with path.open("rb") as file:
        head = file.read(4096)
        for bom, encoding in BOMS:
            if head.startswith(bom):
                return encoding
        if len(CONTROLS.findall(head)) > len(head) // 100:
            raise FileRefused(NO_TEXT)
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8 = True
        while piece := file.read(1 << 20):
            if b"\0" in piece:
                raise FileRefused(NO_TEXT)
            if is_utf8:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
    return "utf-8" if is_utf8 else "cp1252"


def separator_of(lines):
    """The sign that parts the cells: the one that most lines have equally often."""
    lines = [QUOTED.sub("", line) for line in lines if line.strip()]

    def regular(sign):
        counts = [line.count(sign) for line in lines]
        most = max(set(counts) - {0}, key=counts.count, default=0)
        return (most > 0) * counts.count(most), most

    return max(SEPARATORS, key=regular)
