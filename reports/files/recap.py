"""The koordinator's recap of a month: the tables of an area.

Every number comes from the figures, so that it is the number of the dashboard. The recap of a month that is over tells of
that month alone: how things stood on its last day, never how they stand on the day of making.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from django.utils.formats import date_format

from accounts.models import User
from pkh_casework.days import months_after
from pkh_casework.shares import shares
from pkh_casework.sheets import DECIMAL, NUMBER, SHARE, TEXT, SheetColumn
from pkh_casework.templatetags.formats import NONE, angka, persen, tanggal
from reports.figures import FIGURES, ROLE_CODES, queries
from reports.figures.declared.referrals import AGES, CLOSED
from reports.figures.targets import all_coverage
from reports.figures.values import by_area, by_indicator, by_pendamping, by_sub_role, values_by, values_of
from resources.models import Referral
from roles.models import Role, SubRole
from wilayah.models import Wilayah

WIDEST_ON_SCREEN = 40  # characters
KOTA = 4  # digits of its code; of a wider area the parts are kota, not kelurahan
# What is told of one indicator at a time stands in a table of its own.
TOLD = tuple(slug for slug, figure in FIGURES.items() if not figure.of_one)
# Of a month that is over: what is told of today is no part of it.
OF_MONTH = tuple(slug for slug in TOLD if FIGURES[slug].source.period.newest_first)
VALUE, EARLIER = 1, 4  # the places of its columns of numbers
# The columns of the tables of people and places.
MAIN = (
    "kpm-akhir-bulan",
    "akhir-bulan-dinilai",
    "akhir-bulan-dikunjungi",
    "akhir-bulan-belum-60",
    "kpm-dikunjungi",
    "kunjungan",
    "tidak-bertemu",
    "kegiatan",
    "p2k2",
    "graduasi",
)
GRADUATION = ("graduasi", "cek-12-bulan", "bertahan-12-bulan", "kembali-rentan")
# Three questions of referrals, each with all the parts that its whole has: begun, ended, and open at the month's end.
BEGUN = ("rujukan", *(f"rujukan-{state}" for state in Referral.State.values))
ENDED = (
    "rujukan-berakhir",
    *(f"rujukan-berakhir-{state}" for state in CLOSED),
    "rujukan-dijawab",
    "rujukan-lama-jawab",
)
OPEN = (
    "rujukan-terbuka",
    *(f"rujukan-terbuka-{state}" for state in Referral.OPEN),
    *(f"rujukan-terbuka-{age}" for age in AGES),
)
TRAINING = ("pelatihan", "pelatihan-undangan", "pelatihan-hadir")
MEETING = ("p2k2-rencana", "p2k2", "p2k2-anggota", "p2k2-hadir")
LEVEL_FIGURES = tuple(f"tingkat-{level}" for level in (1, 2, 3, 4))
# What a koordinator looks after first, where it is not zero.
EXCEPTIONS = (
    "akhir-bulan-belum-90",
    "akhir-bulan-belum-60",
    "langkah-terlambat",
    "tidak-bertemu",
    "tujuan-terlambat",
    "kasus-terlambat",
    "kasus-terbuka",
    "tanpa-kiriman-7-hari",
    "susulan",
    "laporan-draf",
    "laporan-dikembalikan",
)


def told_in(lens):
    """The figures of the summary, in their order: those of the month, and while it runs those of today."""
    return OF_MONTH if is_over(lens) else TOLD


def is_over(lens):
    return lens.next_month <= lens.today


@dataclass(frozen=True)
class Table:
    """One table of the recap; `chart` names the column that is drawn against the first one, `links` are addresses by the
    places of row and column, `total` is the row of the whole area, where the rows are its parts.
    """

    slug: str
    title: str
    columns: list[SheetColumn]
    rows: list[tuple]
    note: str = ""
    chart: str = ""
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    total: tuple | None = None

    @property
    def brief(self):
        """The same without the columns of long text, for a screen."""
        kept = [place for place, column in enumerate(self.columns) if column.width <= WIDEST_ON_SCREEN]
        rows = [tuple(row[place] for place in kept) for row in self.rows]
        return replace(self, columns=[self.columns[place] for place in kept], rows=rows)

    @property
    def cells(self):
        """The rows as people read them: [(text, whether it is a number, address or None), …] each."""
        return [
            [
                (_in_words(value, column.kind), column.kind != TEXT, self.links.get((number, place)))
                for place, (value, column) in enumerate(zip(row, self.columns, strict=True))
            ]
            for number, row in enumerate(self.rows)
        ]

    @property
    def total_cells(self):
        """`total` as people read it, a text for each column; None without one."""
        if self.total is None:
            return None
        pairs = zip(self.total, self.columns, strict=True)
        return ["" if value == "" else _in_words(value, column.kind) for value, column in pairs]


def _in_words(value, kind):
    if value is None or value == "":
        return NONE
    return {NUMBER: angka, SHARE: persen}.get(kind, str)(value) if kind != DECIMAL else angka(value, 2)


def tables_of(lens):
    """The tables of the recap for the lens of a koordinator, in the order of its sheets."""
    places = _places(lens)
    return [
        _summary(lens),
        _of_targets(lens),
        _of_people(lens),
        _of_places(lens, places, "per-wilayah", f"Per {places.word}", MAIN),
        _of_roles(lens),
        _of_sub_roles(lens),
        _of_indicators(lens),
        _of_places(lens, places, "graduasi", "Graduasi", GRADUATION),
        _of_places(lens, places, "rujukan", "Rujukan dimulai", BEGUN, WHOLE_OF_STATES),
        _of_places(lens, places, "rujukan-berakhir", "Rujukan berakhir", ENDED, WHOLE_OF_ENDS),
        _of_places(lens, places, "rujukan-terbuka", "Rujukan terbuka", OPEN, WHOLE_OF_OPEN),
        _of_places(lens, places, "pelatihan", "Pelatihan", TRAINING),
        _of_places(lens, places, "p2k2", "P2K2", MEETING),
        _exceptions(lens),
    ]


def period_of(figure, lens):
    """What the number of a figure is about: a month, a year up to its end, or the day of making."""
    if figure.source.period.of_month:
        return date_format(lens.month, "F Y")
    return (
        f"Januari–{date_format(lens.month, 'F Y')}" if figure.source.period.of_year else tanggal(lens.today)
    )


def _summary(lens):
    before = replace(lens, month=months_after(lens.month, -1))
    values = values_of(told_in(lens), lens)
    earlier = values_of([slug for slug in TOLD if FIGURES[slug].source.period.of_month], before)
    told = [(slug, FIGURES[slug]) for slug in told_in(lens)]
    rows = [
        (
            figure.name,
            values[slug],
            figure.unit,
            period_of(figure, lens),
            earlier.get(slug),
            figure.definition,
        )
        for slug, figure in told
    ]
    columns = [
        SheetColumn("Angka", width=32),
        SheetColumn("Nilai", NUMBER),
        SheetColumn("Satuan", width=14),
        SheetColumn("Periode", width=18),
        SheetColumn("Bulan sebelumnya", NUMBER),
        SheetColumn("Arti", width=90),
    ]
    note = "Angka bulan ini saja, menurut keadaan pada hari terakhirnya." if is_over(lens) else ""
    return Table("ringkasan", "Ringkasan", columns, rows, note)


def _of_targets(lens):
    rows = [
        (
            one.figure.name,
            one.value,
            one.target,
            one.share,
            one.figure.unit,
            period_of(one.figure, lens),
            f"{'paling banyak; ' if one.figure.fewer else ''}{one.aim.origin}",
        )
        for one in all_coverage(lens, told_in(lens))
    ]
    columns = [
        SheetColumn("Angka", width=32),
        SheetColumn("Nilai", NUMBER),
        SheetColumn("Target", NUMBER),
        SheetColumn("Capaian", SHARE),
        SheetColumn("Satuan", width=14),
        SheetColumn("Periode", width=18),
        SheetColumn("Asal target", width=40),
    ]
    return Table("target", "Target", columns, rows)


def _numbers(slugs, lens):
    """Columns of figures; those that are not of the month of the recap say what they are of."""
    return [SheetColumn(_heading(FIGURES[slug], lens), NUMBER, 13) for slug in slugs]


def _heading(figure, lens):
    if figure.source.period.of_month:
        return figure.heading
    return f"{figure.heading} ({lens.month.year if figure.source.period.of_year else 'hari ini'})"


def _by_area(slugs):
    """Those of `slugs` whose rows belong to one place each: a training may serve a whole kota."""
    return [slug for slug in slugs if FIGURES[slug].source.scope.area]


def _of_people(lens):
    values = values_by(MAIN, lens, by_pendamping)
    people = User.objects.filter(pk__in=values).select_related("wilayah").order_by("name", "pk")
    rows = [
        (person.name, person.wilayah and person.wilayah.name, *(values[person.pk][slug] for slug in MAIN))
        for person in people
    ]
    columns = [
        SheetColumn("Pendamping", width=28),
        SheetColumn("Wilayah tugas", width=22),
        *_numbers(MAIN, lens),
    ]
    note = (
        "KPM dihitung pada pemegangnya di akhir bulan; kegiatan dan kunjungan pada yang melakukannya. Keluarga yang "
        "dikunjungi dua pendamping dihitung pada keduanya."
    )
    return Table(
        "per-pendamping", "Per pendamping", columns, rows, note, total=_whole(MAIN, lens, "JUMLAH", "")
    )


def _whole(slugs, lens, *names):
    """The last row of a table of parts: the figures of all of the area, each row behind them counted once."""
    values = values_of(slugs, lens)
    return (*names, *(values[slug] for slug in slugs))


@dataclass(frozen=True)
class Places:
    """The parts of an area that are compared: their name, how many digits their code has, and their names by code."""

    word: str
    digits: int
    names: dict[str, str]


def _places(lens):
    wide = len(lens.here) < KOTA
    digits, level = (4, Wilayah.Level.KOTA) if wide else (10, Wilayah.Level.KELURAHAN)
    inside = Wilayah.objects.filter(code__startswith=lens.here, level=level).order_by("code")
    return Places(
        "kota dan kabupaten" if wide else "kelurahan", digits, dict(inside.values_list("code", "name"))
    )


WHOLE_OF_STATES = (
    "Rujukan yang dimulai bulan itu, menurut keadaannya pada akhir bulan; semua keadaan berjumlah semuanya."
)
WHOLE_OF_ENDS = (
    "Rujukan yang berakhir bulan itu, kapan pun dimulai; selesai, ditolak, gagal, dan dibatalkan berjumlah semuanya. Yang "
    "dijawab mitra dihitung tersendiri."
)
WHOLE_OF_OPEN = "Rujukan yang terbuka pada akhir bulan; menurut keadaan dan menurut umur masing-masing berjumlah semuanya."


def _of_places(lens, places, slug, title, slugs, note=""):
    slugs = _by_area(slugs)
    values = values_by(slugs, lens, by_area(places.digits))
    rows = [
        (place, *(values[code][one] for one in slugs))
        for code, place in places.names.items()
        if code in values
    ]
    columns = [SheetColumn("Wilayah", width=26), *_numbers(slugs, lens)]
    return Table(slug, title, columns, rows, note, total=_whole(slugs, lens, "JUMLAH"))


def _of_roles(lens):
    names = dict(Role.objects.values_list("code", "name"))
    values = values_of(["kegiatan", *(f"kegiatan-{code}" for code in ROLE_CODES)], lens)
    numbers = [values[f"kegiatan-{code}"] for code in ROLE_CODES]
    rows = [
        (names[code], number, share if values["kegiatan"] else None)
        for code, number, share in zip(ROLE_CODES, numbers, shares(numbers), strict=True)
    ]
    columns = [SheetColumn("Peran", width=20), SheetColumn("Kegiatan", NUMBER), SheetColumn("Bagian", SHARE)]
    total = ("JUMLAH", values["kegiatan"], 1 if values["kegiatan"] else None)
    return Table("per-peran", "Per peran", columns, rows, chart="Kegiatan", total=total)


def _of_sub_roles(lens):
    by_code = values_by(["kegiatan"], lens, by_sub_role)
    sub_roles = SubRole.objects.select_related("role").filter(pk__in=by_code)
    rows = [(one.role.name, one.name, by_code[one.pk]["kegiatan"]) for one in sub_roles]
    columns = [
        SheetColumn("Peran", width=20),
        SheetColumn("Sub-peran", width=32),
        SheetColumn("Kegiatan", NUMBER),
    ]
    return Table("sub-peran", "Sub-peran", columns, rows)


def _of_indicators(lens):
    levels = values_by(LEVEL_FIGURES, lens, by_indicator)
    rows = []
    for indicator in queries.indicators(lens.last_day):
        counts = [levels.get(indicator.code, {}).get(slug, 0) for slug in LEVEL_FIGURES]
        total = sum(counts)
        mean = sum(level * number for level, number in enumerate(counts, 1)) / total if total else None
        rows.append((f"{indicator.code} {indicator.name}", *counts, total, mean))
    columns = [
        SheetColumn("Indikator", width=34),
        *(SheetColumn(f"Tingkat {level}", NUMBER, 13) for level in (1, 2, 3, 4)),
        SheetColumn("KPM dinilai", NUMBER),
        SheetColumn("Rata-rata", DECIMAL),
    ]
    when = f"akhir {date_format(lens.month, 'F Y')}" if is_over(lens) else "hari ini"
    note = f"Tingkat tiap KPM yang didampingi pada {when}, menurut jawaban terakhirnya."
    return Table("indikator", "Indikator", columns, rows, note)


def _exceptions(lens):
    slugs = [slug for slug in EXCEPTIONS if slug in told_in(lens)]
    values = values_by(slugs, lens, by_pendamping)
    names = dict(User.objects.filter(pk__in=values).values_list("pk", "name"))
    rows = [
        (names[pk], FIGURES[slug].name, number, FIGURES[slug].unit, period_of(FIGURES[slug], lens))
        for pk, numbers in values.items()
        if pk in names
        for slug, number in numbers.items()
        if number
    ]
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    columns = [
        SheetColumn("Pendamping", width=28),
        SheetColumn("Yang perlu dilihat", width=34),
        SheetColumn("Jumlah", NUMBER),
        SheetColumn("Satuan", width=14),
        SheetColumn("Periode", width=18),
    ]
    return Table("perlu-perhatian", "Perlu perhatian", columns, rows, "Yang terbanyak di atas.")


def covers_of(lens):
    """The area and the month of a recap in one text, by which those that are kept are found."""
    return f"{lens.here} {lens.month:%Y-%m}"


def name_of_kept(export):
    """What a kept recap is called, "Rekap Oktober 2026, Kiaracondong", by what it covers (covers_of)."""
    area, _, month = export.covers.partition(" ")
    return f"{_title(date.fromisoformat(f'{month}-01'))}, {Wilayah.objects.get(pk=area).name}"


def digest_of(tables):
    """The SHA-256 (hex) over the figures of a recap: the same for the same figures, whenever it was made and as what."""
    told = [[table.slug, [column.name for column in table.columns], table.rows] for table in tables]
    return sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()


def title_of(lens):
    return _title(lens.month)


def _title(month):
    return f"Rekap {date_format(month, 'F Y')}"
