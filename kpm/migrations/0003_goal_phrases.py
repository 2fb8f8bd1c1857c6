from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0002_independence"),
    ]

    operations = [
        migrations.CreateModel(
            name="GoalPhrase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=4, verbose_name="kode indikator")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("keinginan", "Yang ingin diubah"),
                            ("alasan", "Mengapa penting"),
                            ("keluarga", "Langkah keluarga"),
                            ("pendamping", "Langkah pendamping"),
                        ],
                        max_length=12,
                        verbose_name="bagian",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="kalimat")),
                ("position", models.PositiveSmallIntegerField(verbose_name="urutan")),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
            ],
            options={
                "verbose_name": "contoh kalimat tujuan",
                "ordering": ["code", "part", "position"],
            },
        ),
        migrations.AddConstraint(
            model_name="goalphrase",
            constraint=models.UniqueConstraint(fields=("code", "part", "text"), name="goal_phrase_once"),
        ),
        migrations.AddIndex(
            model_name="goal",
            index=models.Index(
                condition=models.Q(("state", "berjalan")),
                fields=["target_on", "id"],
                name="goal_open_by_target",
            ),
        ),
        migrations.AddIndex(
            model_name="goal",
            index=models.Index(
                condition=models.Q(("state", "berjalan"), _negated=True),
                fields=["-closed_on", "-id"],
                name="goal_closed_newest",
            ),
        ),
    ]
