"""The "FORM VERIFIKASI KOMITMEN PENDIDIKAN" that schools hand in: one file a school and quarter, 25 columns.

It comes as rows of cells, whatever file they stood in. Title, NPSN, school and month names stand above the table and
the school days ("hari efektif") in a row of the table's head; offices cut, shift and retype these lines, so they are
looked for by their words. Layout: a public parser of the file and a school system that prints the same form.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MONTHS = {
    name: number
    for number, name in enumerate(
        (
            "januari",
            "februari",
            "maret",
            "april",
            "mei",
            "juni",
            "juli",
            "agustus",
            "september",
            "oktober",
            "november",
            "desember",
        ),
        start=1,
    )
}
SPOKEN = {"pebruari": "februari", "nopember": "november"}  # as many schools write them
COLUMNS, FIRST_MONTH, PER_MONTH = 25, 8, 5
NIK_OF_CARER, NAME_OF_CARER, NIK, NISN, NAME = 1, 2, 3, 4, 5
NOTE = 23
MOST_DAYS = 31
UNSEEN = re.compile("[\ufeff\u200b-\u200f\u202a-\u202e\u2060]")


class OtherForm(Exception):
    """The rows are not this form; the text tells the person why."""


@dataclass(frozen=True)
class MonthMarks:
    """One child's month: days away without word, with leave and ill; None is a cell left empty.

    `told` is the share present that the file says, in percent, as it stands there; None where it says none.
    """

    away: int | None
    leave: int | None
    ill: int | None
    told: float | None

    @property
    def is_blank(self):
        return self.away is None and self.leave is None and self.ill is None and self.told is None

    @property
    def missed(self):
        """Days not in class, for any reason."""
        return (self.away or 0) + (self.leave or 0) + (self.ill or 0)

    def present(self, effective: int | None) -> float | None:
        """Percent of `effective` school days present; what the file told where the school days are not known."""
        if self.is_blank:
            return None
        return 100 * (effective - self.missed) / effective if effective else self.told


@dataclass(frozen=True)
class Pupil:
    """One row. `nik` and `nisn` are digits or "" where the cell holds no whole number of theirs; `marks` stand in the
    order of the form's months; `faults` are words for a person, the row is not to be stored while there are any.
    """

    line: int
    nik: str
    nisn: str
    name: str
    marks: tuple[MonthMarks, ...]
    note: str = ""
    faults: tuple[str, ...] = ()


@dataclass
class SchoolForm:
    """What a file says: `months` are numbers 1 to 12, `effective` the school days of each, None where not said."""

    npsn: str = ""
    school: str = ""
    months: list[int] = field(default_factory=list)
    effective: list[int | None] = field(default_factory=lambda: [None, None, None])
    pupils: list[Pupil] = field(default_factory=list)


def read_school_form(rows: Iterable[tuple[int, list[str]]]) -> SchoolForm:
    """The SchoolForm in `rows`, (line number, cells) pairs. Raises OtherForm when it is another file."""
    form, in_table = SchoolForm(), False
    for line, raw in rows:
        cells = [clean(cell) for cell in raw]
        if not any(cells) or cells[0].casefold().startswith("sep="):
            continue
        if not in_table:
            in_table = _read_head(form, cells)
        elif not _read_head_of_table(form, cells) and _is_pupil(cells):
            form.pupils.append(_pupil(form, line, cells))
    if not in_table:
        raise OtherForm('Ini bukan formulir verifikasi komitmen: baris judul "NIK Siswa" tidak ada.')
    if len(form.months) != 3:
        raise OtherForm("Nama ketiga bulan tidak ditemukan di atas tabel. Tulis misalnya APRIL, MEI, JUNI.")
    if [(month - form.months[0]) % 12 for month in form.months] != [0, 1, 2]:
        raise OtherForm("Ketiga bulan di formulir tidak berurutan. Periksa nama bulannya.")
    return form


def clean(cell) -> str:
    """The text of a cell without signs that nobody sees, a leading ' and spaces around."""
    return " ".join(UNSEEN.sub("", str(cell or "")).split()).removeprefix("'").strip()


def _read_head(form, cells):
    """Take what a line above the table says; whether the table's head is this line."""
    words = [cell.casefold() for cell in cells]
    if any(word.startswith("nik siswa") for word in words):
        _read_months(form, words)
        return True
    label = words[0].rstrip(": ")
    if label.startswith("npsn"):
        form.npsn = _value(cells)
    elif label.startswith("nama sekolah"):
        form.school = _value(cells)
    else:
        _read_months(form, words)
    return False


