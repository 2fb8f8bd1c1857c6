"""The lists about families: the families themselves, assessments, goals, referrals, graduations."""

from django.db.models import Count, OuterRef, StringAgg, Subquery, Value
from django.db.models.functions import Coalesce

from kpm.listings import AssessmentListing, GoalListing, GraduationListing, HouseholdListing
from kpm.models import (
    Assessment,
    FamilyChange,
    Goal,
    GoalStep,
    GraduationCase,
    Household,
    Indicator,
    Instrument,
    MemberComponent,
    Pengurus,
    Score,
    WatchCheck,
)
from pkh_casework.sheets import DAY, DECIMAL, NUMBER
from resources.listings import ReferralListing
from resources.models import Referral

from .columns import List, ListColumn


def of_family(path, *, number="Nomor KPM"):
    """The columns that every list about families begins with; `path` leads from a row to its family."""
    return (
        ListColumn("kpm", number, f"{path}case_number", width=14),
        ListColumn("nama", "Nama pengurus", f"{path}name", width=26, of_family=True),
        ListColumn("kelurahan", "Kelurahan", f"{path}wilayah__name", width=20, of_family=True),
        ListColumn("rw", "RW", f"{path}rw", NUMBER, 7, of_family=True),
        ListColumn("rt", "RT", f"{path}rt", NUMBER, 7, of_family=True),
        ListColumn("dusun", "Dusun", f"{path}dusun", width=16, of_family=True),
        ListColumn("pendamping", "Pendamping sekarang", f"{path}pendamping__name", of_family=True),
    )


def term(field):
    """An expression of today's pengurus of a family: `field` of the term."""
    terms = Pengurus.objects.filter(household=OuterRef("pk"), to_on=None)
    return Subquery(terms.values(field)[:1])


def components(asker):
    """The components of a family today in one text."""
    held = MemberComponent.objects.on(asker.today).filter(household=OuterRef("pk")).order_by()
    joined = StringAgg("component__short_name", Value(", "), order_by="component__position")
    return Subquery(held.values("household").annotate(joined=joined).values("joined"))


def number_of(rows, path):
    """How many of `rows` (a queryset) point by `path` at the row, as an expression."""
    counted = rows.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


FAMILIES = List(
    "kpm",
    "KPM",
    "Keluarga dampingan dengan alamat, status, dan kunjungan terakhir",
    "users",
    Household,
    (
        *of_family(""),
        ListColumn("alamat", "Alamat", "address", width=30, of_family=True, chosen=False),
        ListColumn("kelompok", "Kelompok", "group__name", of_family=True),
        ListColumn("status", "Status", "status", width=16, choices=Household.Status, of_family=True),
        ListColumn("jalur", "Jalur", "path", width=18, choices=Household.Path, of_family=True, chosen=False),
        ListColumn("desil", "Desil", "desil", NUMBER, 8, of_family=True, chosen=False),
        ListColumn("komponen", "Komponen", components, of_family=True),
        ListColumn("sejak", "KPM sejak", "joined_on", DAY, of_family=True, chosen=False),
        ListColumn("kunjungan", "Kunjungan terakhir", "last_visited_on", DAY, of_family=True),
        ListColumn(
            "no_kk", "No KK", "no_kk", width=22, of_family=True, chosen=False,
            sealed="kpm.household:no_kk", owner="pk",
        ),
        ListColumn(
            "nik", "NIK pengurus", term("member__nik"), width=22, of_family=True, chosen=False,
            sealed="kpm.member:nik", owner=term("member_id"),
        ),
        ListColumn("catatan", "Catatan", "notes", width=40, of_family=True, chosen=False),
    ),
    listing=HouseholdListing,
    page="kpm:household_list",
    household="pk",
)  # fmt: skip


def levels(day):
    """A column for each indicator asked on `day`: the level given in the assessment of the row."""
    instruments = Instrument.objects.valid_on(day).values("pk")
    for code, name in Indicator.objects.filter(instrument__in=instruments).values_list("code", "name"):
        scores = Score.objects.filter(assessment=OuterRef("pk"), code=code)
        yield ListColumn(
            f"tingkat-{code}", f"{code} {name}", Subquery(scores.values("level")[:1]), NUMBER, 12
        )


ASSESSMENTS = List(
    "asesmen",
    "Asesmen",
    "Setiap asesmen dengan tingkat tiap indikator",
    "clipboard-check",
    Assessment,
    (
        ListColumn("tanggal", "Tanggal", "assessed_on", DAY),
        *of_family("household__"),
        ListColumn("bentuk", "Bentuk", "form", width=12, choices=Assessment.Form),
        ListColumn("jalur", "Jalur hari itu", "path", width=18, choices=Household.Path),
        ListColumn("rata", "Rata-rata tingkat", "mean", DECIMAL),
        ListColumn("terendah", "Tingkat terendah", "lowest", NUMBER),
        ListColumn("siap", "Memenuhi aturan kesiapan", "is_ready", width=14),
        ListColumn("penilai", "Dinilai oleh", "pendamping__name"),
        ListColumn("catatan", "Catatan pembicaraan", "notes", width=40, chosen=False, of_family=True),
    ),
    listing=AssessmentListing,
    day="assessed_on",
    household="household_id",
    more=levels,
)


