"""Reads one workbook in a process of its own and writes its rows; run by read_file, never imported.

Arguments: the workbook, the file to write, the wanted sheet ("" for the longest), the most bytes of memory.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

MOST_ROWS, MOST_COLUMNS = 400_000, 200
MOST_SECONDS = 110  # of processor time
LONGEST_CELL = 4_000


def cell_of(value):
    """A cell as it is handed on."""
    match value:
        case bool() | int():
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        case datetime():
            return {"date": value.date().isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time() | timedelta() | None:
            return str(value or "")
    return str(value)[:LONGEST_CELL]


def main(path, out, wanted, memory):
    """Write the rows of the chosen sheet to `out`; what read_file tells of the file."""
    import python_calamine as calamine

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            return write(book, calamine, out, wanted)
    except calamine.PasswordError:
        return {
            "refused": "Berkas ini dikunci dengan kata sandi. Hapus kata sandinya, simpan, lalu kirim lagi."
        }


def write(book, calamine, out, wanted):
    """The rows of the wanted or the longest visible sheet to `out`."""
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]
    if not visible:
        return {"refused": "Tidak ada lembar yang berisi daftar di berkas ini."}
    sizes, chosen, best = {}, None, -1
    for name in visible:
        sheet = book.get_sheet_by_name(name)
        sizes[name] = sheet.height
        if name == wanted or (not wanted and sheet.height > best):
            chosen, best = sheet, sheet.height
    if chosen is None:
        return {"refused": "Lembar yang dipilih tidak ada di berkas ini."}
    if chosen.height > MOST_ROWS:
        return {
            "refused": f"Terlalu banyak baris: {chosen.height}, paling banyak {MOST_ROWS}. Bagi menjadi beberapa berkas."
        }
    if chosen.width > MOST_COLUMNS:
        return {
            "refused": f"Terlalu banyak kolom: {chosen.width}, paling banyak {MOST_COLUMNS}. Hapus kolom yang kosong."
        }
    first = chosen.start[0] if chosen.start else 0
    last = 0
    with open(out, "w", encoding="utf-8") as lines:
        for number, row in enumerate(chosen.iter_rows(), first + 1):
            cells = [cell_of(value) for value in row]
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                last = number
            json.dump([number, cells], lines, ensure_ascii=False)
            lines.write("\n")
    return {"sheet": chosen.name, "sheets": sizes, "rows": last}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
