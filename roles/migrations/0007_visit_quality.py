"""Visit quality: its rules, when and in which words a visit was recorded, what is asked about it, the reviews."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_old_versions

DOUBTS = [
    ("sama", "Catatan sama persis"),
    ("cepat", "Banyak kunjungan dalam satu jam"),
    ("sekaligus", "Dicatat sekaligus, semua bertemu"),
    ("foto", "Belum ada foto"),
]


def key_to(model, **said):
    return models.ForeignKey(model, models.PROTECT, **({"related_name": "+"} | said))


def own_key():
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


def doubt():
    return models.CharField("yang ditanyakan", max_length=10, choices=DOUBTS)


def number(name, **said):
    return models.PositiveSmallIntegerField(name, **(said or {"null": True, "blank": True}))


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("roles", "0006_one_visit"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "VisitRule",
                id=numbered(),
                key=models.CharField("kunci", max_length=24),
                kind=doubt(),
                activity_kind=key_to(
                    "roles.activitykind", verbose_name="jenis kegiatan", null=True, blank=True
                ),
                sub_role=key_to("roles.subrole", verbose_name="sub-peran", null=True, blank=True),
                number=number("banyaknya"),
                span=number("dalam"),
                unit=models.CharField(
                    "satuan",
                    max_length=5,
                    blank=True,
                    choices=[("hari", "hari"), ("menit", "menit"), ("detik", "detik")],
                ),
                least_letters=number("huruf paling sedikit"),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=models.DateField("berlaku sampai", null=True, blank=True),
                options={
                    "verbose_name": "batas mutu kunjungan",
                    "ordering": ["key", "valid_from"],
                    "constraints": [
                        models.UniqueConstraint(fields=["key", "valid_from"], name="visit_rule_once_a_day"),
                        models.CheckConstraint(
                            name="visit_rule_says_how_many_within",
                            condition=Q(kind="foto", activity_kind__isnull=False)
                            | Q(number__gte=1, span__gte=1) & ~Q(unit="") & ~Q(kind="foto"),
                            violation_error_message=(
                                "Isi banyaknya, dalam berapa, dan satuannya; untuk foto jenis kegiatannya."
                            ),
                        ),
                    ],
                },
            ),
            table(
                "Recording",
                activity=models.OneToOneField(
                    "roles.activity",
                    models.PROTECT,
                    primary_key=True,
                    related_name="recording",
                    serialize=False,
                ),
                pendamping=key_to(settings.AUTH_USER_MODEL),
                occurred_on=models.DateField("tanggal"),
                recorded_at=models.DateTimeField("dicatat"),
                words=models.CharField("sidik kata", max_length=64, blank=True),
                letters=number("huruf", default=0),
                options={
                    "verbose_name": "rekaman kegiatan",
                    "indexes": [
                        models.Index(fields=["pendamping", "recorded_at"], name="recording_by_moment"),
                        models.Index(
                            fields=["pendamping", "words", "occurred_on"],
                            condition=~Q(words=""),
                            name="recording_by_words",
                        ),
                    ],
                },
            ),
            table(
                "VisitReview",
                id=own_key(),
                op_id=models.UUIDField(editable=False, unique=True),
                pendamping=key_to(settings.AUTH_USER_MODEL),
                wilayah=key_to("wilayah.wilayah"),
                kind=doubt(),
                by=key_to(settings.AUTH_USER_MODEL),
                at=models.DateTimeField("ditinjau", default=django.utils.timezone.now),
                outcome=models.CharField(
                    "hasil tinjauan",
                    max_length=12,
                    choices=[
                        ("wajar", "Wajar"),
                        ("dibicarakan", "Perlu dibicarakan"),
                        ("diperbaiki", "Sudah diperbaiki"),
                    ],
                ),
                note=models.CharField("catatan", max_length=500),
                options={
                    "verbose_name": "tinjauan kunjungan",
                    "ordering": ["-at", "-id"],
                    "indexes": [
                        models.Index(fields=["wilayah", "-at"], name="visit_review_of_area"),
                        models.Index(fields=["pendamping", "kind", "-at"], name="visit_review_of_worker"),
                    ],
                    "triggers": [insert_only()],
                },
            ),
            with_old_versions(
                "VisitRemark",
                id=own_key(),
                activity=key_to("roles.activity", related_name="remarks"),
                kind=doubt(),
                pendamping=key_to(settings.AUTH_USER_MODEL),
                wilayah=key_to("wilayah.wilayah"),
                occurred_on=models.DateField("tanggal"),
                number=number("banyaknya", default=0),
                noted_on=models.DateField("ditanyakan"),
                reason=models.CharField("sebabnya", max_length=500, blank=True),
                gone_at=models.DateTimeField("tidak perlu lagi sejak", null=True, blank=True),
                review=key_to(
                    "roles.visitreview",
                    related_name="remarks",
                    verbose_name="tinjauan",
                    null=True,
                    blank=True,
                ),
                options={
                    "verbose_name": "pertanyaan mutu kunjungan",
                    "ordering": ["-occurred_on", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=["activity", "kind"], name="remark_once_per_activity")
                    ],
                    "indexes": [
                        models.Index(
                            fields=["wilayah", "pendamping", "kind"],
                            condition=Q(review=None, gone_at=None),
                            name="remark_open_by_area",
                        ),
                        models.Index(
                            fields=["pendamping", "kind", "-occurred_on", "-id"], name="remark_of_worker"
                        ),
                    ],
                },
            ),
        ),
    ]
