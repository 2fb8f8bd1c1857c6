"""What happens to a family as a family: status with a reason, pengurus, address, and people who move between families."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_history

RELATIONS = [
    ("kepala", "Kepala keluarga"),
    ("pasangan", "Istri/suami"),
    ("anak", "Anak"),
    ("orang_tua", "Orang tua/mertua"),
    ("cucu", "Cucu"),
    ("lainnya", "Lainnya"),
]


def account(**said):
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **said)


def row(model, **said):
    return models.ForeignKey(model, models.PROTECT, **({"related_name": "+"} | said))


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0005_payments"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "CaseReason",
                code=models.CharField("kode", max_length=30, primary_key=True, serialize=False),
                use=models.CharField(
                    "untuk",
                    max_length=12,
                    choices=[
                        ("nonaktif", "Menonaktifkan keluarga"),
                        ("aktif_lagi", "Mengaktifkan lagi"),
                        ("pengurus", "Mengganti pengurus"),
                        ("pindah_kk", "Anggota pindah keluarga"),
                        ("pindah_rumah", "Keluarga pindah alamat"),
                    ],
                ),
                name=models.CharField("nama", max_length=80),
                needs_words=models.BooleanField("perlu keterangan", default=False),
                words_label=models.CharField("pertanyaan keterangan", max_length=80, blank=True),
                leaves=models.BooleanField("keluar dari KK", default=False),
                position=models.PositiveSmallIntegerField("urutan"),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "alasan perubahan", "ordering": ["use", "position"]},
            ),
            table(
                "CaseLimit",
                id=numbered(),
                code=models.CharField(
                    "kode",
                    max_length=30,
                    choices=[
                        ("titik_jauh_km", "Titik rumah terlalu jauh (km)"),
                        ("tambah_sesudah_serah_hari", "Boleh menambah sesudah serah terima (hari)"),
                    ],
                ),
                number=models.PositiveSmallIntegerField("angka"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
                options={
                    "verbose_name": "batas",
                    "ordering": ["code", "valid_from"],
                    "constraints": [
                        models.UniqueConstraint(fields=["code", "valid_from"], name="limit_once_a_day")
                    ],
                },
            ),
            table(
                "FamilyChange",
                id=models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False),
                op_id=models.UUIDField(editable=False, unique=True),
                household=row("kpm.household", related_name="changes"),
                wilayah=row("wilayah.wilayah"),
                pendamping=account(),
                kind=models.CharField(
                    "perubahan",
                    max_length=12,
                    choices=[
                        ("nonaktif", "Dinonaktifkan"),
                        ("aktif_lagi", "Diaktifkan lagi"),
                        ("pengurus", "Ganti pengurus"),
                        ("pindah_rumah", "Pindah alamat"),
                    ],
                ),
                reason=row("kpm.casereason", verbose_name="alasan"),
                words=models.CharField("keterangan", max_length=200, blank=True),
                changed_on=models.DateField("tanggal"),
                by=account(),
                member=row("kpm.member", null=True),
                successor=row("kpm.member", null=True),
                former=models.CharField("alamat lama", max_length=400, blank=True),
                to_wilayah=row("wilayah.wilayah", null=True),
                created_at=models.DateTimeField(default=django.utils.timezone.now, editable=False),
                options={
                    "verbose_name": "perubahan keluarga",
                    "ordering": ["-changed_on", "-id"],
                    "triggers": [insert_only()],
                    "indexes": [
                        models.Index(fields=["household", "-changed_on", "-id"], name="change_of_family"),
                        models.Index(fields=["kind", "changed_on"], name="change_by_day"),
                    ],
                },
            ),
            with_history(
                "MemberMove",
                id=models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False),
                member=row("kpm.member", related_name="moves"),
                household=row("kpm.household", related_name="moves_out"),
                target=row("kpm.household", related_name="moves_in", null=True),
                asked_case=models.CharField("ke keluarga", max_length=9),
                wilayah=row("wilayah.wilayah"),
                relation=models.CharField("hubungan keluarga", max_length=20, choices=RELATIONS),
                moved_on=models.DateField("tanggal"),
                reason=row("kpm.casereason", verbose_name="alasan"),
                words=models.CharField("keterangan", max_length=200, blank=True),
                founds=models.BooleanField("keluarga baru", default=False),
                state=models.CharField(
                    "keadaan",
                    max_length=10,
                    choices=[
                        ("menunggu", "Menunggu jawaban"),
                        ("pindah", "Sudah pindah"),
                        ("ditolak", "Ditolak"),
                        ("ditarik", "Dibatalkan"),
                    ],
                    default="menunggu",
                ),
                by=account(),
                decided_by=account(null=True),
                decided_on=models.DateField("diputus", null=True),
                answer=models.CharField("jawaban", max_length=200, blank=True),
                created_at=models.DateTimeField(default=django.utils.timezone.now, editable=False),
                options={
                    "verbose_name": "pindah keluarga",
                    "ordering": ["-id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(state="menunggu"),
                            fields=["member"],
                            name="move_one_waiting_per_member",
                            violation_error_message="Orang ini sudah diusulkan pindah dan menunggu jawaban.",
                        ),
                        models.CheckConstraint(
                            condition=~models.Q(state="pindah") | models.Q(target__isnull=False),
                            name="move_done_has_target",
                        ),
                        models.CheckConstraint(
                            condition=~models.Q(state="ditolak") | ~models.Q(answer=""),
                            name="move_refused_with_words",
                        ),
                    ],
                    "indexes": [
                        models.Index(fields=["household"], name="move_out_of_family"),
                        models.Index(fields=["target"], name="move_into_family"),
                    ],
                },
            ),
        ),
    ]
