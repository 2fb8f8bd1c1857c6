from django.conf import settings
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models.functions.text import Lower
from django.utils import timezone

from pkh_casework.tables import CreateTables, numbered, table, with_history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("wilayah", "0001_first_tables"),
    ]

    operations = [
        CreateTables(
            with_history(
                "User",
                but=["password", "last_login"],
                id=numbered(),
                password=models.CharField(verbose_name="password", max_length=128),
                last_login=models.DateTimeField(verbose_name="last login", blank=True, null=True),
                username=models.CharField(
                    "nama pengguna",
                    max_length=60,
                    unique=True,
                    validators=[
                        RegexValidator(
                            "^[a-z0-9]+(\\.[a-z0-9]+)*\\Z",
                            "Pakai huruf kecil, angka, dan titik saja, misalnya siti.aminah.",
                        )
                    ],
                ),
                name=models.CharField("nama lengkap", max_length=120),
                duty=models.CharField(
                    "tugas",
                    max_length=20,
                    choices=[
                        ("pendamping", "pendamping"),
                        ("kelurahan", "petugas kelurahan"),
                        ("koordinator", "koordinator"),
                        ("admin", "admin"),
                    ],
                ),
                wilayah=models.ForeignKey(
                    "wilayah.wilayah",
                    models.PROTECT,
                    verbose_name="wilayah tugas",
                    blank=True,
                    null=True,
                    related_name="+",
                ),
                nip=models.CharField(
                    "NIP",
                    max_length=18,
                    blank=True,
                    validators=[RegexValidator("^[0-9]{18}\\Z", "NIP terdiri dari 18 angka.")],
                ),
                phone=models.CharField("nomor HP", max_length=20, blank=True),
                is_active=models.BooleanField("aktif", default=True),
                created_at=models.DateTimeField("dibuat", default=timezone.now, editable=False),
                options={
                    "verbose_name": "petugas",
                    "ordering": ["name", "pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("duty", "admin"), ("wilayah__isnull", False), _connector="OR"
                            ),
                            name="user_has_wilayah_unless_admin",
                            violation_error_message="Wilayah tugas wajib diisi.",
                        ),
                        models.UniqueConstraint(
                            Lower("username"),
                            name="user_username_once_whatever_case",
                            violation_error_message="Nama pengguna ini sudah dipakai.",
                        ),
                    ],
                },
            ),
            table(
                "ActivationCode",
                id=numbered(),
                user=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="codes"),
                issued_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                asked_by=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
                ),
                code_hash=models.CharField(max_length=64),
                issued_at=models.DateTimeField(default=timezone.now),
                expires_at=models.DateTimeField(),
                tries=models.PositiveSmallIntegerField(default=0),
                used_at=models.DateTimeField(null=True),
                options={"indexes": [models.Index(fields=["user", "-issued_at"], name="code_by_user")]},
            ),
            table(
                "CodeRequest",
                id=numbered(),
                user=models.OneToOneField(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="code_request"
                ),
                asked_by=models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
                asked_at=models.DateTimeField(default=timezone.now),
            ),
            table(
                "LoginSession",
                id=numbered(),
                user=models.ForeignKey(
                    settings.AUTH_USER_MODEL, models.PROTECT, related_name="login_sessions"
                ),
                session_key=models.CharField(max_length=40, unique=True),
                started_at=models.DateTimeField(default=timezone.now),
                seen_at=models.DateTimeField(default=timezone.now),
                agent=models.CharField("perangkat", max_length=120, blank=True),
                options={"ordering": ["-started_at"]},
            ),
        ),
    ]
