import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, table, with_history

KINDS = [
    ("masuk", "Masuk"),
    ("keluar", "Keluar"),
    ("status", "Masih penerima"),
    ("pindah", "Pindah atau alamat"),
    ("pengurus", "Ganti pengurus"),
    ("no_kk", "No KK"),
    ("nik", "NIK"),
    ("diri", "Data diri"),
    ("anggota", "Anggota baru"),
    ("pergi", "Anggota tidak ada"),
    ("komponen", "Komponen"),
    ("desil", "Desil"),
    ("kelompok", "Kelompok"),
]
OF_A_DIFFERENCE = [
    ("terbuka", "Perlu diputus"),
    ("diterima", "Diterima"),
    ("ditolak", "Ditolak: data kami benar"),
    ("ditunda", "Ditunda"),
    ("sama", "Sudah sama"),
    ("hilang", "Hilang dari berkas"),
]
OF_A_BATCH = [
    ("dibaca", "Sedang dibaca"),
    ("dicocokkan", "Kolomnya perlu dicocokkan"),
    ("diperiksa", "Sedang diperiksa"),
    ("siap", "Siap ditinjau"),
    ("dimasukkan", "Sedang dimasukkan"),
    ("selesai", "Sudah masuk"),
    ("diurungkan", "Sedang diurungkan"),
    ("urung", "Sudah diurungkan"),
    ("dibanding", "Sudah dibandingkan"),
    ("batal", "Dibatalkan"),
    ("gagal", "Gagal"),
]


def key():
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


def to(model, related_name="+", **said):
    return models.ForeignKey(model, models.PROTECT, related_name=related_name, **said)


def once(condition, *names, name):
    return models.UniqueConstraint(fields=names, condition=condition, name=name)


class Migration(migrations.Migration):
    """The SIKS-NG desk: files of a tahap, what they disagree on, and what is to be typed there."""

    dependencies = [
        ("kpm", "0008_nisn"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("roster", "0003_duplicate"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "Batch",
            "state",
            models.CharField("keadaan", max_length=12, choices=OF_A_BATCH, default="dibaca"),
        ),
        CreateTables(
            table(
                "SiksFile",
                batch=models.OneToOneField(
                    "roster.batch", models.PROTECT, primary_key=True, related_name="siks", serialize=False
                ),
                wilayah=to("wilayah.wilayah"),
                year=models.PositiveSmallIntegerField("tahun"),
                stage=to("kpm.paystage", verbose_name="tahap"),
                covered=models.JSONField(default=list),
                seen=models.JSONField(default=dict),
                compared_at=models.DateTimeField("dibandingkan", null=True),
                options={
                    "verbose_name": "berkas SIKS-NG",
                    "indexes": [models.Index(fields=["wilayah", "-compared_at"], name="siks_by_area")],
                },
            ),
            with_history(
                "Difference",
                id=key(),
                batch=to("roster.batch", related_name="differences"),
                year=models.PositiveSmallIntegerField("tahun"),
                stage=to("kpm.paystage", verbose_name="tahap"),
                compared_at=models.DateTimeField(default=django.utils.timezone.now),
                wilayah=to("wilayah.wilayah"),
                household=to("kpm.household", related_name="differences", null=True),
                member=to("kpm.member", null=True),
                kind=models.CharField("jenis", max_length=10, choices=KINDS),
                subject=models.CharField(max_length=40, blank=True),
                name=models.CharField("nama", max_length=120, blank=True),
                staged=models.UUIDField(null=True),
                row=models.UUIDField(null=True),
                fields=models.JSONField("isian", default=list),
                ours=models.CharField(max_length=32),
                theirs=models.CharField(max_length=32),
                is_there=models.BooleanField(default=True),
                state=models.CharField("keadaan", max_length=10, choices=OF_A_DIFFERENCE, default="terbuka"),
                why=models.CharField("mengapa dibuka lagi", max_length=200, blank=True),
                fault=models.CharField("kendala", max_length=300, blank=True),
                decision=models.CharField("keputusan", max_length=10, choices=OF_A_DIFFERENCE, blank=True),
                decided_ours=models.CharField(max_length=32, blank=True),
                decided_theirs=models.CharField(max_length=32, blank=True),
                note=models.CharField("catatan", max_length=300, blank=True),
                decided_by=to(settings.AUTH_USER_MODEL, null=True),
                decided_at=models.DateTimeField("diputus", null=True),
                but=("batch", "staged", "row", "year", "stage", "compared_at"),
                options={
                    "verbose_name": "beda dengan SIKS-NG",
                    "constraints": [
                        once(
                            models.Q(household__isnull=False),
                            "household",
                            "kind",
                            "subject",
                            name="difference_once_a_family",
                        ),
                        once(
                            models.Q(household__isnull=True),
                            "kind",
                            "subject",
                            name="difference_once_a_number",
                        ),
                    ],
                    "indexes": [
                        models.Index(
                            fields=["wilayah", "kind", "state", "name", "id"], name="difference_by_kind"
                        ),
                        models.Index(
                            fields=["batch"], condition=models.Q(state="terbuka"), name="difference_open"
                        ),
                    ],
                },
            ),
            with_history(
                "ToType",
                id=key(),
                household=to("kpm.household", related_name="to_type", null=True),
                member=to("kpm.member", null=True),
                wilayah=to("wilayah.wilayah"),
                kind=models.CharField("jenis", max_length=10, choices=KINDS),
                subject=models.CharField(max_length=40, blank=True),
                name=models.CharField("nama", max_length=120, blank=True),
                note=models.CharField("catatan", max_length=300, blank=True),
                at=models.DateTimeField("sejak"),
                state=models.CharField(
                    "keadaan",
                    max_length=10,
                    choices=[
                        ("menunggu", "Perlu diketik"),
                        ("diketik", "Sudah diketik"),
                        ("sama", "Sudah sama di berkas"),
                        ("batal", "Tidak perlu lagi"),
                    ],
                    default="menunggu",
                ),
                why=models.CharField("mengapa dibuka lagi", max_length=200, blank=True),
                typed_on=models.DateField("diketik tanggal", null=True),
                typed_by=to(settings.AUTH_USER_MODEL, null=True),
                known=models.PositiveIntegerField(default=0),
                but=("at",),
                options={
                    "verbose_name": "catatan untuk SIKS-NG",
                    "constraints": [
                        once(
                            models.Q(household__isnull=False, state="menunggu"),
                            "household",
                            "kind",
                            "subject",
                            name="to_type_once_a_family",
                        ),
                        once(
                            models.Q(household__isnull=True, state="menunggu"),
                            "kind",
                            "subject",
                            name="to_type_once_a_number",
                        ),
                        models.CheckConstraint(
                            name="to_type_typed_on_a_day",
                            condition=models.Q(state="diketik", typed_on__isnull=False)
                            | ~models.Q(state="diketik"),
                        ),
                    ],
                    "indexes": [
                        models.Index(fields=["household", "kind", "subject"], name="to_type_of_family"),
                        models.Index(fields=["wilayah", "state", "kind"], name="to_type_by_area"),
                    ],
                },
            ),
        ),
    ]
