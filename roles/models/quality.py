"""Visit quality: when a visit is asked about, what its author says to it, and what a koordinator makes of it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from entries.history import keep_old_versions
from pkh_casework.access import KOORDINATOR
from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7
from pkh_casework.scope import OfWorkerQuerySet

from .activity import Activity
from .catalogue import ActivityKind, SubRole


class Doubt(models.TextChoices):
    """What may be asked about a visit; never that something is wrong."""

    SAME = "sama", "Catatan sama persis"
    FAST = "cepat", "Banyak kunjungan dalam satu jam"
    AT_ONCE = "sekaligus", "Dicatat sekaligus, semua bertemu"
    PHOTO = "foto", "Belum ada foto"


class VisitRule(models.Model):
    """When a visit is asked about; master data. The head of data/aturan_mutu.csv says what each column means."""

    class Unit(models.TextChoices):
        DAYS = "hari", "hari"
        MINUTES = "menit", "menit"
        SECONDS = "detik", "detik"

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=24)
    kind = models.CharField("yang ditanyakan", max_length=10, choices=Doubt)
    activity_kind = models.ForeignKey(
        ActivityKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="jenis kegiatan"
    )
    sub_role = models.ForeignKey(
        SubRole, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="sub-peran"
    )
    number = models.PositiveSmallIntegerField("banyaknya", null=True, blank=True)
    span = models.PositiveSmallIntegerField("dalam", null=True, blank=True)
    unit = models.CharField("satuan", max_length=5, choices=Unit, blank=True)
    least_letters = models.PositiveSmallIntegerField("huruf paling sedikit", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "batas mutu kunjungan"
        ordering = ["key", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="visit_rule_once_a_day"),
            models.CheckConstraint(
                name="visit_rule_says_how_many_within",
                condition=Q(kind="foto", activity_kind__isnull=False)
                | Q(number__gte=1, span__gte=1) & ~Q(unit="") & ~Q(kind="foto"),
                violation_error_message="Isi banyaknya, dalam berapa, dan satuannya; untuk foto jenis kegiatannya.",
            ),
        ]

    def __str__(self):
        return self.key


class Recording(models.Model):
    """When an activity was recorded, wherever there was signal, and its author's own words as a fingerprint.

    `words` is "" where only ready sentences, or hardly a word, were chosen. Activities from before the rules have none.
    """

    personal_fields = frozenset({"words"})

    activity = models.OneToOneField(Activity, models.PROTECT, primary_key=True, related_name="recording")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    occurred_on = models.DateField("tanggal")
    recorded_at = models.DateTimeField("dicatat")
    words = models.CharField("sidik kata", max_length=64, blank=True)
    letters = models.PositiveSmallIntegerField("huruf", default=0)

    class Meta:
        verbose_name = "rekaman kegiatan"
        indexes = [
            models.Index(fields=["pendamping", "recorded_at"], name="recording_by_moment"),
            models.Index(
                fields=["pendamping", "words", "occurred_on"],
                condition=~Q(words=""),
                name="recording_by_words",
            ),
        ]


class InNoFigureQuerySet(OfWorkerQuerySet):
    """A pendamping sees of the own work all that a koordinator of the area of the day sees of it; no figure counts it."""

    def counted_for(self, user):
        return self.none()


class VisitReview(models.Model):
    """What a koordinator made of some visits that were asked about, all of one pendamping and kind. Insert-only."""

    class Outcome(models.TextChoices):
        FINE = "wajar", "Wajar"
        TALK = "dibicarakan", "Perlu dibicarakan"
        MENDED = "diperbaiki", "Sudah diperbaiki"

    personal_fields = frozenset({"note"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    kind = models.CharField("yang ditanyakan", max_length=10, choices=Doubt)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("ditinjau", default=timezone.now)
    outcome = models.CharField("hasil tinjauan", max_length=12, choices=Outcome)
    note = models.CharField("catatan", max_length=500)

    objects = InNoFigureQuerySet.as_manager()

    class Meta:
        verbose_name = "tinjauan kunjungan"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["wilayah", "-at"], name="visit_review_of_area"),
            models.Index(fields=["pendamping", "kind", "-at"], name="visit_review_of_worker"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_outcome_display()}"

    def get_absolute_url(self):
        return f"/mutu-kunjungan/{self.pendamping_id}/{self.kind}/"


class RemarkQuerySet(InNoFigureQuerySet):
    def open(self):
        """Those that no koordinator reviewed and no correction made void."""
        return self.filter(review=None, gone_at=None)

    def listed_for(self, user, today):
        """The open ones on the list of `user`: the author's at once, a koordinator's when there is a reason, or a day later."""
        rows = self.visible_to(user).open()
        return rows.filter(~Q(reason="") | Q(noted_on__lt=today)) if user.duty == KOORDINATOR else rows


@keep_old_versions
class VisitRemark(models.Model):
    """One thing that is asked about an activity: its author may say why, a koordinator reviews it.

    `number` is how many others are alike, were within the hour, or at once. `gone_at`: a correction of the activity, or of
    another one, made it void before anybody reviewed it.
    """

    personal_fields = frozenset({"reason"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="remarks")
    kind = models.CharField("yang ditanyakan", max_length=10, choices=Doubt)
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    occurred_on = models.DateField("tanggal")
    number = models.PositiveSmallIntegerField("banyaknya", default=0)
    noted_on = models.DateField("ditanyakan")
    reason = models.CharField("sebabnya", max_length=500, blank=True)
    gone_at = models.DateTimeField("tidak perlu lagi sejak", null=True, blank=True)
    review = models.ForeignKey(
        VisitReview, models.PROTECT, null=True, blank=True, related_name="remarks", verbose_name="tinjauan"
    )

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = "pertanyaan mutu kunjungan"
        ordering = ["-occurred_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["activity", "kind"], name="remark_once_per_activity")]
        indexes = [
            models.Index(
                fields=["wilayah", "pendamping", "kind"],
                condition=Q(review=None, gone_at=None),
                name="remark_open_by_area",
            ),
            models.Index(fields=["pendamping", "kind", "-occurred_on", "-id"], name="remark_of_worker"),
        ]

    def __str__(self):
        return self.words

    def get_absolute_url(self):
        return f"/kegiatan/{self.activity_id}/"

    @property
    def is_open(self):
        return self.review_id is None and self.gone_at is None

    @property
    def words(self):
        """What is asked, as its author reads it."""
        return {
            Doubt.SAME: f"Catatan ini sama persis dengan kunjungan ke {self.number} keluarga lain.",
            Doubt.FAST: f"{self.number} keluarga dikunjungi dalam satu jam, menurut jam dicatat.",
            Doubt.AT_ONCE: f"{self.number} keluarga dicatat sekaligus, semuanya bertemu.",
            Doubt.PHOTO: "Kegiatan ini biasanya punya foto, dan belum ada.",
        }[Doubt(self.kind)]

    @property
    def question(self):
        """What would help a koordinator to understand."""
        return {
            Doubt.SAME: "Mengapa catatannya sama?",
            Doubt.FAST: "Bagaimana kunjungannya berlangsung?",
            Doubt.AT_ONCE: "Bagaimana kunjungannya berlangsung?",
            Doubt.PHOTO: "Mengapa tidak ada foto?",
        }[Doubt(self.kind)]
