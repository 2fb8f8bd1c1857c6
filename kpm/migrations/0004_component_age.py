"""Between which ages a component is plausible."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0003_search_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="ComponentAge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "least_age",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="umur paling sedikit"
                    ),
                ),
                (
                    "most_age",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="umur paling banyak"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
                ("source", models.CharField(max_length=200, verbose_name="sumber")),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ages", to="kpm.component"
                    ),
                ),
            ],
            options={
                "ordering": ["component", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("component", "valid_from"), name="age_once_a_day")
                ],
            },
        ),
    ]
