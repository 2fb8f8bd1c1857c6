from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, numbered, table


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "Phone",
                id=models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False),
                user=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="phones"),
                key=models.BinaryField(),
                browser=models.CharField("peramban", max_length=60, blank=True),
                session_key=models.CharField(max_length=40, blank=True),
                app_version=models.CharField("versi aplikasi", max_length=40, blank=True),
                registered_at=models.DateTimeField(default=timezone.now),
                opened_at=models.DateTimeField("kunci terakhir dibuka", default=timezone.now),
                heard_at=models.DateTimeField("terakhir terdengar", default=timezone.now),
                waiting=models.PositiveIntegerField("menunggu dikirim", default=0),
                waiting_since=models.DateTimeField("menunggu sejak", null=True),
                skew_s=models.IntegerField("selisih jam (detik)", default=0),
                ended_at=models.DateTimeField("dihapus", null=True),
                ended_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
                ),
                options={"indexes": [models.Index(fields=["user", "-heard_at"], name="phone_by_user")]},
            ),
            table(
                "Upload",
                id=numbered(),
                user=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                sha256=models.CharField(max_length=64),
                size=models.PositiveIntegerField(),
                received=models.PositiveIntegerField(default=0),
                content=models.BinaryField(default=b""),
                begun_at=models.DateTimeField(default=timezone.now),
                options={
                    "constraints": [models.UniqueConstraint(fields=("user", "sha256"), name="upload_once")],
                    "indexes": [models.Index(fields=["begun_at"], name="upload_by_age")],
                },
            ),
        ),
    ]
