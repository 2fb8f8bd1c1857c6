"""Workbooks that go back to the office: the rows that were refused, with reasons, and an empty list to fill in."""

from itertools import chain

from pkh_casework.sheets import TO_FILL_IN, Sheet, SheetColumn, write_xlsx
from roster.columns import label_of, text_of
from roster.models import StagedFamily, StagedRow

from .batch import rows_of

OURS = ("Alasan ditolak", "Baris")  # headings before those of the file
WITH_FAMILY = "Keluarganya ditolak karena baris lain"
TEMPLATE = (
    "no_kk", "nik", "name", "sex", "birth_date", "relation", "component", "place", "address", "rt", "rw", "dusun",
    "kelurahan", "kecamatan", "group", "pendamping", "phone", "desil", "joined_on",
)  # fmt: skip
EXAMPLE = {
    "no_kk": "3273990101200001",
    "nik": "3273995203850001",
    "name": "CONTOH, hapus baris ini",
    "sex": "P",
    "birth_date": "12/03/1985",
    "relation": "istri",
    "component": "",
    "address": "Gang Mawar 1",
    "rt": "003",
    "rw": "005",
    "kelurahan": "Kebon Jayanti",
    "kecamatan": "Kiaracondong",
    "joined_on": "2019",
}


def write_template(path):
    """Write the workbook that an office may fill in to `path`: a row a person, numbers as text."""
    columns = [SheetColumn(label_of(field), TO_FILL_IN) for field in TEMPLATE]
    write_xlsx(
        path, [Sheet("Daftar KPM", columns, [tuple(EXAMPLE.get(field, "") for field in TEMPLATE)])], footer=""
    )


def write_refused(batch, path):
    """Write the rows of the families of `batch` that were refused to `path`, as they came, with the reasons before."""
    reasons = reasons_of(batch)
    headings = [column["heading"] for column in batch.columns]
    # A file of refused rows that comes back has our own two headings too, and each heading stands once.
    taken = [*OURS, *headings]
    names = [f"{name} ({at})" if name in taken[: at + 1] else name for at, name in enumerate(headings, 1)]
    columns = [SheetColumn(OURS[0], width=60), SheetColumn(OURS[1]), *map(SheetColumn, names)]
    with rows_of(batch) as (_, rows):
        refused = (
            (" ".join(reasons[line]), str(line), *_as_they_were(cells, len(names)))
            for line, cells in rows
            if line in reasons
        )
        write_xlsx(path, [Sheet("Ditolak", columns, refused)], footer=f"Langkah {batch.code}")


def _as_they_were(cells, width):
    return tuple(text_of(cell) for cell in [*cells, *[""] * width][:width])


def reasons_of(batch):
    """{line: [words]} of every row of a refused family: its own faults, else that another row is at fault."""
    refused = StagedFamily.objects.filter(batch=batch, verdict=StagedFamily.Verdict.REFUSED)
    rows = StagedRow.objects.filter(batch=batch, family__in=refused.values("pk"))
    lines = {
        line: []
        for line in chain(rows.values_list("line", flat=True), refused.values_list("line", flat=True))
    }
    for faults in refused.values_list("faults", flat=True).iterator():
        for fault in faults:
            words = f"{label_of(fault['field'])}: {fault['words']}"
            told = lines.setdefault(fault["line"], [])
            if words not in told:
                told.append(words)
    return {line: told or [f"{WITH_FAMILY}."] for line, told in lines.items()}
