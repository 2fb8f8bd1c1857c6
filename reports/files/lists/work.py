"""The lists about work: activities, home visits, group sessions and who came, trainings and their places; resources."""

from django.db.models import Case, OuterRef, Q, StringAgg, Subquery, Value, When

from kpm.models import WatchCheck
from reports.files.sheets import DAY, MOMENT, NUMBER
from resources.models import Resource
from resources.nearby import ResourceListing
from roles.listings import ActivityListing, AttendanceListing, PlaceListing, SessionListing, TrainingListing
from roles.models import Activity, ActivityHousehold, Attendance, GroupSession, Training, TrainingPlace

from .columns import Column, List
from .families import number_of, of_family


def reached(asker):
    """The case numbers of the families that an activity reached, in one text: as the author and the area know them."""
    rows = ActivityHousehold.objects.counted_for(asker.user).filter(activity=OuterRef("pk")).order_by()
    joined = StringAgg("household__case_number", Value(", "), order_by="household__case_number")
    return Subquery(rows.values("activity").annotate(joined=joined).values("joined"))


ACTIVITIES = List(
    "kegiatan",
    "Kegiatan",
    "Semua kegiatan menurut peran, dengan isi dan hasilnya",
    "clipboard-list",
    Activity,
    (
        Column("tanggal", "Tanggal", "occurred_on", DAY),
        Column("jenis", "Jenis kegiatan", "kind__name"),
        Column("peran", "Peran", "sub_role__role__name", width=15),
        Column("sub_peran", "Sub-peran", "sub_role__name"),
        Column("pendamping", "Pendamping", "pendamping__name"),
        Column("kelurahan", "Kelurahan", "wilayah__name", width=20),
        Column("jumlah", "Jumlah KPM", number_of(ActivityHousehold.objects.all(), "activity"), NUMBER),
        Column("kpm", "Nomor KPM", reached, width=30),
        Column("isi", "Apa yang dilakukan", "notes", width=50),
        Column("hasil", "Hasil", "outcome", width=40),
        Column("langkah", "Langkah berikutnya", "next_step", width=30),
        Column("langkah_tanggal", "Tanggal langkah", "next_step_on", DAY),
        Column("tempat", "Tempat", "place", chosen=False),
        Column("kelompok", "Kelompok", "group__name", chosen=False),
        Column("diterima", "Diterima server", "received_at", MOMENT, chosen=False),
    ),
    listing=ActivityListing,
    page="roles:activity_list",
    day="occurred_on",
)
VISITS = List(
    "kunjungan",
    "Kunjungan dan keluarga yang dijangkau",
    "Satu baris untuk tiap keluarga dalam tiap kegiatan",
    "footprints",
    ActivityHousehold,
    (
        Column("tanggal", "Tanggal", "occurred_on", DAY),
        *of_family("household__"),
        Column("jenis", "Jenis kegiatan", "activity__kind__name"),
        Column("bertemu", "Bertemu", "met", width=10),
        Column("oleh", "Dilakukan oleh", "pendamping__name"),
        Column("tempat_hari_itu", "Kelurahan hari itu", "wilayah__name", width=20),
        Column("langkah", "Langkah berikutnya", "activity__next_step", width=30, of_family=True),
        Column("janji", "Dijanjikan", "step_due_on", DAY, of_family=True),
        Column("selesai", "Selesai", "step_done_on", DAY, of_family=True),
    ),
    day="occurred_on",
    household="household_id",
)


COMERS = Attendance.objects.filter(state=Attendance.State.PRESENT)
SESSIONS = List(
    "pertemuan",
    "Pertemuan P2K2",
    "Sesi tiap kelompok, rencana dan pelaksanaannya",
    "calendar-check",
    GroupSession,
    (
        Column("rencana", "Rencana", "planned_on", DAY),
        Column("dilaksanakan", "Dilaksanakan", "held_on", DAY),
        Column("kelompok", "Kelompok", "group__name"),
        Column("kelurahan", "Kelurahan", "wilayah__name", width=20),
        Column("pendamping", "Pendamping", "group__pendamping__name"),
        Column("modul", "Modul", "session__module__name"),
        Column("sesi", "Sesi", "session__name", width=36),
        Column("terdaftar", "Dalam daftar", number_of(Attendance.objects.all(), "group_session"), NUMBER),
        Column("hadir", "Hadir", number_of(COMERS, "group_session"), NUMBER),
        Column("pengisi", "Pengisi", "facilitator", chosen=False),
        Column("tempat", "Tempat", "place", chosen=False),
    ),
    listing=SessionListing,
    page="roles:meeting_list",
)
ATTENDANCE = List(
    "kehadiran",
    "Kehadiran P2K2",
    "Satu baris untuk tiap keluarga dalam tiap daftar hadir",
    "user-round-check",
    Attendance,
    (
        Column("tanggal", "Tanggal", "held_on", DAY),
        *of_family("household__"),
        Column("kelompok", "Kelompok", "group_session__group__name", of_family=True),
        Column("sesi", "Sesi", "group_session__session__name", width=36),
        Column("kehadiran", "Kehadiran", "state", width=14, choices=Attendance.State),
        Column("hadir_siapa", "Yang datang", "who__name", of_family=True, chosen=False),
        Column("keterangan", "Keterangan", "note", of_family=True, chosen=False),
    ),
    listing=AttendanceListing,
    day="held_on",
    household="household_id",
)


