"""Where a family stands: assessments, and the score of each indicator from one day to the next."""

from datetime import timedelta

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pkh_casework.ids import uuid7

from .household import Household
from .instrument import Indicator, Instrument, Level, ReadinessRule
from .scope import OfTheDayQuerySet

EDIT_DAYS = 7  # counted from when the server received it
NEAR = 2  # so many indicators short of the rule of readiness still count as near


@pghistory.track(
    pghistory.UpdateEvent(
        "before_change",
        row=pghistory.Old,
        condition=pghistory.AnyChange("assessed_on", "form", "path", "notes"),
    ),
    pghistory.DeleteEvent("before_delete", row=pghistory.Old),
)
class Assessment(models.Model):
    """One talk with a family on one day, on the short or full form of one version of the instrument.

    `path` and `wilayah` are those of the day. `mean`, `lowest`, `lacking` and `is_ready` speak of where the family
    stood after it, all its newest answers together: the mean of the levels, the lowest one, how many indicators at
    the least would have to rise for `rule` (empty where nothing is scored for graduation), and whether `rule`'s
    conditions on levels held. `compared` is how many of its answers followed an earlier one to the same indicator, and
    `steps` how many levels these went up together, below 0 down, empty without any. All six are written by
    kpm.operations.
    """

    class Form(models.TextChoices):
        SHORT = "singkat", "Singkat"
        FULL = "lengkap", "Lengkap"

    personal_fields = frozenset({"notes"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, db_index=False, related_name="assessments")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, db_index=False, related_name="+")
    pendamping = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="assessments"
    )
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    form = models.CharField("bentuk", max_length=10, choices=Form)
    path = models.CharField("jalur", max_length=20, choices=Household.Path)
    assessed_on = models.DateField("tanggal")
    notes = models.TextField("catatan", max_length=1000, blank=True)
    rule = models.ForeignKey(ReadinessRule, models.PROTECT, null=True, related_name="+")
    mean = models.DecimalField(max_digits=3, decimal_places=2, null=True)
    lowest = models.PositiveSmallIntegerField(choices=Level, null=True)
    lacking = models.PositiveSmallIntegerField(null=True)
    is_ready = models.BooleanField(default=False)
    compared = models.PositiveSmallIntegerField(default=0, db_default=0)
    steps = models.SmallIntegerField(null=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfTheDayQuerySet.as_manager()

    class Meta:
        verbose_name = "asesmen"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "assessed_on"],
                name="assessment_once_a_day",
                violation_error_message="Keluarga ini sudah diases pada tanggal itu.",
            ),
            models.CheckConstraint(
                name="assessment_protection_path_is_never_ready",
                condition=Q(is_ready=False) | ~Q(path="perlindungan"),
            ),
        ]
        indexes = [
            models.Index(fields=["wilayah", "assessed_on"], name="assessment_by_area"),
            models.Index(fields=["pendamping", "assessed_on"], name="assessment_of_pendamping"),
            models.Index(
                fields=["wilayah", "lacking", "id"],
                condition=Q(lacking__lte=NEAR),
                name="assessment_near_by_area",
            ),
        ]

    def __str__(self):
        return f"{self.get_form_display()} {self.assessed_on}"

    def get_absolute_url(self):
        return f"/asesmen/{self.pk}/"

    def editable_until(self):
        """The moment from which the author can no longer correct it."""
        return self.received_at + timedelta(days=EDIT_DAYS)

    def is_editable_by(self, user, now):
        """Whether its author may still correct it, or a koordinator lets a correction in that came too late."""
        is_in_time = now < self.editable_until() or user.is_asked_as_former_holder
        return self.pendamping_id == user.pk and is_in_time


class ScoreQuerySet(OfTheDayQuerySet):
    author = "assessment__pendamping"

    def standing(self, day=None):
        """The scores that hold on `day` (None: now), at most one for each family and indicator."""
        if day is None:
            return self.filter(until_on=None).exclude(state=Score.State.SKIPPED)
        return self.filter(Q(until_on=None) | Q(until_on__gt=day), assessed_on__lte=day).exclude(
            state=Score.State.SKIPPED
        )


