"""The pages of a recap that are signed: coverage, outcomes, and the parts of the area with their sum."""

from dataclasses import replace

from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import NONE, angka, persen
from reports.figures import FIGURES
from reports.figures.targets import all_coverage
from reports.figures.values import by_area, values_by, values_of
from reports.models import Letterhead
from wilayah.models import Wilayah

from .recap import period_of, told_in

# What was reached, of what: words, the figure and the one that it is a part of.
COVERAGE = (
    ("KPM dikunjungi 30 hari sampai akhir bulan", "akhir-bulan-dikunjungi", "kpm-akhir-bulan"),
    ("KPM dinilai sampai akhir bulan", "akhir-bulan-dinilai", "kpm-akhir-bulan"),
    ("P2K2 yang direncanakan dan dilaksanakan", "p2k2", "p2k2-rencana"),
    ("KPM dalam daftar hadir P2K2 yang hadir", "p2k2-hadir", "p2k2-anggota"),
    ("KPM diundang pelatihan yang hadir", "pelatihan-hadir", "pelatihan-undangan"),
    ("Komitmen dinilai yang terpenuhi", "komitmen-terpenuhi", "komitmen-dinilai"),
)
OUTCOMES = (
    "naik",
    "tetap",
    "turun",
    "tujuan-tercapai",
    "tujuan-ditutup",
    "rujukan",
    "rujukan-berakhir-selesai",
    "graduasi",
    "bertahan-12-bulan",
    "kembali-rentan",
)
PARTS = (
    "kpm-akhir-bulan",
    "akhir-bulan-dikunjungi",
    "kunjungan",
    "kegiatan",
    "p2k2",
    "naik",
    "tujuan-tercapai",
    "rujukan-berakhir-selesai",
    "graduasi",
)
BELOW = {2: (4, "kota dan kabupaten"), 4: (6, "kecamatan"), 6: (10, "kelurahan")}


def signed_pages(lens):
    """What templates/reports/recap.typ prints before the annexes, as texts."""
    slugs = {slug for _, *pair in COVERAGE for slug in pair} | {*OUTCOMES, *PARTS}
    values = values_of(slugs, lens)
    of_month = [slug for slug in slugs if FIGURES[slug].source.period.of_month]
    earlier = values_of(of_month, replace(lens, month=months_after(lens.month, -1)))
    return {
        "kop": _letterhead(lens),
        "coverage": [
            *([words, *_reached(values[part], values[whole])] for words, part, whole in COVERAGE),
            *_against_targets(lens),
        ],
        "outcomes": [
            [
                FIGURES[slug].name,
                angka(values[slug]),
                FIGURES[slug].unit,
                period_of(FIGURES[slug], lens),
                angka(earlier.get(slug)),
            ]
            for slug in OUTCOMES
        ],
        "parts": _parts(lens, values),
    }


def _against_targets(lens):
    """A row for each figure of the recap that has a target."""
    return [
        [
            f"{one.figure.name}, {period_of(one.figure, lens)}, terhadap {'batas' if one.figure.fewer else 'sasaran'}",
            *_reached(one.value, one.target),
        ]
        for one in all_coverage(lens, told_in(lens))
    ]


def _reached(part, whole):
    return [angka(part), angka(whole), persen(part / whole) if whole else NONE]


def _parts(lens, values):
    """The table of the parts of the area, the next level below, with the sum; None for a kelurahan."""
    if len(lens.here) not in BELOW:
        return None
    digits, word = BELOW[len(lens.here)]
    by_part = values_by(PARTS, lens, by_area(digits))
    names = Wilayah.objects.filter(pk__in=by_part).order_by("pk").values_list("pk", "name")
    return {
        "word": word,
        "head": [FIGURES[slug].name for slug in PARTS],
        "rows": [[name, *(angka(by_part[code][slug]) for slug in PARTS)] for code, name in names],
        "total": ["JUMLAH", *(angka(values[slug]) for slug in PARTS)],
    }


def _letterhead(lens):
    kop = Letterhead.objects.of(lens.here, lens.today)
    if kop is None:
        return {"government": "", "office": "Program Keluarga Harapan", "address": "", "signer": ""}
    return {name: getattr(kop, name) for name in ("government", "office", "address", "signer")}
