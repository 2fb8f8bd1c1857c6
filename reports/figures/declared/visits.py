"""Home visits of a month: one row is one family sought at home once, met or not."""

from django.db.models import F, Q

from roles.models import Activity, ActivityHousehold

from .figure import Figure
from .sources import FAMILY_THEN, MonthSpan, Presentation, Source, in_month

VISITS = Source(
    start=lambda lens: in_month(ActivityHousehold.objects.counted_for(lens.user).filter(is_visit=True), lens),
    scope=FAMILY_THEN,
    period=MonthSpan("occurred_on", of_month=True, kept=True),
    shown=Presentation(
        in_full={"activity_key": F("activity_id"), "author": F("pendamping__name")},
        opens=lambda row: Activity(pk=row["activity_key"]).get_absolute_url(),
        needs_family=False,
    ),
    frozen="kunjungan",
)


def _met(lens):
    return Q(met=True)


FIGURES = (
    Figure(
        slug="kpm-dikunjungi",
        name="KPM dikunjungi",
        definition=(
            "KPM yang bertemu pendamping pada kunjungan rumah dalam bulan yang dipilih. Satu KPM dihitung sekali, "
            "berapa pun kunjungannya."
        ),
        unit="KPM",
        source=VISITS,
        where=_met,
        once_per_family=True,
        nothing="Belum ada KPM yang dikunjungi pada bulan ini.",
    ),
    Figure(
        slug="kunjungan",
        name="Kunjungan rumah",
        definition="Kunjungan rumah dalam bulan yang dipilih yang bertemu keluarganya. Dua kunjungan dihitung dua.",
        unit="kunjungan",
        source=VISITS,
        where=_met,
        nothing="Belum ada kunjungan rumah pada bulan ini.",
    ),
    Figure(
        slug="tidak-bertemu",
        name="Tidak bertemu",
        definition=(
            "Kunjungan rumah dalam bulan yang dipilih yang tidak bertemu keluarganya. Tidak masuk hitungan kunjungan "
            "rumah."
        ),
        unit="kunjungan",
        source=VISITS,
        fewer=True,
        where=lambda lens: Q(met=False),
        nothing="Pada bulan ini tidak ada kunjungan yang gagal bertemu.",
    ),
)
