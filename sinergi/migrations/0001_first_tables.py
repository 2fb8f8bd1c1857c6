from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kpm", "0001_first_tables"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("resources", "0001_first_tables"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "ProgrammeRule",
                id=numbered(),
                valid_from=models.DateField("berlaku sejak", unique=True),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                months=models.PositiveSmallIntegerField("lama (bulan)"),
                target=models.PositiveSmallIntegerField("sasaran keluarga"),
                least_families=models.PositiveSmallIntegerField("keluarga paling sedikit"),
                most_families=models.PositiveSmallIntegerField("keluarga paling banyak"),
                stuck_days=models.PositiveSmallIntegerField("hari tanpa langkah"),
                baseline_days=models.PositiveSmallIntegerField("umur asesmen awal (hari)"),
                near_mean=models.DecimalField("selisih rata-rata", max_digits=3, decimal_places=2),
                small_number=models.PositiveSmallIntegerField("batas angka kecil"),
                fit_paths=models.CharField("jalur yang cocok", max_length=60),
                fit_codes=models.CharField("indikator yang cocok", max_length=60),
            ),
            table(
                "Condition",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=80),
                explanation=models.CharField("penjelasan", max_length=300),
                checks=models.CharField("bukti", max_length=60),
                codes=models.CharField("indikator", max_length=40, blank=True),
                since=models.CharField(
                    "sejak",
                    max_length=10,
                    choices=[("awal", "sejak ikut program"), ("tahap", "sejak masuk tahap")],
                ),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "syarat"},
            ),
            table(
                "Template",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=60),
                description=models.CharField("keterangan", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "pola", "ordering": ["name"]},
            ),
            table(
                "TemplateStage",
                key=models.CharField("kunci", primary_key=True, max_length=24, serialize=False),
                template=models.ForeignKey("sinergi.template", models.PROTECT, related_name="stages"),
                position=models.PositiveSmallIntegerField("urutan"),
                name=models.CharField("nama", max_length=60),
                purpose=models.CharField("maksud", max_length=200),
                entry=models.CharField("syarat masuk", max_length=80, blank=True),
                exit=models.CharField("syarat keluar", max_length=80, blank=True),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "verbose_name": "tahap pola",
                    "ordering": ["template", "position"],
                    "constraints": [
                        models.UniqueConstraint(fields=("template", "position"), name="template_stage_place")
                    ],
                },
            ),
            with_history(
                "Programme",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                name=models.CharField("nama program", max_length=120),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="wilayah", related_name="+"
                ),
                starts_on=models.DateField("mulai"),
                ends_on=models.DateField("selesai"),
                target=models.PositiveSmallIntegerField("sasaran keluarga"),
                note=models.TextField("keterangan", max_length=1000, blank=True),
                template=models.ForeignKey(
                    "sinergi.template",
                    models.PROTECT,
                    verbose_name="pola",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                copied_from=models.ForeignKey(
                    "sinergi.programme", models.PROTECT, blank=True, null=True, related_name="copies"
                ),
                created_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                closed_on=models.DateField("ditutup", blank=True, null=True),
                closing_words=models.TextField("kata penutup", max_length=1000, blank=True),
                partners=models.ManyToManyField(
                    "resources.partner", verbose_name="mitra", blank=True, related_name="programmes"
                ),
                options={
                    "verbose_name": "program",
                    "indexes": [models.Index(fields=["wilayah", "-starts_on"], name="programme_by_area")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                            name="programme_ends_after_start",
                            violation_error_message="Program selesai sesudah mulai.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("closed_on", None),
                                ("closed_on__gte", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="programme_closed_after_start",
                            violation_error_message="Program ditutup sesudah mulai.",
                        ),
                    ],
                },
            ),
            with_history(
                "Stage",
                id=numbered(),
                programme=models.ForeignKey("sinergi.programme", models.PROTECT, related_name="stages"),
                position=models.PositiveSmallIntegerField("urutan"),
                name=models.CharField("nama", max_length=60),
                purpose=models.CharField("maksud", max_length=200),
                entry=models.CharField("syarat masuk", max_length=80, blank=True),
                exit=models.CharField("syarat keluar", max_length=80, blank=True),
                options={"verbose_name": "tahap", "ordering": ["position", "pk"]},
            ),
            with_history(
                "Enrolment",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                programme=models.ForeignKey("sinergi.programme", models.PROTECT, related_name="enrolments"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="enrolments"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                baseline=models.ForeignKey(
                    "kpm.assessment", models.PROTECT, verbose_name="asesmen awal", related_name="+"
                ),
                consent=models.ForeignKey(
                    "kpm.consent", models.PROTECT, verbose_name="persetujuan", related_name="+"
                ),
                enrolled_on=models.DateField("ikut sejak"),
                left_on=models.DateField("selesai ikut", blank=True, null=True),
                ending=models.CharField(
                    "bagaimana berakhir",
                    max_length=10,
                    blank=True,
                    choices=[
                        ("tuntas", "Tuntas, semua tahap dijalani"),
                        ("berhenti", "Keluarga berhenti"),
                        ("tarik", "Keluarga menarik persetujuannya"),
                        ("pindah", "Pindah atau tidak lagi menjadi KPM"),
                        ("ditutup", "Program ditutup"),
                    ],
                ),
                left_why=models.CharField("keterangan", max_length=300, blank=True),
                options={
                    "verbose_name": "keikutsertaan",
                    "indexes": [models.Index(fields=["programme", "left_on"], name="enrolment_of_programme")],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("left_on", None)),
                            fields=("household",),
                            name="enrolment_one_open_a_family",
                            violation_error_message="Keluarga ini sedang ikut program lain.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("ending", ""), ("left_on", None)),
                                models.Q(
                                    ("left_on__gte", models.F("enrolled_on")),
                                    models.Q(("ending", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="enrolment_left_with_ending",
                        ),
                    ],
                },
            ),
            table(
                "StageMove",
                id=numbered(),
                op_id=models.UUIDField(editable=False),
                enrolment=models.ForeignKey("sinergi.enrolment", models.PROTECT, related_name="moves"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="+"),
                stage=models.ForeignKey("sinergi.stage", models.PROTECT, related_name="moves"),
                number=models.PositiveSmallIntegerField(),
                moved_on=models.DateField("tanggal"),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                evidence_kind=models.CharField("bukti", max_length=10, blank=True),
                evidence_id=models.CharField(max_length=40, blank=True),
                reason=models.CharField("alasan", max_length=300, blank=True),
                at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "ordering": ["number"],
                    "constraints": [
                        models.UniqueConstraint(fields=("enrolment", "number"), name="stage_move_numbered"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    models.Q(("evidence_kind", ""), _negated=True),
                                    models.Q(("evidence_id", ""), _negated=True),
                                    ("reason", ""),
                                ),
                                models.Q(
                                    ("evidence_id", ""),
                                    ("evidence_kind", ""),
                                    models.Q(("reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="stage_move_by_evidence_or_reason",
                        ),
                    ],
                    "triggers": [insert_only()],
                },
            ),
            with_history(
                "BusinessGroup",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                programme=models.ForeignKey(
                    "sinergi.programme", models.PROTECT, related_name="business_groups"
                ),
                name=models.CharField("nama kelompok usaha", max_length=80),
                product=models.CharField("yang dibuat atau dijual", max_length=120),
                formed_on=models.DateField("dibentuk"),
                chair=models.ForeignKey(
                    "sinergi.enrolment",
                    models.PROTECT,
                    verbose_name="ketua",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                created_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                options={"verbose_name": "kelompok usaha", "ordering": ["formed_on", "pk"]},
            ),
            with_history(
                "BusinessMember",
                id=numbered(),
                group=models.ForeignKey("sinergi.businessgroup", models.PROTECT, related_name="members"),
                enrolment=models.ForeignKey(
                    "sinergi.enrolment", models.PROTECT, related_name="business_memberships"
                ),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="+"),
                joined_on=models.DateField("masuk"),
                left_on=models.DateField("keluar", blank=True, null=True),
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("left_on", None)),
                            fields=("enrolment",),
                            name="business_member_of_one",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("left_on", None), ("left_on__gte", models.F("joined_on")), _connector="OR"
                            ),
                            name="business_member_leaves_after_joining",
                        ),
                    ]
                },
            ),
            with_history(
                "BudgetLine",
                id=numbered(),
                programme=models.ForeignKey("sinergi.programme", models.PROTECT, related_name="budget"),
                stage=models.ForeignKey(
                    "sinergi.stage",
                    models.PROTECT,
                    verbose_name="tahap",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                what=models.CharField("untuk apa", max_length=120),
                planned=models.PositiveBigIntegerField("rencana (Rp)"),
                spent=models.PositiveBigIntegerField("terpakai (Rp)", default=0),
                source=models.CharField("sumber dana", max_length=120, blank=True),
                options={"verbose_name": "mata anggaran", "ordering": ["stage__position", "pk"]},
            ),
        ),
    ]
