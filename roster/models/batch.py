"""Files of an office: what came, how far it is, and how its columns are read."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pkh_casework.access import KOORDINATOR
from pkh_casework.ids import uuid7


class BatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What the koordinators of the asker's own area sent: what stands in a file of a wider area is not theirs."""
        return self.filter(wilayah=user.wilayah_id) if user.duty == KOORDINATOR else self.none()

    def at_work(self):
        """Those on which a worker is, or should be."""
        return self.filter(state__in=Batch.AT_WORK)


class Batch(models.Model):
    """One file of families, from its arrival to the families that came of it.

    `file` is sealed (roster.files.sealed) and gone once the batch is over or OLDEST days old. `columns` tells of each
    column of the file {"heading", "samples", "field"}; `totals` counts families by what the check found.
    """

    class State(models.TextChoices):
        READING = "dibaca", "Sedang dibaca"
        MATCHING = "dicocokkan", "Kolomnya perlu dicocokkan"
        CHECKING = "diperiksa", "Sedang diperiksa"
        READY = "siap", "Siap ditinjau"
        APPLYING = "dimasukkan", "Sedang dimasukkan"
        APPLIED = "selesai", "Sudah masuk"
        UNDOING = "diurungkan", "Sedang diurungkan"
        UNDONE = "urung", "Sudah diurungkan"
        COMPARED = "dibanding", "Sudah dibandingkan"
        CANCELLED = "batal", "Dibatalkan"
        FAILED = "gagal", "Gagal"

    AT_WORK = (State.READING, State.CHECKING, State.APPLYING, State.UNDOING)
    CAN_BE_CANCELLED = (State.READING, State.MATCHING, State.CHECKING, State.READY)

    personal_fields = frozenset({"name", "file", "columns", "words"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    name = models.CharField("nama berkas", max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="berkas/%Y/%m", blank=True)
    state = models.CharField("keadaan", max_length=12, choices=State, default=State.READING)
    words = models.CharField("keterangan", max_length=500, blank=True)
    sheet = models.CharField("lembar", max_length=100, blank=True)
    heading_row = models.PositiveIntegerField("baris judul", default=0)
    columns = models.JSONField("kolom", default=list)
    default_kelurahan = models.ForeignKey("wilayah.Wilayah", models.PROTECT, null=True, related_name="+")
    default_pendamping = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=dict)
    starts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField("dikirim", default=timezone.now)
    changed_at = models.DateTimeField("keadaan berubah", default=timezone.now)
    applied_at = models.DateTimeField("dimasukkan", null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    context = models.UUIDField("konteks riwayat", null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = "berkas masuk"
        ordering = ["-sent_at", "-pk"]
        indexes = [
            models.Index(fields=["wilayah", "-sent_at"], name="batch_by_area"),
            models.Index(
                fields=["state"],
                condition=Q(state__in=["dibaca", "diperiksa", "dimasukkan", "diurungkan"]),
                name="batch_at_work",
            ),
        ]

    def __str__(self):
        return self.code

    def get_absolute_url(self):
        return f"/berkas/{self.pk}/"

    @property
    def code(self):
        """What people read to each other."""
        return self.pk.hex[-8:].upper()

    @property
    def tone(self):
        """The tone of the pill that tells its state."""
        if self.can_be_cancelled or self.is_at_work:
            return "soon"
        tones = {self.State.APPLIED: "ok", self.State.COMPARED: "ok", self.State.FAILED: "overdue"}
        return tones.get(self.State(self.state), "none")

    @property
    def is_at_work(self):
        return self.state in self.AT_WORK

    @property
    def can_be_cancelled(self):
        return self.state in self.CAN_BE_CANCELLED


class Layout(models.Model):
    """How an office's files are read: of a row of headings, which column holds what. `fields` are in their order."""

    personal_fields = frozenset()

    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    headings = models.CharField("sidik judul", max_length=64)
    fields = models.JSONField("isi kolom", default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wilayah", "headings"], name="layout_once_per_office"),
        ]
