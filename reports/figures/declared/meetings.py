"""P2K2 planned and held with attendance, and trainings with the families that came."""

from dataclasses import replace

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from kpm.models import Household
from roles.models import Activity, Attendance, GroupSession, Training, TrainingPlace

from .figure import Figure
from .sources import FAMILY_THEN, MonthSpan, Presentation, Scope, Source, address_in_rw, in_month


def _group_in_rw(lens):
    return Q(group__in=Household.objects.filter(address_in_rw("")(lens)).values("group"))


def _invited_rw(lens):
    return Q(pk__in=TrainingPlace.objects.filter(address_in_rw()(lens)).values("training"))


def _session_page(row):
    if row["is_held"]:
        return Activity(pk=row["activity_key"]).get_absolute_url()
    return GroupSession(pk=row["session_key"]).get_absolute_url()


# Sessions of a kelompok, of whoever held them or has to; they belong to no single RW.
def _sessions(day, *, kept, frozen):
    return Source(
        start=lambda lens: in_month(GroupSession.objects.counted_for(lens.user), lens, day),
        scope=Scope(area="wilayah__code", pendamping="worker", in_rw=_group_in_rw, family=""),
        period=MonthSpan(day, of_month=True, kept=kept),
        shown=Presentation(
            columns={"session_name": F("session__name"), "is_held": Q(activity__isnull=False)},
            in_full={
                "session_key": F("id"),
                "activity_key": F("activity_id"),
                "group_name": F("group__name"),
                "author": Coalesce("activity__pendamping__name", "group__pendamping__name"),
            },
            opens=_session_page,
            needs_family=False,
            words=lambda row: "dilaksanakan" if row["is_held"] else "belum dilaksanakan",
        ),
        frozen=frozen,
    )


SESSIONS_PLANNED = _sessions("planned_on", kept=False, frozen="p2k2_rencana")
SESSIONS_HELD = _sessions("held_on", kept=True, frozen="p2k2")
# One row is one family on the list of one session, there or not.
ATTENDANCE = Source(
    start=lambda lens: in_month(Attendance.objects.counted_for(lens.user), lens, "held_on"),
    scope=replace(FAMILY_THEN, pendamping="worker"),
    period=MonthSpan("held_on", of_month=True, kept=True),
    shown=Presentation(in_full={"author": F("group_session__activity__pendamping__name")}),
    frozen="p2k2_hadir",
)
# A training may serve a whole kota, so that it belongs to no single kelurahan of it.
TRAININGS = Source(
    start=lambda lens: in_month(Training.objects.counted_for(lens.user), lens, "held_on"),
    scope=Scope(
        "Dihitung pada yang mengusulkan dan wilayah pelatihannya, bukan wilayah yang lebih kecil di dalamnya.",
        in_area=lambda lens: Q(wilayah__code__startswith=lens.area),
        pendamping="proposed_by_id",
        in_rw=_invited_rw,
        family=None,
    ),
    period=MonthSpan("held_on", of_month=True),
    shown=Presentation(
        columns={"about": F("code")},
        in_full={"heading": F("title"), "training_key": F("id"), "author": F("proposed_by__name")},
        opens=lambda row: Training(pk=row["training_key"]).get_absolute_url(),
        needs_family=False,
    ),
)
# One row is one family that was invited to a training held since.
TRAINING_PLACES = Source(
    start=lambda lens: in_month(
        TrainingPlace.objects.counted_for(lens.user).annotate(held_on=F("training__held_on")),
        lens,
        "held_on",
    ),
    scope=FAMILY_THEN,
    period=MonthSpan("held_on", of_month=True),
    shown=Presentation(in_full={"author": F("pendamping__name")}),
)

FIGURES = (
    Figure(
        slug="p2k2-rencana",
        name="P2K2 direncanakan",
        definition="Sesi P2K2 yang rencananya jatuh dalam bulan yang dipilih, sudah dilaksanakan atau belum.",
        unit="sesi",
        source=SESSIONS_PLANNED,
        nothing="Tidak ada sesi P2K2 yang direncanakan pada bulan ini.",
    ),
    Figure(
        slug="p2k2",
        name="P2K2 dilaksanakan",
        short="Sesi P2K2",
        definition=(
            "Sesi P2K2 yang dilaksanakan dalam bulan yang dipilih dan daftar hadirnya tersimpan, juga yang "
            "direncanakan untuk bulan lain."
        ),
        unit="sesi",
        source=SESSIONS_HELD,
        nothing="Belum ada sesi P2K2 yang dilaksanakan pada bulan ini.",
    ),
    Figure(
        slug="p2k2-anggota",
        name="KPM dalam daftar hadir P2K2",
        short="KPM dalam daftar",
        definition=(
            "KPM yang namanya ada dalam daftar hadir P2K2 bulan yang dipilih, hadir atau tidak. Satu KPM dihitung "
            "sekali."
        ),
        unit="KPM",
        source=ATTENDANCE,
        once_per_family=True,
        nothing="Belum ada daftar hadir P2K2 pada bulan ini.",
    ),
    Figure(
        slug="p2k2-hadir",
        name="KPM hadir P2K2",
        short="KPM hadir",
        definition="KPM yang hadir atau diwakili pada P2K2 bulan yang dipilih. Satu KPM dihitung sekali.",
        unit="KPM",
        source=ATTENDANCE,
        where=lambda lens: Q(state=Attendance.State.PRESENT),
        once_per_family=True,
        share_of="p2k2-anggota",
        nothing="Belum ada KPM yang hadir pada P2K2 bulan ini.",
    ),
    Figure(
        slug="pelatihan",
        name="Pelatihan dilaksanakan",
        definition="Pelatihan bersama yang dilaksanakan dalam bulan yang dipilih.",
        unit="pelatihan",
        source=TRAININGS,
        nothing="Belum ada pelatihan yang dilaksanakan pada bulan ini.",
    ),
    Figure(
        slug="pelatihan-undangan",
        name="KPM diundang pelatihan",
        short="KPM diundang",
        definition=(
            "KPM yang diundang ke pelatihan yang dilaksanakan dalam bulan yang dipilih, datang atau tidak. Satu KPM "
            "dihitung sekali."
        ),
        unit="KPM",
        source=TRAINING_PLACES,
        once_per_family=True,
        nothing="Belum ada KPM yang diundang ke pelatihan bulan ini.",
    ),
    Figure(
        slug="pelatihan-hadir",
        name="KPM hadir pelatihan",
        short="KPM hadir",
        definition="KPM yang hadir pada pelatihan dalam bulan yang dipilih. Satu KPM dihitung sekali.",
        unit="KPM",
        source=TRAINING_PLACES,
        where=lambda lens: Q(state=TrainingPlace.State.PRESENT),
        once_per_family=True,
        share_of="pelatihan-undangan",
        nothing="Belum ada KPM yang hadir pada pelatihan bulan ini.",
    ),
)