@pghistory.track(
    pghistory.UpdateEvent(
        "before_change",
        row=pghistory.Old,
        condition=pghistory.AnyChange("family_level", "level", "state", "reason", "note"),
    ),
    pghistory.DeleteEvent("before_delete", row=pghistory.Old),
)
class Score(models.Model):
    """One indicator in one assessment: the family's level, the pendamping's, or why there is none.

    `level` (the pendamping's) is the one that counts. A score holds in [assessed_on, until_on): until the family's
    next score of the same `code` in a later assessment; `until_on` is empty while it is the newest. A skipped
    indicator says nothing, so it neither holds nor ends another. `until_on` is a cache written by kpm.operations.
    """

    class State(models.TextChoices):
        ANSWERED = "dijawab", "Dijawab"
        SKIPPED = "dilewati", "Dilewati"
        NOT_APPLICABLE = "tidak_berlaku", "Tidak berlaku"

    personal_fields = frozenset({"note", "reason"})

    assessment = models.ForeignKey(Assessment, models.PROTECT, db_index=False, related_name="scores")
    household = models.ForeignKey(Household, models.PROTECT, db_index=False, related_name="scores")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, db_index=False, related_name="+")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    code = models.CharField(max_length=4)
    state = models.CharField("keadaan", max_length=15, choices=State, default=State.ANSWERED)
    family_level = models.PositiveSmallIntegerField("pilihan keluarga", choices=Level, null=True, blank=True)
    level = models.PositiveSmallIntegerField("penilaian pendamping", choices=Level, null=True, blank=True)
    note = models.CharField("catatan pendamping", max_length=300, blank=True)
    reason = models.CharField("alasan", max_length=200, blank=True)
    assessed_on = models.DateField()
    until_on = models.DateField(null=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "indicator"], name="score_once_an_assessment"),
            models.UniqueConstraint(
                fields=["household", "code"],
                condition=Q(until_on=None) & ~Q(state="dilewati"),
                include=["level"],  # where families stand now is read from this index alone
                name="score_one_standing_now",
            ),
            models.CheckConstraint(
                name="score_answered_has_both_levels",
                condition=Q(state="dijawab", family_level__range=(1, 4), level__range=(1, 4))
                | (~Q(state="dijawab") & Q(family_level=None, level=None)),
            ),
            models.CheckConstraint(
                name="score_differs_with_a_note",
                condition=Q(level=None) | Q(level=F("family_level")) | ~Q(note=""),
                violation_error_message="Tulis mengapa penilaian Anda berbeda dengan pilihan keluarga.",
            ),
            models.CheckConstraint(
                name="score_not_applicable_with_a_reason",
                condition=~Q(state="tidak_berlaku") | ~Q(reason=""),
                violation_error_message="Tulis mengapa indikator ini tidak berlaku.",
            ),
            models.CheckConstraint(
                name="score_ends_not_before_it_begins",
                condition=Q(until_on=None) | Q(until_on__gte=F("assessed_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["household", "code", "assessed_on"], name="score_of_household"),
            models.Index(
                fields=["wilayah", "code", "level"],
                condition=Q(until_on=None) & ~Q(state="dilewati"),
                name="score_standing_by_area",
            ),
        ]


class LevelMonth(models.Model):
    """How many families stood at a level of an indicator at the end of a past month, by kelurahan of the day.

    A roll-up: rebuilt from the scores at will, so that a look back costs the same however long the history is.
    """

    personal_fields = frozenset()

    # An index by kelurahan alone would read the months of all years to find one.
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, db_index=False, related_name="+")
    month = models.DateField("bulan")
    code = models.CharField(max_length=4)
    level = models.PositiveSmallIntegerField(choices=Level)
    families = models.PositiveIntegerField("keluarga")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "wilayah", "code", "level"], name="level_month_once")
        ]