def _value(cells):
    """What stands behind the label, in its own cell or after one or more colons."""
    _, _, behind = cells[0].partition(":")
    found = [behind, *cells[1:]]
    return next((text for one in found if (text := one.strip(" :"))), "")


def _read_months(form, words):
    if len(form.months) == 3:
        return
    single = [SPOKEN.get(word, word) for cell in words for word in re.findall(r"[a-z]+", cell)]
    named = list(dict.fromkeys(MONTHS[word] for word in single if word in MONTHS))
    if len(named) == 3:
        form.months = named


def _read_head_of_table(form, cells):
    """Take a further line of the table's head: month names or school days; whether it is one."""
    if any("efektif" in cell.casefold() for cell in cells):
        for turn in range(3):
            start = FIRST_MONTH + PER_MONTH * turn
            found = [int(cell) for cell in cells[start : start + PER_MONTH] if cell.isdecimal()]
            form.effective[turn] = next((days for days in found if 0 < days <= MOST_DAYS), None)
        return True
    words = {cell.casefold() for cell in cells}
    if words & {"alpa", "izin", "sakit"}:
        return True
    if not any(char.isdecimal() for cell in cells for char in cell):
        _read_months(form, [cell.casefold() for cell in cells])
    return False


def _is_pupil(cells):
    """Whether the row is of a child: it has a number, or a name behind its place in the list. Some forms number their
    columns in a row of its own.
    """
    if len(cells) <= NAME or cells[: NAME + 1] == [str(at) for at in range(1, NAME + 2)]:
        return False
    has_number = any(map(str.isdecimal, cells[NIK] + cells[NISN]))
    return has_number or (cells[0].isdecimal() and any(map(str.isalpha, cells[NAME])))


def _pupil(form, line, cells):
    cells = cells + [""] * (COLUMNS - len(cells))
    faults = []
    if len(cells) > COLUMNS and any(cells[COLUMNS:]):
        faults.append(f"Ada {len(cells)} kolom; formulir ini punya {COLUMNS}.")
    nik = _digits(cells[NIK], 16, "NIK siswa", faults)
    nisn = _digits(cells[NISN], 10, "NISN", faults)
    marks = []
    for turn in range(3):
        start = FIRST_MONTH + PER_MONTH * turn
        marks.append(_marks(cells[start : start + PER_MONTH], form.effective[turn], turn + 1, faults))
    return Pupil(line, nik, nisn, cells[NAME], tuple(marks), cells[NOTE], tuple(faults))


def _digits(cell, length, label, faults):
    """The number in the cell; "" with a fault when a spreadsheet or a hand has damaged it."""
    digits = re.sub(r"[\s.\-]", "", cell)
    if not digits:
        return ""
    if digits.isascii() and digits.isdecimal() and len(digits) == length:
        return digits
    damaged = re.fullmatch(r"[\d,]+[eE]\+?\d+", digits)
    why = "rusak oleh program tabel (bentuk E+)" if damaged else f"bukan {length} angka"
    faults.append(f"{label} {why}.")
    return ""


def _marks(cells, effective, turn, faults):
    days = []
    for label, cell in zip(("Alpa", "Izin", "Sakit"), cells, strict=False):
        number = cell.removesuffix(",0").removesuffix(".0")
        if number in {"", "-"}:
            days.append(None)
        elif number.isascii() and number.isdecimal() and int(number) <= MOST_DAYS:
            days.append(int(number))
        else:
            days.append(None)
            faults.append(f"{label} bulan ke-{turn} bukan jumlah hari.")
    marks = MonthMarks(*days, _percent(cells[4], turn, faults))
    if effective and marks.missed > effective:
        faults.append(f"Bulan ke-{turn}: tidak masuk {marks.missed} hari, hari efektif hanya {effective}.")
    return marks


def _percent(cell, turn, faults):
    text = cell.removesuffix("%").strip().replace(",", ".")
    if text in {"", "-"}:
        return None
    if re.fullmatch(r"\d{1,3}(\.\d+)?", text, re.ASCII) and float(text) <= 100:
        return float(text)
    faults.append(f"Persen bulan ke-{turn} bukan angka 0 sampai 100.")
    return None
