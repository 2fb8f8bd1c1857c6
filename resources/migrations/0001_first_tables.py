from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kpm", "0001_first_tables"),
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
                icon=models.CharField("gambar", max_length=30),
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
            with_history(
                "Referral",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="referrals"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="referrals"
                ),
                resource=models.ForeignKey(
                    "resources.resource", models.PROTECT, verbose_name="sumber daya", related_name="referrals"
                ),
                partner=models.ForeignKey(
                    "resources.partner",
                    models.PROTECT,
                    verbose_name="mitra",
                    null=True,
                    related_name="referrals",
                ),
                goal=models.ForeignKey(
                    "kpm.goal",
                    models.PROTECT,
                    verbose_name="tujuan",
                    blank=True,
                    null=True,
                    related_name="referrals",
                ),
                code=models.CharField("indikator", max_length=4, blank=True),
                need=models.TextField("kebutuhan", max_length=500),
                consent=models.ForeignKey(
                    "kpm.consent", models.PROTECT, blank=True, null=True, related_name="+"
                ),
                state=models.CharField(
                    "keadaan",
                    max_length=15,
                    default="direncanakan",
                    choices=[
                        ("direncanakan", "Direncanakan"),
                        ("diajukan", "Diajukan"),
                        ("diterima", "Diterima"),
                        ("ditolak", "Ditolak"),
                        ("berjalan", "Berjalan"),
                        ("selesai", "Selesai"),
                        ("gagal", "Gagal"),
                        ("dibatalkan", "Dibatalkan"),
                    ],
                ),
                planned_on=models.DateField("direncanakan"),
                sent_on=models.DateField("diajukan", blank=True, null=True),
                answered_on=models.DateField("dijawab", blank=True, null=True),
                ended_on=models.DateField("berakhir", blank=True, null=True),
                due_on=models.DateField("tindak lanjut paling lambat", blank=True, null=True),
                outcome=models.TextField("hasil bagi keluarga", max_length=500, blank=True),
                options={
                    "verbose_name": "rujukan",
                    "indexes": [
                        models.Index(fields=["wilayah", "state", "planned_on"], name="referral_by_area"),
                        models.Index(fields=["partner", "state"], name="referral_to_partner"),
                        models.Index(
                            condition=models.Q(
                                ("state__in", ["direncanakan", "diajukan", "diterima", "berjalan"])
                            ),
                            fields=["household", "due_on"],
                            name="referral_due",
                        ),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("state__in", ["direncanakan", "dibatalkan"]),
                                ("consent__isnull", False),
                                _connector="OR",
                            ),
                            name="referral_leaves_with_consent",
                            violation_error_message="Minta persetujuan keluarga sebelum mengajukan.",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(
                                ("state__in", ["direncanakan", "diajukan", "diterima", "berjalan"])
                            ),
                            fields=("household", "resource"),
                            name="referral_one_open_per_resource",
                            violation_error_message="Keluarga ini sudah punya rujukan yang berjalan ke sana.",
                        ),
                    ],
                },
            ),
            table(
                "ReferralMove",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                referral=models.ForeignKey("resources.referral", models.PROTECT, related_name="moves"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="+"),
                to_state=models.CharField(
                    "menjadi",
                    max_length=15,
                    choices=[
                        ("direncanakan", "Direncanakan"),
                        ("diajukan", "Diajukan"),
                        ("diterima", "Diterima"),
                        ("ditolak", "Ditolak"),
                        ("berjalan", "Berjalan"),
                        ("selesai", "Selesai"),
                        ("gagal", "Gagal"),
                        ("dibatalkan", "Dibatalkan"),
                    ],
                ),
                happened_on=models.DateField("tanggal"),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"),
                answered_by=models.CharField("dijawab oleh", max_length=120, blank=True),
                reason=models.CharField("alasan atau catatan", max_length=500, blank=True),
                counts=models.BooleanField("berlaku", default=True),
                at=models.DateTimeField(default=timezone.now),
                options={"ordering": ["at", "pk"], "triggers": [insert_only()]},
            ),
            table(
                "PartnerLink",
                id=numbered(),
                referral=models.ForeignKey("resources.referral", models.PROTECT, related_name="links"),
                secret_hash=models.CharField(max_length=64, unique=True),
                made_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                made_at=models.DateTimeField(default=timezone.now),
                expires_at=models.DateTimeField(),
                revoked_at=models.DateTimeField(null=True),
                opened_at=models.DateTimeField(null=True),
                answered_at=models.DateTimeField(null=True),
                options={"ordering": ["-made_at"]},
            ),
            table(
                "LinkKnock",
                id=numbered(),
                key=models.CharField(max_length=64),
                hour=models.DateTimeField(),
                count=models.PositiveIntegerField(),
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("hour", "key"), name="link_knock_once_an_hour")
                    ]
                },
            ),
        ),
    ]
