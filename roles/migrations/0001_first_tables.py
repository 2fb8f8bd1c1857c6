from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, numbered, table, with_history, with_old_versions


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
                "Role",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=40),
                meaning=models.CharField("arti", max_length=200),
                position=models.PositiveSmallIntegerField("urutan"),
                options={"verbose_name": "peran", "ordering": ["position"]},
            ),
            table(
                "SubRole",
                code=models.CharField("kode", primary_key=True, max_length=10, serialize=False),
                role=models.ForeignKey("roles.role", models.PROTECT, related_name="sub_roles"),
                name=models.CharField("nama", max_length=60),
                term=models.CharField("istilah asal", max_length=60),
                explanation=models.CharField("penjelasan", max_length=200),
                example=models.CharField("contoh", max_length=200),
                in_study=models.BooleanField("ada dalam penelitian"),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "sub-peran", "ordering": ["role__position", "position"]},
            ),
            table(
                "ActivityKind",
                code=models.CharField("kode", primary_key=True, max_length=30, serialize=False),
                name=models.CharField("nama", max_length=60),
                icon=models.CharField("gambar", max_length=30),
                needs_family=models.BooleanField("perlu KPM"),
                counts_as_visit=models.BooleanField("dihitung sebagai kunjungan"),
                position=models.PositiveSmallIntegerField("urutan"),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "jenis kegiatan", "ordering": ["position"]},
            ),
            table(
                "QuickPhrase",
                id=numbered(),
                kind=models.ForeignKey("roles.activitykind", models.PROTECT, related_name="phrases"),
                text=models.CharField("kalimat", max_length=120),
                position=models.PositiveSmallIntegerField("urutan"),
                options={
                    "ordering": ["kind", "position"],
                    "constraints": [
                        models.UniqueConstraint(fields=("kind", "text"), name="phrase_once_per_kind")
                    ],
                },
            ),
            with_old_versions(
                "Activity",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                pendamping=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="activities"
                ),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                occurred_on=models.DateField("tanggal"),
                kind=models.ForeignKey(
                    "roles.activitykind", models.PROTECT, verbose_name="jenis kegiatan", related_name="+"
                ),
                sub_role=models.ForeignKey(
                    "roles.subrole", models.PROTECT, verbose_name="peran", related_name="+"
                ),
                group=models.ForeignKey("kpm.group", models.PROTECT, blank=True, null=True, related_name="+"),
                place=models.CharField("tempat", max_length=120, blank=True),
                notes=models.TextField("apa yang dilakukan", max_length=4000),
                outcome=models.TextField("hasil", max_length=1000, blank=True),
                next_step=models.CharField("langkah berikutnya", max_length=300, blank=True),
                next_step_on=models.DateField("tanggal langkah berikutnya", blank=True, null=True),
                received_at=models.DateTimeField(default=timezone.now, editable=False),
                reopened_until=models.DateTimeField(null=True, editable=False),
                partners=models.ManyToManyField(
                    "resources.partner",
                    verbose_name="mitra yang dihubungi",
                    blank=True,
                    related_name="activities",
                ),
                options={
                    "verbose_name": "kegiatan",
                    "ordering": ["-occurred_on", "-id"],
                    "indexes": [
                        models.Index(
                            fields=["pendamping", "-occurred_on", "-id"], name="activity_of_pendamping"
                        ),
                        models.Index(fields=["wilayah", "-occurred_on"], name="activity_of_wilayah"),
                        models.Index(fields=["-occurred_on", "-id"], name="activity_newest_first"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("next_step", ""), ("next_step_on", None)),
                                models.Q(
                                    models.Q(("next_step", ""), _negated=True),
                                    ("next_step_on__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="activity_step_and_date_together",
                            violation_error_message="Isi langkah berikutnya bersama tanggalnya.",
                        )
                    ],
                },
            ),
            with_old_versions(
                "ActivityHousehold",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                activity=models.ForeignKey("roles.activity", models.PROTECT, related_name="families"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="activity_rows"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                occurred_on=models.DateField("tanggal"),
                is_visit=models.BooleanField("kunjungan rumah"),
                met=models.BooleanField("bertemu"),
                step_due_on=models.DateField(null=True),
                step_done_on=models.DateField(null=True),
                members=models.ManyToManyField(
                    "kpm.member", verbose_name="anggota terkait", blank=True, related_name="+"
                ),
                goals=models.ManyToManyField(
                    "kpm.goal", verbose_name="tujuan yang dilayani", blank=True, related_name="activity_rows"
                ),
                goal_steps=models.ManyToManyField(
                    "kpm.goalstep",
                    verbose_name="langkah yang selesai",
                    blank=True,
                    related_name="activity_rows",
                ),
                options={
                    "indexes": [
                        models.Index(
                            fields=["household", "-occurred_on", "-id"], name="timeline_of_household"
                        ),
                        models.Index(fields=["wilayah", "occurred_on"], name="activity_rows_of_wilayah"),
                        models.Index(
                            fields=["pendamping", "occurred_on"], name="activity_rows_of_pendamping"
                        ),
                        models.Index(
                            condition=models.Q(("step_done_on", None), ("step_due_on__isnull", False)),
                            fields=["household", "step_due_on"],
                            name="open_steps_of_household",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("activity", "household"), name="activity_once_per_household"
                        )
                    ],
                },
            ),
            table(
                "Photo",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                activity=models.ForeignKey("roles.activity", models.PROTECT, related_name="photos"),
                file=models.FileField(upload_to="kegiatan/%Y/%m"),
                sha256=models.CharField(max_length=64),
                width=models.PositiveSmallIntegerField(),
                height=models.PositiveSmallIntegerField(),
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("activity", "sha256"), name="photo_once_per_activity")
                    ],
                },
            ),
            table(
                "Postponement",
                id=numbered(),
                op_id=models.UUIDField(unique=True),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="postponements"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                until_on=models.DateField("ditunda sampai"),
                reason=models.CharField("alasan", max_length=200),
                created_at=models.DateTimeField(default=timezone.now),
                options={
                    "indexes": [
                        models.Index(fields=["household", "-created_at"], name="postponement_of_household")
                    ]
                },
            ),
            table(
                "Module",
                code=models.CharField("kode", primary_key=True, max_length=20, serialize=False),
                name=models.CharField("nama", max_length=80),
                position=models.PositiveSmallIntegerField("urutan"),
                sub_role=models.ForeignKey(
                    "roles.subrole", models.PROTECT, verbose_name="peran", related_name="+"
                ),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={"verbose_name": "modul", "ordering": ["position"]},
            ),
            table(
                "ModuleSession",
                key=models.CharField("kunci", primary_key=True, max_length=24, serialize=False),
                module=models.ForeignKey("roles.module", models.PROTECT, related_name="sessions"),
                number=models.PositiveSmallIntegerField("sesi"),
                name=models.CharField("judul", max_length=120),
                lifts=models.CharField("indikator", max_length=40, blank=True),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", blank=True, null=True),
                options={
                    "verbose_name": "sesi",
                    "ordering": ["module__position", "number"],
                    "constraints": [
                        models.UniqueConstraint(fields=("module", "number"), name="session_once_a_module")
                    ],
                },
            ),
            with_history(
                "GroupSession",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                group=models.ForeignKey(
                    "kpm.group", models.PROTECT, verbose_name="kelompok", related_name="sessions"
                ),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                session=models.ForeignKey(
                    "roles.modulesession", models.PROTECT, verbose_name="sesi", related_name="+"
                ),
                planned_on=models.DateField("rencana"),
                activity=models.OneToOneField(
                    "roles.activity", models.PROTECT, blank=True, null=True, related_name="group_session"
                ),
                held_on=models.DateField("dilaksanakan", blank=True, null=True),
                facilitator=models.CharField("pengisi", max_length=120, blank=True),
                place=models.CharField("tempat", max_length=120, blank=True),
                planned_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                options={
                    "verbose_name": "pertemuan",
                    "ordering": ["planned_on", "pk"],
                    "indexes": [
                        models.Index(fields=["group", "planned_on"], name="session_of_group"),
                        models.Index(fields=["wilayah", "held_on"], name="session_held_by_area"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("activity", None), ("held_on", None)),
                                models.Q(("activity__isnull", False), ("held_on__isnull", False)),
                                _connector="OR",
                            ),
                            name="group_session_held_with_activity",
                        )
                    ],
                },
            ),
            with_history(
                "Attendance",
                id=numbered(),
                group_session=models.ForeignKey(
                    "roles.groupsession", models.PROTECT, related_name="attendance"
                ),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="attendance"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                state=models.CharField(
                    "kehadiran",
                    max_length=12,
                    choices=[("hadir", "Hadir"), ("izin", "Izin"), ("tidak_hadir", "Tidak hadir")],
                ),
                who=models.ForeignKey("kpm.member", models.PROTECT, blank=True, null=True, related_name="+"),
                note=models.CharField("keterangan", max_length=120, blank=True),
                held_on=models.DateField(),
                options={
                    "indexes": [
                        models.Index(fields=["household", "held_on"], name="attendance_of_household"),
                        models.Index(fields=["wilayah", "held_on", "state"], name="attendance_by_area"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("group_session", "household"), name="attendance_once")
                    ],
                },
            ),
            with_history(
                "Training",
                id=models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False),
                op_id=models.UUIDField(unique=True, editable=False),
                title=models.CharField("judul", max_length=120),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah", models.PROTECT, verbose_name="wilayah", related_name="+"
                ),
                code=models.CharField("indikator", max_length=4),
                resource=models.ForeignKey(
                    "resources.resource", models.PROTECT, blank=True, null=True, related_name="+"
                ),
                partner=models.ForeignKey(
                    "resources.partner", models.PROTECT, blank=True, null=True, related_name="trainings"
                ),
                trainer=models.CharField("pelatih", max_length=120, blank=True),
                place=models.CharField("tempat", max_length=120, blank=True),
                planned_on=models.DateField("rencana"),
                seats=models.PositiveSmallIntegerField("tempat duduk"),
                held_on=models.DateField("dilaksanakan", blank=True, null=True),
                note=models.TextField("catatan", max_length=1000, blank=True),
                proposed_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                created_at=models.DateTimeField(default=timezone.now, editable=False),
                options={
                    "verbose_name": "pelatihan",
                    "ordering": ["-planned_on", "-pk"],
                    "indexes": [models.Index(fields=["wilayah", "planned_on"], name="training_by_area")],
                },
            ),
            with_history(
                "TrainingPlace",
                id=numbered(),
                training=models.ForeignKey("roles.training", models.PROTECT, related_name="places"),
                household=models.ForeignKey("kpm.household", models.PROTECT, related_name="training_places"),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                pendamping=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                who=models.ForeignKey("kpm.member", models.PROTECT, blank=True, null=True, related_name="+"),
                state=models.CharField(
                    "keadaan",
                    max_length=12,
                    default="diundang",
                    choices=[
                        ("diundang", "Diundang"),
                        ("bersedia", "Bersedia"),
                        ("menolak", "Tidak bisa"),
                        ("hadir", "Hadir"),
                        ("tidak_hadir", "Tidak hadir"),
                    ],
                ),
                level_before=models.PositiveSmallIntegerField("tingkat saat diundang", null=True),
                note=models.CharField("keterangan", max_length=120, blank=True),
                activity=models.ForeignKey(
                    "roles.activity", models.PROTECT, blank=True, null=True, related_name="training_places"
                ),
                options={
                    "indexes": [models.Index(fields=["household"], name="training_of_household")],
                    "constraints": [
                        models.UniqueConstraint(fields=("training", "household"), name="training_place_once")
                    ],
                },
            ),
            with_history(
                "Trainer",
                id=numbered(),
                name=models.CharField("nama", max_length=120),
                partner=models.ForeignKey(
                    "resources.partner", models.PROTECT, blank=True, null=True, related_name="trainers"
                ),
                wilayah=models.ForeignKey("wilayah.wilayah", models.PROTECT, related_name="+"),
                topics=models.CharField("bidang", max_length=200),
                codes=models.CharField("indikator", max_length=40, blank=True),
                phone=models.CharField("telepon", max_length=30, blank=True),
                is_active=models.BooleanField("masih aktif", default=True),
                options={"verbose_name": "pelatih", "ordering": ["name", "pk"]},
            ),
        ),
    ]
