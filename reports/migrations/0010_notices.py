"""Notices: what became ready or is due, told once each, and by e-mail to those who want it."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, table


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0009_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "MailChoice",
                user=models.OneToOneField(
                    settings.AUTH_USER_MODEL,
                    models.PROTECT,
                    primary_key=True,
                    related_name="mail_choice",
                    serialize=False,
                ),
                address=models.EmailField("alamat surel", max_length=254, blank=True),
                wanted=models.BooleanField("kirim lewat surel", default=True),
                options={"verbose_name": "pilihan surel"},
            ),
            table(
                "Notice",
                id=models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False),
                user=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices"),
                kind=models.CharField(
                    "tentang",
                    max_length=10,
                    choices=[
                        ("berkas", "Berkas terjadwal siap"),
                        ("laporan", "Laporan bulanan"),
                        ("kunci", "Kunci bulan"),
                        ("kasus", "Kasus lewat batas"),
                    ],
                ),
                key=models.CharField(max_length=80),
                words=models.CharField("isi", max_length=200),
                path=models.CharField("halaman", max_length=200),
                made_at=models.DateTimeField("dibuat", default=django.utils.timezone.now),
                read_at=models.DateTimeField("dibaca", null=True, blank=True),
                mail=models.CharField(
                    "surel",
                    max_length=10,
                    blank=True,
                    choices=[
                        ("menunggu", "Menunggu dikirim"),
                        ("terkirim", "Terkirim"),
                        ("gagal", "Gagal"),
                    ],
                ),
                mail_tries=models.PositiveSmallIntegerField(default=0),
                mail_next_at=models.DateTimeField(null=True, blank=True),
                mail_fault=models.CharField("sebab gagal", max_length=80, blank=True),
                options={
                    "verbose_name": "pemberitahuan",
                    "ordering": ["-made_at", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=["user", "key"], name="notice_once"),
                    ],
                    "indexes": [
                        models.Index(fields=["user", "-made_at", "-id"], name="notice_of_user"),
                        models.Index(
                            fields=["mail_next_at"], condition=Q(mail="menunggu"), name="notice_to_mail"
                        ),
                    ],
                },
            ),
        ),
    ]
