"""Ready reasons to put a family off, master data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0007_visit_quality"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostponeReason",
            fields=[
                (
                    "code",
                    models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="kode"),
                ),
                ("words", models.CharField(max_length=60, verbose_name="alasan")),
                ("days", models.PositiveSmallIntegerField(verbose_name="ditunda berapa hari")),
                ("position", models.PositiveSmallIntegerField(verbose_name="urutan")),
                ("source", models.CharField(max_length=200, verbose_name="sumber")),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
            ],
            options={
                "verbose_name": "alasan menunda",
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 90))),
                        name="postpone_reason_1_to_90_days",
                        violation_error_message="Antara 1 dan 90 hari.",
                    )
                ],
            },
        ),
    ]
