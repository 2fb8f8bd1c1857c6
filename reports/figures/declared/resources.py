"""What there is to help with: resources for the area, looked after lately or not."""

from django.db.models import F, Q

from resources.models import STALE_AFTER, Resource

from .figure import Figure
from .sources import MonthSpan, Presentation, Scope, Source


def _serving(lens):
    around = [lens.area[:digits] for digits in (2, 4, 6, 10) if digits <= len(lens.area)]
    return Q(wilayah__in=around) | Q(wilayah__code__startswith=lens.area)


RESOURCES = Source(
    start=lambda lens: Resource.objects.visible_to(lens.user).active(),
    scope=Scope(
        "Dihitung yang melayani wilayah itu, juga yang melayani seluruh kota atau provinsinya.",
        in_area=_serving,
        family=None,
    ),
    period=MonthSpan("checked_on", undated=True),
    shown=Presentation(
        columns={"heading": F("name"), "resource_key": F("id")},
        opens=lambda row: Resource(pk=row["resource_key"]).get_absolute_url(),
        needs_family=False,
        for_all=True,
    ),
)

FIGURES = (
    Figure(
        slug="sumber-daya",
        name="Sumber daya",
        definition="Sumber daya yang sekarang ada untuk wilayah ini dan sekitarnya.",
        unit="sumber daya",
        source=RESOURCES,
        nothing="Belum ada sumber daya untuk wilayah ini.",
    ),
    Figure(
        slug="sumber-daya-segar",
        name="Sumber daya segar",
        definition="Sumber daya yang diperiksa kebenarannya dalam 90 hari terakhir.",
        unit="sumber daya",
        source=RESOURCES,
        where=lambda lens: Q(checked_on__gte=lens.today - STALE_AFTER),
        share_of="sumber-daya",
        nothing="Belum ada sumber daya yang diperiksa dalam 90 hari terakhir.",
    ),
    Figure(
        slug="sumber-daya-lama",
        name="Sumber daya perlu diperiksa",
        definition="Sumber daya yang terakhir diperiksa lebih dari 90 hari lalu, atau belum pernah.",
        unit="sumber daya",
        source=RESOURCES,
        fewer=True,
        where=lambda lens: Q(checked_on=None) | Q(checked_on__lt=lens.today - STALE_AFTER),
        share_of="sumber-daya",
        nothing="Bagus, semua sumber daya sudah diperiksa dalam 90 hari terakhir.",
    ),
)
