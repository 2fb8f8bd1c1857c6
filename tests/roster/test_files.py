"""Files as an office has them, opened by the real reader."""

import json
import threading
import time
from datetime import date, datetime

import openpyxl
import psutil
import pytest

from roster import files
from roster.files import FileRefused, read_file

from .odd_files import FILES, READ, REFUSED
from .packed import HEADINGS, SITI, row, text, xlsx


@pytest.fixture
def opened(tmp_path):
    """Read a file: (Opened, its rows)."""

    def read(content, name="daftar.xlsx", **kwargs):
        path, out = tmp_path / "berkas", tmp_path / "baris"
        path.write_bytes(content)
        found = read_file(path, name, out, **kwargs)
        assert {one.name for one in tmp_path.iterdir()} == {"berkas", "baris"}
        with out.open(encoding="utf-8") as lines:
            return found, [json.loads(line) for line in lines]

    return read


def names(table):
    found = [name for name, *_ in table]
    assert len(set(found)) == len(found)
    return found


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=names(REFUSED))
def test_what_can_not_be_taken_says_why_and_what_to_do(opened, name, content, words):
    with pytest.raises(FileRefused) as refused:
        opened(content, name)
    said = str(refused.value)
    assert said.startswith(words), said
    assert said.endswith(".") and len(said) < 250


@pytest.mark.parametrize(("name", "content", "rows"), READ, ids=names(READ))
def test_odd_but_good(opened, name, content, rows):
    found, read = opened(content, name)
    assert read == rows
    assert found.rows == max(number for number, cells in rows if cells)


def test_the_corpus_is_large_enough():
    assert len(REFUSED) >= 40


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_as_libreoffice_writes_it(opened, kind):
    found, rows = opened((FILES / f"libreoffice.{kind}").read_bytes())
    assert (found.kind, found.sheet, found.sheets) == (kind, "Data KPM", {"Data KPM": 5, "Petunjuk": 1})
    assert found.note == "Berkas ini punya 2 lembar. Yang dibaca: Data KPM."
    assert [number for number, _ in rows] == [1, 2, 3, 4, 5, 6, 7] and found.rows == 7
    assert rows[1][1] == ["", "DAFTAR KPM PKH KELURAHAN KEBON JAYANTI"]
    siti = rows[4][1][1:]
    assert siti[:4] == [1, "3273990101010001", "3273995203850001", "Siti Aminah"]
    assert siti[4:8] == [{"date": "1985-03-12"}, "Gg. Mawar 1\nRT 3", "003", 1]
    assert siti[8:] == ["Gg. Mawar 1\nRT 3x", "07:30:00", 0.25]
    assert rows[5][1][4] == " Nur'aeni "  # as typed
    assert isinstance(rows[6][1][2], int)  # a No KK that the sheet keeps as a number is seen as one
    assert rows[6][1][4] == ""  # 1/0


def test_as_libreoffice_writes_text(opened):
    found, rows = opened((FILES / "libreoffice.csv").read_bytes())
    assert (found.kind, found.delimiter, found.encoding, found.sheet) == ("csv", ";", "utf-8", "")
    # Two cells of row 5 hold a line break each: the next row begins three lines below.
    assert [number for number, _ in rows] == [1, 2, 3, 4, 5, 8, 9]


def test_as_openpyxl_writes_it(opened, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.merge_cells("A1:C1")
    sheet["A1"] = "DAFTAR KPM"
    sheet.append(["No KK", "Lahir", "Sejak"])
    sheet.append(["3273990101010001", date(1985, 3, 12), datetime(2014, 5, 3, 8, 0)])
    book.save(tmp_path / "berkas")
    content = (tmp_path / "berkas").read_bytes()
    _, rows = opened(content)
    assert rows[2] == [3, ["3273990101010001", {"date": "1985-03-12"}, {"date": "2014-05-03"}]]


def test_the_visible_sheet_with_the_most_filled_rows_is_read_unless_one_is_named(opened):
    tall = HEADINGS + SITI + row(9, text("A9", "x"))
    content = xlsx(tall, sheets=("Data KPM", "Lain", "Sembunyi"), states=("", "", "hidden"))
    found, _ = opened(content)
    assert (found.sheet, found.sheets) == ("Data KPM", {"Data KPM": 3, "Lain": 1})
    found, rows = opened(content, sheet="Lain")
    assert (found.sheet, rows, found.note) == ("Lain", [[1, ["lembar 2"]]], "")
    for other in ("Sembunyi", "Bukan"):
        with pytest.raises(FileRefused, match="Lembar yang dipilih tidak ada"):
            opened(content, sheet=other)


# --- the process of its own -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slow():
    """A workbook that takes a while."""
    cells = "".join(
        row(at, *(text(f"{column}{at}", f"isi {at}") for column in "ABCDEFGHIJ")) for at in range(1, 60_001)
    )
    return xlsx(cells)


def children():
    return [
        child for child in psutil.Process().children() if any("child.py" in word for word in child.cmdline())
    ]


def test_who_gives_up_ends_the_reading(tmp_path, slow):
    path = tmp_path / "berkas"
    path.write_bytes(slow)
    started = time.monotonic()
    with pytest.raises(FileRefused, match="Dibatalkan"):
        read_file(path, "", tmp_path / "baris", cancelled=lambda: time.monotonic() - started > 0.2)
    assert not children()


def test_what_takes_too_long_is_ended(tmp_path, slow, monkeypatch):
    monkeypatch.setattr(files, "SECONDS", 0)
    path = tmp_path / "berkas"
    path.write_bytes(slow)
    with pytest.raises(FileRefused, match="terlalu lama"):
        read_file(path, "", tmp_path / "baris")
    assert not children()


def test_what_takes_too_much_memory_is_ended(tmp_path, slow, monkeypatch):
    monkeypatch.setattr(files, "MOST_MEMORY", 60_000_000)
    path = tmp_path / "berkas"
    path.write_bytes(slow)
    with pytest.raises(FileRefused, match="terlalu besar sesudah dibuka"):
        read_file(path, "", tmp_path / "baris")


def test_several_threads_read_at_once(tmp_path):
    found = {}

    def read(at):
        path = tmp_path / f"berkas{at}"
        path.write_bytes(xlsx(HEADINGS + SITI + row(3, text("A3", f"{at}"))))
        read_file(path, "", tmp_path / f"baris{at}")
        found[at] = json.loads((tmp_path / f"baris{at}").read_text().splitlines()[2])

    threads = [threading.Thread(target=read, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {at: [3, [f"{at}"]] for at in range(4)}


def test_nothing_of_a_file_is_logged(opened, caplog):
    broken = next(content for name, content, _ in REFUSED if name == "bukan xml.xlsx")
    with pytest.raises(FileRefused):
        opened(broken, "Siti.xlsx")
    assert "Siti" not in caplog.text and "ended its reader" in caplog.text
