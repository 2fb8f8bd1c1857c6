"""Until when a monthly report is on time; master data."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models

from pkh_casework.dated import DatedQuerySet, kept_a_minute
from pkh_casework.days import months_after

LATEST = 28  # a day that every month has


class ReportDue(models.Model):
    """A report is on time until the `day` of the next month; later ones are taken all the same."""

    personal_fields = frozenset()

    day = models.PositiveSmallIntegerField("sampai tanggal, bulan berikutnya")
    valid_from = models.DateField("berlaku sejak", unique=True)
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "batas laporan"
        ordering = ["valid_from"]

    def __str__(self):
        return f"tanggal {self.day}"

    def clean(self):
        if not 1 <= (self.day or 0) <= LATEST:
            raise ValidationError({"day": f"Tanggal 1 sampai {LATEST}."})


@kept_a_minute
def due_on(month: date) -> date:
    """The last day on which the report of `month` (its first day) is on time, by the rule in force when the month is
    over.
    """
    after = months_after(month, 1)
    return after.replace(day=ReportDue.objects.valid_on(after).get().day)
