"""What came of the benefit of a tahap: checked in a month; paid, not yet, stuck and unchecked in the tahap of that month."""

from dataclasses import replace

from django.db.models import F, Q

from kpm.models import Household, PaymentCheck
from kpm.payments import term_of, unchecked_in

from .families import FAMILIES
from .figure import Figure
from .sources import FAMILY_NOW, FAMILY_THEN, OF_HOUSEHOLD, MonthSpan, Presentation, Source, in_month

State = PaymentCheck.State
OF_TERM = "Dihitung untuk tahap yang memuat bulan yang dipilih, menurut catatan terakhir."


def _of_term(lens):
    term, families = term_of(lens.month), Household.objects.counted_for(lens.user).active()
    checks = PaymentCheck.objects.filter(household__in=families).newest()
    return checks.of_term(term) if term else checks.none()


def _unchecked(lens):
    term = term_of(lens.month)
    return unchecked_in(term) if term else Q()


SHOWN = Presentation(
    columns={**OF_HOUSEHOLD, "standing": F("state")},
    in_full={"step": F("trouble__name")},
    words=lambda row: State(row["standing"]).label,
)
CHECKED = Source(
    start=lambda lens: in_month(PaymentCheck.objects.counted_for(lens.user), lens, "checked_on"),
    scope=FAMILY_THEN,
    period=MonthSpan("checked_on", of_month=True),
    shown=SHOWN,
)
TERM = Source(
    start=_of_term,
    scope=replace(FAMILY_NOW, words=f"{FAMILY_NOW.words} {OF_TERM}"),
    period=MonthSpan("checked_on"),
    shown=SHOWN,
)

FIGURES = (
    Figure(
        slug="bantuan-dicek",
        name="Penyaluran dicek",
        definition="KPM yang penyaluran bantuannya dicek dan dicatat dalam bulan yang dipilih.",
        unit="KPM",
        source=CHECKED,
        once_per_family=True,
        nothing="Belum ada penyaluran bantuan yang dicek pada bulan ini.",
    ),
    Figure(
        slug="bantuan-cair",
        name="Bantuan cair",
        definition="KPM aktif yang bantuannya sudah cair pada tahap itu.",
        unit="KPM",
        source=TERM,
        where=lambda lens: Q(state=State.PAID),
        share_of="kpm-aktif",
        nothing="Belum ada bantuan yang dicatat cair pada tahap ini.",
    ),
    Figure(
        slug="bantuan-belum-cair",
        name="Bantuan belum cair",
        definition="KPM aktif yang pada cek terakhir bantuannya belum cair pada tahap itu, tanpa masalah yang diketahui.",
        unit="KPM",
        source=TERM,
        fewer=True,
        where=lambda lens: Q(state=State.NOT_YET),
        share_of="kpm-aktif",
        nothing="Tidak ada bantuan yang tercatat belum cair pada tahap ini.",
    ),
    Figure(
        slug="bantuan-bermasalah",
        name="Bantuan bermasalah",
        definition="KPM aktif yang bantuannya pada tahap itu macet di kartu, rekening, atau data, dan belum beres.",
        unit="KPM",
        source=TERM,
        fewer=True,
        where=lambda lens: Q(state=State.TROUBLE),
        share_of="kpm-aktif",
        nothing="Bagus, tidak ada bantuan yang macet pada tahap ini.",
    ),
    Figure(
        slug="bantuan-belum-dicek",
        name="Penyaluran belum dicek",
        definition="KPM aktif yang penyalurannya pada tahap yang memuat bulan yang dipilih belum pernah dicek.",
        unit="KPM",
        source=FAMILIES,
        fewer=True,
        where=_unchecked,
        share_of="kpm-aktif",
        nothing="Bagus, penyaluran semua KPM aktif sudah dicek pada tahap ini.",
    ),
)
