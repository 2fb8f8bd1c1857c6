"""Families accompanied now, and how long ago each was last visited."""

from django.db.models import F, Q

from kpm.models import Household

from .figure import Figure
from .sources import FOLLOWS_FAMILY, MonthSpan, Presentation, Scope, Source, address_in_rw

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


def _visited_since(days):
    return lambda lens: Q(last_visited_on__gte=lens.days_ago(days))


def _not_visited_since(days):
    return lambda lens: Q(last_visited_on=None) | Q(last_visited_on__lt=lens.days_ago(days))


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
            fewer=True,
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
        fewer=True,
        where=lambda lens: Q(pendamping__is_active=False),
        share_of="kpm-aktif",
        nothing="Bagus, semua KPM dipegang pendamping yang akunnya aktif.",
    ),
)
