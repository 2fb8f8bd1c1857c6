"""A phone that its user works with: the key of what rests on it, when it was heard, and photos on their way."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.ids import uuid7

MOST_PHOTO_BYTES = 12_000_000
# After so long without a word somebody asks; after the second the pages on the phone open no more.
SILENT, LOST = timedelta(days=3), timedelta(days=7)
WRONG_CLOCK = 600  # seconds


class PhoneQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The own phones; a koordinator's also those of the area's workers."""
        if user.duty == KOORDINATOR:
            return self.filter(user__wilayah__code__startswith=user.wilayah_id)
        if user.duty == PENDAMPING:
            return self.filter(user=user)
        return self.none()

    def in_use(self):
        return self.filter(ended_at=None)


class Phone(models.Model):
    """One browser in which one user works without signal. `key` seals all that rests there (contract C10); it is kept
    sealed, also after the end: what the phone had not sent can still be read by the server, and by nobody else.
    """

    personal_fields = frozenset({"browser"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="phones")
    key = models.BinaryField()
    browser = models.CharField("peramban", max_length=60, blank=True)
    session_key = models.CharField(max_length=40, blank=True)  # of the login that opened it last
    app_version = models.CharField("versi aplikasi", max_length=40, blank=True)
    registered_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField("kunci terakhir dibuka", default=timezone.now)
    heard_at = models.DateTimeField("terakhir terdengar", default=timezone.now)
    waiting = models.PositiveIntegerField("menunggu dikirim", default=0)
    waiting_since = models.DateTimeField("menunggu sejak", null=True)
    skew_s = models.IntegerField("selisih jam (detik)", default=0)
    ended_at = models.DateTimeField("dihapus", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PhoneQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-heard_at"], name="phone_by_user")]

    @property
    def key_context(self):
        """What the key is sealed for (pkh_casework.fields.seal)."""
        return f"phone.phone:key:{self.pk}"

    @property
    def silence(self):
        """The tone of how long nothing was heard of it, as a pill has it: ok, soon (SILENT) or overdue (LOST)."""
        silent = timezone.now() - self.heard_at
        return "overdue" if silent > LOST else "soon" if silent > SILENT else "ok"

    @property
    def wrong_clock_minutes(self):
        """How many minutes the clock of the phone is fast (or slow, below 0) where that is more than WRONG_CLOCK, else 0."""
        return round(self.skew_s / 60) if abs(self.skew_s) > WRONG_CLOCK else 0


class UploadQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user=user)


class Upload(models.Model):
    """A photo that came before its entry: named by what is in it, kept until the entry takes it along."""

    personal_fields = frozenset()

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    content = models.BinaryField(default=b"")
    begun_at = models.DateTimeField(default=timezone.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "sha256"], name="upload_once")]
        indexes = [models.Index(fields=["begun_at"], name="upload_by_age")]

    @property
    def is_whole(self):
        return self.received == self.size
