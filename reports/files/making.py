"""From an Export to its file: the rows of a list, or the tables of a recap, with the words that say whose it is."""

import zipfile
from dataclasses import replace

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify

from pkh_casework.fields import seal_bytes, unseal_bytes
from pkh_casework.pdf import make_pdf
from pkh_casework.sheets import TEXT, Sheet, SheetColumn, write_csv, write_xlsx
from pkh_casework.templatetags.formats import angka, tanggal
from reports.figures.declared.locked import SHORT, lock_state
from reports.models import Export
from roster.office.locked import SALT, key_of
from roster.office.taking import take
from wilayah.clock import local_today
from wilayah.models import Wilayah

from .lists import cells, name_of, wanted
from .recap import covers_of, digest_of, tables_of, title_of
from .signed import signed_pages

WARNING = "Berisi data pribadi keluarga. Hanya untuk keperluan di atas; hapus berkas ini sesudah selesai."


def moment(at):
    """A moment in the active time zone: '24 Nov 2026 13.40'."""
    return f"{tanggal(at)} {timezone.localtime(at):%H.%M}"


def mark_of(export, name):
    """Who took what, when and what for, on one line."""
    user = export.user
    asked = f"oleh {user.name} ({user.username}), {moment(export.asked_at)}"
    return f"Langkah {export.code} · {name} · {asked} · untuk: {export.purpose}"


def file_name(export):
    """The name under which the asker keeps the file: what, where, of when, whose, and the code that the trail knows."""
    what = slugify(export.what.replace("/", "-"))
    if export.what == Export.RECAP:
        what += f"-{slugify(_area_of(export).name)}-{QueryDict(export.query).get('bulan', '')}"
    elif export.what != Export.OFFICE:
        what += f"-{slugify(export.wilayah.name)}"
    at = timezone.localtime(export.asked_at)
    user = slugify(export.user.username.replace(".", "-"))
    ending = "langkah" if export.format == Export.Format.PACKAGE else export.format
    return f"langkah-{what}-{at:%Y%m%d-%H%M}-{user}-{export.code}.{ending}"


def _area_of(export):
    """The area that a recap tells of."""
    return Wilayah.objects.filter(pk=QueryDict(export.query).get("wilayah", "")).first() or export.wilayah


def write_list(export, path, *, begin, watched):
    """Write the list that `export` names to `path`; returns the numbers of the families whose identity it shows.

    `begin` is told how many rows there will be, and `watched` wraps them.
    """
    today = local_today(export.wilayah_id)
    want = wanted(export.what, QueryDict(export.query), user=export.user, today=today)
    by_key = {column.key: column for column in want.of.columns_on(today)}
    columns = [by_key[key] for key in export.columns if key in by_key]
    total = want.rows.count()
    begin(total)
    opened = []
    rows = cells(
        want.of,
        want.asker,
        want.rows,
        columns,
        show_numbers=bool(export.numbers_reason),
        opened=opened.append if export.numbers_reason else None,
    )
    head = [column.sheet_column for column in columns]
    table = Sheet(want.name[:31], head, watched(rows))
    mark = mark_of(export, want.name)
    if export.format == Export.Format.CSV:
        write_csv(path, table, head=mark)
    else:
        write_xlsx(path, [about_sheet(export, want, total), table], footer=mark)
    return opened


def about_sheet(export, want, total):
    """The first sheet of a workbook: what this is, whose, when, what for."""
    user = export.user
    filters = "; ".join(f"{name}: {value}" for name, value in want.filters) or "tanpa saringan"
    facts = [
        ("Daftar", want.name),
        ("Saringan", filters),
        ("Jumlah baris", angka(total)),
        ("Diminta oleh", f"{user.name} ({user.username}), {user.get_duty_display()} {user.area_name}"),
        ("Waktu", moment(export.asked_at)),
        ("Keperluan", export.purpose),
        ("NIK dan No KK", export.numbers_reason or "disamarkan"),
        ("Kode berkas", export.code),
        ("Ingat", WARNING),
    ]
    return Sheet("Keterangan", [SheetColumn("Keterangan", width=20), SheetColumn("Isi", width=90)], facts)


# --- the package of an office ------------------------------------------------------------------------------------------

WITH_FILES = "foto=1"  # the query of a package with its pictures


def sealed_key(passphrase, salt, pk):
    """What opens a package, as its Export `pk` keeps it until it is made."""
    return seal_bytes(salt + key_of(passphrase, salt), f"reports.export:key:{pk}")


