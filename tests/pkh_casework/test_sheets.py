"""The writers: no text becomes a formula, types stay types, other programs read the files."""

import csv
import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pkh_casework.sheets import (
    DAY,
    DECIMAL,
    FORMULA,
    MOMENT,
    NUMBER,
    TO_FILL_IN,
    Sheet,
    SheetColumn,
    guarded,
    write_csv,
    write_xlsx,
)
from reports.monthly.rhk_word import rhk_document
from tests.exports import lines_of
from tests.office import converted
from tests.papers import filled, rhk_paper

STARTS = ["=", "+", "-", "@", "\t=", "\r=", " =", "\ufeff=", "\x00=", "\n+", "|", "%", "\u200b=", "\uff1d"]
# A busy machine is no fault of the writers.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
nasty = st.builds(str.__add__, st.sampled_from(STARTS), st.text(max_size=20)) | st.text(max_size=30)


def sheet_of(rows):
    return Sheet("Data", [SheetColumn("Teks"), SheetColumn("Angka", NUMBER)], rows)


@patient
@given(st.lists(nasty, min_size=1, max_size=8))
def test_no_text_of_a_workbook_is_a_formula(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("xlsx") / "berkas.xlsx"
    write_xlsx(path, [sheet_of([(text, 1) for text in texts])], footer="")

    cells = [row[0] for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2)]
    assert not [cell for cell in cells if cell.data_type == "f"]


@patient
@given(st.lists(nasty, min_size=1, max_size=8))
def test_no_text_of_a_csv_begins_as_a_formula_and_none_breaks_a_line(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "berkas.csv"
    write_csv(path, sheet_of([(text, 1) for text in texts]))

    lines = lines_of(path.read_bytes())
    assert len(lines) == len(texts) + 1
    assert not [line for line in lines if FORMULA.match(line[0])]


def test_a_number_that_is_no_number_stays_as_it_was_written():
    assert guarded("081234567890") == "'081234567890"
    assert guarded("3273160101010001") == "'3273160101010001"
    assert guarded("RW 05") == "RW 05"


EVERY = [
    SheetColumn("Teks"),
    SheetColumn("Angka", NUMBER),
    SheetColumn("Rata", DECIMAL),
    SheetColumn("Hari", DAY),
    SheetColumn("Saat", MOMENT),
]
ROWS = [
    (None, None, None, None, None),
    ("=1+1", -3, Decimal("2.50"), date(2026, 11, 24), datetime(2026, 11, 24, 1, 5, tzinfo=UTC)),
    ("x" * 40_000, 1_234_567, 0.5, date(2024, 2, 29), datetime(2026, 1, 1, tzinfo=UTC)),
]


def test_a_workbook_has_real_types_and_a_heading_that_stays(tmp_path):
    path = tmp_path / "berkas.xlsx"
    write_xlsx(path, [Sheet("Data", EVERY, iter(ROWS))], footer="Rina & Co")

    sheet = openpyxl.load_workbook(path).active
    _, _, row, long = sheet.iter_rows()
    assert [cell.value for cell in row] == [
        "=1+1",
        -3,
        2.5,
        datetime(2026, 11, 24),
        datetime(2026, 11, 24, 8, 5),
    ]
    assert [cell.number_format for cell in row[1:]] == ["#,##0", "#,##0.00", "d mmm yyyy", "d mmm yyyy hh:mm"]
    assert row[0].quotePrefix and len(long[0].value) == 32_767
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:E4")
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width
    assert sheet.oddFooter.left.text == "Rina && Co"


def test_libreoffice_reads_a_workbook_as_it_was_written(tmp_path):
    path = tmp_path / "berkas.xlsx"
    write_xlsx(path, [Sheet("Data", EVERY, ROWS)], footer="Rina")

    made = converted(path, "csv:Text - txt - csv (StarCalc):44,34,76,1", tmp_path)
    lines = list(csv.reader(io.StringIO(made.read_text())))
    assert lines[0] == ["Teks", "Angka", "Rata", "Hari", "Saat"]
    assert lines[2][:2] == ["=1+1", "-3"] and "2026" in lines[2][3]
    assert converted(path, "pdf", tmp_path).read_bytes().startswith(b"%PDF")


def test_libreoffice_reads_a_csv_as_it_was_written(tmp_path):
    path = tmp_path / "asal.csv"
    write_csv(path, Sheet("Data", EVERY, ROWS[1:2]), head="Langkah")

    made = converted(path, "xlsx", tmp_path, reading="Text - txt - csv (StarCalc):59,34,76")
    head, names, row = openpyxl.load_workbook(made).active.values
    assert head[0] == "Langkah" and names[:2] == ("Teks", "Angka")
    assert row[:2] == ("'=1+1", -3)


MEASURE = """
import resource, sys
from pkh_casework.sheets import SheetColumn, Sheet, write_csv, write_xlsx
rows = (("Catatan kunjungan nomor %d" % number, number) for number in range(int(sys.argv[2])))
sheet = Sheet("Data", [SheetColumn("Teks"), SheetColumn("Angka", "number")], rows)
write_csv(sys.argv[1], sheet) if sys.argv[1].endswith("csv") else write_xlsx(sys.argv[1], [sheet], footer="")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_writing_a_long_table_takes_no_more_memory_than_a_short_one(tmp_path):
    def kilobytes(form, rows):
        command = [sys.executable, "-c", MEASURE, str(tmp_path / f"berkas.{form}"), str(rows)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)

    for form in ("xlsx", "csv"):
        assert kilobytes(form, 60_000) - kilobytes(form, 100) < 6_000, form


def test_a_column_to_fill_in_is_text_where_nobody_has_written_yet(tmp_path):
    """Excel keeps fifteen digits of a number, and a NIK has sixteen."""
    path = tmp_path / "contoh.xlsx"
    write_xlsx(path, [Sheet("Daftar", [SheetColumn("NIK", TO_FILL_IN), SheetColumn("Nama")], [])], footer="")
    sheet = openpyxl.load_workbook(path).active
    assert sheet.column_dimensions["A"].number_format == "@"


@patient
@given(st.lists(st.text(st.characters(codec=None), max_size=30), min_size=1, max_size=6))
def test_any_text_makes_a_word_document_that_reads_back(texts):
    said = iter(texts * 40)
    paper = filled(rhk_paper(), lambda text: next(said))
    document = Document(io.BytesIO(rhk_document(paper | {"photos": []})))
    assert document.core_properties.author == "Langkah"


def test_titles_stand_above_a_table_its_sum_below_and_the_file_says_what_it_is(tmp_path):
    path = tmp_path / "rekap.xlsx"
    columns = [
        SheetColumn("Wilayah", width=20),
        SheetColumn("KPM aktif yang dikunjungi bulan ini", NUMBER, 12),
    ]
    sheet = Sheet("Data", columns, [("Sukapura", 2)], titles=["Rekap", "Bandung & =1+1"], total=("JUMLAH", 2))
    write_xlsx(path, [sheet], footer="", properties={"title": "Rekap <1>", "creator": "Rina & Co"})

    book = openpyxl.load_workbook(path)
    assert [row[0] for row in book.active.values] == [
        "Rekap",
        "Bandung & =1+1",
        None,
        "Wilayah",
        "Sukapura",
        "JUMLAH",
    ]
    assert book.active.freeze_panes == "A5" and book.active.row_dimensions[4].height > 40
    assert book.active.auto_filter.ref is None
    assert (book.properties.title, book.properties.creator) == ("Rekap <1>", "Rina & Co")
    assert converted(path, "pdf", tmp_path).read_bytes().startswith(b"%PDF")
