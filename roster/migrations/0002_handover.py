import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, with_history


def account(**said):
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **said)


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0001_first_tables"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("roster", "0001_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            with_history(
                "Handover",
                id=models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False),
                op_id=models.UUIDField(editable=False, unique=True),
                holder=account(verbose_name="dari pendamping"),
                receiver=account(verbose_name="kepada pendamping"),
                by=account(),
                kind=models.CharField(
                    "alasan",
                    max_length=12,
                    choices=[
                        ("pindah", "Pindah tugas"),
                        ("cuti", "Cuti, ada pengganti sementara"),
                        ("berhenti", "Berhenti"),
                        ("pemerataan", "Pemerataan jumlah KPM"),
                        ("kembali", "Kembali dari cuti"),
                        ("lainnya", "Lainnya"),
                    ],
                ),
                reason=models.CharField("keterangan", max_length=200, blank=True),
                is_whole=models.BooleanField("semua yang dipegang", default=False),
                offered_on=models.DateField("ditawarkan"),
                back_on=models.DateField("kembali bertugas", blank=True, null=True),
                returns=models.ForeignKey(
                    "roster.handover",
                    models.PROTECT,
                    blank=True,
                    null=True,
                    related_name="given_back",
                    verbose_name="pengembalian",
                ),
                created_at=models.DateTimeField(default=django.utils.timezone.now, editable=False),
                options={
                    "verbose_name": "serah terima",
                    "ordering": ["-id"],
                    "constraints": [
                        models.CheckConstraint(
                            name="handover_to_another",
                            condition=~models.Q(holder=models.F("receiver")),
                        ),
                        models.CheckConstraint(
                            name="handover_leave_has_a_return",
                            condition=models.Q(kind="cuti", back_on__isnull=False)
                            | (~models.Q(kind="cuti") & models.Q(back_on=None)),
                            violation_error_message="Isi tanggal kembali dari cuti.",
                        ),
                    ],
                    "indexes": [
                        models.Index(
                            fields=["back_on"], condition=models.Q(kind="cuti"), name="handover_leaves"
                        )
                    ],
                },
            ),
            with_history(
                "HandoverFamily",
                id=models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False),
                handover=models.ForeignKey("roster.handover", models.PROTECT, related_name="families"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="handovers"),
                group=models.ForeignKey("kpm.group", models.PROTECT, null=True, related_name="+"),
                state=models.CharField(
                    "keadaan",
                    max_length=10,
                    choices=[
                        ("menunggu", "Menunggu"),
                        ("diterima", "Diterima"),
                        ("ditolak", "Ditolak"),
                        ("ditarik", "Ditarik"),
                    ],
                    default="menunggu",
                ),
                reason=models.CharField("alasan", max_length=200, blank=True),
                fault=models.CharField("kendala", max_length=200, blank=True),
                decided_on=models.DateField("diputus", blank=True, null=True),
                decided_by=account(null=True),
                read_at=models.DateTimeField("dibaca", blank=True, null=True),
                options={
                    "verbose_name": "KPM yang diserahkan",
                    "constraints": [
                        models.UniqueConstraint(
                            fields=["household"],
                            condition=models.Q(state="menunggu"),
                            name="handover_one_open_per_family",
                        ),
                        models.UniqueConstraint(
                            fields=["handover", "household"], name="handover_family_once"
                        ),
                        models.CheckConstraint(
                            name="handover_refused_with_a_reason",
                            condition=~models.Q(state="ditolak", reason=""),
                        ),
                    ],
                },
            ),
        )
    ]
