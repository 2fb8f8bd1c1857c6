"""Referrals begun in a month by what has become of them, and how long partners took to answer."""

from django.db.models import F, Func, IntegerField, Q

from resources.models import Referral

from .figure import Figure
from .sources import FAMILY_THEN, OF_HOUSEHOLD, MonthSpan, Presentation, Source, in_month

STATE = {"standing": F("state")}
IN_FULL = {"referral_key": F("id"), "author": F("pendamping__name"), "step": F("resource__name")}


def _days(first, last):
    """The whole days between two dates."""
    return Func(
        F(last), F(first), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField()
    )


def _referral_page(row):
    return Referral(pk=row["referral_key"]).get_absolute_url()


REFERRALS = Source(
    start=lambda lens: in_month(Referral.objects.counted_for(lens.user), lens, "planned_on"),
    scope=FAMILY_THEN,
    period=MonthSpan("planned_on", of_month=True),
    shown=Presentation(
        columns=OF_HOUSEHOLD | STATE,
        in_full=IN_FULL,
        opens=_referral_page,
        words=lambda row: Referral.State(row["standing"]).label,
    ),
)
REFERRALS_ANSWERED = Source(
    start=lambda lens: in_month(
        Referral.objects.counted_for(lens.user).filter(sent_on__isnull=False), lens, "answered_on"
    ).annotate(days=_days("sent_on", "answered_on")),
    scope=FAMILY_THEN,
    period=MonthSpan("answered_on", of_month=True),
    shown=Presentation(
        columns=OF_HOUSEHOLD | STATE | {"waited": F("days")},
        in_full=IN_FULL,
        opens=_referral_page,
        words=lambda row: f"dijawab dalam {row['waited']} hari",
    ),
)

FIGURES = (
    Figure(
        slug="rujukan",
        name="Rujukan",
        definition="Rujukan yang dimulai dalam bulan yang dipilih, apa pun keadaannya sekarang.",
        unit="rujukan",
        source=REFERRALS,
        nothing="Belum ada rujukan yang dimulai pada bulan ini.",
    ),
    *(
        Figure(
            slug=f"rujukan-{state.value}",
            name=f"Rujukan {state.label.lower()}",
            short=state.label,
            definition=f"Rujukan yang dimulai dalam bulan yang dipilih dan hari ini {state.label.lower()}.",
            unit="rujukan",
            source=REFERRALS,
            where=lambda lens, state=state: Q(state=state),
            share_of="rujukan",
            nothing=f"Dari rujukan bulan ini tidak ada yang {state.label.lower()}.",
        )
        for state in Referral.State
    ),
    Figure(
        slug="rujukan-dijawab",
        name="Rujukan dijawab mitra",
        short="Dijawab mitra",
        definition="Rujukan yang dijawab mitra (diterima atau ditolak) dalam bulan yang dipilih, kapan pun diajukan.",
        unit="rujukan",
        source=REFERRALS_ANSWERED,
        nothing="Belum ada rujukan yang dijawab mitra pada bulan ini.",
    ),
    Figure(
        slug="rujukan-lama-jawab",
        name="Lama mitra menjawab",
        short="Lama jawab (hari)",
        definition=(
            "Nilai tengah jumlah hari dari diajukan sampai dijawab mitra, dari rujukan yang dijawab dalam bulan yang "
            "dipilih: separuhnya dijawab lebih cepat, separuhnya lebih lama."
        ),
        unit="hari",
        source=REFERRALS_ANSWERED,
        median_of="days",
        nothing="Belum ada rujukan yang dijawab mitra pada bulan ini.",
    ),
)
