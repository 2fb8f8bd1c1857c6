"""The monthly report of a pendamping: the own words, the state, and who moved it when."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from entries.history import keep_old_versions
from pkh_casework.ids import uuid7
from pkh_casework.scope import OfWorkerQuerySet

WORDS_LENGTH = 4000


@keep_old_versions
class MonthlyReport(models.Model):
    """What one pendamping reports of one month in one kelurahan. Its figures are never stored here: they are counted
    from what was logged, and kept by the month's lock.

    `decided_by` is never the author: the database refuses.
    """

    class State(models.TextChoices):
        DRAFT = "draf", "Draf"
        SUBMITTED = "diajukan", "Diajukan"
        RETURNED = "dikembalikan", "Dikembalikan"
        APPROVED = "disetujui", "Disetujui"
        LOCKED = "terkunci", "Terkunci"

    WRITABLE = (State.DRAFT, State.RETURNED)
    DONE = (State.APPROVED, State.LOCKED)
    OFFERED = WORDS = ("results", "obstacles", "plans")

    personal_fields = frozenset(WORDS)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="monthly_reports")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    month = models.DateField("bulan")
    state = models.CharField("keadaan", max_length=15, choices=State, default=State.DRAFT)
    results = models.TextField("capaian dan perubahan", max_length=WORDS_LENGTH, blank=True)
    obstacles = models.TextField("kendala", max_length=WORDS_LENGTH, blank=True)
    plans = models.TextField("rencana bulan depan", max_length=WORDS_LENGTH, blank=True)
    submitted_on = models.DateField("diajukan", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField("diputuskan", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfWorkerQuerySet.as_manager()

    class Meta:
        verbose_name = "laporan bulanan"
        constraints = [
            models.UniqueConstraint(
                fields=["pendamping", "wilayah", "month"],
                name="report_once_a_month",
                violation_error_message="Laporan bulan ini sudah ada.",
            ),
            models.CheckConstraint(name="report_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="report_four_eyes",
                condition=Q(decided_by=None) | ~Q(decided_by=F("pendamping")),
                violation_error_message="Laporan sendiri tidak boleh disetujui sendiri.",
            ),
            models.CheckConstraint(
                name="report_approved_is_decided",
                condition=~Q(state__in=["disetujui", "terkunci"])
                | Q(decided_by__isnull=False, decided_on__isnull=False, submitted_on__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["wilayah", "state", "-month"], name="report_by_area")]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.get_state_display()}"

    def get_absolute_url(self):
        return f"/laporan/{self.pk}/"


class ReportMove(models.Model):
    """One change of state of a report: who, when, why, and what the figures were then. Insert-only; the author of a
    report takes no decision on it.
    """

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(unique=True, editable=False)
    report = models.ForeignKey(MonthlyReport, models.PROTECT, related_name="moves")
    to_state = models.CharField("menjadi", max_length=15, choices=MonthlyReport.State)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField("alasan", max_length=500, blank=True)
    values = models.JSONField("angka saat itu", default=dict)

    class Meta:
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="four_eyes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(
                    "IF NEW.to_state IN ('dikembalikan', 'disetujui', 'terkunci') AND EXISTS ("
                    "SELECT FROM reports_monthlyreport WHERE id = NEW.report_id AND pendamping_id = NEW.by_id) THEN"
                    " RAISE EXCEPTION 'nobody decides on an own report' USING ERRCODE = 'check_violation'; END IF;"
                    " RETURN NEW;"
                ),
            ),
        ]
