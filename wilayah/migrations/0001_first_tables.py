from django.db import migrations, models

from pkh_casework.tables import CreateTables, table


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateTables(
            table(
                "Wilayah",
                code=models.CharField("kode Kemendagri", primary_key=True, max_length=10, serialize=False),
                name=models.CharField("nama", max_length=80),
                level=models.PositiveSmallIntegerField(
                    "tingkat",
                    choices=[(1, "provinsi"), (2, "kabupaten/kota"), (3, "kecamatan"), (4, "kelurahan/desa")],
                ),
                parent=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="induk", null=True, related_name="parts"
                ),
                search_name=models.CharField(max_length=80),
                latitude=models.DecimalField("lintang", null=True, max_digits=9, decimal_places=6),
                longitude=models.DecimalField("bujur", null=True, max_digits=9, decimal_places=6),
                options={
                    "verbose_name": "wilayah",
                    "ordering": ["code"],
                    "indexes": [models.Index(fields=["search_name"], name="wilayah_search_name")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("code__regex", "^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{10})$")),
                            name="wilayah_level_fits_code",
                            violation_error_message="Kode wilayah terdiri dari 2, 4, 6 atau 10 angka.",
                        )
                    ],
                },
            ),
            table(
                "Boundary",
                wilayah=models.OneToOneField(
                    "wilayah.wilayah",
                    models.PROTECT,
                    verbose_name="wilayah",
                    primary_key=True,
                    serialize=False,
                    related_name="boundary",
                ),
                shape=models.JSONField("garis batas"),
                source=models.CharField("sumber", max_length=200),
                dated=models.DateField("keadaan tanggal"),
                options={"verbose_name": "batas indikatif"},
            ),
        ),
    ]
