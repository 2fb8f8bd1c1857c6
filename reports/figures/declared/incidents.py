"""Kasus (complaints and dangers): how many are open or late now, and how many came and were answered in a month.

Whoever opens a figure without the family's name is not told what sort of kasus it is.
"""

from django.db.models import F, Q

from kpm.models import Household
from roles.models import Incident

from .figure import Figure
from .sources import FAMILY_NOW, FAMILY_THEN, OF_HOUSEHOLD, MonthSpan, Presentation, Source, in_month

State = Incident.State
SHOWN = Presentation(
    columns=OF_HOUSEHOLD | {"standing": F("state")},
    in_full={"incident_key": F("id"), "step": F("kind__name"), "author": F("pendamping__name")},
    opens=lambda row: Incident(pk=row["incident_key"]).get_absolute_url(),
    words=lambda row: State(row["standing"]).label,
)
NOW = Source(
    start=lambda lens: Incident.objects.filter(
        household__in=Household.objects.counted_for(lens.user), state__in=Incident.OPEN
    ),
    scope=FAMILY_NOW,
    period=MonthSpan("due_on"),
    shown=SHOWN,
)
# What an appeal changes, or a kasus that is written down late, changes a month that is over: never kept.
REPORTED = Source(
    start=lambda lens: in_month(Incident.objects.counted_for(lens.user), lens, "reported_on"),
    scope=FAMILY_THEN,
    period=MonthSpan("reported_on", of_month=True),
    shown=SHOWN,
)
DECIDED = Source(
    start=lambda lens: in_month(Incident.objects.counted_for(lens.user), lens, "decided_on"),
    scope=FAMILY_THEN,
    period=MonthSpan("decided_on", of_month=True),
    shown=SHOWN,
)

FIGURES = (
    Figure(
        slug="kasus-terbuka",
        name="Kasus terbuka",
        definition=(
            "Kasus (pengaduan atau keadaan bahaya) yang belum selesai: belum diputus, sudah diputus tetapi belum "
            "disampaikan ke keluarga, atau menunggu jawaban atas keberatan."
        ),
        unit="kasus",
        source=NOW,
        fewer=True,
        nothing="Tidak ada kasus yang terbuka.",
    ),
    Figure(
        slug="kasus-terlambat",
        name="Kasus lewat batas",
        definition="Kasus terbuka yang batas waktunya sudah lewat, menurut jenis kasusnya atau yang dimajukan koordinator.",
        unit="kasus",
        source=NOW,
        fewer=True,
        where=lambda lens: Q(due_on__lt=lens.today),
        share_of="kasus-terbuka",
        nothing="Bagus, tidak ada kasus yang lewat batas waktunya.",
    ),
    Figure(
        slug="kasus-baru",
        name="Kasus baru",
        definition="Kasus yang dilaporkan dalam bulan yang dipilih, apa pun keadaannya sekarang.",
        unit="kasus",
        source=REPORTED,
        nothing="Tidak ada kasus yang dilaporkan pada bulan ini.",
    ),
    Figure(
        slug="kasus-diputus",
        name="Kasus diputus",
        definition="Kasus yang keputusan pertamanya jatuh dalam bulan yang dipilih, kapan pun dilaporkan.",
        unit="kasus",
        source=DECIDED,
        nothing="Tidak ada kasus yang diputus pada bulan ini.",
    ),
)
