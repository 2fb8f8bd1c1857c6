"""Families that were set inactive in a year, by reason."""

from dataclasses import replace

from django.db.models import F, Q

from kpm.models import FamilyChange
from pkh_casework.access import KELURAHAN

from .figure import Figure
from .sources import FAMILY_THEN, MonthSpan, Presentation, Source, in_year

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


def _for_reason(code):
    """To kelurahan staff none: the rows of one reason would tell them why, case number by case number."""
    return lambda lens: Q(reason=None) if lens.user.duty == KELURAHAN else Q(reason=f"nonaktif-{code}")


FIGURES = (
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
