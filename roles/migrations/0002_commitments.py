"""Verifikasi komitmen: its kinds and rules, what was verified of each member and month, and the files of schools."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, table, with_history

CATEGORIES = [
    ("kesehatan", "kesehatan"),
    ("pendidikan", "pendidikan"),
    ("kesejahteraan", "kesejahteraan sosial"),
]


def dated():
    return {
        "valid_from": models.DateField("berlaku sejak"),
        "valid_to": models.DateField("berlaku sampai", blank=True, null=True),
    }


def key_to(model, **said):
    return models.ForeignKey(model, models.PROTECT, **({"related_name": "+"} | said))


def own_key():
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


def number(name, **said):
    return models.PositiveSmallIntegerField(name, **said)


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0008_nisn"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("roles", "0001_first_tables"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "CommitmentKind",
                code=models.CharField("kode", max_length=24, primary_key=True, serialize=False),
                name=models.CharField("nama", max_length=60),
                measure=models.CharField(
                    "cara mengukur",
                    max_length=10,
                    choices=[("hadir", "persen hadir"), ("periksa", "datang atau tidak")],
                ),
                category=models.CharField("bagian", max_length=20, choices=CATEGORIES),
                position=number("urutan"),
                **dated(),
                options={"verbose_name": "komitmen", "ordering": ["position"]},
            ),
            table(
                "CommitmentRule",
                key=models.CharField("kunci", max_length=24, primary_key=True, serialize=False),
                kind=key_to("roles.commitmentkind", related_name="rules", verbose_name="komitmen"),
                component=key_to("kpm.component", verbose_name="komponen"),
                least_age_months=number("umur paling sedikit", blank=True, null=True),
                most_age_months=number("umur paling banyak", blank=True, null=True),
                least_percent=number("persen paling sedikit", blank=True, null=True),
                leave_is_present=models.BooleanField("izin dihitung hadir"),
                ill_is_present=models.BooleanField("sakit dihitung hadir"),
                within_months=number("sekali dalam bulan"),
                source=models.CharField("sumber", max_length=200),
                **dated(),
                options={"verbose_name": "aturan komitmen", "ordering": ["kind__position", "key"]},
            ),
            with_history(
                "Commitment",
                id=own_key(),
                household=key_to("kpm.household", related_name="commitments"),
                member=key_to("kpm.member", related_name="commitments"),
                wilayah=key_to("wilayah.wilayah"),
                pendamping=key_to(settings.AUTH_USER_MODEL),
                kind=key_to("roles.commitmentkind", verbose_name="komitmen"),
                component=key_to("kpm.component", verbose_name="komponen"),
                month=models.DateField("bulan"),
                place=models.CharField("sekolah/faskes", max_length=120, blank=True),
                effective_days=number("hari efektif", null=True),
                absent=number("alpa", null=True),
                leave=number("izin", null=True),
                ill=number("sakit", null=True),
                percent=models.DecimalField("persen hadir", max_digits=5, decimal_places=2, null=True),
                came=models.BooleanField("datang", null=True),
                state=models.CharField(
                    "keadaan",
                    max_length=10,
                    default="terbuka",
                    choices=[
                        ("terpenuhi", "Terpenuhi"),
                        ("belum", "Belum terpenuhi"),
                        ("terbuka", "Belum dinilai"),
                    ],
                ),
                source=models.CharField(
                    "asal", max_length=10, choices=[("diketik", "Diketik"), ("berkas", "Berkas sekolah")]
                ),
                activity=key_to("roles.activity", null=True, related_name="commitments"),
                by=key_to(settings.AUTH_USER_MODEL),
                op_id=models.UUIDField(),
                recorded_on=models.DateField("dicatat"),
                options={
                    "verbose_name": "komitmen",
                    "ordering": ["-month", "pk"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=["member", "month", "kind"], name="commitment_once_a_month"
                        ),
                        models.CheckConstraint(name="commitment_of_a_month", condition=Q(month__day=1)),
                        models.CheckConstraint(
                            name="commitment_percent_of_hundred",
                            condition=Q(percent=None) | Q(percent__gte=0, percent__lte=100),
                        ),
                    ],
                    "indexes": [
                        models.Index(fields=["household", "month"], name="commitment_of_household"),
                        models.Index(fields=["wilayah", "month", "state"], name="commitment_by_area"),
                        models.Index(fields=["pendamping", "month"], name="commitment_by_pendamping"),
                    ],
                },
            ),
            table(
                "SchoolFile",
                id=own_key(),
                user=key_to(settings.AUTH_USER_MODEL),
                name=models.CharField("nama berkas", max_length=200),
                sha256=models.CharField(max_length=64),
                npsn=models.CharField("NPSN", max_length=20, blank=True),
                school=models.CharField("sekolah", max_length=120, blank=True),
                first_month=models.DateField("bulan pertama"),
                content=models.BinaryField("isi"),
                outcome=models.JSONField("hasil", default=dict),
                sent_at=models.DateTimeField("dikirim", default=django.utils.timezone.now),
                stored_at=models.DateTimeField("disimpan", null=True),
                options={
                    "verbose_name": "berkas sekolah",
                    "ordering": ["-sent_at", "-pk"],
                    "indexes": [models.Index(fields=["user", "-sent_at"], name="school_file_of_user")],
                },
            ),
        ),
    ]
