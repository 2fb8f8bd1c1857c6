"""From an Export to its file: the rows of a list, or the tables of a recap, with the words that say whose it is."""

from django.utils import timezone
from django.utils.text import slugify

from pkh_casework.templatetags.formats import angka, tanggal
from reports.models import Export
from wilayah.clock import local_today

from . import sheets
from .lists import asked_by, cells, wanted

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
    """The name under which the asker keeps the file: what, whose, when, and the code that the trail knows it by."""
    what = slugify(export.what.replace("/", "-"))
    at = timezone.localtime(export.asked_at)
    user = slugify(export.user.username.replace(".", "-"))
    return f"langkah-{what}-{at:%Y%m%d-%H%M}-{user}-{export.code}.{export.format}"


def write_list(export, path, *, begin, watched):
    """Write the list that `export` names to `path`; returns the numbers of the families whose identity it shows.

    `begin` is told how many rows there will be, and `watched` wraps them.
    """
    today = local_today(export.wilayah_id)
    asked = asked_by(export.user, export.query, today)
    want = wanted(export.what, asked)
    by_key = {column.key: column for column in want.of.columns_on(today)}
    columns = [by_key[key] for key in export.columns if key in by_key]
    total = want.rows.count()
    begin(total)
    opened = []
    rows = cells(
        want.of,
        asked,
        want.rows,
        columns,
        show_numbers=bool(export.numbers_reason),
        opened=opened.append if export.numbers_reason else None,
    )
    head = [column.sheet_column for column in columns]
    table = sheets.Sheet(want.name[:31], head, watched(rows))
    mark = mark_of(export, want.name)
    if export.format == Export.Format.CSV:
        sheets.write_csv(path, table, head=mark)
    else:
        sheets.write_xlsx(path, [about_sheet(export, want, total), table], footer=mark)
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
    return sheets.Sheet(
        "Keterangan", [sheets.Column("Keterangan", width=20), sheets.Column("Isi", width=90)], facts
    )
