"""A file of families read one way, as a program of its own: prints {rows, seconds, cpu, peak_mb, bytes}.

`python -m bench.importing make csv|xlsx FAMILIES PATH` writes the file: a row a family, its pengurus, 15 columns, as an
office keeps it; of every fiftieth a spreadsheet damaged the NIK. `python -m bench.importing ours|openpyxl|tablib PATH` reads it. Processor time and memory count those of
the processes that a reader starts.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

HEADINGS = (
    "No", "No KK", "NIK", "Nama", "JK", "Tanggal Lahir", "Hubungan", "Komponen", "Alamat", "RT", "RW", "Kelurahan",
    "Kecamatan", "Pendamping", "Kelompok",
)  # fmt: skip
READERS = ("ours", "openpyxl", "tablib")


def main():
    match sys.argv[1:]:
        case ["make", kind, families, path]:
            make(kind, int(families), Path(path))
        case [way, path] if way in READERS:
            json.dump(
                measured({"ours": ours, "openpyxl": openpyxl, "tablib": tablib}[way], Path(path)), sys.stdout
            )
        case _:
            sys.exit(__doc__)


def measured(read, path):
    start = time.monotonic()
    rows = read(path)
    seconds = time.monotonic() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "rows": rows,
        "seconds": seconds,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "peak_mb": max(one.ru_maxrss for one in used) / 1024,
        "bytes": path.stat().st_size,
    }


# --- the file ---------------------------------------------------------------------------------------------------------


def families(count):
    """Rows of cells, all text as an office types them; the same every time, up to 126,000 of them with a NIK of their own."""
    for at in range(count):
        born = 1955 + at % 45
        yield (
            str(at + 1),
            f"32739901{at:08d}",
            f"327399{41 + at % 28:02d}{1 + at % 12:02d}{born % 100:02d}{1 + (at + at // 63000 * 7) % 9000:04d}"[
                : 15 if at % 50 == 49 else 16
            ],
            f"Siti Aminah {at % 977}",
            "P",
            f"{1 + at % 28:02d}/{1 + at % 12:02d}/{born}",
            "Istri",
            ("SD", "SMP", "Lansia", "Balita")[at % 4],
            f"Gang Mawar {at % 300} No. {at % 99}, RT {at % 20}",
            f"{1 + at % 20:03d}",
            f"{1 + at % 12:03d}",
            "Kebon Jayanti",
            "Kiaracondong",
            f"Rina Marlina {at % 330}",
            f"Mawar {at % 3000}",
        )


def make(kind, count, path):
    if kind == "csv":
        import csv

        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([HEADINGS, *families(count)])
        return
    from pkh_casework.sheets import Sheet, SheetColumn, write_xlsx

    write_xlsx(
        path, [Sheet("Data KPM", [SheetColumn(name) for name in HEADINGS], families(count))], footer=""
    )


# --- its readers: each gives how many rows stand below the headings, every cell looked at ------------------------------


def ours(path):
    """As a worker reads what somebody sent, to rows as they are cleaned and staged."""
    from roster.files import read_file

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows"
        read_file(path, path.name, out)
        with out.open(encoding="utf-8") as lines:
            return sum(bool(cells) for _, cells in map(json.loads, lines)) - 1


def openpyxl(path):
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    return sum(any(row) for row in book.worksheets[0].iter_rows(values_only=True)) - 1


def tablib(path):
    """As django-import-export reads a file before it looks at a row of it."""
    from import_export.formats.base_formats import CSV, XLSX

    if path.suffix == ".csv":
        dataset = CSV(encoding="utf-8-sig").create_dataset(
            path.read_text(encoding="utf-8-sig"), delimiter=";"
        )
    else:
        dataset = XLSX().create_dataset(path.read_bytes())
    return len(dataset)


if __name__ == "__main__":
    main()