LEVELS = List(
    "tingkat",
    "Tingkat tiap indikator",
    "Jawaban satu keluarga untuk satu indikator",
    "sprout",
    Score,
    (
        *of_family("household__"),
        ListColumn("kode", "Kode", "code", width=8),
        ListColumn("indikator", "Indikator", "indicator__name", width=30),
        ListColumn("tingkat", "Penilaian pendamping", "level", NUMBER),
        ListColumn("keluarga", "Pilihan keluarga", "family_level", NUMBER),
        ListColumn("tanggal", "Tanggal asesmen", "assessed_on", DAY),
    ),
    day="assessed_on",
    household="household_id",
)
STEPS = GoalStep.objects.all()
GOALS = List(
    "tujuan",
    "Tujuan keluarga",
    "Apa yang ingin diubah keluarga, targetnya, dan langkahnya",
    "target",
    Goal,
    (
        *of_family("household__"),
        ListColumn("tujuan", "Yang ingin diubah", "wish", width=36, of_family=True),
        ListColumn("indikator", "Indikator", "indicator__name", width=26),
        ListColumn("awal", "Tingkat awal", "from_level", NUMBER),
        ListColumn("mulai", "Mulai", "started_on", DAY),
        ListColumn("target", "Target", "target_on", DAY, of_family=True),
        ListColumn("keadaan", "Keadaan", "state", width=14, choices=Goal.State, of_family=True),
        ListColumn("langkah", "Langkah", number_of(STEPS, "goal"), NUMBER, 10, of_family=True),
        ListColumn(
            "selesai",
            "Langkah selesai",
            number_of(STEPS.exclude(done_on=None), "goal"),
            NUMBER,
            10,
            of_family=True,
        ),
        ListColumn("ditutup", "Ditutup", "closed_on", DAY, of_family=True),
        ListColumn("alasan", "Alasan ditutup", "closed_reason", of_family=True, chosen=False),
        ListColumn("mengapa", "Mengapa penting", "why", width=40, of_family=True, chosen=False),
    ),
    listing=GoalListing,
    page="kpm:goal_list",
    day="started_on",
    household="household_id",
)


REFERRALS = List(
    "rujukan",
    "Rujukan",
    "Keluarga yang dirujuk, ke mana, dan hasilnya",
    "send",
    Referral,
    (
        *of_family("household__"),
        ListColumn("ke", "Dirujuk ke", "resource__name", width=30),
        ListColumn("mitra", "Mitra", "partner__name", width=26),
        ListColumn("indikator", "Indikator", "code", width=10),
        ListColumn("keadaan", "Keadaan", "state", width=14, choices=Referral.State, of_family=True),
        ListColumn("rencana", "Direncanakan", "planned_on", DAY),
        ListColumn("diajukan", "Diajukan", "sent_on", DAY, of_family=True),
        ListColumn("dijawab", "Dijawab", "answered_on", DAY, of_family=True),
        ListColumn("berakhir", "Berakhir", "ended_on", DAY, of_family=True),
        ListColumn("lanjut", "Tindak lanjut paling lambat", "due_on", DAY, of_family=True),
        ListColumn("perujuk", "Dirujuk oleh", "pendamping__name"),
        ListColumn("kebutuhan", "Kebutuhan", "need", width=36, of_family=True, chosen=False),
        ListColumn("hasil", "Hasil bagi keluarga", "outcome", width=36, of_family=True, chosen=False),
    ),
    listing=ReferralListing,
    page="resources:referral_list",
    day="planned_on",
    household="household_id",
)


CHECKED, TO_CHECK = WatchCheck.objects.exclude(done_on=None), WatchCheck.objects.filter(done_on=None)
NEXT_CHECK = TO_CHECK.filter(case=OuterRef("pk")).order_by("due_on").values("due_on")
GRADUATIONS = List(
    "graduasi",
    "Graduasi",
    "Usulan graduasi, keputusannya, dan cek sesudahnya",
    "graduation-cap",
    GraduationCase,
    (
        *of_family("household__"),
        ListColumn("jenis", "Jenis graduasi", "kind__name"),
        ListColumn("keadaan", "Keadaan", "state", width=18, choices=GraduationCase.State, of_family=True),
        ListColumn("pengusul", "Diusulkan oleh", "proposed_by__name"),
        ListColumn("diusulkan", "Diusulkan", "proposed_on", DAY),
        ListColumn("diputuskan", "Diputuskan", "decided_on", DAY, of_family=True),
        ListColumn("graduasi", "Graduasi", "graduated_on", DAY, of_family=True),
        ListColumn("cek", "Cek sesudahnya", number_of(CHECKED, "case"), NUMBER, 10, of_family=True),
        ListColumn("berikut", "Cek berikutnya", Subquery(NEXT_CHECK[:1]), DAY, of_family=True),
        ListColumn(
            "alasan", "Alasan dan keadaan keluarga", "statement", width=40, of_family=True, chosen=False
        ),
    ),
    listing=GraduationListing,
    page="kpm:graduation_list",
    household="household_id",
)
CHANGES = List(
    "perubahan",
    "KPM dinonaktifkan",
    "Satu baris untuk tiap keluarga yang dinonaktifkan, dengan alasannya",
    "x",
    FamilyChange,
    (
        *of_family("household__"),
        ListColumn("tanggal", "Dinonaktifkan", "changed_on", DAY),
        ListColumn("alasan", "Alasan", "reason__name", width=30, of_family=True),
        ListColumn("keterangan", "Keterangan", "words", width=30, of_family=True, chosen=False),
        ListColumn("pemegang", "Pendamping waktu itu", "pendamping__name"),
    ),
    day="changed_on",
    household="household_id",
)
