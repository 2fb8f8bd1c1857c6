"""Referrals begun in a month by what had become of them at its end (a cohort), those that ended in it whenever they were
begun (a flow), those open at its end by state and age, and how long partners took to answer.
"""

from datetime import timedelta

from django.db.models import F, Func, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from resources.models import Referral, ReferralMove

from .figure import Figure
from .sources import FAMILY_THEN, OF_HOUSEHOLD, MonthSpan, Presentation, Source, in_month

State = Referral.State
STATE = {"standing": F("state_then")}
CLOSED = tuple(state for state in State if state not in Referral.OPEN)
# Ages of open referrals in days: name, from and to (included), words.
AGES = {
    "baru": (0, 30, "sampai 30 hari"),
    "sedang": (31, 90, "31 sampai 90 hari"),
    "lama": (91, None, "lebih dari 90 hari"),
}
IN_FULL = {"referral_key": F("id"), "author": F("pendamping__name"), "step": F("resource__name")}


def _days(first, last):
    """The whole days between two dates."""
    return Func(
        F(last), F(first), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField()
    )


def _then(rows, lens):
    """Referrals with `state_then`, their state at the end of the lens's month."""
    moves = ReferralMove.objects.filter(referral=OuterRef("pk"), counts=True, happened_on__lte=lens.last_day)
    last = Subquery(moves.order_by("-at", "-pk").values("to_state")[:1])
    return rows.annotate(state_then=Coalesce(last, "state"))


def _open(lens):
    """Those open at the end of the lens's month, each with its `age` in days by then."""
    day = lens.last_day
    rows = Referral.objects.counted_for(lens.user).filter(planned_on__lte=day)
    rows = rows.filter(Q(ended_on=None) | Q(ended_on__gt=day))
    return _then(rows, lens).filter(state_then__in=Referral.OPEN)


def _aged(age):
    least, most, _ = AGES[age]

    def where(lens):
        begun = Q(planned_on__lte=lens.last_day - timedelta(days=least))
        return begun & Q(planned_on__gte=lens.last_day - timedelta(days=most)) if most is not None else begun

    return where


def _referral_page(row):
    return Referral(pk=row["referral_key"]).get_absolute_url()


REFERRALS = Source(
    start=lambda lens: _then(in_month(Referral.objects.counted_for(lens.user), lens, "planned_on"), lens),
    scope=FAMILY_THEN,
    period=MonthSpan("planned_on", of_month=True),
    shown=Presentation(
        columns=OF_HOUSEHOLD | STATE,
        in_full=IN_FULL,
        opens=_referral_page,
        words=lambda row: State(row["standing"]).label,
    ),
)
REFERRALS_ENDED = Source(
    start=lambda lens: in_month(
        Referral.objects.counted_for(lens.user).filter(state__in=CLOSED), lens, "ended_on"
    ),
    scope=FAMILY_THEN,
    period=MonthSpan("ended_on", of_month=True),
    shown=Presentation(
        columns=OF_HOUSEHOLD | {"standing": F("state")},
        in_full=IN_FULL,
        opens=_referral_page,
        words=lambda row: State(row["standing"]).label,
    ),
)
REFERRALS_OPEN = Source(
    start=_open,
    scope=FAMILY_THEN,
    period=MonthSpan("planned_on", of_month=True),
    shown=REFERRALS.shown,
)
REFERRALS_ANSWERED = Source(
    start=lambda lens: in_month(
        Referral.objects.counted_for(lens.user).filter(sent_on__isnull=False), lens, "answered_on"
    ).annotate(days=_days("sent_on", "answered_on")),
    scope=FAMILY_THEN,
    period=MonthSpan("answered_on", of_month=True),
    shown=Presentation(
        columns=OF_HOUSEHOLD | {"standing": F("state"), "waited": F("days")},
        in_full=IN_FULL,
        opens=_referral_page,
        words=lambda row: f"dijawab dalam {row['waited']} hari",
    ),
)

FIGURES = (
    Figure(
        slug="rujukan",
        name="Rujukan dimulai",
        definition="Rujukan yang dimulai dalam bulan yang dipilih, apa pun keadaannya.",
        unit="rujukan",
        source=REFERRALS,
        nothing="Belum ada rujukan yang dimulai pada bulan ini.",
    ),
    *(
        Figure(
            slug=f"rujukan-{state.value}",
            name=f"Dimulai bulan itu, {state.label.lower()}",
            short=state.label,
            definition=(
                "Dari rujukan yang dimulai dalam bulan yang dipilih, yang pada akhir bulan itu (bulan ini: hari ini) "
                f"{state.label.lower()}."
            ),
            unit="rujukan",
            source=REFERRALS,
            where=lambda lens, state=state: Q(state_then=state),
            share_of="rujukan",
            nothing=f"Dari rujukan bulan ini tidak ada yang {state.label.lower()}.",
        )
        for state in State
    ),
    Figure(
        slug="rujukan-berakhir",
        name="Rujukan berakhir",
        definition="Rujukan yang berakhir dalam bulan yang dipilih, kapan pun dimulai dan bagaimana pun hasilnya.",
        unit="rujukan",
        source=REFERRALS_ENDED,
        nothing="Tidak ada rujukan yang berakhir pada bulan ini.",
    ),
    *(
        Figure(
            slug=f"rujukan-berakhir-{state.value}",
            name=f"Rujukan {state.label.lower()}",
            short=state.label,
            definition=f"Rujukan yang {state.label.lower()} dalam bulan yang dipilih, kapan pun dimulai.",
            unit="rujukan",
            source=REFERRALS_ENDED,
            where=lambda lens, state=state: Q(state=state),
            share_of="rujukan-berakhir",
            nothing=f"Tidak ada rujukan yang {state.label.lower()} pada bulan ini.",
        )
        for state in CLOSED
    ),
    Figure(
        slug="rujukan-terbuka",
        name="Rujukan terbuka",
        definition=(
            "Rujukan yang pada akhir bulan yang dipilih (bulan ini: hari ini) belum berakhir, kapan pun dimulai."
        ),
        unit="rujukan",
        source=REFERRALS_OPEN,
        nothing="Tidak ada rujukan yang terbuka pada akhir bulan ini.",
    ),
    *(
        Figure(
            slug=f"rujukan-terbuka-{state.value}",
            name=f"Rujukan terbuka, {state.label.lower()}",
            short=state.label,
            definition=f"Dari rujukan terbuka, yang pada hari itu {state.label.lower()}.",
            unit="rujukan",
            source=REFERRALS_OPEN,
            where=lambda lens, state=state: Q(state_then=state),
            share_of="rujukan-terbuka",
            nothing=f"Tidak ada rujukan terbuka yang {state.label.lower()}.",
        )
        for state in Referral.OPEN
    ),
    *(
        Figure(
            slug=f"rujukan-terbuka-{age}",
            name=f"Rujukan terbuka {words}",
            short=words.capitalize(),
            definition=f"Dari rujukan terbuka, yang pada hari itu sudah berjalan {words} sejak dimulai.",
            unit="rujukan",
            source=REFERRALS_OPEN,
            where=_aged(age),
            share_of="rujukan-terbuka",
            nothing=f"Tidak ada rujukan terbuka yang berjalan {words}.",
        )
        for age, (_, _, words) in AGES.items()
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