def write_package(export, path, *, begin, beat):
    """Write all that the asker's office owns to `path`, locked. Raises OfficeFault, and what `begin` and `beat` raise."""
    opens = unseal_bytes(export.key, f"reports.export:key:{export.pk}")
    salt, key = opens[:SALT], opens[SALT:]
    with_files = export.query == WITH_FILES
    mark = mark_of(export, name_of(export.what))
    take(path, key=key, salt=salt, user=export.user, mark=mark, with_files=with_files, begin=begin, beat=beat)


# --- the recap ---------------------------------------------------------------------------------------------------------


def write_recap(export, path, lens):
    """Write the recap that `lens` shows to `path`, in the form that `export` asks for."""
    tables, area = tables_of(lens), Wilayah.objects.get(pk=lens.here)
    export.covers, export.digest = covers_of(lens), digest_of(tables)
    mark = mark_of(export, f"{title_of(lens)} {area.name}")
    {"xlsx": _write_workbook, "zip": _write_archive, "pdf": _write_document}[export.format](
        export, path, lens, area, tables, mark
    )
    return sum(len(table.rows) for table in tables)


def _write_workbook(export, path, lens, area, tables, mark):
    about = [
        ("Laporan", title_of(lens)),
        ("Wilayah", area.name),
        ("Kuncian bulan", lock_state(lens).words),
        ("Sidik angka", export.digest),
        ("Dibuat", moment(export.asked_at)),
        ("Oleh", export.user.name),
        ("Keperluan", export.purpose),
        ("Kode berkas", export.code),
    ]
    head = Sheet("Keterangan", [SheetColumn("Keterangan", width=20), SheetColumn("Isi", width=60)], about)
    told = f"{area.name}, {date_format(lens.month, 'F Y')}; dibuat {moment(export.asked_at)}"
    sheets = [
        replace(_sheet(table), titles=[f"{title_of(lens)}: {table.title}", told, *filter(None, [table.note])])
        for table in tables
    ]
    properties = {
        "title": f"{title_of(lens)}, {area.name}",
        "subject": f"Program Keluarga Harapan, {date_format(lens.month, 'F Y')}",
        "creator": f"{export.user.name}, Langkah",
        "keywords": f"PKH, rekap, {export.code}",
    }
    write_xlsx(path, [*sheets, head], footer=mark, properties=properties)


def _sheet(table):
    charts = [_chart(table)] if table.chart and table.rows else []
    return Sheet(table.title, table.columns, table.rows, charts, total=table.total if table.rows else None)


def _chart(table):
    return {
        "type": "column",
        "series": [table.chart],
        "categories": table.columns[0].name,
        "title": f"{table.chart} {table.title.lower()}",
        "legend": False,
        "width": 560,
        "height": 320,
    }


def _write_archive(export, path, lens, area, tables, mark):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, table in enumerate(tables, 1):
            written = path.with_name("tabel.csv")
            write_csv(written, _sheet(table), head=mark)
            archive.write(written, f"{number:02}-{table.slug}.csv")


def _write_document(export, path, lens, area, tables, mark):
    path.write_bytes(make_pdf("reports/recap.typ", _on_paper(export, lens, area, tables, mark)))


def _on_paper(export, lens, area, tables, mark):
    """What templates/reports/recap.typ prints."""
    summary, *others = tables
    roles = next(table for table in tables if table.slug == "per-peran")
    levels = next(table for table in tables if table.slug == "indikator")
    return {
        "title": title_of(lens),
        "month": date_format(lens.month, "F Y"),
        "area": area.name,
        "made": tanggal(export.asked_at),
        "locked": f"{lock_state(lens).words} Sidik angka {export.digest[:SHORT]}.",
        **signed_pages(lens),
        "mark": mark,
        "summary": [[text for text, *_ in row] for row in summary.cells],
        "tables": [
            {
                "title": table.title,
                "note": table.note,
                "head": [column.name for column in table.columns],
                "numbers": [column.kind != TEXT for column in table.columns],
                "rows": [[text for text, *_ in row] for row in table.cells],
                "total": table.total_cells,
            }
            for table in others
        ],
        "roles": [{"name": row[0], "value": row[1], "text": angka(row[1])} for row in roles.rows],
        "levels": [{"name": row[0], "counts": row[1:5]} for row in levels.rows if row[5]],
        "koordinator": export.user.name,
        "nip": export.user.nip,
    }
