"""A locked month of a kelurahan: its rows, totals and reports as they were, under one hash (contract C7).

Every table here only grows. What comes late stands beside it as susulan, and a reopened month is locked again as
another version.
"""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from entries.models import HeldEntry, Period
from kpm.models import Household
from pkh_casework.access import KELURAHAN, KOORDINATOR
from pkh_casework.ids import uuid7
from roles.models import Activity

from .report import MonthlyReport

REASON_LENGTH = 500


def insert_only():
    """The trigger by which the database refuses every change of a row; a new one for each model."""
    return [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class MonthLockQuerySet(models.QuerySet):
    def in_force(self):
        """The version that speaks for its month: of a month that is locked the one that was not opened again."""
        return self.filter(reopening=None, period__state=Period.State.LOCKED)

    def counted_for(self, user):
        """Locks of the asker's area, for those who look after an area."""
        if user.duty in {KELURAHAN, KOORDINATOR}:
            return self.filter(period__wilayah__code__startswith=user.wilayah_id)
        return self.none()


class MonthLock(models.Model):
    """One version of a month as it was locked. `totals` are {slug: {"jumlah": n, "pendamping": {id: n}}}, counted from
    its own rows; `digest` is the SHA-256 (hex) over rows, totals and reports, see reports.monthly.frozen. `schema` says which
    sorts of rows it keeps: 1 the work of the month, since 2 also the families at its end.
    """

    SCHEMA = 2

    personal_fields = frozenset({"reason"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    period = models.ForeignKey(Period, models.PROTECT, related_name="locks")
    version = models.PositiveSmallIntegerField("versi")
    schema = models.PositiveSmallIntegerField("skema", default=1)
    totals = models.JSONField("jumlah")
    digest = models.CharField("sidik", max_length=64)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    locked_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField("keterangan", max_length=REASON_LENGTH, blank=True)

    objects = MonthLockQuerySet.as_manager()

    class Meta:
        ordering = ["period", "version"]
        constraints = [models.UniqueConstraint(fields=["period", "version"], name="lock_version_once")]
        triggers = insert_only()

    def get_absolute_url(self):
        return f"/laporan/versi/{self.pk}/"


class FrozenRow(models.Model):
    """One row of one sort (`source`) as it counted: in which `figures`, for whom, on which day. `data` holds what
    everybody who may open the figure may see of it, and no more.
    """

    personal_fields = frozenset()

    lock = models.ForeignKey(MonthLock, models.PROTECT, related_name="rows")
    source = models.CharField("macam", max_length=20)
    key = models.CharField("kunci", max_length=40)
    day = models.DateField("tanggal")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    figures = ArrayField(models.CharField(max_length=40))
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["source", "key"]
        constraints = [models.UniqueConstraint(fields=["lock", "source", "key"], name="frozen_row_once")]
        triggers = insert_only()


class FrozenReport(models.Model):
    """The words of a report as they stood when its month was locked."""

    personal_fields = frozenset({"results", "obstacles", "plans"})

    lock = models.ForeignKey(MonthLock, models.PROTECT, related_name="reports")
    report = models.ForeignKey(MonthlyReport, models.PROTECT, related_name="frozen")
    state = models.CharField("keadaan", max_length=15, choices=MonthlyReport.State)
    results = models.TextField("capaian dan perubahan", blank=True)
    obstacles = models.TextField("kendala", blank=True)
    plans = models.TextField("rencana bulan depan", blank=True)

    class Meta:
        ordering = ["report"]
        constraints = [models.UniqueConstraint(fields=["lock", "report"], name="frozen_report_once")]
        triggers = insert_only()


class MonthReopening(models.Model):
    """Why a locked version was opened again; the next lock is the next version."""

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(unique=True, editable=False)
    lock = models.OneToOneField(MonthLock, models.PROTECT, related_name="reopening")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField("alasan", max_length=REASON_LENGTH)

    class Meta:
        triggers = insert_only()


class LateEntryQuerySet(models.QuerySet):
    def still_late(self):
        """Those of months that are locked without them: no version in force tells of them."""
        locks = MonthLock.objects.in_force().filter(period=OuterRef("period"))
        kept = FrozenRow.objects.filter(
            lock__period=OuterRef("period"),
            lock__in=MonthLock.objects.in_force(),
            source="kegiatan",
            key=Cast(OuterRef("activity"), TextField()),
        )
        return self.filter(Exists(locks)).exclude(Exists(kept))


class LateEntry(models.Model):
    """Susulan: an entry held at the lock that a koordinator let in, told in the report of the month `told_in`.

    Its activity is a row of the locked month now, and of none of its frozen totals; a later version of the month may keep
    it, and tells of it then.
    """

    personal_fields = frozenset({"reason"})

    held = models.OneToOneField(HeldEntry, models.PROTECT, related_name="late_entry")
    period = models.ForeignKey(Period, models.PROTECT, related_name="late_entries")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    activity = models.OneToOneField(Activity, models.PROTECT, related_name="late_entry")
    told_in = models.DateField("dilaporkan pada bulan")
    reason = models.CharField("alasan", max_length=REASON_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = LateEntryQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["pendamping", "told_in"], name="late_entry_of_pendamping")]
        triggers = insert_only()
