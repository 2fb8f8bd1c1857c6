"""What a family has chosen to change: goals in its own words, steps of both sides, and what has to wait."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7

from .assessment import Assessment
from .household import Household
from .instrument import Indicator, Level
from .scope import CaseQuerySet, OfTheDayQuerySet

MOST_GOALS = 3


class GoalQuerySet(OfTheDayQuerySet):
    def open(self):
        return self.filter(state=Goal.State.OPEN)

    def late(self, day):
        """Goals that should have been reached before `day`, or one of whose steps should have been done by then."""
        steps = GoalStep.objects.filter(goal=OuterRef("pk"), done_on=None, due_on__lt=day)
        return self.filter(Q(target_on__lt=day) | Exists(steps))


@pghistory.track()
class Goal(models.Model):
    """A priority of a family; at most MOST_GOALS are open at a time, each in its own `slot`.

    `code` and `from_level` are the indicator it was born from and its level that day.
    """

    class State(models.TextChoices):
        OPEN = "berjalan", "Berjalan"
        REACHED = "tercapai", "Tercapai"
        CHANGED = "diganti", "Diganti"
        DROPPED = "dihentikan", "Dihentikan"

    personal_fields = frozenset({"wish", "why", "closed_reason"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="goals")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="goals")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="indikator")
    code = models.CharField(max_length=4)
    from_level = models.PositiveSmallIntegerField(choices=Level, null=True)
    slot = models.PositiveSmallIntegerField()
    wish = models.CharField("yang ingin diubah", max_length=200)
    why = models.TextField("mengapa penting", max_length=500)
    started_on = models.DateField("mulai")
    target_on = models.DateField("target")
    state = models.CharField("keadaan", max_length=12, choices=State, default=State.OPEN)
    closed_on = models.DateField("ditutup", null=True, blank=True)
    closed_reason = models.CharField("alasan", max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = "tujuan"
        ordering = ["slot", "started_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "slot"],
                condition=Q(state="berjalan"),
                name="goal_one_open_per_slot",
                violation_error_message="Keluarga ini sudah punya tiga tujuan yang berjalan.",
            ),
            models.UniqueConstraint(
                fields=["household", "code"],
                condition=Q(state="berjalan"),
                name="goal_one_open_per_indicator",
                violation_error_message="Sudah ada tujuan yang berjalan untuk indikator ini.",
            ),
            models.CheckConstraint(name="goal_slot_1_to_3", condition=Q(slot__range=(1, MOST_GOALS))),
            models.CheckConstraint(
                name="goal_closed_with_day_and_reason",
                condition=Q(state="berjalan", closed_on=None)
                | (~Q(state="berjalan") & Q(closed_on__isnull=False) & ~Q(closed_reason="")),
                violation_error_message="Tulis alasan menutup tujuan ini.",
            ),
            models.CheckConstraint(
                name="goal_target_after_start",
                condition=Q(target_on__gt=F("started_on")),
                violation_error_message="Target harus sesudah hari mulai.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["target_on", "id"], condition=Q(state="berjalan"), name="goal_open_by_target"
            ),
            models.Index(
                fields=["-closed_on", "-id"], condition=~Q(state="berjalan"), name="goal_closed_newest"
            ),
        ]

    def __str__(self):
        return self.wish

    def get_absolute_url(self):
        return f"/tujuan/{self.pk}/"

    @property
    def is_open(self):
        return self.state == Goal.State.OPEN

    @property
    def done_steps(self):
        """How many steps are done. Like `next_step` it reads all `steps`: prefetch them for a list."""
        return sum(step.done_on is not None for step in self.steps.all())

    @property
    def next_step(self):
        """The step that is due first of those not done, or None."""
        return next((step for step in self.steps.all() if step.done_on is None), None)


class GoalStepQuerySet(CaseQuerySet):
    def waiting(self):
        """Steps of open goals that are not done yet."""
        return self.filter(done_on=None, goal__state=Goal.State.OPEN)


@pghistory.track()
class GoalStep(models.Model):
    """One thing that the family or its pendamping will do for a goal, by a day."""

    class Whose(models.TextChoices):
        FAMILY = "keluarga", "Langkah keluarga"
        PENDAMPING = "pendamping", "Langkah pendamping"

    personal_fields = frozenset({"text"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="steps")
    household = models.ForeignKey(Household, models.PROTECT, related_name="goal_steps")
    whose = models.CharField("langkah siapa", max_length=12, choices=Whose)
    text = models.CharField("langkah", max_length=200)
    due_on = models.DateField("paling lambat")
    done_on = models.DateField("selesai", null=True, blank=True)

    objects = GoalStepQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["household", "due_on"], condition=Q(done_on=None), name="goal_step_waiting")
        ]

    def __str__(self):
        return self.text


@pghistory.track()
class Deferral(models.Model):
    """A written *belum*: why an indicator at level 1 gets no goal after this assessment."""

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="deferrals")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="deferrals")
    code = models.CharField(max_length=4)
    reason = models.CharField("alasan", max_length=300)
    written_on = models.DateField("ditulis")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "code"], name="deferral_once_an_assessment"),
            models.CheckConstraint(name="deferral_with_a_reason", condition=~Q(reason="")),
        ]


class GoalPhrase(models.Model):
    """A ready example for one field of a goal from the indicator `code`; master data, dated."""

    class Part(models.TextChoices):
        WISH = "keinginan", "Yang ingin diubah"
        WHY = "alasan", "Mengapa penting"
        FAMILY = "keluarga", "Langkah keluarga"
        PENDAMPING = "pendamping", "Langkah pendamping"

    personal_fields = frozenset()

    code = models.CharField("kode indikator", max_length=4)
    part = models.CharField("bagian", max_length=12, choices=Part)
    text = models.CharField("kalimat", max_length=200)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "contoh kalimat tujuan"
        ordering = ["code", "part", "position"]
        constraints = [
            models.UniqueConstraint(fields=["code", "part", "text"], name="goal_phrase_once"),
        ]

    def __str__(self):
        return self.text
