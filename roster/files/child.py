"""Reads one workbook in a process of its own and writes its rows; run by read_file, never imported.

Is asked by a JSON object: `path` of the workbook (with the ending of its kind), a `folder` to write in, the wanted `sheet`
("" for the one with the most rows), the most bytes of `memory`. Answers what read_file tells of the file and `at`, the
name of the file of rows in the folder; or {"refused": a reason of read_file's}.
"""

import ctypes
import json
import math
import resource
import signal
import sys
from datetime import date, datetime

MOST_ROWS, MOST_COLUMNS = 400_000, 200  # as for text; a sheet of formatted emptiness may claim a million
MOST_SHEETS = 60  # five years of months
MOST_SECONDS = 100  # of processor time
MOST_WRITTEN = 400_000_000  # bytes of rows; 100 thousand families with a row a member are about 90 million
LONGEST_CELL = 4_000  # characters
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main(asked):
    """Write the rows of the chosen sheet; the answer."""
    _bound(asked["memory"])
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(asked["path"]) as book:
            return read(book, calamine, asked["folder"], asked["sheet"])
    except calamine.PasswordError:
        return {"refused": "locked"}
    except MemoryError:
        return {"refused": "too much"}
    except OSError:  # of the file that is written: longer than it may be
        return {"refused": "too much"}


def _bound(memory):
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold identity numbers
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))


def read(book, calamine, folder, wanted):
    """The rows of the wanted sheet, or of the visible one with the most filled rows, to a file in `folder`."""
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]
    names = [name for name in visible if not wanted or name[:200] == wanted]
    if not names:
        return {"refused": "no such sheet" if visible else "no sheet"}
    if len(names) > MOST_SHEETS:
        return {"refused": "sheets"}
    answers, filled = {}, {}
    for at, name in enumerate(names):
        answers[name], filled[name] = write(book.get_sheet_by_name(name), f"{folder}/{at}")
    chosen = max(names, key=filled.get)
    if "refused" in answers[chosen]:
        return answers[chosen]
    counts = {name[:200]: filled[name] for name in names}
    return {"sheet": chosen[:200], "sheets": counts, "at": str(names.index(chosen)), **answers[chosen]}


def write(sheet, path):
    """Write the rows of a sheet to `path`; (the answer about it, its filled rows)."""
    height = sheet.end[0] + 1 if sheet.end else 0
    if height > MOST_ROWS:
        return {"refused": "rows", "count": height}, sheet.height
    json_of = json.JSONEncoder(ensure_ascii=False).encode  # many times as fast as json.dump
    last = filled = widest = 0
    left = [""] * (sheet.start[1] if sheet.start else 0)  # columns before the first that holds something
    with open(path, "w", encoding="utf-8") as lines:
        for number, row in enumerate(
            sheet.iter_rows(), 1
        ):  # begins at row 1, whatever stands above the first cell
            cells = left + [cell_of(value) for value in row]
            while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
                cells.pop()
            if cells:
                last, filled, widest = number, filled + 1, max(widest, len(cells))
            lines.write(json_of([number, cells]) + "\n")
    if widest > MOST_COLUMNS:
        return {"refused": "columns", "count": widest}, filled
    return {"rows": last}, filled


def cell_of(value):
    """A cell as it is handed on."""
    match value:
        case str():
            return value[:LONGEST_CELL]
        case bool() | int():
            return value
        case float():
            if not math.isfinite(value):  # not in JSON
                return str(value)
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        case datetime():
            return {"date": value.date().isoformat()}
        case date():
            return {"date": value.isoformat()}
    return "" if value is None else str(value)[:LONGEST_CELL]


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin.buffer))))
