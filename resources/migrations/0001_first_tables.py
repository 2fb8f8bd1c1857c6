from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_history


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
                "Category",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=60),
                icon=models.CharField(max_length=30),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "kategori", "ordering": ["position"]},
            ),
            table(
                "Service",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=60),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "layanan", "ordering": ["position"]},
            ),
            with_history(
                "Partner",
                id=numbered(),
                name=models.CharField("nama", max_length=120),
                category=models.ForeignKey(
                    "resources.category", models.PROTECT, verbose_name="kategori", related_name="+"
                ),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="wilayah kerja", related_name="+"
                ),
                address=models.CharField("alamat", max_length=200, blank=True),
                phone=models.CharField("telepon", max_length=30, blank=True),
                email=models.EmailField("surel", max_length=254, blank=True),
                website=models.URLField("situs", blank=True),
                note=models.TextField("keterangan", max_length=1000, blank=True),
                added_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
                ),
                added_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "mitra",
                    "ordering": ["name", "pk"],
                    "indexes": [
                        GinIndex(fields=["name"], name="partner_name_trigram", opclasses=["gin_trgm_ops"])
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("wilayah", "name"),
                            name="partner_name_once_an_area",
                            violation_error_message="Mitra dengan nama ini sudah ada di wilayah itu.",
                        )
                    ],
                },
            ),
            with_history(
                "Contact",
                id=numbered(),
                partner=models.ForeignKey("resources.partner", models.PROTECT, related_name="contacts"),
                name=models.CharField("nama", max_length=120),
                duty=models.CharField("jabatan", max_length=80, blank=True),
                phone=models.CharField("telepon", max_length=30, blank=True),
                email=models.EmailField("surel", max_length=254, blank=True),
                note=models.CharField("keterangan", max_length=200, blank=True),
                is_active=models.BooleanField("masih bertugas", default=True),
                options={"verbose_name": "kontak", "ordering": ["-is_active", "name", "pk"]},
            ),
            with_history(
                "Agreement",
                id=numbered(),
                partner=models.ForeignKey("resources.partner", models.PROTECT, related_name="agreements"),
                number=models.CharField("nomor", max_length=80, blank=True),
                subject=models.CharField("tentang", max_length=200),
                signed_on=models.DateField("ditandatangani"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "verbose_name": "kesepakatan",
                    "ordering": ["-signed_on", "-pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("valid_to", None), ("valid_to__gt", models.F("signed_on")), _connector="OR"
                            ),
                            name="agreement_ends_after_signing",
                            violation_error_message="Akhir masa berlaku harus sesudah tanda tangan.",
                        )
                    ],
                },
            ),
            with_history(
                "Resource",
                id=numbered(),
                name=models.CharField("nama", max_length=120),
                partner=models.ForeignKey(
                    "resources.partner",
                    models.PROTECT,
                    verbose_name="mitra",
                    blank=True,
                    null=True,
                    related_name="resources",
                ),
                category=models.ForeignKey(
                    "resources.category", models.PROTECT, verbose_name="kategori", related_name="+"
                ),
                lifts=ArrayField(
                    verbose_name="indikator yang dibantu",
                    blank=True,
                    default=list,
                    base_field=models.CharField(max_length=4),
                ),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="wilayah layanan", related_name="+"
                ),
                description=models.TextField("apa yang didapat", max_length=1000),
                value_text=models.CharField("nilai bantuan", max_length=120, blank=True),
                value_most=models.PositiveIntegerField("nilai paling besar (Rp)", blank=True, null=True),
                cost_text=models.CharField("biaya bagi keluarga", max_length=120, blank=True),
                risk=models.CharField("risiko yang perlu diketahui", max_length=200, blank=True),
                age_from=models.PositiveSmallIntegerField("umur paling muda", blank=True, null=True),
                age_to=models.PositiveSmallIntegerField("umur paling tua", blank=True, null=True),
                desil_to=models.PositiveSmallIntegerField("desil paling tinggi", blank=True, null=True),
                residents_only=models.BooleanField("hanya warga wilayah layanan", default=True),
                business_months=models.PositiveSmallIntegerField(
                    "usaha berjalan (bulan)", blank=True, null=True
                ),
                women_only=models.BooleanField("hanya perempuan", default=False),
                requirements=models.CharField("syarat lain dan berkas", max_length=300, blank=True),
                quota=models.PositiveIntegerField("kuota", blank=True, null=True),
                quota_left=models.PositiveIntegerField("sisa kuota", blank=True, null=True),
                opens_on=models.DateField("dibuka", blank=True, null=True),
                closes_on=models.DateField("ditutup", blank=True, null=True),
                hours=models.CharField("jam layanan", max_length=80, blank=True),
                address=models.CharField("alamat", max_length=200, blank=True),
                phone=models.CharField("telepon", max_length=30, blank=True),
                website=models.URLField("situs", blank=True),
                latitude=models.DecimalField(
                    "lintang", blank=True, null=True, max_digits=9, decimal_places=6
                ),
                longitude=models.DecimalField("bujur", blank=True, null=True, max_digits=9, decimal_places=6),
                source=models.CharField("sumber keterangan", max_length=200, blank=True),
                true_in=models.PositiveSmallIntegerField("benar pada tahun", blank=True, null=True),
                checked_on=models.DateField("diperiksa", blank=True, null=True, editable=False),
                checked_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
                ),
                ended_on=models.DateField("tidak ada lagi sejak", blank=True, null=True, editable=False),
                added_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
                ),
                added_at=models.DateTimeField(default=timezone.now, editable=False),
                services=models.ManyToManyField(
                    "resources.service", verbose_name="layanan", related_name="+"
                ),
                options={
                    "verbose_name": "sumber daya",
                    "ordering": ["name", "pk"],
                    "indexes": [
                        GinIndex(fields=["lifts"], name="resource_lifts"),
                        GinIndex(fields=["name"], name="resource_name_trigram", opclasses=["gin_trgm_ops"]),
                        models.Index(fields=["wilayah", "category"], name="resource_by_area"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("age_from", None),
                                ("age_to", None),
                                ("age_to__gte", models.F("age_from")),
                                _connector="OR",
                            ),
                            name="resource_age_in_order",
                            violation_error_message="Umur paling tua harus tidak kurang dari umur paling muda.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("desil_to", None), ("desil_to__range", (1, 10)), _connector="OR"
                            ),
                            name="resource_desil_1_to_10",
                            violation_error_message="Desil antara 1 dan 10.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("opens_on", None),
                                ("closes_on", None),
                                ("closes_on__gte", models.F("opens_on")),
                                _connector="OR",
                            ),
                            name="resource_opens_before_it_closes",
                            violation_error_message="Hari tutup harus tidak sebelum hari buka.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("quota", None),
                                ("quota_left", None),
                                ("quota_left__lte", models.F("quota")),
                                _connector="OR",
                            ),
                            name="resource_quota_left_within_quota",
                            violation_error_message="Sisa kuota tidak boleh lebih dari kuota.",
                        ),
                    ],
                },
            ),
            table(
                "ResourceCheck",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                resource=models.ForeignKey("resources.resource", models.PROTECT, related_name="checks"),
                checked_on=models.DateField("diperiksa"),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                outcome=models.CharField(
                    "hasil",
                    max_length=15,
                    choices=[
                        ("masih_benar", "Masih benar"),
                        ("berubah", "Ada yang berubah"),
                        ("tidak_ada", "Sudah tidak ada"),
                    ],
                ),
                note=models.CharField("catatan", max_length=300, blank=True),
                options={"ordering": ["-checked_on", "-pk"], "triggers": [insert_only()]},
            ),
        ),
    ]
