"""The lists about work: activities, home visits, group sessions and who came, trainings and their places; resources."""

from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    OuterRef,
    Q,
    StringAgg,
    Subquery,
    Value,
    When,
)

from kpm.models import PaymentCheck, WatchCheck
from pkh_casework.sheets import DAY, MOMENT, NUMBER
from resources.models import Resource
from resources.nearby import ResourceListing
from roles.listings import (
    ActivityListing,
    AttendanceListing,
    CommitmentListing,
    IncidentListing,
    PlaceListing,
    SessionListing,
    TrainingListing,
)
from roles.models import (
    Activity,
    ActivityHousehold,
    Attendance,
    Commitment,
    GroupSession,
    Incident,
    Training,
    TrainingPlace,
)

from .columns import List, ListColumn
from .families import number_of, of_family

IN_PERSON = ExpressionWrapper(Q(met=True, is_call=False), BooleanField())


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
        ListColumn("tanggal", "Tanggal", "occurred_on", DAY),
        ListColumn("jenis", "Jenis kegiatan", "kind__name"),
        ListColumn("peran", "Peran", "sub_role__role__name", width=15),
        ListColumn("sub_peran", "Sub-peran", "sub_role__name"),
        ListColumn("pendamping", "Pendamping", "pendamping__name"),
        ListColumn("kelurahan", "Kelurahan", "wilayah__name", width=20),
        ListColumn("jumlah", "Jumlah KPM", number_of(ActivityHousehold.objects.all(), "activity"), NUMBER),
        ListColumn("kpm", "Nomor KPM", reached, width=30),
        ListColumn("isi", "Apa yang dilakukan", "notes", width=50),
        ListColumn("hasil", "Hasil", "outcome", width=40),
        ListColumn("langkah", "Janji", "next_step", width=30),
        ListColumn("langkah_tanggal", "Tanggal langkah", "next_step_on", DAY),
        ListColumn("tempat", "Tempat", "place", chosen=False),
        ListColumn("kelompok", "Kelompok", "group__name", chosen=False),
        ListColumn("diterima", "Diterima server", "received_at", MOMENT, chosen=False),
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
        ListColumn("tanggal", "Tanggal", "occurred_on", DAY),
        *of_family("household__"),
        ListColumn("jenis", "Jenis kegiatan", "activity__kind__name"),
        ListColumn("bertemu", "Bertemu", IN_PERSON, width=10),
        ListColumn("oleh", "Dilakukan oleh", "pendamping__name"),
        ListColumn("tempat_hari_itu", "Kelurahan hari itu", "wilayah__name", width=20),
        ListColumn("langkah", "Janji", "activity__next_step", width=30, of_family=True),
        ListColumn("janji", "Dijanjikan", "step_due_on", DAY, of_family=True),
        ListColumn("selesai", "Selesai", "step_done_on", DAY, of_family=True),
    ),
    day="occurred_on",
    household="household_id",
)


PAYMENTS = List(
    "bantuan",
    "Penyaluran bantuan",
    "Satu baris untuk tiap cek bantuan satu keluarga",
    "wallet",
    PaymentCheck,
    (
        ListColumn("dicek", "Dicek", "checked_on", DAY),
        *of_family("household__"),
        ListColumn("tahun", "Tahun", "year", NUMBER),
        ListColumn("tahap", "Tahap", "stage__name"),
        ListColumn("keadaan", "Keadaan", "state", width=14, choices=PaymentCheck.State, of_family=True),
        ListColumn("masalah", "Masalah", "trouble__name", width=30, of_family=True),
        ListColumn("dilihat_lagi", "Dilihat lagi", "look_again_on", DAY, of_family=True),
        ListColumn("cair_pada", "Cair tanggal", "paid_on", DAY, of_family=True),
        ListColumn("diterima", "Diterima (rupiah)", "amount", NUMBER, of_family=True),
        ListColumn("oleh", "Dicek oleh", "pendamping__name"),
    ),
    day="checked_on",
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
        ListColumn("rencana", "Rencana", "planned_on", DAY),
        ListColumn("dilaksanakan", "Dilaksanakan", "held_on", DAY),
        ListColumn("kelompok", "Kelompok", "group__name"),
        ListColumn("kelurahan", "Kelurahan", "wilayah__name", width=20),
        ListColumn("pendamping", "Pendamping", "group__pendamping__name"),
        ListColumn("modul", "Modul", "session__module__name"),
        ListColumn("sesi", "Sesi", "session__name", width=36),
        ListColumn("terdaftar", "Dalam daftar", number_of(Attendance.objects.all(), "group_session"), NUMBER),
        ListColumn("hadir", "Hadir", number_of(COMERS, "group_session"), NUMBER),
        ListColumn("pengisi", "Pengisi", "facilitator", chosen=False),
        ListColumn("tempat", "Tempat", "place", chosen=False),
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
        ListColumn("tanggal", "Tanggal", "held_on", DAY),
        *of_family("household__"),
        ListColumn("kelompok", "Kelompok", "group_session__group__name", of_family=True),
        ListColumn("sesi", "Sesi", "group_session__session__name", width=36),
        ListColumn("kehadiran", "Kehadiran", "state", width=14, choices=Attendance.State),
        ListColumn("hadir_siapa", "Yang datang", "who__name", of_family=True, chosen=False),
        ListColumn("keterangan", "Keterangan", "note", of_family=True, chosen=False),
    ),
    listing=AttendanceListing,
    day="held_on",
    household="household_id",
)


