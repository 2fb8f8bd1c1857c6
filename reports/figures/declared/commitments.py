"""Commitments verified for a month: one row is one member and one commitment, with the area and pendamping of the day."""

from django.db.models import F, Q

from roles.models import Commitment

from .figure import Figure
from .sources import FAMILY_THEN, MonthSpan, Presentation, Source, in_month

State = Commitment.State
# A month is verified when it is over, so that its figures go on growing: they are never kept.
COMMITMENTS = Source(
    start=lambda lens: in_month(Commitment.objects.counted_for(lens.user), lens, "month"),
    scope=FAMILY_THEN,
    period=MonthSpan("month", of_month=True),
    shown=Presentation(in_full={"author": F("pendamping__name")}),
)

FIGURES = (
    Figure(
        slug="komitmen-dinilai",
        name="Komitmen dinilai",
        definition=(
            "Komitmen anggota keluarga untuk bulan yang dipilih yang sudah diketahui terpenuhi atau belum: hadir di "
            "sekolah, datang ke posyandu atau puskesmas. Satu anggota, satu komitmen, satu bulan dihitung satu."
        ),
        unit="komitmen",
        source=COMMITMENTS,
        where=lambda lens: ~Q(state=State.OPEN),
        nothing="Belum ada komitmen yang dinilai untuk bulan ini.",
    ),
    Figure(
        slug="komitmen-terpenuhi",
        name="Komitmen terpenuhi",
        short="Terpenuhi",
        definition="Komitmen yang dinilai untuk bulan yang dipilih dan terpenuhi menurut aturan bulan itu.",
        unit="komitmen",
        source=COMMITMENTS,
        where=lambda lens: Q(state=State.KEPT),
        share_of="komitmen-dinilai",
        nothing="Belum ada komitmen yang terpenuhi untuk bulan ini.",
    ),
    Figure(
        slug="komitmen-belum",
        name="Komitmen belum terpenuhi",
        short="Belum terpenuhi",
        definition=(
            "Komitmen yang dinilai untuk bulan yang dipilih dan belum terpenuhi, misalnya hadir di sekolah di bawah "
            "batas."
        ),
        unit="komitmen",
        source=COMMITMENTS,
        fewer=True,
        where=lambda lens: Q(state=State.NOT_KEPT),
        share_of="komitmen-dinilai",
        nothing="Tidak ada komitmen yang belum terpenuhi untuk bulan ini.",
    ),
)
