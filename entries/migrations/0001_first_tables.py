from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_old_versions


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "Receipt",
                number=models.BigAutoField(primary_key=True, serialize=False),
                op_id=models.UUIDField(unique=True),
                author=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                kind=models.CharField(max_length=30),
                content_hash=models.CharField(max_length=64),
                received_at=models.DateTimeField(default=timezone.now),
                object_id=models.UUIDField(null=True),
                options={
                    "indexes": [models.Index(fields=["author", "-received_at"], name="receipt_by_author")]
                },
            ),
            with_old_versions(
                "HeldEntry",
                id=numbered(),
                op_id=models.UUIDField(db_index=True),
                author=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="held_entries"
                ),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                payload=models.JSONField(encoder=DjangoJSONEncoder),
                content_hash=models.CharField(max_length=64),
                reason=models.CharField(
                    "alasan",
                    max_length=30,
                    choices=[
                        ("isi_berbeda", "Nomor kirim sama, isi berbeda"),
                        ("bulan_terkunci", "Bulan laporan sudah dikunci"),
                        ("sudah_dialihkan", "KPM sudah dialihkan ke pendamping lain"),
                        ("lewat_waktu", "Waktu untuk mengubahnya sudah lewat"),
                        ("cadangan", "Dari cadangan HP"),
                    ],
                ),
                received_at=models.DateTimeField(default=timezone.now),
                resolved_at=models.DateTimeField(null=True),
                resolved_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
                ),
                note=models.TextField("catatan", blank=True),
                decision=models.CharField(
                    "keputusan",
                    max_length=12,
                    blank=True,
                    choices=[
                        ("diterima", "diterima"),
                        ("dikembalikan", "dikembalikan"),
                        ("dipindahkan", "dicatat untuk keluarga lain"),
                        ("ditutup", "ditutup"),
                    ],
                ),
                options={
                    "ordering": ["-received_at"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("op_id", "content_hash"), name="held_once_per_content"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("resolved_at", None), ("resolved_by", None)),
                                models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                                _connector="OR",
                            ),
                            name="held_resolved_with_who",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("decision", ""), ("resolved_at", None)),
                                models.Q(
                                    ("resolved_at__isnull", False), models.Q(("decision", ""), _negated=True)
                                ),
                                _connector="OR",
                            ),
                            name="held_resolved_with_decision",
                        ),
                    ],
                },
            ),
            table(
                "HeldFile",
                id=numbered(),
                held_entry=models.ForeignKey("entries.heldentry", models.PROTECT, related_name="files"),
                file=models.FileField(upload_to="titipan/%Y/%m"),
                sha256=models.CharField(max_length=64),
                width=models.PositiveSmallIntegerField(),
                height=models.PositiveSmallIntegerField(),
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("held_entry", "sha256"), name="held_file_once_per_entry"
                        )
                    ],
                },
            ),
            table(
                "Period",
                id=numbered(),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                month=models.DateField("bulan"),
                state=models.CharField(
                    "status",
                    max_length=20,
                    default="terbuka",
                    choices=[("terbuka", "terbuka"), ("terkunci", "terkunci")],
                ),
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("wilayah", "month"), name="period_once_per_area_and_month"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("month__day", 1)), name="period_month_is_first_day"
                        ),
                    ]
                },
            ),
            table(
                "LateWrite",
                id=numbered(),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                month=models.DateField("bulan"),
                options={"indexes": [models.Index(fields=["month", "wilayah"], name="late_write_by_month")]},
            ),
            table(
                "AccessLog",
                id=numbered(),
                at=models.DateTimeField(default=timezone.now),
                user=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                action=models.CharField(
                    max_length=10,
                    choices=[
                        ("look", "melihat keluarga"),
                        ("reveal", "membuka nomor identitas"),
                        ("reopen", "membuka kegiatan"),
                        ("export", "mengekspor"),
                        ("denied", "ditolak"),
                    ],
                ),
                route=models.CharField(max_length=60),
                path=models.CharField(max_length=200),
                subject=models.CharField(max_length=60, blank=True),
                fields=ArrayField(default=list, base_field=models.CharField(max_length=40)),
                reason=models.CharField("alasan", max_length=200, blank=True),
                options={
                    "indexes": [
                        models.Index(fields=["user", "-at"], name="access_by_user"),
                        models.Index(fields=["subject", "-at"], name="access_by_subject"),
                    ],
                    "triggers": [insert_only()],
                },
            ),
        ),
    ]
