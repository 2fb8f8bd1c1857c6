"""What every write leans on: receipts, held entries, the state of a month, and the trail of who looked at what."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.fields import short_code

from .history import keep_old_versions

RECEIPT_SYMBOLS = 6


class ReceiptQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A worker's own receipts; a koordinator's those of the area's workers."""
        if user.duty == KOORDINATOR:
            return self.filter(author__wilayah__code__startswith=user.wilayah_id)
        return self.filter(author=user)


class Receipt(models.Model):
    """The server's word that one entry (`op_id`) was taken, exactly once. `code` is what people read to each other.

    `content_hash` tells a resend of the same entry from another entry under the same id.
    """

    personal_fields = frozenset()

    number = models.BigAutoField(primary_key=True)
    op_id = models.UUIDField(unique=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    content_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)
    object_id = models.UUIDField(null=True)

    is_resend = False  # whether the entry was there before it was sent (entries.operations)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["author", "-received_at"], name="receipt_by_author")]

    @property
    def code(self):
        return short_code(self.number, RECEIPT_SYMBOLS, "receipt")


class HeldEntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Held entries wait for their author and for the koordinator of the area they were written in."""
        if user.duty == KOORDINATOR:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        if user.duty == PENDAMPING:
            return self.filter(author=user)
        return self.none()

    def waiting(self):
        return self.filter(resolved_at=None)


@keep_old_versions
class HeldEntry(models.Model):
    """An entry that could not be taken as it is and must not be lost: kept whole, with the reason, until decided."""

    class Reason(models.TextChoices):
        OTHER_CONTENT = "isi_berbeda", "Nomor kirim sama, isi berbeda"
        MONTH_LOCKED = "bulan_terkunci", "Bulan laporan sudah dikunci"
        HANDED_OVER = "sudah_dialihkan", "KPM sudah dialihkan ke pendamping lain"
        TOO_LATE = "lewat_waktu", "Waktu untuk mengubahnya sudah lewat"
        BACKUP = "cadangan", "Dari cadangan HP"

    class Decision(models.TextChoices):
        ACCEPTED = "diterima", "diterima"
        RETURNED = "dikembalikan", "dikembalikan"
        ATTACHED = "dipindahkan", "dicatat untuk keluarga lain"
        CLOSED = "ditutup", "ditutup"

    personal_fields = frozenset({"payload", "note"})

    op_id = models.UUIDField(db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="held_entries")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    content_hash = models.CharField(max_length=64)
    reason = models.CharField("alasan", max_length=30, choices=Reason)
    received_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField("catatan", blank=True)
    decision = models.CharField("keputusan", max_length=12, choices=Decision, blank=True)

    objects = HeldEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            # The same content under the same id is held once, however often it is sent.
            models.UniqueConstraint(fields=["op_id", "content_hash"], name="held_once_per_content"),
            models.CheckConstraint(
                name="held_resolved_with_who",
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="held_resolved_with_decision",
                condition=Q(resolved_at=None, decision="") | Q(resolved_at__isnull=False) & ~Q(decision=""),
            ),
        ]


class HeldFileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The photos wait with their entry, for the same people."""
        return self.filter(held_entry__in=HeldEntry.objects.visible_to(user))


class HeldFile(models.Model):
    """A photo of a held entry: re-encoded JPEG without metadata, under a random name. Their order is that of sending."""

    personal_fields = frozenset({"file"})

    held_entry = models.ForeignKey(HeldEntry, models.PROTECT, related_name="files")
    file = models.FileField(upload_to="titipan/%Y/%m")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    objects = HeldFileQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["held_entry", "sha256"], name="held_file_once_per_entry")
        ]


class Period(models.Model):
    """The state of one area's month. A writer holds the row FOR SHARE, a locker FOR UPDATE."""

    class State(models.TextChoices):
        OPEN = "terbuka", "terbuka"
        LOCKED = "terkunci", "terkunci"

    personal_fields = frozenset()

    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    month = models.DateField("bulan")
    state = models.CharField("status", max_length=20, choices=State, default=State.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wilayah", "month"], name="period_once_per_area_and_month"),
            models.CheckConstraint(name="period_month_is_first_day", condition=Q(month__day=1)),
        ]


class LateWrite(models.Model):
    """Something was written into a month of an area that was over already: what was counted of it no longer holds.

    Whoever counts months anew takes the row away first, and counts then.
    """

    personal_fields = frozenset()

    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    month = models.DateField("bulan")

    class Meta:
        indexes = [models.Index(fields=["month", "wilayah"], name="late_write_by_month")]


class AccessLog(models.Model):
    """Who looked at, revealed, reopened, exported or was refused what. Holds ids and field names, never values.

    The database refuses every change of a row.
    """

    class Action(models.TextChoices):
        LOOK = "look", "melihat keluarga"
        REVEAL = "reveal", "membuka nomor identitas"
        REOPEN = "reopen", "membuka kegiatan"
        EXPORT = "export", "mengekspor"
        DENIED = "denied", "ditolak"

    personal_fields = frozenset({"reason"})

    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    route = models.CharField(max_length=60)
    path = models.CharField(max_length=200)
    subject = models.CharField(max_length=60, blank=True)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    reason = models.CharField("alasan", max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="access_by_user"),
            models.Index(fields=["subject", "-at"], name="access_by_subject"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]
