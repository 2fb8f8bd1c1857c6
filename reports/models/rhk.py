"""RHK (rencana hasil kerja): the yearly list of results a pendamping answers for, and which activity serves which."""

from django.core.exceptions import ValidationError
from django.db import models

from pkh_casework.dated import DatedQuerySet
from roles.models import ActivityKind, SubRole

NUMBERS = range(1, 10)  # the numbers that have a figure


class RHK(models.Model):
    """One result of the list in force; another year's list has other rows, its numbers in another order.

    `figures` are the slugs of figures that this result counts besides its activities, with blanks between.
    """

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=12, primary_key=True)
    number = models.PositiveSmallIntegerField("nomor")
    name = models.CharField("hasil kerja", max_length=200)
    figures = models.CharField("angka lain yang dihitung", max_length=200, blank=True)
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "RHK"
        ordering = ["valid_from", "number"]
        constraints = [
            models.UniqueConstraint(fields=["number", "valid_from"], name="rhk_number_once_a_list")
        ]

    def __str__(self):
        return f"RHK {self.number}"

    def clean(self):
        if self.number not in NUMBERS:
            raise ValidationError({"number": f"Nomor RHK {NUMBERS[0]} sampai {NUMBERS[-1]}."})

    @property
    def counted(self):
        """The slugs of its figures."""
        return self.figures.split()


class PlanAction(models.Model):
    """One way to a result (rencana aksi); `supervising` ones are for those who lead pendamping."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=16, primary_key=True)
    rhk = models.ForeignKey(RHK, models.PROTECT, related_name="actions")
    name = models.CharField("rencana aksi", max_length=200)
    supervising = models.BooleanField("untuk pembina")
    position = models.PositiveSmallIntegerField("urutan")

    class Meta:
        verbose_name = "rencana aksi"
        ordering = ["rhk", "position"]

    def __str__(self):
        return self.name


class RHKRule(models.Model):
    """Activities of a kind, or of a kind in one sub-role, serve a rencana aksi. The narrower rule wins."""

    personal_fields = frozenset()

    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="+")
    sub_role = models.ForeignKey(SubRole, models.PROTECT, null=True, blank=True, related_name="+")
    action = models.ForeignKey(PlanAction, models.PROTECT, related_name="rules")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "sub_role", "valid_from"],
                name="rhk_rule_once_a_day",
                nulls_distinct=False,
            )
        ]
