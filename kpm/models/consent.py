"""A family's consent before anything about it leaves the house: for what, in which words, how and when."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pkh_casework.dated import DatedQuerySet

from .household import Household
from .member import Member
from .scope import CaseQuerySet


class ConsentText(models.Model):
    """One version of the words read to a family; master data, never changed once used."""

    class Purpose(models.TextChoices):
        REFERRAL = "rujukan", "Rujukan ke mitra"
        PROGRAMME = "program", "Ikut program"

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=20, primary_key=True)
    purpose = models.CharField("untuk", max_length=12, choices=Purpose)
    version = models.PositiveSmallIntegerField("versi")
    text = models.TextField("isi")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["purpose", "version"]
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="consent_text_once")]


@pghistory.track()
class Consent(models.Model):
    """A yes of a family; it can be taken back on `withdrawn_on`, and then nothing more may leave."""

    class How(models.TextChoices):
        WRITTEN = "tertulis", "Tertulis, ditandatangani"
        SPOKEN = "lisan", "Lisan, dibacakan lalu disetujui"

    personal_fields = frozenset({"given_by"})

    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="consents")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="+")
    given_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="yang menyetujui")
    how = models.CharField("cara", max_length=10, choices=How)
    given_on = models.DateField("tanggal")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_on = models.DateField("ditarik", null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "persetujuan"
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="consent_withdrawn_after_given",
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("given_on")),
            )
        ]

    def holds_on(self, day):
        return self.given_on <= day and (self.withdrawn_on is None or self.withdrawn_on > day)
