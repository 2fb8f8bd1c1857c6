"""Tables as files: XLSX with real types, and CSV as Excel in Indonesia opens it. No text ever becomes a formula.

Rows may be a generator of any length: both writers hold one row at a time.

CSV is UTF-8 with a byte order mark, since Excel otherwise takes it for the old Windows code page; its separator is
the semicolon and its decimal mark the comma, since Excel in Indonesian settings opens a file with commas as one
column. Google Sheets and LibreOffice find out by themselves.
"""

import csv
import math
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape

from django.utils import timezone
from rustpy_xlsxwriter import Format, write_worksheets

from .unseen import without_unseen

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_CHARACTERS = 32_767  # of a cell of Excel
LINE, WIDER_BOLD = (
    15,
    1.15,
)  # points of a line of headings, and how much wider than plain letters bold ones are
TAGS = {"title": "dc:title", "subject": "dc:subject", "creator": "dc:creator", "keywords": "cp:keywords"}
TEXT, NUMBER, DECIMAL, SHARE, DAY, MOMENT = "text", "number", "decimal", "share", "day", "moment"
TO_FILL_IN = "to fill in"  # text also where nobody has written yet: a number typed there keeps all its digits
FORMATS = {
    NUMBER: "#,##0",
    DECIMAL: "#,##0.00",
    SHARE: "0%",
    DAY: "d mmm yyyy",
    MOMENT: "d mmm yyyy hh:mm",
    TO_FILL_IN: "@",
}
WIDTHS = {TEXT: 24, NUMBER: 12, DECIMAL: 12, SHARE: 10, DAY: 13, MOMENT: 18, TO_FILL_IN: 20}
# What a spreadsheet runs: these signs at the start, also behind blanks and signs that are not seen.
FORMULA = re.compile(r"[\s\x00-\x20\x7f\ufeff\u200b-\u200f\u2060]*[=+\-@|%\t\r\uff1d\uff0b\uff0d\uff20]")
# What a spreadsheet takes for a number and spoils: a leading zero, or more digits than it can hold.
SPOILT = re.compile(r"\s*(0\d+|\d{12,})\s*")


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its heading, what stands in it (TEXT, NUMBER, …) and its width in characters."""

    name: str
    kind: str = TEXT
    width: int = 0


@dataclass(frozen=True)
class Sheet:
    """A table to write. `rows` gives tuples, a value for each column, None for nothing; `charts` as rustpy takes them.
    `titles` are lines above the table, the first in large letters; `total` is a last row that stands out, or None.
    """

    name: str
    columns: list[SheetColumn]
    rows: Iterable[tuple]
    charts: list[dict] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    total: tuple | None = None


def plain(value):
    """A cell's value as both writers take it: local moments without a zone, text without unseen signs, cut to a cell."""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, int | float | date):
        return value
    return without_unseen(str(value))[:MOST_CHARACTERS]


def guarded(text):
    """`text` so that no spreadsheet that opens a CSV runs it or takes it for a number that it would spoil."""
    return f"'{text}" if FORMULA.match(text) or SPOILT.fullmatch(text) else text


# --- XLSX ----------------------------------------------------------------------------------------------------------


def write_xlsx(path, sheets, *, footer, properties=None):
    """Write `sheets` (Sheet) to `path`. `footer` stands at the foot of every printed page; `properties` are what the file
    says of itself (title, subject, creator, keywords), which rewrites it once: for files of some pages.
    """
    sheets = list(sheets)

    def each(of):
        return {sheet.name: of(sheet) for sheet in sheets}

    write_worksheets(
        [(sheet.name, _records(sheet)) for sheet in sheets],
        str(path),
        header_row=each(_head_at),
        merge_ranges=each(_titles),
        row_heights=each(_heights),
        freeze_panes=each(lambda sheet: {"row": _head_at(sheet) + 1, "col": 0}),
        autofilter=each(lambda sheet: sheet.total is None),  # sorting would carry the sum along
        column_widths=each(
            lambda sheet: {
                column.name: float(column.width or WIDTHS[column.kind]) for column in sheet.columns
            }
        ),
        column_formats=each(lambda sheet: {column.name: _format(column.kind) for column in sheet.columns}),
        header_format=each(lambda sheet: _heading()),
        page_setup=each(
            lambda sheet: {
                "paper_size": 9,
                "landscape": len(sheet.columns) > 4,
                "fit_to_pages": (1, 0),
                "repeat_rows": (0, _head_at(sheet)),
                "footer": f"&L&8{_footer(footer)}&R&8&P / &N",
            }
        ),
        charts={sheet.name: sheet.charts for sheet in sheets if sheet.charts},
    )
    if properties:
        _say_properties(path, properties)


def _records(sheet):
    names = [column.name for column in sheet.columns]
    rows = iter(sheet.rows)
    first = next(rows, None)
    # Headings are taken from the first row, so a table without rows gets an empty one.
    last = [sheet.total] if sheet.total else []
    for row in chain([first or (None,) * len(names)], rows, last):
        yield dict(zip(names, map(plain, row), strict=True))


def _format(kind):
    # The quote mark keeps a text a text also when somebody edits its cell.
    return Format().set_num_format(FORMATS[kind]) if kind in FORMATS else Format().set_quote_prefix()


def _heading():
    return Format().set_bold().set_text_wrap().set_align("top").set_background_color("#E9E3EE")


def _head_at(sheet):
    """The row (from 0) of the headings: below the titles and a blank line."""
    return len(sheet.titles) + 1 if sheet.titles else 0


def _titles(sheet):
    last = len(sheet.columns) - 1
    looks = [Format().set_bold().set_font_size(14.0)] + [Format()] * len(sheet.titles)
    return [
        (row, 0, row, last, plain(text), look)
        for row, (text, look) in enumerate(zip(sheet.titles, looks, strict=False))
        if last
    ]


def _heights(sheet):
    """LibreOffice gives a row of wrapped headings the height of one line unless it is told."""
    lines = max(
        math.ceil(len(column.name) * WIDER_BOLD / (column.width or WIDTHS[column.kind]))
        for column in sheet.columns
    )
    return {_head_at(sheet): LINE * max(lines, 1) + 2} if lines > 1 or sheet.titles else {}


def _say_properties(path, properties):
    """Write the document properties of a workbook, which its writer can't."""
    path, whole = Path(path), Path(f"{path}.utuh")
    told = "".join(f"<{TAGS[name]}>{escape(plain(text))}</{TAGS[name]}>" for name, text in properties.items())
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(
                    rb"<dc:creator.*?(?=<dcterms:created)", told.encode(), content, flags=re.DOTALL
                )
            new.writestr(entry, content)
    whole.replace(path)


def _footer(text):
    """Excel reads & as a command, and holds 255 characters in all."""
    return text.replace("&", "&&")[:200]


# --- CSV -----------------------------------------------------------------------------------------------------------


def write_csv(path, sheet, *, head=""):
    """Write one sheet to `path`, below the line `head` where there is one."""
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        if head:
            writer.writerow([guarded(plain(head))])
        writer.writerow([guarded(column.name) for column in sheet.columns])
        writer.writerows([_csv_cell(value) for value in row] for row in sheet.rows)


def _csv_cell(value):
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.12g}".replace(".", ",")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int | date):
        return str(value)
    return guarded(value)
