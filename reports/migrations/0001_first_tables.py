from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.ids import uuid7
from pkh_casework.tables import (
    CreateTables,
    Trigger,
    insert_only,
    numbered,
    table,
    with_history,
    with_old_versions,
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("entries", "0001_first_tables"),
        ("kpm", "0001_first_tables"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("roles", "0001_first_tables"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "Export",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                user=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports"),
                duty=models.CharField(max_length=20),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                what=models.CharField(max_length=60),
                query=models.CharField(max_length=1000, blank=True),
                columns=ArrayField(default=list, base_field=models.CharField(max_length=40)),
                format=models.CharField(
                    "bentuk berkas",
                    max_length=4,
                    choices=[
                        ("xlsx", "Excel (XLSX)"),
                        ("csv", "CSV"),
                        ("zip", "CSV, satu berkas per tabel (ZIP)"),
                        ("pdf", "PDF"),
                    ],
                ),
                purpose=models.CharField("keperluan", max_length=200),
                numbers_reason=models.CharField("alasan membuka nomor", max_length=200, blank=True),
                month=models.DateField("bulan", null=True),
                state=models.CharField(
                    "keadaan",
                    max_length=12,
                    default="menunggu",
                    choices=[
                        ("menunggu", "Menunggu giliran"),
                        ("dibuat", "Sedang dibuat"),
                        ("siap", "Siap diunduh"),
                        ("diunduh", "Sudah diunduh"),
                        ("dibatalkan", "Dibatalkan"),
                        ("gagal", "Gagal"),
                        ("kedaluwarsa", "Kedaluwarsa"),
                    ],
                ),
                rows_total=models.PositiveIntegerField(null=True),
                rows_done=models.PositiveIntegerField(default=0),
                restarts=models.PositiveSmallIntegerField(default=0),
                asked_at=models.DateTimeField("diminta", default=timezone.now),
                finished_at=models.DateTimeField("selesai", null=True),
                expires_at=models.DateTimeField("tersedia sampai", null=True),
                taken_at=models.DateTimeField("diunduh", null=True),
                file=models.FileField(blank=True, upload_to="ekspor/%Y/%m"),
                options={
                    "verbose_name": "berkas",
                    "ordering": ["-asked_at", "-pk"],
                    "indexes": [
                        models.Index(fields=["user", "-asked_at"], name="export_by_user"),
                        models.Index(
                            condition=models.Q(("state__in", ["menunggu", "dibuat", "siap"])),
                            fields=["state", "expires_at"],
                            name="export_alive",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("month__isnull", False)),
                            fields=("user", "wilayah", "month"),
                            name="recap_made_once_a_month",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "siap"), models.Q(("file", ""), _negated=True)),
                                models.Q(models.Q(("state", "siap"), _negated=True), ("file", "")),
                                _connector="OR",
                            ),
                            name="export_has_a_file_only_while_ready",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("purpose", ""), _negated=True), name="export_says_what_for"
                        ),
                    ],
                },
            ),
            with_history(
                "RecapPlan",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                user=models.OneToOneField(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="recap_plan"
                ),
                day=models.PositiveSmallIntegerField("tanggal", blank=True, null=True),
                format=models.CharField(
                    "bentuk berkas",
                    max_length=4,
                    default="xlsx",
                    choices=[
                        ("xlsx", "Excel (XLSX)"),
                        ("csv", "CSV"),
                        ("zip", "CSV, satu berkas per tabel (ZIP)"),
                        ("pdf", "PDF"),
                    ],
                ),
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("day", None), ("day__range", (1, 28)), _connector="OR"),
                            name="recap_plan_on_a_day_of_every_month",
                            violation_error_message="Pilih tanggal 1 sampai 28.",
                        )
                    ]
                },
            ),
            with_old_versions(
                "MonthlyReport",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="monthly_reports"
                ),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                month=models.DateField("bulan"),
                state=models.CharField(
                    "keadaan",
                    max_length=15,
                    default="draf",
                    choices=[
                        ("draf", "Draf"),
                        ("diajukan", "Diajukan"),
                        ("dikembalikan", "Dikembalikan"),
                        ("disetujui", "Disetujui"),
                        ("terkunci", "Terkunci"),
                    ],
                ),
                results=models.TextField("capaian dan perubahan", max_length=4000, blank=True),
                obstacles=models.TextField("kendala", max_length=4000, blank=True),
                plans=models.TextField("rencana bulan depan", max_length=4000, blank=True),
                submitted_on=models.DateField("diajukan", blank=True, null=True),
                decided_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, blank=True, null=True, related_name="+"
                ),
                decided_on=models.DateField("diputuskan", blank=True, null=True),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "laporan bulanan",
                    "indexes": [models.Index(fields=["wilayah", "state", "-month"], name="report_by_area")],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("pendamping", "wilayah", "month"),
                            name="report_once_a_month",
                            violation_error_message="Laporan bulan ini sudah ada.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("month__day", 1)), name="report_month_is_first_day"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("decided_by", None),
                                models.Q(("decided_by", models.F("pendamping")), _negated=True),
                                _connector="OR",
                            ),
                            name="report_four_eyes",
                            violation_error_message="Laporan sendiri tidak boleh disetujui sendiri.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state__in", ["disetujui", "terkunci"]), _negated=True),
                                models.Q(
                                    ("decided_by__isnull", False),
                                    ("decided_on__isnull", False),
                                    ("submitted_on__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="report_approved_is_decided",
                        ),
                    ],
                },
            ),
            table(
                "ReportMove",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                report=models.ForeignKey("reports.monthlyreport", models.PROTECT, related_name="moves"),
                to_state=models.CharField(
                    "menjadi",
                    max_length=15,
                    choices=[
                        ("draf", "Draf"),
                        ("diajukan", "Diajukan"),
                        ("dikembalikan", "Dikembalikan"),
                        ("disetujui", "Disetujui"),
                        ("terkunci", "Terkunci"),
                    ],
                ),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                at=models.DateTimeField(default=timezone.now),
                reason=models.CharField("alasan", max_length=500, blank=True),
                values=models.JSONField("angka saat itu", default=dict),
                options={
                    "ordering": ["at", "pk"],
                    "triggers": [
                        insert_only(),
                        Trigger(
                            "four_eyes",
                            "INSERT",
                            "IF NEW.to_state IN ('dikembalikan', 'disetujui', 'terkunci') AND EXISTS (SELECT FROM reports_monthlyreport WHERE id = NEW.report_id AND pendamping_id = NEW.by_id) THEN RAISE EXCEPTION 'nobody decides on an own report' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                        ),
                    ],
                },
            ),
            table(
                "MonthLock",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                period=models.ForeignKey("entries.period", models.PROTECT, related_name="locks"),
                version=models.PositiveSmallIntegerField("versi"),
                totals=models.JSONField("jumlah"),
                digest=models.CharField("sidik", max_length=64),
                locked_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                locked_at=models.DateTimeField(default=timezone.now),
                reason=models.CharField("keterangan", max_length=500, blank=True),
                options={
                    "ordering": ["period", "version"],
                    "constraints": [
                        models.UniqueConstraint(fields=("period", "version"), name="lock_version_once")
                    ],
                    "triggers": [insert_only()],
                },
            ),
            table(
                "FrozenRow",
                id=numbered(),
                lock=models.ForeignKey("reports.monthlock", models.PROTECT, related_name="rows"),
                source=models.CharField("macam", max_length=20),
                key=models.CharField("kunci", max_length=40),
                day=models.DateField("tanggal"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                household=models.ForeignKey("kpm.household", models.PROTECT, null=True, related_name="+"),
                figures=ArrayField(base_field=models.CharField(max_length=40)),
                data=models.JSONField(default=dict),
                options={
                    "ordering": ["source", "key"],
                    "constraints": [
                        models.UniqueConstraint(fields=("lock", "source", "key"), name="frozen_row_once")
                    ],
                    "triggers": [insert_only()],
                },
            ),
            table(
                "FrozenReport",
                id=numbered(),
                lock=models.ForeignKey("reports.monthlock", models.PROTECT, related_name="reports"),
                report=models.ForeignKey("reports.monthlyreport", models.PROTECT, related_name="frozen"),
                state=models.CharField(
                    "keadaan",
                    max_length=15,
                    choices=[
                        ("draf", "Draf"),
                        ("diajukan", "Diajukan"),
                        ("dikembalikan", "Dikembalikan"),
                        ("disetujui", "Disetujui"),
                        ("terkunci", "Terkunci"),
                    ],
                ),
                results=models.TextField("capaian dan perubahan", blank=True),
                obstacles=models.TextField("kendala", blank=True),
                plans=models.TextField("rencana bulan depan", blank=True),
                options={
                    "ordering": ["report"],
                    "constraints": [
                        models.UniqueConstraint(fields=("lock", "report"), name="frozen_report_once")
                    ],
                    "triggers": [insert_only()],
                },
            ),
            table(
                "MonthReopening",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                lock=models.OneToOneField("reports.monthlock", models.PROTECT, related_name="reopening"),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                at=models.DateTimeField(default=timezone.now),
                reason=models.CharField("alasan", max_length=500),
                options={"triggers": [insert_only()]},
            ),
            table(
                "LateEntry",
                id=numbered(),
                held=models.OneToOneField("entries.heldentry", models.PROTECT, related_name="late_entry"),
                period=models.ForeignKey("entries.period", models.PROTECT, related_name="late_entries"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                activity=models.OneToOneField("roles.activity", models.PROTECT, related_name="late_entry"),
                told_in=models.DateField("dilaporkan pada bulan"),
                reason=models.CharField("alasan", max_length=500),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                at=models.DateTimeField(default=timezone.now),
                options={
                    "ordering": ["at", "pk"],
                    "indexes": [
                        models.Index(fields=["pendamping", "told_in"], name="late_entry_of_pendamping")
                    ],
                    "triggers": [insert_only()],
                },
            ),
            table(
                "RHK",
                key=models.CharField("kunci", primary_key=True, max_length=12, serialize=False),
                number=models.PositiveSmallIntegerField("nomor"),
                name=models.CharField("hasil kerja", max_length=200),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "verbose_name": "RHK",
                    "ordering": ["valid_from", "number"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("number", "valid_from"), name="rhk_number_once_a_list"
                        )
                    ],
                },
            ),
            table(
                "PlanAction",
                key=models.CharField("kunci", primary_key=True, max_length=16, serialize=False),
                rhk=models.ForeignKey("reports.rhk", models.PROTECT, related_name="actions"),
                name=models.CharField("rencana aksi", max_length=200),
                supervising=models.BooleanField("untuk pembina"),
                position=models.PositiveSmallIntegerField("urutan"),
                options={"verbose_name": "rencana aksi", "ordering": ["rhk", "position"]},
            ),
            table(
                "RHKRule",
                id=numbered(),
                kind=models.ForeignKey("roles.activitykind", models.PROTECT, related_name="+"),
                sub_role=models.ForeignKey(
                    "roles.subrole", models.PROTECT, blank=True, null=True, related_name="+"
                ),
                action=models.ForeignKey("reports.planaction", models.PROTECT, related_name="rules"),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("kind", "sub_role", "valid_from"),
                            name="rhk_rule_once_a_day",
                            nulls_distinct=False,
                        )
                    ]
                },
            ),
            table(
                "MonthCount",
                id=numbered(),
                month=models.DateField("bulan"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
                ),
                counting=models.CharField("hitungan", max_length=32),
                values=models.JSONField(),
                options={
                    "indexes": [models.Index(fields=["month", "counting"], name="month_count_by_counting")],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("wilayah", "month", "pendamping"),
                            name="month_count_once",
                            nulls_distinct=False,
                        )
                    ],
                },
            ),
        ),
    ]
