"""Files that somebody asked for: who, what, what for, how far it is, and until when it waits."""

from datetime import timedelta

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pkh_casework.access import KOORDINATOR
from pkh_casework.ids import uuid7

MOST_ROWS = 1_048_575  # of a sheet of Excel, below the heading
RECAP_LIFE = timedelta(days=31)  # of a recap that made itself: until the next one


class ExportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The asker's own files, as long as duty and area are those under which they were made."""
        return self.filter(user=user, duty=user.duty, wilayah=user.wilayah_id)

    def open_to(self, user):
        """The asker's own files, and for a koordinator the recaps of the area that are kept, whoever had them made."""
        own = Q(user=user, duty=user.duty, wilayah=user.wilayah_id)
        if user.duty == KOORDINATOR:
            own |= Q(what=Export.RECAP, state=Export.State.READY, covers__startswith=user.wilayah_id)
        return self.filter(own)

    def kept_recaps(self, user, covers):
        """The recaps of one area and month (see Export.covers) that are kept, oldest first: the first is version 1."""
        kept = self.open_to(user).filter(what=Export.RECAP, state=Export.State.READY, expires_at=None)
        return kept.filter(covers=covers).order_by("finished_at", "pk")

    def news_of_recap(self, user):
        """The latest recap that made itself, when it waits for `user` to take it or failed; else None."""
        if user.duty != KOORDINATOR:
            return None
        made = self.visible_to(user).filter(month__isnull=False)
        latest, now = made.order_by("-month").first(), timezone.now()
        if latest is None or latest.asked_at < now - RECAP_LIFE:
            return None
        waits = latest.state == Export.State.READY and not latest.is_past(now) and not latest.taken_at
        return latest if waits or latest.state == Export.State.FAILED else None

    def under_way(self):
        return self.filter(state__in=Export.UNDER_WAY)


class Export(models.Model):
    """One file, made once and taken in its time. `wilayah` and `duty` are the asker's on that day.

    `what` names a list (reports.files.lists), `angka/<slug>` the rows of a figure, RECAP or OFFICE; `query` is what the page's
    address asked, so that the file holds what the page showed. `columns` are keys of the list, in order.
    `numbers_reason` is empty unless identity numbers stand in it in full. `month` marks a recap that was made by
    itself. `key` opens a package that is still to be made, sealed for this installation; nobody keeps it afterwards. The
    file is gone once cancelled or expired, then TAKEN if somebody took it (`taken_at`, the last time); the row stays.
    A recap is kept without end: `covers` names its area and month ("327316 2026-10"), `digest` is the SHA-256 (hex) over its
    figures, the same whenever they are the same.
    """

    class State(models.TextChoices):
        WAITING = "menunggu", "Menunggu giliran"
        RUNNING = "dibuat", "Sedang dibuat"
        READY = "siap", "Siap diunduh"
        TAKEN = "diunduh", "Sudah diunduh"
        CANCELLED = "dibatalkan", "Dibatalkan"
        FAILED = "gagal", "Gagal"
        GONE = "kedaluwarsa", "Kedaluwarsa"

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel (XLSX)"
        CSV = "csv", "CSV"
        ZIP = "zip", "CSV, satu berkas per tabel (ZIP)"
        PDF = "pdf", "PDF"
        PACKAGE = "pkt", "Paket terkunci"

    UNDER_WAY = (State.WAITING, State.RUNNING)
    RECAP = "rekap"
    OFFICE = "kantor"  # all that the asker's office owns, as a package (roster.office)

    personal_fields = frozenset({"query", "purpose", "numbers_reason", "file"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    duty = models.CharField(max_length=20)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    what = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    columns = ArrayField(models.CharField(max_length=40), default=list)
    format = models.CharField("bentuk berkas", max_length=4, choices=Format)
    purpose = models.CharField("keperluan", max_length=200)
    numbers_reason = models.CharField("alasan membuka nomor", max_length=200, blank=True)
    month = models.DateField("bulan", null=True)
    state = models.CharField("keadaan", max_length=12, choices=State, default=State.WAITING)
    rows_total = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    restarts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField("diminta", default=timezone.now)
    finished_at = models.DateTimeField("selesai", null=True)
    expires_at = models.DateTimeField("tersedia sampai", null=True)
    taken_at = models.DateTimeField("diunduh", null=True)
    file = models.FileField(upload_to="ekspor/%Y/%m", blank=True)
    key = models.BinaryField("kunci paket", null=True)
    covers = models.CharField("wilayah dan bulan", max_length=20, blank=True)
    digest = models.CharField("sidik angka", max_length=64, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "berkas"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "wilayah", "month"],
                condition=Q(month__isnull=False),
                name="recap_made_once_a_month",
            ),
            models.CheckConstraint(
                name="export_has_a_file_only_while_ready",
                condition=(Q(state="siap") & ~Q(file="")) | (~Q(state="siap") & Q(file="")),
            ),
            models.CheckConstraint(name="export_says_what_for", condition=~Q(purpose="")),
        ]
        indexes = [
            models.Index(fields=["user", "-asked_at"], name="export_by_user"),
            models.Index(fields=["covers"], condition=~Q(covers=""), name="export_kept_recap"),
            models.Index(
                fields=["state", "expires_at"],
                condition=Q(state__in=["menunggu", "dibuat", "siap"]),
                name="export_alive",
            ),
        ]

    def __str__(self):
        return self.code

    def get_absolute_url(self):
        return f"/ekspor/{self.pk}/"

    @property
    def code(self):
        """What people read to each other, and what the trail and the file name say."""
        return self.pk.hex[-8:].upper()

    def is_past(self, now):
        """Whether its time is over; that of what is kept never is."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def is_too_long(self):
        """Whether it has more rows than a sheet of Excel holds."""
        return self.format == self.Format.XLSX and (self.rows_total or 0) > MOST_ROWS

    @property
    def is_under_way(self):
        return self.state in self.UNDER_WAY


@pghistory.track()
class RecapPlan(models.Model):
    """On which day of the month a koordinator's recap of last month makes itself; without a day it does not."""

    LATEST_DAY = 28  # every month has it

    personal_fields = frozenset()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recap_plan")
    day = models.PositiveSmallIntegerField("tanggal", null=True, blank=True)
    format = models.CharField(
        "bentuk berkas", max_length=4, choices=Export.Format, default=Export.Format.XLSX
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="recap_plan_on_a_day_of_every_month",
                condition=Q(day=None) | Q(day__range=(1, 28)),
                violation_error_message="Pilih tanggal 1 sampai 28.",
            )
        ]
