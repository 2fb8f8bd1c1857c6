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


def _stands(state, field="state_then"):
    return lambda lens: Q(**{field: state})


def _labelled(states):
    """Each of `states` with its label as it stands within a sentence."""
    return [(state, state.label.lower()) for state in states]


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


def _parts(whole, source, parts):
    """The figures that the figure `whole` is made of: each a slug, a name and a short one, a definition, what an empty list
    says, and which rows.
    """
    return [
        Figure(
            slug=f"{whole}-{slug}",
            name=name,
            short=short,
            definition=definition,
            unit="rujukan",
            source=source,
            where=where,
            share_of=whole,
            nothing=nothing,
        )
        for slug, name, short, definition, nothing, where in parts
    ]


FIGURES = (
    Figure(
        slug="rujukan",
        name="Rujukan dimulai",
        definition="Rujukan yang dimulai dalam bulan yang dipilih, apa pun keadaannya.",
        unit="rujukan",
        source=REFERRALS,
        nothing="Belum ada rujukan yang dimulai pada bulan ini.",
    ),
    *_parts(
        "rujukan",
        REFERRALS,
        [
            (
                state.value,
                f"Dimulai bulan itu, {label}",
                state.label,
                (
                    "Dari rujukan yang dimulai dalam bulan yang dipilih, yang pada akhir bulan itu (bulan ini: hari "
                    f"ini) {label}."
                ),
                f"Dari rujukan bulan ini tidak ada yang {label}.",
                _stands(state),
            )
            for state, label in _labelled(State)
        ],
    ),
    Figure(
        slug="rujukan-berakhir",
        name="Rujukan berakhir",
        definition="Rujukan yang berakhir dalam bulan yang dipilih, kapan pun dimulai dan bagaimana pun hasilnya.",
        unit="rujukan",
        source=REFERRALS_ENDED,
        nothing="Tidak ada rujukan yang berakhir pada bulan ini.",
    ),
    *_parts(
        "rujukan-berakhir",
        REFERRALS_ENDED,
        [
            (
                state.value,
                f"Rujukan {label}",
                state.label,
                f"Rujukan yang {label} dalam bulan yang dipilih, kapan pun dimulai.",
                f"Tidak ada rujukan yang {label} pada bulan ini.",
                _stands(state, "state"),
            )
            for state, label in _labelled(CLOSED)
        ],
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
    *_parts(
        "rujukan-terbuka",
        REFERRALS_OPEN,
        [
            (
                state.value,
                f"Rujukan terbuka, {label}",
                state.label,
                f"Dari rujukan terbuka, yang pada hari itu {label}.",
                f"Tidak ada rujukan terbuka yang {label}.",
                _stands(state),
            )
            for state, label in _labelled(Referral.OPEN)
        ]
        + [
            (
                age,
                f"Rujukan terbuka {words}",
                words.capitalize(),
                f"Dari rujukan terbuka, yang pada hari itu sudah berjalan {words} sejak dimulai.",
                f"Tidak ada rujukan terbuka yang berjalan {words}.",
                _aged(age),
            )
            for age, (_, _, words) in AGES.items()
        ],
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
