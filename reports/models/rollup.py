"""The roll-up of months that are over: what each figure counted, by area and by pendamping."""

from django.conf import settings
from django.db import models


class MonthCount(models.Model):
    """What the figures counted in `month` in one area of any level: of all its work, or of what one pendamping did.

    `values` are {slug: number} of the figures that may be rolled up; a zero is left out. Counted by reports.figures.rollups,
    never changed by hand. `counting` names the set of figures that counted: of another set the row says nothing.
    """

    personal_fields = frozenset()

    month = models.DateField("bulan")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    counting = models.CharField("hitungan", max_length=32)
    values = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wilayah", "month", "pendamping"], nulls_distinct=False, name="month_count_once"
            )
        ]
        indexes = [models.Index(fields=["month", "counting"], name="month_count_by_counting")]