COMMITMENTS = List(
    "komitmen",
    "Komitmen",
    "Satu baris untuk tiap anggota, komitmen, dan bulan yang dicek",
    "clipboard-check",
    Commitment,
    (
        ListColumn("bulan", "Bulan", "month", DAY),
        *of_family("household__"),
        ListColumn("anggota", "Anggota", "member__name", of_family=True),
        ListColumn("komitmen", "Komitmen", "kind__name", width=30, of_family=True),
        ListColumn("tempat", "Sekolah atau faskes", "place", width=30, of_family=True),
        ListColumn("hari_efektif", "Hari efektif", "effective_days", NUMBER, of_family=True),
        ListColumn("alpa", "Alpa", "absent", NUMBER, of_family=True),
        ListColumn("izin", "Izin", "leave", NUMBER, of_family=True),
        ListColumn("sakit", "Sakit", "ill", NUMBER, of_family=True),
        ListColumn("persen", "Persen hadir", "percent", NUMBER, of_family=True),
        ListColumn("keadaan", "Keadaan", "state", width=16, choices=Commitment.State, of_family=True),
        ListColumn("dicatat", "Dicatat", "recorded_on", DAY, of_family=True, chosen=False),
    ),
    listing=CommitmentListing,
    day="month",
    household="household_id",
)


INCIDENTS = List(
    "kasus",
    "Kasus",
    "Pengaduan dan keadaan bahaya: batas waktu, keadaan, keputusan; tanpa catatan rahasia",
    "triangle-alert",
    Incident,
    (
        ListColumn("dilaporkan", "Dilaporkan", "reported_on", DAY),
        *of_family("household__"),
        ListColumn("jenis", "Jenis kasus", "kind__name", width=30, of_family=True),
        ListColumn("keadaan", "Keadaan", "state", width=22, choices=Incident.State, of_family=True),
        ListColumn("batas", "Batas waktu", "due_on", DAY, of_family=True),
        ListColumn("diputus", "Diputus", "decided_on", DAY, of_family=True),
        ListColumn("pemutus", "Diputus oleh", "decided_by", width=26, of_family=True),
        ListColumn("disampaikan", "Disampaikan ke keluarga", "told_on", DAY, of_family=True),
        ListColumn("keberatan", "Keberatan", "appealed_on", DAY, of_family=True),
        ListColumn("berakhir", "Berakhir", "ended_on", DAY, of_family=True),
        ListColumn("dicatat", "Dicatat oleh", "pendamping__name"),
        ListColumn("keputusan", "Keputusan", "decision", width=36, of_family=True, chosen=False),
    ),
    listing=IncidentListing,
    page="roles:incident_list",
    day="reported_on",
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
        ListColumn("judul", "Judul", "title", width=36),
        ListColumn("wilayah", "Wilayah", "wilayah__name", width=20),
        ListColumn("indikator", "Indikator", "code", width=10),
        ListColumn("rencana", "Rencana", "planned_on", DAY),
        ListColumn("dilaksanakan", "Dilaksanakan", "held_on", DAY),
        ListColumn("mitra", "Mitra", "partner__name"),
        ListColumn("pelatih", "Pelatih", "trainer"),
        ListColumn("tempat", "Tempat", "place"),
        ListColumn("kursi", "Tempat duduk", "seats", NUMBER),
        ListColumn("diundang", "Diundang", places(), NUMBER),
        ListColumn("hadir", "Hadir", places(TrainingPlace.State.PRESENT), NUMBER),
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
        ListColumn("pelatihan", "Pelatihan", "training__title", width=36),
        ListColumn("tanggal", "Dilaksanakan", "training__held_on", DAY),
        ListColumn("keadaan", "Keadaan", "state", width=14, choices=TrainingPlace.State, of_family=True),
        ListColumn("tingkat", "Tingkat saat diundang", "level_before", NUMBER),
        ListColumn("hadir_siapa", "Yang datang", "who__name", of_family=True, chosen=False),
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
        ListColumn("bulan", "Bulan sesudah graduasi", "months", NUMBER),
        ListColumn("jatuh", "Jatuh tempo", "due_on", DAY),
        ListColumn("dicek", "Dicek", "done_on", DAY, of_family=True),
        ListColumn("hasil", "Hasil cek", "outcome", width=18, choices=WatchCheck.Outcome, of_family=True),
        ListColumn("pengusul", "Diusulkan oleh", "case__proposed_by__name"),
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
        ListColumn("nama", "Nama", "name", width=36),
        ListColumn("kategori", "Kategori", "category__name"),
        ListColumn("layanan", "Layanan", services),
        ListColumn("mitra", "Mitra", "partner__name"),
        ListColumn("wilayah", "Wilayah layanan", "wilayah__name", width=20),
        ListColumn("didapat", "Apa yang didapat", "description", width=44),
        ListColumn("indikator", "Indikator yang dibantu", "lifts", words=", ".join),
        ListColumn("nilai", "Nilai bantuan", "value_text"),
        ListColumn("syarat", "Syarat lain dan berkas", "requirements", width=36),
        ListColumn("kuota", "Kuota", "quota", NUMBER),
        ListColumn("sisa", "Sisa kuota", "quota_left", NUMBER),
        ListColumn("dibuka", "Dibuka", "opens_on", DAY),
        ListColumn("ditutup", "Ditutup", "closes_on", DAY),
        ListColumn("alamat", "Alamat", "address", width=30),
        ListColumn("telepon", "Telepon", "phone"),
        ListColumn("diperiksa", "Diperiksa", "checked_on", DAY),
        ListColumn("keadaan", "Keadaan keterangan", freshness, width=18),
    ),
    listing=ResourceListing,
    page="resources:resource_list",
)
