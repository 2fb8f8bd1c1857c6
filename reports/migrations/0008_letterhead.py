"""The letterheads of areas."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0007_kept_recaps"),
        ("wilayah", "0001_first_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letterhead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("government", models.CharField(max_length=100, verbose_name="pemerintah")),
                ("office", models.CharField(max_length=100, verbose_name="dinas")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="alamat dan telepon")),
                (
                    "signer",
                    models.CharField(blank=True, max_length=100, verbose_name="jabatan yang mengetahui"),
                ),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
                ("source", models.CharField(max_length=200, verbose_name="sumber")),
                (
                    "wilayah",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="wilayah.wilayah"
                    ),
                ),
            ],
            options={
                "verbose_name": "kop surat",
                "ordering": ["wilayah", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("wilayah", "valid_from"),
                        name="letterhead_once_a_day",
                        violation_error_message="Sudah ada kop yang berlaku sejak tanggal itu.",
                    )
                ],
            },
        ),
    ]
