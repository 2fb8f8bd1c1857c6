"""What two families must have in common to be perhaps one: dated master data, loaded from kpm/data/."""

from django.db import models

from pkh_casework.dated import DatedQuerySet


class DuplicateRule(models.Model):
    """What one thing in common counts for (`points`, at most `most` times), or one of the thresholds: from `pasti` on two
    families are nearly surely one, from `periksa` on somebody must look; a merge can be undone for `urung_hari` days.
    """

    CERTAIN, LOOK, UNDO_DAYS = "pasti", "periksa", "urung_hari"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20)
    points = models.SmallIntegerField("nilai")
    most = models.PositiveSmallIntegerField("paling banyak", default=1)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "aturan keluarga ganda"
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="duplicate_rule_once_a_day")
        ]
