"""Activities of a month by role and by RHK, and the steps that were promised in them."""

from django.db.models import F, Q

from kpm.models import Household
from reports.models.rhk import NUMBERS
from roles.models import Activity, ActivityHousehold

from .figure import Figure
from .rhk import serving
from .sources import FAMILY_NOW, FAMILY_THEN, MonthSpan, Presentation, Scope, Source, address_in_rw, in_month

ROLE_CODES = ("fasilitasi", "edukasi", "representasi", "teknis")
ADVOCACY = "REP-2"  # the sub-role in which a pendamping takes up a family's case with who decides


def _reached_rw(lens):
    reached = ActivityHousehold.objects.filter(address_in_rw()(lens))
    return Q(pk__in=reached.values("activity"))


ACTIVITIES = Source(
    start=lambda lens: in_month(Activity.objects.counted_for(lens.user), lens),
    scope=Scope(area="wilayah__code", pendamping="pendamping_id", in_rw=_reached_rw, sub_role="sub_role_id"),
    period=MonthSpan("occurred_on", of_month=True, kept=True),
    shown=Presentation(
        columns={"role": F("sub_role__role_id")},
        in_full={
            "activity_key": F("id"),
            "author": F("pendamping__name"),
            "kind_name": F("kind__name"),
            "sub_role_name": F("sub_role__name"),
        },
        opens=lambda row: Activity(pk=row["activity_key"]).get_absolute_url(),
        needs_family=False,
    ),
    frozen="kegiatan",
)
# Promised to a family accompanied now and still open; whoever promised it.
STEPS = Source(
    start=lambda lens: ActivityHousehold.objects.open_steps().filter(
        household__in=Household.objects.counted_for(lens.user).active()
    ),
    scope=FAMILY_NOW,
    period=MonthSpan("step_due_on"),
    shown=Presentation(in_full={"step": F("activity__next_step")}),
)
# Kept in the month, by who had promised.
STEPS_KEPT = Source(
    start=lambda lens: in_month(ActivityHousehold.objects.counted_for(lens.user), lens, "step_done_on"),
    scope=FAMILY_THEN,
    period=MonthSpan("step_done_on", of_month=True),
    shown=Presentation(
        in_full={
            "step": F("activity__next_step"),
            "activity_key": F("activity_id"),
            "author": F("pendamping__name"),
        },
        opens=lambda row: Activity(pk=row["activity_key"]).get_absolute_url(),
        needs_family=False,
    ),
)

FIGURES = (
    Figure(
        slug="kegiatan",
        name="Kegiatan",
        definition=(
            "Semua kegiatan pendamping dalam bulan yang dipilih, apa pun jenisnya. Satu kegiatan untuk banyak KPM "
            "dihitung satu."
        ),
        unit="kegiatan",
        source=ACTIVITIES,
        nothing="Belum ada kegiatan yang dicatat pada bulan ini.",
    ),
    *(
        Figure(
            slug=f"kegiatan-{code}",
            name=f"Kegiatan {code}",
            definition=f"Kegiatan dalam bulan yang dipilih yang peran utamanya {code}.",
            unit="kegiatan",
            source=ACTIVITIES,
            where=lambda lens, code=code: Q(sub_role__role_id=code),
            share_of="kegiatan",
            nothing=f"Belum ada kegiatan {code} pada bulan ini.",
        )
        for code in ROLE_CODES
    ),
    *(
        Figure(
            slug=f"rhk-{number}",
            name=f"RHK {number}",
            definition=(
                f"Kegiatan dalam bulan yang dipilih yang masuk RHK {number} menurut daftar RHK bulan itu. Satu "
                "kegiatan masuk satu RHK."
            ),
            unit="kegiatan",
            source=ACTIVITIES,
            where=serving(number),
            share_of="kegiatan",
            nothing=f"Belum ada kegiatan RHK {number} pada bulan ini.",
        )
        for number in NUMBERS
    ),
    Figure(
        slug="rhk-tanpa",
        name="Tanpa RHK",
        definition="Kegiatan dalam bulan yang dipilih yang tidak masuk RHK mana pun menurut daftar bulan itu.",
        unit="kegiatan",
        source=ACTIVITIES,
        fewer=True,
        where=serving(None),
        share_of="kegiatan",
        nothing="Semua kegiatan bulan ini masuk salah satu RHK.",
    ),
    Figure(
        slug="langkah-terlambat",
        name="Janji lewat tanggal",
        short="Janji terlambat",
        definition=(
            "Langkah yang dijanjikan kepada KPM aktif, sudah lewat tanggalnya dan belum ditandai selesai. Satu langkah "
            "untuk tiga KPM dihitung tiga."
        ),
        unit="langkah",
        source=STEPS,
        fewer=True,
        where=lambda lens: Q(step_due_on__lt=lens.today),
        nothing="Bagus, tidak ada langkah yang lewat tanggal.",
    ),
    Figure(
        slug="janji-ditepati",
        name="Janji ditepati",
        definition=(
            "Janji yang ditandai selesai dalam bulan yang dipilih. Satu janji untuk tiga KPM dihitung tiga."
        ),
        unit="janji",
        source=STEPS_KEPT,
        nothing="Belum ada janji yang ditandai selesai pada bulan ini.",
    ),
    Figure(
        slug="advokasi-berjalan",
        name="Advokasi berjalan",
        definition=(
            "KPM aktif yang haknya sedang dibela: ada kegiatan advokasi yang janjinya belum ditandai "
            "selesai. Satu KPM dihitung sekali."
        ),
        unit="KPM",
        source=STEPS,
        where=lambda lens: Q(activity__sub_role=ADVOCACY),
        once_per_family=True,
        nothing="Tidak ada advokasi yang menunggu janji.",
    ),
)
