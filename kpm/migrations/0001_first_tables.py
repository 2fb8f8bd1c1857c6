from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.fields import BlindIndexField, IdentityNumberField
from pkh_casework.ids import uuid7
from pkh_casework.tables import (
    CreateTables,
    Trigger,
    insert_only,
    numbered,
    table,
    with_history,
    with_old_versions,
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        # Case numbers: a keyed permutation of this sequence (pkh_casework.fields.short_code).
        migrations.RunSQL(
            "CREATE SEQUENCE kpm_case_number MINVALUE 0 START 0", reverse_sql="DROP SEQUENCE kpm_case_number"
        ),
        CreateTables(
            with_history(
                "Group",
                id=numbered(),
                name=models.CharField("nama kelompok", max_length=60),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="kelurahan", related_name="+"
                ),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="groups"),
                options={
                    "verbose_name": "kelompok",
                    "ordering": ["name", "pk"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("pendamping", "name"),
                            name="group_name_once_per_pendamping",
                            violation_error_message="Sudah ada kelompok dengan nama ini.",
                        )
                    ],
                },
            ),
            with_history(
                "GroupChair",
                id=numbered(),
                group=models.ForeignKey("kpm.group", models.PROTECT, related_name="chairs"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="+"),
                from_on=models.DateField("sejak"),
                to_on=models.DateField("sampai", null=True),
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("to_on", None)),
                            fields=("group",),
                            name="group_has_one_ketua_now",
                        )
                    ]
                },
            ),
            with_history(
                "Household",
                but=["last_visited_on"],
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                case_number=models.CharField("nomor kasus", max_length=9, unique=True, editable=False),
                name=models.CharField("nama pengurus", max_length=120, editable=False),
                no_kk=IdentityNumberField("nomor KK", editable=True),
                no_kk_index=BlindIndexField(of="no_kk"),
                address=models.CharField("alamat", max_length=200),
                rt=models.PositiveSmallIntegerField("RT"),
                rw=models.PositiveSmallIntegerField("RW"),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="kelurahan", related_name="+"
                ),
                latitude=models.DecimalField(
                    "lintang", blank=True, null=True, max_digits=9, decimal_places=6
                ),
                longitude=models.DecimalField("bujur", blank=True, null=True, max_digits=9, decimal_places=6),
                group=models.ForeignKey(
                    "kpm.group",
                    models.PROTECT,
                    verbose_name="kelompok",
                    blank=True,
                    null=True,
                    related_name="households",
                ),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="households"
                ),
                status=models.CharField(
                    "status",
                    max_length=20,
                    default="aktif",
                    choices=[
                        ("aktif", "Aktif"),
                        ("calon_graduasi", "Calon graduasi"),
                        ("graduasi", "Graduasi"),
                        ("nonaktif", "Nonaktif"),
                    ],
                ),
                path=models.CharField(
                    "jalur",
                    max_length=20,
                    default="usaha",
                    choices=[
                        ("usaha", "Jalur usaha"),
                        ("kerja", "Jalur kerja"),
                        ("perlindungan", "Jalur perlindungan"),
                    ],
                ),
                desil=models.PositiveSmallIntegerField("desil", blank=True, null=True),
                joined_on=models.DateField("menjadi KPM sejak"),
                notes=models.TextField("catatan", max_length=1000, blank=True),
                last_visited_on=models.DateField("kunjungan terakhir", null=True, editable=False),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "KPM",
                    "indexes": [
                        models.Index(fields=["pendamping", "name", "id"], name="household_of_pendamping"),
                        models.Index(fields=["wilayah", "rw", "rt", "name", "id"], name="household_by_place"),
                        models.Index(fields=["no_kk_index"], name="household_no_kk_index"),
                        GinIndex(fields=["name"], name="household_name_trigram", opclasses=["gin_trgm_ops"]),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("desil", None), ("desil__range", (1, 10)), _connector="OR"),
                            name="household_desil_1_to_10",
                            violation_error_message="Desil antara 1 dan 10.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("rt__range", (1, 999)), ("rw__range", (1, 999))),
                            name="household_rt_rw_from_1",
                            violation_error_message="RT dan RW antara 1 dan 999.",
                        ),
                    ],
                },
            ),
            table(
                "Assignment",
                id=numbered(),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="assignments"),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments"
                ),
                from_on=models.DateField("sejak"),
                to_on=models.DateField("sampai", null=True),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                reason=models.CharField("alasan", max_length=200, blank=True),
                options={
                    "indexes": [
                        models.Index(fields=["pendamping", "from_on"], name="assignment_of_pendamping")
                    ],
                    "constraints": [
                        ExclusionConstraint(
                            expressions=[
                                ("household", "="),
                                (
                                    models.Func(
                                        models.F("from_on"),
                                        models.F("to_on"),
                                        models.Value("[)"),
                                        function="daterange",
                                    ),
                                    "&&",
                                ),
                            ],
                            name="assignment_one_holder_a_day",
                            violation_error_message="KPM ini sudah punya pendamping pada tanggal itu.",
                        )
                    ],
                },
            ),
            table(
                "Instrument",
                version=models.PositiveSmallIntegerField("versi", primary_key=True, serialize=False),
                name=models.CharField("nama", max_length=80),
                note=models.TextField("keterangan"),
                source=models.CharField("sumber", max_length=300),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "instrumen", "ordering": ["version"]},
            ),
            table(
                "Dimension",
                key=models.CharField("kunci", primary_key=True, max_length=8, serialize=False),
                instrument=models.ForeignKey("kpm.instrument", models.PROTECT, related_name="dimensions"),
                code=models.CharField("kode", max_length=2),
                name=models.CharField("nama", max_length=80),
                position=models.PositiveSmallIntegerField("urutan"),
                options={
                    "verbose_name": "dimensi",
                    "ordering": ["instrument", "position"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("instrument", "code"), name="dimension_once_a_version"
                        )
                    ],
                },
            ),
            table(
                "Indicator",
                key=models.CharField("kunci", primary_key=True, max_length=8, serialize=False),
                instrument=models.ForeignKey("kpm.instrument", models.PROTECT, related_name="indicators"),
                dimension=models.ForeignKey("kpm.dimension", models.PROTECT, related_name="indicators"),
                code=models.CharField("kode", max_length=4),
                name=models.CharField("nama", max_length=80),
                question=models.CharField("pertanyaan", max_length=200),
                hint=models.CharField("petunjuk", max_length=300, blank=True),
                full_paths=models.CharField("jalur bentuk lengkap", max_length=40),
                short_paths=models.CharField("jalur bentuk singkat", max_length=40, blank=True),
                only_with=models.CharField(
                    "syarat",
                    max_length=20,
                    blank=True,
                    choices=[("anak_sekolah", "hanya bila ada anak usia sekolah")],
                ),
                position=models.PositiveSmallIntegerField("urutan"),
                options={
                    "verbose_name": "indikator",
                    "ordering": ["instrument", "position"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("instrument", "code"), name="indicator_once_a_version"
                        )
                    ],
                    "triggers": [
                        Trigger(
                            "unchanged_once_answered",
                            "UPDATE OR DELETE",
                            "IF EXISTS (SELECT FROM kpm_score WHERE indicator_id = OLD.key) THEN RAISE EXCEPTION 'answered already: make a new version of the instrument'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                        )
                    ],
                },
            ),
            table(
                "Anchor",
                id=numbered(),
                indicator=models.ForeignKey("kpm.indicator", models.PROTECT, related_name="anchors"),
                level=models.PositiveSmallIntegerField(
                    "tingkat", choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")]
                ),
                text=models.CharField("uraian", max_length=200),
                sums=models.CharField("kelipatan ambang", max_length=60, blank=True),
                options={
                    "ordering": ["indicator", "level"],
                    "constraints": [
                        models.UniqueConstraint(fields=("indicator", "level"), name="anchor_once_a_level"),
                        models.CheckConstraint(
                            condition=models.Q(("level__range", (1, 4))), name="anchor_level_1_to_4"
                        ),
                    ],
                    "triggers": [
                        Trigger(
                            "unchanged_once_answered",
                            "UPDATE OR DELETE",
                            "IF EXISTS (SELECT FROM kpm_score WHERE indicator_id = OLD.indicator_id) THEN RAISE EXCEPTION 'answered already: make a new version of the instrument'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                        )
                    ],
                },
            ),
            table(
                "Threshold",
                id=numbered(),
                code=models.CharField(
                    "ambang",
                    max_length=20,
                    choices=[
                        ("garis_kemiskinan", "Garis kemiskinan per orang"),
                        ("umk", "Upah minimum (UMK)"),
                    ],
                ),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                monthly=models.PositiveIntegerField("rupiah per bulan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
                options={
                    "verbose_name": "ambang",
                    "ordering": ["code", "wilayah", "valid_from"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("code", "wilayah", "valid_from"),
                            name="threshold_once_a_day",
                            violation_error_message="Sudah ada angka yang berlaku sejak tanggal itu.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("monthly__gt", 0)), name="threshold_above_zero"
                        ),
                    ],
                },
            ),
            table(
                "ReadinessRule",
                number=models.PositiveSmallIntegerField("nomor", primary_key=True, serialize=False),
                instrument=models.ForeignKey("kpm.instrument", models.PROTECT, related_name="rules"),
                lowest=models.PositiveSmallIntegerField(
                    "tingkat terendah yang boleh ada",
                    choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")],
                ),
                mean=models.DecimalField("rata-rata paling sedikit", max_digits=3, decimal_places=2),
                days_apart=models.PositiveSmallIntegerField("jarak dua asesmen (hari)"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=300),
                options={"verbose_name": "aturan kesiapan", "ordering": ["number"]},
            ),
            table(
                "ReadinessMinimum",
                id=numbered(),
                rule=models.ForeignKey("kpm.readinessrule", models.PROTECT, related_name="minima"),
                code=models.CharField("kode indikator", max_length=4),
                level=models.PositiveSmallIntegerField(
                    "tingkat paling rendah",
                    choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")],
                ),
                options={
                    "ordering": ["rule", "code"],
                    "constraints": [
                        models.UniqueConstraint(fields=("rule", "code"), name="minimum_once_a_rule")
                    ],
                },
            ),
            with_old_versions(
                "Assessment",
                at=["form", "path", "assessed_on", "notes"],
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                household=models.ForeignKey(
                    "kpm.household", models.PROTECT, related_name="assessments", db_index=False
                ),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, related_name="+", db_index=False
                ),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="assessments", db_index=False
                ),
                instrument=models.ForeignKey("kpm.instrument", models.PROTECT, related_name="+"),
                form=models.CharField(
                    "bentuk", max_length=10, choices=[("singkat", "Singkat"), ("lengkap", "Lengkap")]
                ),
                path=models.CharField(
                    "jalur",
                    max_length=20,
                    choices=[
                        ("usaha", "Jalur usaha"),
                        ("kerja", "Jalur kerja"),
                        ("perlindungan", "Jalur perlindungan"),
                    ],
                ),
                assessed_on=models.DateField("tanggal"),
                notes=models.TextField("catatan", max_length=1000, blank=True),
                rule=models.ForeignKey("kpm.readinessrule", models.PROTECT, null=True, related_name="+"),
                mean=models.DecimalField(null=True, max_digits=3, decimal_places=2),
                lowest=models.PositiveSmallIntegerField(
                    null=True, choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")]
                ),
                lacking=models.PositiveSmallIntegerField(null=True),
                is_ready=models.BooleanField(default=False),
                received_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "asesmen",
                    "indexes": [
                        models.Index(fields=["wilayah", "assessed_on"], name="assessment_by_area"),
                        models.Index(fields=["pendamping", "assessed_on"], name="assessment_of_pendamping"),
                        models.Index(
                            condition=models.Q(("lacking__lte", 2)),
                            fields=["wilayah", "lacking", "id"],
                            name="assessment_near_by_area",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("household", "assessed_on"),
                            name="assessment_once_a_day",
                            violation_error_message="Keluarga ini sudah diases pada tanggal itu.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("is_ready", False),
                                models.Q(("path", "perlindungan"), _negated=True),
                                _connector="OR",
                            ),
                            name="assessment_protection_path_is_never_ready",
                        ),
                    ],
                },
            ),
            with_old_versions(
                "Score",
                at=["state", "family_level", "level", "note", "reason"],
                id=numbered(),
                assessment=models.ForeignKey(
                    "kpm.assessment", models.PROTECT, related_name="scores", db_index=False
                ),
                household=models.ForeignKey(
                    "kpm.household", models.PROTECT, related_name="scores", db_index=False
                ),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, related_name="+", db_index=False
                ),
                indicator=models.ForeignKey("kpm.indicator", models.PROTECT, related_name="+"),
                code=models.CharField(max_length=4),
                state=models.CharField(
                    "keadaan",
                    max_length=15,
                    default="dijawab",
                    choices=[
                        ("dijawab", "Dijawab"),
                        ("dilewati", "Dilewati"),
                        ("tidak_berlaku", "Tidak berlaku"),
                    ],
                ),
                family_level=models.PositiveSmallIntegerField(
                    "pilihan keluarga",
                    blank=True,
                    null=True,
                    choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")],
                ),
                level=models.PositiveSmallIntegerField(
                    "penilaian pendamping",
                    blank=True,
                    null=True,
                    choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")],
                ),
                note=models.CharField("catatan pendamping", max_length=300, blank=True),
                reason=models.CharField("alasan", max_length=200, blank=True),
                assessed_on=models.DateField(),
                until_on=models.DateField(null=True),
                options={
                    "indexes": [
                        models.Index(fields=["household", "code", "assessed_on"], name="score_of_household"),
                        models.Index(
                            condition=models.Q(
                                ("until_on", None), models.Q(("state", "dilewati"), _negated=True)
                            ),
                            fields=["wilayah", "code", "level"],
                            name="score_standing_by_area",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("assessment", "indicator"), name="score_once_an_assessment"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(
                                ("until_on", None), models.Q(("state", "dilewati"), _negated=True)
                            ),
                            fields=("household", "code"),
                            include=("level",),
                            name="score_one_standing_now",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("family_level__range", (1, 4)),
                                    ("level__range", (1, 4)),
                                    ("state", "dijawab"),
                                ),
                                models.Q(
                                    models.Q(("state", "dijawab"), _negated=True),
                                    ("family_level", None),
                                    ("level", None),
                                ),
                                _connector="OR",
                            ),
                            name="score_answered_has_both_levels",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("level", None),
                                ("level", models.F("family_level")),
                                models.Q(("note", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="score_differs_with_a_note",
                            violation_error_message="Tulis mengapa penilaian Anda berbeda dengan pilihan keluarga.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "tidak_berlaku"), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="score_not_applicable_with_a_reason",
                            violation_error_message="Tulis mengapa indikator ini tidak berlaku.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("until_on", None),
                                ("until_on__gte", models.F("assessed_on")),
                                _connector="OR",
                            ),
                            name="score_ends_not_before_it_begins",
                        ),
                    ],
                },
            ),
            table(
                "LevelMonth",
                id=numbered(),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, related_name="+", db_index=False
                ),
                month=models.DateField("bulan"),
                code=models.CharField(max_length=4),
                level=models.PositiveSmallIntegerField(
                    choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")]
                ),
                families=models.PositiveIntegerField("keluarga"),
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("month", "wilayah", "code", "level"), name="level_month_once"
                        )
                    ]
                },
            ),
            table(
                "Component",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=80),
                short_name=models.CharField("nama pendek", max_length=20),
                category=models.CharField(
                    "kategori",
                    max_length=20,
                    choices=[
                        ("kesehatan", "kesehatan"),
                        ("pendidikan", "pendidikan"),
                        ("kesejahteraan", "kesejahteraan sosial"),
                    ],
                ),
                place_label=models.CharField("sebutan tempat", max_length=40),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "komponen", "ordering": ["position"]},
            ),
            table(
                "ComponentRate",
                id=numbered(),
                component=models.ForeignKey("kpm.component", models.PROTECT, related_name="rates"),
                yearly=models.PositiveIntegerField("rupiah per tahun"),
                most_in_family=models.PositiveSmallIntegerField(
                    "paling banyak per keluarga", blank=True, null=True
                ),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
                options={
                    "ordering": ["component", "valid_from"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("component", "valid_from"), name="rate_once_per_component_and_start"
                        )
                    ],
                },
            ),
            table(
                "BenefitRule",
                id=numbered(),
                most_people=models.PositiveSmallIntegerField("paling banyak orang per keluarga"),
                valid_from=models.DateField("berlaku sejak", unique=True),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
            ),
            table(
                "PayStage",
                key=models.CharField("kunci", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=40),
                first_month=models.PositiveSmallIntegerField("bulan pertama"),
                last_month=models.PositiveSmallIntegerField("bulan terakhir"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
                options={"ordering": ["valid_from", "first_month"]},
            ),
            table(
                "ComponentSpan",
                id=numbered(),
                component=models.ForeignKey("kpm.component", models.PROTECT, related_name="spans"),
                ends_at_age=models.PositiveSmallIntegerField("berakhir pada umur", blank=True, null=True),
                ends_after_days=models.PositiveSmallIntegerField(
                    "berakhir sesudah hari", blank=True, null=True
                ),
                followed_by=models.ForeignKey(
                    "kpm.component",
                    models.PROTECT,
                    verbose_name="biasanya menjadi",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
                options={
                    "ordering": ["component", "valid_from"],
                    "constraints": [
                        models.UniqueConstraint(fields=("component", "valid_from"), name="span_once_a_day")
                    ],
                },
            ),
            with_history(
                "Member",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="members"),
                name=models.CharField("nama lengkap", max_length=120),
                nik=IdentityNumberField("NIK", blank=True, null=True, editable=True),
                nik_index=BlindIndexField(null=True, of="nik"),
                birth_date=models.DateField("tanggal lahir", blank=True, null=True),
                sex=models.CharField(
                    "jenis kelamin", max_length=1, choices=[("P", "Perempuan"), ("L", "Laki-laki")]
                ),
                relation=models.CharField(
                    "hubungan keluarga",
                    max_length=20,
                    choices=[
                        ("kepala", "Kepala keluarga"),
                        ("pasangan", "Istri/suami"),
                        ("anak", "Anak"),
                        ("orang_tua", "Orang tua/mertua"),
                        ("cucu", "Cucu"),
                        ("lainnya", "Lainnya"),
                    ],
                ),
                left_on=models.DateField("keluar dari KK sejak", blank=True, null=True),
                left_reason=models.CharField("alasan keluar", max_length=120, blank=True),
                options={
                    "verbose_name": "anggota",
                    "ordering": ["birth_date", "pk"],
                    "indexes": [models.Index(fields=["nik_index"], name="member_nik_index")],
                },
            ),
            with_history(
                "MemberComponent",
                id=numbered(),
                member=models.ForeignKey("kpm.member", models.PROTECT, related_name="components"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="components"),
                component=models.ForeignKey(
                    "kpm.component", models.PROTECT, verbose_name="komponen", related_name="+"
                ),
                place=models.CharField("sekolah/faskes", max_length=120, blank=True),
                from_on=models.DateField("sejak"),
                to_on=models.DateField("sampai", blank=True, null=True),
                options={
                    "ordering": ["-from_on"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("to_on", None), ("to_on__gt", models.F("from_on")), _connector="OR"
                            ),
                            name="component_ends_after_start",
                            violation_error_message="Tanggal selesai harus sesudah tanggal mulai.",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("to_on", None)),
                            fields=("member", "component"),
                            name="component_open_once_per_member",
                            violation_error_message="Komponen ini sudah tercatat untuk anggota tersebut.",
                        ),
                    ],
                },
            ),
            with_history(
                "Pengurus",
                id=numbered(),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="pengurus_terms"),
                member=models.ForeignKey("kpm.member", models.PROTECT, related_name="pengurus_terms"),
                heir=models.ForeignKey(
                    "kpm.member",
                    models.PROTECT,
                    verbose_name="ahli waris",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                from_on=models.DateField("sejak"),
                to_on=models.DateField("sampai", null=True),
                options={
                    "constraints": [
                        ExclusionConstraint(
                            expressions=[
                                ("household", "="),
                                (
                                    models.Func(
                                        models.F("from_on"),
                                        models.F("to_on"),
                                        models.Value("[)"),
                                        function="daterange",
                                    ),
                                    "&&",
                                ),
                            ],
                            name="pengurus_one_a_day",
                            violation_error_message="Keluarga ini sudah punya pengurus pada tanggal itu.",
                        )
                    ]
                },
            ),
            table(
                "ConsentText",
                key=models.CharField("kunci", primary_key=True, max_length=20, serialize=False),
                purpose=models.CharField(
                    "untuk",
                    max_length=12,
                    choices=[("rujukan", "Rujukan ke mitra"), ("program", "Ikut program")],
                ),
                version=models.PositiveSmallIntegerField("versi"),
                text=models.TextField("isi"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "ordering": ["purpose", "version"],
                    "constraints": [
                        models.UniqueConstraint(fields=("purpose", "version"), name="consent_text_once")
                    ],
                },
            ),
            with_history(
                "Consent",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="consents"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                text=models.ForeignKey("kpm.consenttext", models.PROTECT, related_name="+"),
                given_by=models.ForeignKey(
                    "kpm.member", models.PROTECT, verbose_name="yang menyetujui", related_name="+"
                ),
                how=models.CharField(
                    "cara",
                    max_length=10,
                    choices=[
                        ("tertulis", "Tertulis, ditandatangani"),
                        ("lisan", "Lisan, dibacakan lalu disetujui"),
                    ],
                ),
                given_on=models.DateField("tanggal"),
                taken_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                withdrawn_on=models.DateField("ditarik", blank=True, null=True),
                options={
                    "verbose_name": "persetujuan",
                    "ordering": ["-given_on", "-pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("withdrawn_on", None),
                                ("withdrawn_on__gte", models.F("given_on")),
                                _connector="OR",
                            ),
                            name="consent_withdrawn_after_given",
                        )
                    ],
                },
            ),
            table(
                "GraduationKind",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=60),
                explanation=models.CharField("penjelasan", max_length=300),
                needs_family=models.BooleanField("ditandatangani keluarga"),
                position=models.PositiveSmallIntegerField("urutan"),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "jenis graduasi", "ordering": ["position"]},
            ),
            table(
                "GraduationPaper",
                key=models.CharField("kunci", primary_key=True, max_length=40, serialize=False),
                kind=models.ForeignKey("kpm.graduationkind", models.PROTECT, related_name="papers"),
                name=models.CharField("nama", max_length=120),
                required=models.BooleanField("wajib"),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"ordering": ["kind", "position"]},
            ),
            table(
                "Target",
                id=numbered(),
                figure=models.CharField("angka", max_length=40),
                yearly=models.PositiveSmallIntegerField("per pendamping per tahun"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                source=models.CharField("sumber", max_length=200),
                options={
                    "ordering": ["figure", "valid_from"],
                    "constraints": [
                        models.UniqueConstraint(fields=("figure", "valid_from"), name="target_once_a_day")
                    ],
                },
            ),
            with_history(
                "GraduationCase",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="graduation_cases"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                kind=models.ForeignKey(
                    "kpm.graduationkind", models.PROTECT, verbose_name="jenis graduasi", related_name="+"
                ),
                state=models.CharField(
                    "keadaan",
                    max_length=15,
                    default="disiapkan",
                    choices=[
                        ("disiapkan", "Disiapkan"),
                        ("diusulkan", "Diusulkan"),
                        ("dikembalikan", "Dikembalikan"),
                        ("disetujui", "Disetujui"),
                        ("ditarik", "Ditarik"),
                        ("dibatalkan", "Dibatalkan"),
                        ("minta_kembali", "Minta didampingi lagi"),
                        ("kembali", "Kembali didampingi"),
                    ],
                ),
                statement=models.TextField("alasan dan keadaan keluarga", max_length=2000),
                assessment=models.ForeignKey(
                    "kpm.assessment", models.PROTECT, blank=True, null=True, related_name="+"
                ),
                lens=models.JSONField(default=dict, editable=False),
                signed_by=models.ForeignKey(
                    "kpm.member",
                    models.PROTECT,
                    verbose_name="ditandatangani oleh",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                signed_on=models.DateField("tanggal tanda tangan", blank=True, null=True),
                proposed_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="graduations"
                ),
                proposed_on=models.DateField("diusulkan", blank=True, null=True),
                decided_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, blank=True, null=True, related_name="+"
                ),
                decided_on=models.DateField("diputuskan", blank=True, null=True),
                decision=models.CharField("keterangan keputusan", max_length=500, blank=True),
                graduated_on=models.DateField("graduasi", blank=True, null=True),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "graduasi",
                    "indexes": [
                        models.Index(fields=["wilayah", "state", "proposed_on"], name="graduation_by_area"),
                        models.Index(fields=["proposed_by", "graduated_on"], name="graduation_of_pendamping"),
                        models.Index(fields=["household"], name="graduation_of_household"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ["disiapkan", "diusulkan", "dikembalikan"])),
                            fields=("household",),
                            name="graduation_one_open_case",
                            violation_error_message="Keluarga ini sudah punya usulan graduasi yang berjalan.",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ["disetujui", "minta_kembali"])),
                            fields=("household",),
                            name="graduation_one_standing_case",
                            violation_error_message="Keluarga ini sudah graduasi.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("decided_by", None),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                _connector="OR",
                            ),
                            name="graduation_four_eyes",
                            violation_error_message="Pengusul tidak boleh memutuskan usulannya sendiri.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("state__in", ["disetujui", "dibatalkan", "minta_kembali", "kembali"]),
                                    _negated=True,
                                ),
                                models.Q(("decided_by__isnull", False), ("decided_on__isnull", False)),
                                _connector="OR",
                            ),
                            name="graduation_approved_is_decided",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("graduated_on__isnull", False),
                                    ("state__in", ["disetujui", "minta_kembali", "kembali"]),
                                ),
                                models.Q(
                                    models.Q(
                                        ("state__in", ["disetujui", "minta_kembali", "kembali"]),
                                        _negated=True,
                                    ),
                                    ("graduated_on", None),
                                ),
                                _connector="OR",
                            ),
                            name="graduation_day_while_approved",
                        ),
                    ],
                },
            ),
            table(
                "GraduationMove",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                case=models.ForeignKey("kpm.graduationcase", models.PROTECT, related_name="moves"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="+"),
                to_state=models.CharField(
                    "menjadi",
                    max_length=15,
                    choices=[
                        ("disiapkan", "Disiapkan"),
                        ("diusulkan", "Diusulkan"),
                        ("dikembalikan", "Dikembalikan"),
                        ("disetujui", "Disetujui"),
                        ("ditarik", "Ditarik"),
                        ("dibatalkan", "Dibatalkan"),
                        ("minta_kembali", "Minta didampingi lagi"),
                        ("kembali", "Kembali didampingi"),
                    ],
                ),
                by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                at=models.DateTimeField(default=timezone.now),
                reason=models.CharField("alasan", max_length=500, blank=True),
                options={
                    "ordering": ["at", "pk"],
                    "triggers": [
                        insert_only(),
                        Trigger(
                            "four_eyes",
                            "INSERT",
                            "IF NEW.to_state IN ('disetujui', 'dikembalikan', 'dibatalkan', 'kembali') AND EXISTS (SELECT FROM kpm_graduationmove WHERE case_id = NEW.case_id AND by_id = NEW.by_id AND to_state IN ('disiapkan', 'diusulkan', 'minta_kembali')) THEN RAISE EXCEPTION 'who proposed never decides' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                        ),
                    ],
                },
            ),
            table(
                "GraduationFile",
                id=numbered(),
                case=models.ForeignKey("kpm.graduationcase", models.PROTECT, related_name="files"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="+"),
                paper=models.ForeignKey("kpm.graduationpaper", models.PROTECT, related_name="+"),
                file=models.FileField(upload_to="graduasi/%Y/%m"),
                sha256=models.CharField(max_length=64),
                width=models.PositiveSmallIntegerField(),
                height=models.PositiveSmallIntegerField(),
                added_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                added_at=models.DateTimeField(default=timezone.now),
                options={
                    "ordering": ["paper", "pk"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("case", "paper", "sha256"), name="graduation_file_once_a_paper"
                        )
                    ],
                },
            ),
            with_history(
                "WatchCheck",
                id=numbered(),
                case=models.ForeignKey("kpm.graduationcase", models.PROTECT, related_name="checks"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="checks"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                months=models.PositiveSmallIntegerField("bulan sesudah graduasi"),
                due_on=models.DateField("waktunya"),
                op_id=models.UUIDField(unique=True, null=True, editable=False),
                done_on=models.DateField("dilakukan", blank=True, null=True),
                by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, blank=True, null=True, related_name="+"
                ),
                by_phone=models.BooleanField("lewat telepon", default=False),
                outcome=models.CharField(
                    "keadaan",
                    max_length=20,
                    blank=True,
                    choices=[
                        ("bertahan", "Tetap mandiri"),
                        ("goyah", "Mulai goyah"),
                        ("kembali_rentan", "Kembali rentan"),
                        ("tidak_terhubungi", "Tidak dapat dihubungi"),
                    ],
                ),
                note=models.TextField("catatan", max_length=1000, blank=True),
                options={
                    "ordering": ["due_on", "pk"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("done_on", None)),
                            fields=["household", "due_on"],
                            name="watch_check_due",
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("case", "months"), name="watch_check_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("done_on", None), ("outcome", "")),
                                models.Q(
                                    ("done_on__isnull", False), models.Q(("outcome", ""), _negated=True)
                                ),
                                _connector="OR",
                            ),
                            name="watch_check_done_is_told",
                        ),
                    ],
                },
            ),
            with_history(
                "Goal",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="goals"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="goals"),
                indicator=models.ForeignKey(
                    "kpm.indicator", models.PROTECT, verbose_name="indikator", related_name="+"
                ),
                code=models.CharField(max_length=4),
                from_level=models.PositiveSmallIntegerField(
                    null=True, choices=[(1, "Rentan"), (2, "Bertahan"), (3, "Berkembang"), (4, "Mandiri")]
                ),
                slot=models.PositiveSmallIntegerField(),
                wish=models.CharField("yang ingin diubah", max_length=200),
                why=models.TextField("mengapa penting", max_length=500),
                started_on=models.DateField("mulai"),
                target_on=models.DateField("target"),
                state=models.CharField(
                    "keadaan",
                    max_length=12,
                    default="berjalan",
                    choices=[
                        ("berjalan", "Berjalan"),
                        ("tercapai", "Tercapai"),
                        ("diganti", "Diganti"),
                        ("dihentikan", "Dihentikan"),
                    ],
                ),
                closed_on=models.DateField("ditutup", blank=True, null=True),
                closed_reason=models.CharField("alasan", max_length=300, blank=True),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "tujuan",
                    "ordering": ["slot", "started_on"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state", "berjalan")),
                            fields=["target_on", "id"],
                            name="goal_open_by_target",
                        ),
                        models.Index(
                            condition=models.Q(("state", "berjalan"), _negated=True),
                            fields=["-closed_on", "-id"],
                            name="goal_closed_newest",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("state", "berjalan")),
                            fields=("household", "slot"),
                            name="goal_one_open_per_slot",
                            violation_error_message="Keluarga ini sudah punya tiga tujuan yang berjalan.",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("state", "berjalan")),
                            fields=("household", "code"),
                            name="goal_one_open_per_indicator",
                            violation_error_message="Sudah ada tujuan yang berjalan untuk indikator ini.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("slot__range", (1, 3))), name="goal_slot_1_to_3"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("closed_on", None), ("state", "berjalan")),
                                models.Q(
                                    models.Q(("state", "berjalan"), _negated=True),
                                    ("closed_on__isnull", False),
                                    models.Q(("closed_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="goal_closed_with_day_and_reason",
                            violation_error_message="Tulis alasan menutup tujuan ini.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("target_on__gt", models.F("started_on"))),
                            name="goal_target_after_start",
                            violation_error_message="Target harus sesudah hari mulai.",
                        ),
                    ],
                },
            ),
            with_history(
                "GoalStep",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                goal=models.ForeignKey("kpm.goal", models.PROTECT, related_name="steps"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="goal_steps"),
                whose=models.CharField(
                    "langkah siapa",
                    max_length=12,
                    choices=[("keluarga", "Langkah keluarga"), ("pendamping", "Langkah pendamping")],
                ),
                text=models.CharField("langkah", max_length=200),
                due_on=models.DateField("paling lambat"),
                done_on=models.DateField("selesai", blank=True, null=True),
                options={
                    "ordering": ["due_on", "id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("done_on", None)),
                            fields=["household", "due_on"],
                            name="goal_step_waiting",
                        )
                    ],
                },
            ),
            with_history(
                "Deferral",
                id=numbered(),
                op_id=models.UUIDField(unique=True, editable=False),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="deferrals"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                assessment=models.ForeignKey("kpm.assessment", models.PROTECT, related_name="deferrals"),
                code=models.CharField(max_length=4),
                reason=models.CharField("alasan", max_length=300),
                written_on=models.DateField("ditulis"),
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("assessment", "code"), name="deferral_once_an_assessment"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), _negated=True), name="deferral_with_a_reason"
                        ),
                    ]
                },
            ),
            table(
                "GoalPhrase",
                id=numbered(),
                code=models.CharField("kode indikator", max_length=4),
                part=models.CharField(
                    "bagian",
                    max_length=12,
                    choices=[
                        ("keinginan", "Yang ingin diubah"),
                        ("alasan", "Mengapa penting"),
                        ("keluarga", "Langkah keluarga"),
                        ("pendamping", "Langkah pendamping"),
                    ],
                ),
                text=models.CharField("kalimat", max_length=200),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "verbose_name": "contoh kalimat tujuan",
                    "ordering": ["code", "part", "position"],
                    "constraints": [
                        models.UniqueConstraint(fields=("code", "part", "text"), name="goal_phrase_once")
                    ],
                },
            ),
        ),
    ]