def places(*states):
    rows = TrainingPlace.objects.filter(state__in=states) if states else TrainingPlace.objects.all()
    return number_of(rows, "training")


TRAININGS = List(
    "pelatihan",
    "Pelatihan",
    "Pelatihan di wilayah ini, direncanakan dan selesai",
    "graduation-cap",
    Training,
    (
        Column("judul", "Judul", "title", width=36),
        Column("wilayah", "Wilayah", "wilayah__name", width=20),
        Column("indikator", "Indikator", "code", width=10),
        Column("rencana", "Rencana", "planned_on", DAY),
        Column("dilaksanakan", "Dilaksanakan", "held_on", DAY),
        Column("mitra", "Mitra", "partner__name"),
        Column("pelatih", "Pelatih", "trainer"),
        Column("tempat", "Tempat", "place"),
        Column("kursi", "Tempat duduk", "seats", NUMBER),
        Column("diundang", "Diundang", places(), NUMBER),
        Column("hadir", "Hadir", places(TrainingPlace.State.PRESENT), NUMBER),
    ),
    listing=TrainingListing,
    page="roles:training_list",
)
PLACES = List(
    "peserta",
    "Peserta pelatihan",
    "Keluarga yang diundang ke pelatihan, dan siapa yang hadir",
    "users",
    TrainingPlace,
    (
        *of_family("household__"),
        Column("pelatihan", "Pelatihan", "training__title", width=36),
        Column("tanggal", "Dilaksanakan", "training__held_on", DAY),
        Column("keadaan", "Keadaan", "state", width=14, choices=TrainingPlace.State, of_family=True),
        Column("tingkat", "Tingkat saat diundang", "level_before", NUMBER),
        Column("hadir_siapa", "Yang datang", "who__name", of_family=True, chosen=False),
    ),
    listing=PlaceListing,
    day="training__planned_on",
    household="household_id",
)
CHECKS = List(
    "cek",
    "Cek sesudah graduasi",
    "Satu baris untuk tiap cek 3, 6, dan 12 bulan sesudah graduasi",
    "eye",
    WatchCheck,
    (
        *of_family("household__"),
        Column("bulan", "Bulan sesudah graduasi", "months", NUMBER),
        Column("jatuh", "Jatuh tempo", "due_on", DAY),
        Column("dicek", "Dicek", "done_on", DAY, of_family=True),
        Column("hasil", "Hasil cek", "outcome", width=18, choices=WatchCheck.Outcome, of_family=True),
        Column("pengusul", "Diusulkan oleh", "case__proposed_by__name"),
    ),
    day="due_on",
    household="household_id",
)


def freshness(asker):
    """Whether somebody looked after the row lately."""
    stale = Resource.objects.stale_on(asker.today).values("pk")
    return Case(When(Q(pk__in=stale), then=Value("perlu diperiksa")), default=Value("segar"))


def services(asker):
    offered = Resource.services.through.objects.filter(resource=OuterRef("pk")).order_by()
    joined = StringAgg("service__name", Value(", "), order_by="service__position")
    return Subquery(offered.values("resource").annotate(joined=joined).values("joined"))


RESOURCES = List(
    "sumber-daya",
    "Sumber daya",
    "Ke mana keluarga bisa dirujuk, dengan syarat dan kontaknya",
    "map-pin",
    Resource,
    (
        Column("nama", "Nama", "name", width=36),
        Column("kategori", "Kategori", "category__name"),
        Column("layanan", "Layanan", services),
        Column("mitra", "Mitra", "partner__name"),
        Column("wilayah", "Wilayah layanan", "wilayah__name", width=20),
        Column("didapat", "Apa yang didapat", "description", width=44),
        Column("indikator", "Indikator yang dibantu", "lifts", words=", ".join),
        Column("nilai", "Nilai bantuan", "value_text"),
        Column("syarat", "Syarat lain dan berkas", "requirements", width=36),
        Column("kuota", "Kuota", "quota", NUMBER),
        Column("sisa", "Sisa kuota", "quota_left", NUMBER),
        Column("dibuka", "Dibuka", "opens_on", DAY),
        Column("ditutup", "Ditutup", "closes_on", DAY),
        Column("alamat", "Alamat", "address", width=30),
        Column("telepon", "Telepon", "phone"),
        Column("diperiksa", "Diperiksa", "checked_on", DAY),
        Column("keadaan", "Keadaan keterangan", freshness, width=18),
    ),
    listing=ResourceListing,
    page="resources:resource_list",
)
