"""Families accompanied now, how long ago each was last visited, and those that were set inactive, by reason."""

from dataclasses import replace

from django.db.models import F, Q

from kpm.models import FamilyChange, Household
from pkh_casework.access import KELURAHAN

from .figure import Figure
from .sources import (
    FAMILY_THEN,
    FOLLOWS_FAMILY,
    MonthSpan,
    Presentation,
    Scope,
    Source,
    address_in_rw,
    in_year,
)

FAMILIES = Source(
    start=lambda lens: Household.objects.counted_for(lens.user).active(),
    scope=Scope(
        FOLLOWS_FAMILY,
        area="wilayah__code",
        home="wilayah_id",
        rw="rw",
        pendamping="pendamping_id",
        in_rw=address_in_rw(""),
        family="",
    ),
    period=MonthSpan("last_visited_on", undated=True),
    shown=Presentation(columns={"family_id": F("id"), "number": F("case_number")}, key="case_number"),
)
# Each time a family was set inactive. Why is told to who works with families alone: it says much about one (contract C1).
INACTIVE = Source(
    start=lambda lens: in_year(
        FamilyChange.objects.counted_for(lens.user).filter(kind=FamilyChange.Kind.INACTIVE),
        lens,
        "changed_on",
    ),
    scope=replace(
        FAMILY_THEN,
        words="Dihitung pada pendamping dan wilayah keluarga pada hari dinonaktifkan.",
    ),
    period=MonthSpan("changed_on", of_year=True),
    shown=Presentation(
        in_full={"reason_name": F("reason__name"), "said": F("words")},
        words=lambda row: ": ".join(filter(None, [row.get("reason_name"), row.get("said")])),
    ),
)
# The reasons of kpm/data/alasan_perubahan.csv that have a figure of their own; what is added there counts in the whole.
REASONS = (
    ("meninggal", "meninggal atau tanpa penerus"),
    ("pindah", "pindah ke luar wilayah"),
    ("tidak-ditemukan", "tidak ditemukan"),
    ("tidak-layak", "tidak layak menurut verifikasi"),
    ("ganda", "data ganda"),
    ("mundur", "mengundurkan diri"),
    ("lainnya", "alasan lain"),
)
BY_REASON = tuple(f"nonaktif-{code}" for code, _ in REASONS)


def _visited_since(days):
    return lambda lens: Q(last_visited_on__gte=lens.days_ago(days))


def _not_visited_since(days):
    return lambda lens: Q(last_visited_on=None) | Q(last_visited_on__lt=lens.days_ago(days))


def _for_reason(code):
    """To kelurahan staff none: the rows of one reason would tell them why, case number by case number."""
    return lambda lens: Q(reason=None) if lens.user.duty == KELURAHAN else Q(reason=f"nonaktif-{code}")


FIGURES = (
    Figure(
        slug="kpm-aktif",
        name="KPM aktif",
        definition="Keluarga yang sekarang didampingi: berstatus aktif atau calon graduasi.",
        unit="KPM",
        source=FAMILIES,
        nothing="Belum ada KPM aktif di sini. KPM muncul setelah dicatat dan diberi pendamping.",
    ),
    Figure(
        slug="dikunjungi-30-hari",
        name="Dikunjungi dalam 30 hari",
        short="Dikunjungi 30 hari",
        definition="KPM aktif yang bertemu pendamping di rumahnya dalam 30 hari terakhir.",
        unit="KPM",
        source=FAMILIES,
        where=_visited_since(30),
        share_of="kpm-aktif",
        nothing="Belum ada KPM yang dikunjungi dalam 30 hari terakhir.",
    ),
    *(
        Figure(
            slug=f"belum-{days}-hari",
            name=f"Belum dikunjungi {days} hari",
            short=f"Tak dikunjungi >{days} hari",
            definition=(
                f"KPM aktif yang kunjungan rumah terakhirnya lebih dari {days} hari lalu, atau yang belum pernah "
                "dikunjungi."
            ),
            unit="KPM",
            source=FAMILIES,
            where=_not_visited_since(days),
            share_of="kpm-aktif",
            nothing=f"Bagus, semua KPM aktif sudah dikunjungi dalam {days} hari terakhir.",
        )
        for days in (30, 60, 90)
    ),
    Figure(
        slug="kpm-tanpa-pemegang",
        name="KPM pada akun nonaktif",
        definition="KPM aktif yang pendampingnya sudah nonaktif, sehingga tidak ada yang mendatangi. Serahkan segera.",
        unit="KPM",
        source=FAMILIES,
        where=lambda lens: Q(pendamping__is_active=False),
        share_of="kpm-aktif",
        nothing="Bagus, semua KPM dipegang pendamping yang akunnya aktif.",
    ),
    Figure(
        slug="kpm-dinonaktifkan",
        name="KPM dinonaktifkan",
        definition=(
            "Berapa kali keluarga dinonaktifkan dalam tahun yang dipilih, dengan alasan dan tanggalnya. Graduasi tidak "
            "termasuk; yang kemudian diaktifkan lagi tetap terhitung."
        ),
        unit="kali",
        source=INACTIVE,
        nothing="Tidak ada KPM yang dinonaktifkan pada tahun ini.",
    ),
    *(
        Figure(
            slug=f"nonaktif-{code}",
            name=f"Nonaktif karena {words}",
            definition=f"Dari KPM yang dinonaktifkan dalam tahun yang dipilih, yang alasannya: {words}.",
            unit="kali",
            source=INACTIVE,
            where=_for_reason(code),
            share_of="kpm-dinonaktifkan",
            nothing="Tidak ada KPM yang dinonaktifkan karena ini pada tahun ini.",
        )
        for code, words in REASONS
    ),
)
