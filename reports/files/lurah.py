"""The sheet for the lurah: what a dashboard tells of a kelurahan, as figures alone, without name, address or case number."""

from django.utils.text import slugify

from pkh_casework.sheets import NUMBER, Sheet, SheetColumn
from pkh_casework.templatetags.formats import angka, nilai, tanggal
from reports.figures import FIGURES
from reports.figures.declared.locked import lock_state
from reports.figures.headlines import watched
from reports.figures.periods import name_of
from reports.figures.views.dashboard import topics_of, when_of, with_wholes
from reports.figures.views.first import said_of
from reports.figures.views.tables import parts_of, parts_table

NOTE = "Angka saja: tanpa nama, alamat, dan nomor KPM."
FOOT = "Langkah, bukan aplikasi resmi Kemensos"


def sheet_of(view):
    """What stands on the sheet: who and when, what presses in sentences, the figures of each topic as (Figure, value, of when),
    and the table of the parts, or None.
    """
    lens, topics = view.lens, topics_of(view)
    now, then = watched(lens)
    values = with_wholes({slug for _, _, slugs in topics for slug in slugs} | now, lens)
    parts = parts_of(view, now)
    found, fine = said_of(view, values, then, parts)
    return {
        "title": f"Ringkasan PKH {view.areas[-1].name}",
        "period": name_of(lens),
        "made": tanggal(lens.today),
        "locked": lock_state(lens).words,
        "said": [one.sentence for one in found] or [f"Tidak ada yang mendesak: {'; '.join(fine)}."],
        "topics": [
            (title, [(FIGURES[slug], values[slug], when_of(FIGURES[slug], lens)) for slug in slugs])
            for _, title, slugs in topics
        ],
        "table": parts_table(view, parts),
    }


def name_of_file(view, ending):
    return f"ringkasan-pkh-{slugify(view.areas[-1].name)}-{slugify(name_of(view.lens))}.{ending}"


def for_typst(sheet):
    """What templates/reports/lurah.typ prints."""
    table = sheet["table"]
    return {key: sheet[key] for key in ("title", "period", "made", "locked", "said")} | {
        "note": NOTE,
        "topics": [
            {
                "title": title,
                "rows": [[figure.name, nilai(value), figure.unit, when] for figure, value, when in rows],
            }
            for title, rows in sheet["topics"]
        ],
        "parts": table
        and {
            "title": table["title"],
            "head": [table["label"], *table["columns"]],
            "rows": [
                [row["name"], *(angka(cell["value"]) for cell in row["cells"])] for row in table["rows"]
            ],
            "note": table["note"],
        },
    }


def sheets_of(sheet):
    """The same as sheets of a workbook."""
    table = sheet["table"]
    told = f"{sheet['period']}; dibuat {sheet['made']}. {sheet['locked']} {NOTE}"
    columns = [
        SheetColumn("Topik", width=26),
        SheetColumn("Angka", width=34),
        SheetColumn("Nilai", NUMBER),
        SheetColumn("Satuan", width=14),
        SheetColumn("Waktu", width=18),
    ]
    rows = [
        (title, figure.name, value, figure.unit, when or sheet["period"])
        for title, of_topic in sheet["topics"]
        for figure, value, when in of_topic
    ]
    sheets = [Sheet("Ringkasan", columns, rows, titles=[sheet["title"], told, *sheet["said"]])]
    if table:
        columns = [
            SheetColumn(table["label"], width=20),
            *(SheetColumn(name, NUMBER) for name in table["columns"]),
        ]
        rows = [(row["name"], *(cell["value"] for cell in row["cells"])) for row in table["rows"]]
        titles = [f"{sheet['title']}: {table['title']}", told, *filter(None, [table["note"]])]
        sheets.append(Sheet(table["title"].replace("/", " atau "), columns, rows, titles=titles))
    return sheets
