"""Which column of an office's file holds what: found by its heading, else by what stands in it."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from pkh_casework.csv_rows import read_rows

KNOWN_FILE = Path(__file__).parent / "data" / "kolom.csv"
HEADING_WITHIN = 20  # rows; above the headings stand titles, the office, the date
LOOKED_AT = 200  # rows of which the content is looked at
SHOWN = 3  # values of a column that the person sees
FEWEST = 2  # known headings that make a row the row of headings
ALIKE = 0.86  # of two headings: one slip in a word of seven
MOSTLY = 0.8  # of the values in a column
NEEDED = ("no_kk",)  # without it a family can't be told from another
ONE_OF = ("name", "pengurus_name")
LONG_NUMBER = re.compile(r"\d[\d .\-]{8,}\d")
RT_RW = re.compile(r"(?:rt\W*)?\d{1,3}\s*/\s*(?:rw\W*)?\d{1,3}", re.IGNORECASE)
A_DATE = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d")


@dataclass(frozen=True)
class Known:
    """Something a column may hold: `field` as in StagedRow, StagedFamily or roster.cells, `label` for people."""

    field: str
    label: str
    spoken: str  # the headings as people write them
    headings: frozenset


@lru_cache
def known_columns():
    """{field: Known} in the order in which a form offers them."""
    rows = (cells for _, cells in read_rows(KNOWN_FILE))
    return {
        row["field"]: Known(
            row["field"],
            row["label"],
            row["headings"].replace("|", ", "),
            frozenset(heading_form(one) for one in row["headings"].split("|")),
        )
        for row in rows
    }


def heading_form(cell):
    """A heading as it is compared: lower case letters and digits, "No. KK :" = "nokk"."""
    return re.sub(r"[^a-z0-9]", "", str(text_of(cell)).lower())


def text_of(cell):
    """What a cell says as text: a whole number without its ".0", a date as it is written, nothing as ""."""
    if isinstance(cell, dict):
        return cell.get("date", "")
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def heading_row(rows):
    """The index in `rows`, the first [line, cells] of a file, of the row of headings; None when none looks like it."""
    best, most = None, FEWEST - 1
    for index, (_, cells) in enumerate(rows[:HEADING_WITHIN]):
        found = {field for field in map(field_of_heading, cells) if field}
        if len(found) > most:
            best, most = index, len(found)
    return best


@lru_cache(maxsize=2000)
def _field_of(form):
    exact = [one.field for one in known_columns().values() if form in one.headings]
    if exact or len(form) < 4:
        return exact[0] if exact else ""
    best = max(
        (
            (SequenceMatcher(None, form, heading).ratio(), one.field)
            for one in known_columns().values()
            for heading in one.headings
        ),
    )
    return best[1] if best[0] >= ALIKE else ""


def field_of_heading(cell):
    """The field that a heading names, also with a slip of the finger; "" for none."""
    form = heading_form(cell)
    return _field_of(form[:80]) if form else ""


def mark_of_headings(cells):
    """Stands for a row of headings: the same file next quarter has the same."""
    return sha256("|".join(map(heading_form, cells)).encode()).hexdigest()


def guess(headings, rows):
    """What each column holds: a list of fields ("" for none) as long as `headings`, no field twice.

    `rows` are lists of cells from below the headings. A heading decides; where it says nothing the content may.
    """
    taken, fields = set(), []
    for cell in headings:
        field = field_of_heading(cell)
        fields.append("" if field in taken else field)
        taken.add(field)
    for index, field in enumerate(fields):
        if not field:
            found = _field_of_content([text_of(cells[index]) for cells in rows if len(cells) > index], taken)
            fields[index] = found
            taken.add(found)
    return fields


def _field_of_content(values, taken):
    values = [value.strip() for value in values if value.strip()]
    if not values:
        return ""

    def mostly(test):
        return sum(bool(test(value)) for value in values) >= MOSTLY * len(values)

    if mostly(LONG_NUMBER.fullmatch):
        # A No KK stands in every row of its family, a NIK only once.
        order = ("no_kk", "nik") if len(set(values)) < len(values) else ("nik", "no_kk")
        return next((field for field in order if field not in taken), "")
    for field, test in (
        ("sex", lambda value: value.upper() in {"L", "P"}),
        ("rtrw", RT_RW.fullmatch),
        ("birth_date", A_DATE.fullmatch),
    ):
        if field not in taken and mostly(test):
            return field
    return ""


def samples(rows, index):
    """The first SHOWN different values of column `index` in `rows`, long numbers with their end hidden."""
    shown = []
    for cells in rows:
        value = text_of(cells[index]).strip() if len(cells) > index else ""
        value = LONG_NUMBER.sub(lambda found: f"{found[0][:4]}••••", value)[:60]
        if value and value not in shown:
            shown.append(value)
            if len(shown) == SHOWN:
                break
    return shown


def label_of(field):
    """What a field is called for people."""
    known = known_columns().get(field)
    return known.label if known else field


def what_is_missing(fields):
    """Why a file with these fields can't be taken, in words for the form; "" when it can."""
    if not set(NEEDED) <= set(fields):
        return (
            f"Pilih kolom mana yang berisi {label_of('no_kk')}. Tanpa nomor itu keluarga tidak bisa dikenali."
        )
    if not set(ONE_OF) & set(fields):
        return f"Pilih kolom mana yang berisi {label_of('name')} atau {label_of('pengurus_name')}."
    return ""
