"""Who is asking: a User with one duty and one area, the codes that open an account, the places logged in from."""

import secrets

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from pkh_casework.access import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING
from pkh_casework.fields import CROCKFORD, read_code

username_shape = RegexValidator(
    r"^[a-z0-9]+(\.[a-z0-9]+)*\Z", "Pakai huruf kecil, angka, dan titik saja, misalnya siti.aminah."
)
nip_shape = RegexValidator(r"^[0-9]{18}\Z", "NIP terdiri dari 18 angka.")


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Accounts that `user` may look after: an admin's are all, a koordinator's those of the own area."""
        if user.duty == ADMIN:
            return self.all()
        if user.duty == KOORDINATOR:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.filter(pk=user.pk)

    def manageable_by(self, user):
        """Accounts that `user` may change: below the own area or, in it, of a lower duty; never the own one."""
        accounts = self.visible_to(user).exclude(pk=user.pk)
        if user.duty == KOORDINATOR:
            peers = Q(duty=KOORDINATOR, wilayah_id=user.wilayah_id) | Q(duty=ADMIN)
            return accounts.exclude(peers)
        return accounts if user.duty == ADMIN else accounts.none()

    def pendamping(self):
        return self.filter(duty=PENDAMPING)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username):
        """The account named `username`; names are stored in lower case.

        Lower case here and in the login form, never ILIKE: the database's idea of equal letters is wider than the
        throttle's, and every spelling it takes for the same would get tries of its own.
        """
        return self.get(username=username.lower())

    def create_user(self, username, password=None, **fields):
        """A stored account; without a password it can only be opened by an activation code."""
        user = self.model(username=username.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """A pendamping, kelurahan officer, koordinator or admin. The area (`wilayah`) bounds what is seen."""

    class Duty(models.TextChoices):
        PENDAMPING = PENDAMPING, "pendamping"
        KELURAHAN = KELURAHAN, "petugas kelurahan"
        KOORDINATOR = KOORDINATOR, "koordinator"
        ADMIN = ADMIN, "admin"

    personal_fields = frozenset({"username", "name", "nip", "phone"})

    username = models.CharField("nama pengguna", max_length=60, unique=True, validators=[username_shape])
    name = models.CharField("nama lengkap", max_length=120)
    duty = models.CharField("tugas", max_length=20, choices=Duty)
    wilayah = models.ForeignKey(
        "wilayah.Wilayah",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="wilayah tugas",
    )
    nip = models.CharField("NIP", max_length=18, blank=True, validators=[nip_shape])
    phone = models.CharField("nomor HP", max_length=20, blank=True)
    is_active = models.BooleanField("aktif", default=True)
    created_at = models.DateTimeField("dibuat", default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name", "duty"]

    class Meta:
        verbose_name = "petugas"
        ordering = ["name", "pk"]
        constraints = [
            # An empty area would match every other empty area: the classic hole of scoped systems.
            models.CheckConstraint(
                name="user_has_wilayah_unless_admin",
                condition=Q(duty=ADMIN) | Q(wilayah__isnull=False),
                violation_error_message="Wilayah tugas wajib diisi.",
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_once_whatever_case",
                violation_error_message="Nama pengguna ini sudah dipakai.",
            ),
        ]

    def __str__(self):
        return self.name

    # Set on a copy of the user alone, while a form is looked at that was filled in before a handover (entries.holding).
    is_asked_as_former_holder = False
    # With it: the case number of a family that what was held is written down for, though never the author's, and the area
    # of the koordinator who says so.
    is_asked_about = ("", "")

    @property
    def area_name(self):
        """The area in words, from small to large: "Kebon Jayanti, Kiaracondong, Kota Bandung"; "" without one."""
        names, area = [], self.wilayah
        while area and len(names) < 3:
            names.append(area.name)
            area = area.parent
        return ", ".join(names)

    @property
    def is_pendamping(self):
        return self.duty == PENDAMPING

    @property
    def is_koordinator(self):
        return self.duty == KOORDINATOR


class ActivationCode(models.Model):
    """A one-time code, 8 symbols, told in person: opens a new account or resets a password. Only its hash is kept.

    `asked_by` is the first of the two people that some resets need (CodeRequest); `issued_by` was told the code.
    """

    TRIES = 5

    personal_fields = frozenset()

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="codes")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    code_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-issued_at"], name="code_by_user")]

    @staticmethod
    def fresh():
        """A new code in the clear: 8 Crockford symbols, 40 bits."""
        return "".join(secrets.choice(CROCKFORD) for _ in range(8))

    @staticmethod
    def hash_of(code, user_id):
        """What is stored of a code. Keyed: 40 bits alone would be tried out in minutes by whoever has the table."""
        return salted_hmac(
            "accounts.ActivationCode", f"{user_id}:{read_code(code)}", algorithm="sha256"
        ).hexdigest()

    def is_open(self, now):
        return self.used_at is None and self.tries < self.TRIES and now < self.expires_at


class CodeRequest(models.Model):
    """Somebody asks for a new code for a koordinator or an admin; another admin answers, and the request is gone."""

    personal_fields = frozenset()

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="code_request")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)


class LoginSession(models.Model):
    """One place where a user is logged in; the newest three stay, older ones end."""

    personal_fields = frozenset({"agent"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="login_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    agent = models.CharField("perangkat", max_length=120, blank=True)

    class Meta:
        ordering = ["-started_at"]
