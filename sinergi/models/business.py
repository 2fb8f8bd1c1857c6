"""What families of a programme build together, and what the programme costs."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kpm.models import Household
from kpm.models.scope import CaseQuerySet
from pkh_casework.ids import uuid7

from .enrolment import Enrolment
from .programme import Programme, Stage


@pghistory.track()
class BusinessGroup(models.Model):
    """A kelompok usaha (like a KUBE) of families of one programme; whoever sees the programme's board sees its name."""

    personal_fields = frozenset({"name", "product"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="business_groups")
    name = models.CharField("nama kelompok usaha", max_length=80)
    product = models.CharField("yang dibuat atau dijual", max_length=120)
    formed_on = models.DateField("dibentuk")
    chair = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="ketua"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "kelompok usaha"
        ordering = ["formed_on", "pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/sinergi/usaha/{self.pk}/"


def there_in(programme, path=""):
    """The condition on rows of BusinessMember (along `path`) that are in their group, or were so at the closing."""
    if programme.closed_on:
        return Q(**{f"{path}left_on__gte": programme.closed_on})
    return Q(**{f"{path}left_on": None})


@pghistory.track()
class BusinessMember(models.Model):
    """A family in a business group in [joined_on, left_on); in one at a time."""

    personal_fields = frozenset()

    group = models.ForeignKey(BusinessGroup, models.PROTECT, related_name="members")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="business_memberships")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    joined_on = models.DateField("masuk")
    left_on = models.DateField("keluar", null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(left_on=None), name="business_member_of_one"
            ),
            models.CheckConstraint(
                name="business_member_leaves_after_joining",
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
            ),
        ]


@pghistory.track()
class BudgetLine(models.Model):
    """What a programme pays for in one stage: planned and spent, in whole rupiah, and whose money it is."""

    personal_fields = frozenset({"what", "source"})

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="budget")
    stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="tahap"
    )
    what = models.CharField("untuk apa", max_length=120)
    planned = models.PositiveBigIntegerField("rencana (Rp)")
    spent = models.PositiveBigIntegerField("terpakai (Rp)", default=0)
    source = models.CharField("sumber dana", max_length=120, blank=True)

    class Meta:
        verbose_name = "mata anggaran"
        ordering = ["stage__position", "pk"]

    def get_absolute_url(self):
        return f"/sinergi/anggaran/{self.pk}/"
