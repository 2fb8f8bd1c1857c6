import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, table, with_history


def key():
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


def account(**said):
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **said)


def family(related_name="+"):
    return models.ForeignKey("kpm.household", models.PROTECT, related_name=related_name)


class Migration(migrations.Migration):
    """Families that may be one, and what a merge moved."""

    dependencies = [
        ("kpm", "0007_merged"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("roster", "0002_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            with_history(
                "Suspect",
                id=key(),
                first=family(),
                second=family(),
                score=models.SmallIntegerField("nilai"),
                reasons=models.JSONField("kesamaan", default=dict),
                is_certain=models.BooleanField("hampir pasti", default=False),
                data_mark=models.CharField(max_length=32),
                state=models.CharField(
                    "keadaan",
                    max_length=10,
                    choices=[
                        ("terbuka", "Perlu diperiksa"),
                        ("ditanya", "Ditanyakan ke pendamping"),
                        ("bukan", "Bukan keluarga yang sama"),
                        ("digabung", "Digabung"),
                    ],
                    default="terbuka",
                ),
                note=models.CharField("keterangan", max_length=300, blank=True),
                answer=models.CharField("jawaban pendamping", max_length=300, blank=True),
                decided_by=account(null=True),
                decided_at=models.DateTimeField(null=True),
                found_at=models.DateTimeField(default=django.utils.timezone.now),
                but=("found_at",),
                options={
                    "verbose_name": "dugaan ganda",
                    "constraints": [
                        models.UniqueConstraint(fields=["first", "second"], name="suspect_once_a_pair"),
                        models.CheckConstraint(
                            name="suspect_smaller_id_first",
                            condition=models.Q(first__lt=models.F("second")),
                        ),
                    ],
                    "indexes": [
                        models.Index(
                            fields=["-score", "-id"],
                            condition=models.Q(state__in=["terbuka", "ditanya"]),
                            name="suspect_open",
                        ),
                        models.Index(fields=["second"], name="suspect_second"),
                    ],
                },
            ),
            with_history(
                "Merge",
                id=key(),
                survivor=family("merges"),
                loser=family(),
                by=account(),
                at=models.DateTimeField(default=django.utils.timezone.now),
                note=models.CharField("keterangan", max_length=300, blank=True),
                undo_until=models.DateField("bisa diurungkan sampai"),
                undone_at=models.DateTimeField("diurungkan", null=True),
                undone_by=account(null=True),
                returned=models.JSONField("yang tidak kembali", default=list),
                options={
                    "verbose_name": "penggabungan keluarga",
                    "constraints": [
                        models.CheckConstraint(
                            name="merge_of_two", condition=~models.Q(survivor=models.F("loser"))
                        ),
                        models.UniqueConstraint(
                            fields=["loser"],
                            condition=models.Q(undone_at=None),
                            name="merge_standing_once",
                        ),
                    ],
                },
            ),
            table(
                "MergedRow",
                id=models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
                merge=models.ForeignKey("roster.merge", models.PROTECT, related_name="rows"),
                model=models.CharField(max_length=60),
                row=models.CharField(max_length=36),
                what=models.CharField(
                    max_length=8,
                    choices=[
                        ("pindah", "Dipindahkan"),
                        ("ubah", "Diubah"),
                        ("tinggal", "Tetap pada nomor lama"),
                    ],
                ),
                before=models.JSONField(default=dict),
                mark=models.CharField(max_length=32, blank=True),
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=["merge", "model", "row"], name="merged_row_once")
                    ]
                },
            ),
        ),
        migrations.AddField(
            "StagedFamily",
            "joined",
            models.ForeignKey("kpm.household", models.PROTECT, null=True, related_name="+"),
        ),
    ]
