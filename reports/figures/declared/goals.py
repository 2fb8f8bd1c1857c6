"""Goals of families: under way and late now, closed and reached in a month."""

from dataclasses import replace

from django.db.models import Exists, F, OuterRef, Q

from kpm.models import Goal, Household

from .figure import Figure
from .sources import FAMILY_NOW, FAMILY_THEN, OF_HOUSEHOLD, MonthSpan, Presentation, Source, in_month


def _open_goals(lens):
    late = Goal.objects.late(lens.today).filter(pk=OuterRef("pk"))
    families = Household.objects.counted_for(lens.user).active()
    return Goal.objects.open().filter(household__in=families).annotate(is_late=Exists(late))


def _goal_page(row):
    return Goal(pk=row["goal_key"]).get_absolute_url()


IN_FULL = {"goal_key": F("id"), "step": F("wish")}
# Under way for a family accompanied now, whoever made it.
GOALS_OPEN = Source(
    start=_open_goals,
    scope=FAMILY_NOW,
    period=MonthSpan("target_on"),
    shown=Presentation(in_full=IN_FULL, opens=_goal_page),
)
GOALS_CLOSED = Source(
    start=lambda lens: in_month(Goal.objects.counted_for(lens.user), lens, "closed_on"),
    scope=replace(
        FAMILY_THEN, words="Dihitung pada pendamping yang menyusun tujuan itu dan wilayah keluarga waktu itu."
    ),
    period=MonthSpan("closed_on", of_month=True),
    shown=Presentation(
        columns={**OF_HOUSEHOLD, "standing": F("state")},
        in_full=IN_FULL | {"author": F("pendamping__name")},
        opens=_goal_page,
        words=lambda row: Goal.State(row["standing"]).label,
    ),
)

FIGURES = (
    Figure(
        slug="tujuan-berjalan",
        name="Tujuan berjalan",
        definition="Tujuan KPM aktif yang sekarang berjalan. Satu KPM bisa punya sampai tiga.",
        unit="tujuan",
        source=GOALS_OPEN,
        nothing="Belum ada tujuan yang berjalan.",
    ),
    Figure(
        slug="tujuan-terlambat",
        name="Tujuan terlambat",
        definition=(
            "Tujuan berjalan yang lewat targetnya, atau yang salah satu langkahnya lewat tanggal dan belum selesai."
        ),
        unit="tujuan",
        source=GOALS_OPEN,
        fewer=True,
        where=lambda lens: Q(is_late=True),
        share_of="tujuan-berjalan",
        nothing="Bagus, tidak ada tujuan yang terlambat.",
    ),
    Figure(
        slug="tujuan-ditutup",
        name="Tujuan ditutup",
        definition="Tujuan yang ditutup dalam bulan yang dipilih: tercapai, diganti, atau dihentikan.",
        unit="tujuan",
        source=GOALS_CLOSED,
        nothing="Belum ada tujuan yang ditutup pada bulan ini.",
    ),
    Figure(
        slug="tujuan-tercapai",
        name="Tujuan tercapai",
        definition="Tujuan yang ditutup dalam bulan yang dipilih karena tercapai.",
        unit="tujuan",
        source=GOALS_CLOSED,
        where=lambda lens: Q(state=Goal.State.REACHED),
        share_of="tujuan-ditutup",
        nothing="Belum ada tujuan yang tercapai pada bulan ini.",
    ),
)
