"""A due family put off to a later day, with the reason, and the reasons that are ready to be tapped."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from kpm.models import Household
from kpm.models.scope import CaseQuerySet
from pkh_casework.dated import DatedQuerySet


class PostponementQuerySet(CaseQuerySet):
    def hiding_on(self, day):
        """Postponements that keep a family out of the worklist on `day`: the newest of each family, if it lasts."""
        newest = self.order_by("household", "-created_at", "-pk").distinct("household")
        return Postponement.objects.filter(pk__in=newest.values("pk"), until_on__gt=day)


class Postponement(models.Model):
    """The pendamping put a family off until `until_on`; the newest row of a family counts.

    Lifting is one more row, until the day itself.
    """

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="postponements")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    until_on = models.DateField("ditunda sampai")
    reason = models.CharField("alasan", max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PostponementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["household", "-created_at"], name="postponement_of_household")]


class PostponeReason(models.Model):
    """A ready reason to put a family off, and for how many days; master data."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    words = models.CharField("alasan", max_length=60)
    days = models.PositiveSmallIntegerField("ditunda berapa hari")
    position = models.PositiveSmallIntegerField("urutan")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "alasan menunda"
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="postpone_reason_1_to_90_days",
                condition=models.Q(days__range=(1, 90)),
                violation_error_message="Antara 1 dan 90 hari.",
            )
        ]

    def __str__(self):
        return self.words
