"""Graduations of a year, and what the looks afterwards found. The author is who proposed the graduation."""

from dataclasses import replace

from django.db.models import F, Q

from kpm.models import GraduationCase, WatchCheck

from .figure import Figure
from .sources import FAMILY_THEN, MonthSpan, Presentation, Source, in_year

BY_PROPOSER = "Dihitung pada pendamping yang mengusulkan graduasinya dan wilayah keluarga waktu itu."
OF_CASE = replace(FAMILY_THEN, words=BY_PROPOSER, pendamping="proposed_by_id")
OF_CHECK = replace(OF_CASE, pendamping="case__proposed_by_id")
CHECKED_BY = {"author": F("case__proposed_by__name")}


def _checks(lens):
    """Looks after graduations that were not undone, whatever became of the family since."""
    return WatchCheck.objects.counted_for(lens.user).exclude(case__state=GraduationCase.State.UNDONE)


GRADUATIONS = Source(
    start=lambda lens: in_year(
        GraduationCase.objects.counted_for(lens.user).standing(), lens, "graduated_on"
    ),
    scope=OF_CASE,
    period=MonthSpan("graduated_on", of_year=True),
    shown=Presentation(in_full={"author": F("proposed_by__name")}),
)
CHECKS_DONE = Source(
    start=lambda lens: in_year(_checks(lens), lens, "done_on"),
    scope=OF_CHECK,
    period=MonthSpan("done_on", of_year=True),
    shown=Presentation(in_full=CHECKED_BY),
)
# The look that judges a graduation, 12 months later, once its day has come; one for each case.
LAST_CHECKS = Source(
    start=lambda lens: in_year(_checks(lens).filter(months=12, due_on__lte=lens.today), lens, "due_on"),
    scope=OF_CHECK,
    period=MonthSpan("due_on", of_year=True),
    shown=Presentation(in_full=CHECKED_BY, key="case_id"),
)

FIGURES = (
    Figure(
        slug="graduasi",
        name="Graduasi",
        definition=(
            "Keluarga yang graduasinya disetujui dalam tahun yang dipilih dan masih berlaku, dihitung pada "
            "pendamping yang mengusulkannya."
        ),
        unit="keluarga",
        source=GRADUATIONS,
        nothing="Belum ada graduasi yang disetujui pada tahun ini.",
    ),
    Figure(
        slug="kembali-rentan",
        name="Kembali rentan",
        definition="Keluarga yang pada cek sesudah graduasi dalam tahun yang dipilih ternyata kembali rentan.",
        unit="keluarga",
        source=CHECKS_DONE,
        fewer=True,
        where=lambda lens: Q(outcome=WatchCheck.Outcome.FALLEN),
        once_per_family=True,
        nothing="Tidak ada keluarga yang kembali rentan pada cek tahun ini.",
    ),
    Figure(
        slug="cek-12-bulan",
        name="KPM genap 12 bulan",
        short="Genap 12 bulan",
        definition="Keluarga yang dalam tahun yang dipilih genap 12 bulan sesudah graduasi, sampai hari ini.",
        unit="keluarga",
        source=LAST_CHECKS,
        nothing="Belum ada keluarga yang genap 12 bulan graduasi pada tahun ini.",
    ),
    Figure(
        slug="bertahan-12-bulan",
        name="Bertahan 12 bulan",
        definition=(
            "Dari keluarga yang genap 12 bulan graduasi dalam tahun yang dipilih, yang pada cek 12 bulan tetap "
            "mandiri. Yang belum dicek, goyah, tidak terhubungi, atau kembali didampingi tidak dihitung."
        ),
        unit="keluarga",
        source=LAST_CHECKS,
        where=lambda lens: Q(outcome=WatchCheck.Outcome.STANDS),
        share_of="cek-12-bulan",
        nothing="Belum ada keluarga yang tercatat bertahan 12 bulan pada tahun ini.",
    ),
)
