"""What came of a family's benefit in one tahap: paid, not yet, or stuck at the card or the account."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from pkh_casework.dated import DatedQuerySet

from .component import PayStage
from .household import Household
from .scope import OfTheDayQuerySet


class PaymentTrouble(models.Model):
    """Why money does not reach a family, what helps, and after how many days to look again; master data."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=80)
    advice = models.CharField("yang bisa dilakukan", max_length=200)
    look_again_days = models.PositiveSmallIntegerField("dilihat lagi sesudah hari")
    position = models.PositiveSmallIntegerField("urutan")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "masalah penyaluran"
        ordering = ["position"]

    def __str__(self):
        return self.name


class PaymentQuerySet(OfTheDayQuerySet):
    def of_term(self, term):
        """The checks about one tahap, a kpm.payments.PayTerm."""
        return self.filter(year=term.year, stage=term.stage)

    def newest(self):
        """What holds of each family and tahap: the check of the newest day."""
        return self.filter(is_latest=True)

    def troubled(self):
        """What is stuck now, of any tahap."""
        return self.newest().filter(state=PaymentCheck.State.TROUBLE)


@pghistory.track()
class PaymentCheck(models.Model):
    """What a pendamping found on a day about one tahap of one family. A later check adds a row and takes `is_latest`;
    what was found before stays, so that the months count what was done in them.

    `look_again_on` stands while something is stuck. `amount` in rupiah, where the family told it.
    """

    class State(models.TextChoices):
        PAID = "cair", "Cair"
        NOT_YET = "belum", "Belum cair"
        TROUBLE = "masalah", "Bermasalah"

    personal_fields = frozenset({"amount", "note"})
    OFFERED = ("checked_on", "state", "trouble", "look_again_on", "paid_on", "amount", "note")

    household = models.ForeignKey(Household, models.PROTECT, related_name="payment_checks")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("tahun")
    stage = models.ForeignKey(PayStage, models.PROTECT, related_name="+", verbose_name="tahap")
    checked_on = models.DateField("dicek")
    state = models.CharField("keadaan", max_length=8, choices=State)
    trouble = models.ForeignKey(
        PaymentTrouble, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="masalahnya"
    )
    look_again_on = models.DateField("dilihat lagi", null=True, blank=True)
    paid_on = models.DateField("cair tanggal", null=True, blank=True)
    amount = models.PositiveIntegerField("diterima (rupiah)", null=True, blank=True)
    note = models.CharField("catatan", max_length=200, blank=True)
    is_latest = models.BooleanField(default=True, editable=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "cek penyaluran"
        ordering = ["-checked_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "year", "stage"],
                condition=Q(is_latest=True),
                name="payment_one_latest_a_tahap",
            ),
            models.CheckConstraint(
                name="payment_trouble_is_named",
                condition=Q(state="masalah", trouble__isnull=False, look_again_on__isnull=False)
                | (~Q(state="masalah") & Q(trouble=None, look_again_on=None)),
                violation_error_message="Pilih apa masalahnya.",
            ),
            models.CheckConstraint(
                name="payment_money_only_when_paid",
                condition=Q(state="cair") | Q(paid_on=None, amount=None),
                violation_error_message="Tanggal dan jumlah hanya untuk yang sudah cair.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["look_again_on", "id"],
                condition=Q(is_latest=True, state="masalah"),
                name="payment_stuck_by_day",
            ),
            models.Index(fields=["wilayah", "checked_on"], name="payment_by_area_and_day"),
        ]

    def __str__(self):
        return self.told

    def get_absolute_url(self):
        return f"{self.household.get_absolute_url()}bantuan/{self.year}-{self.stage_id}/"

    @property
    def told(self):
        """The state in words, with what is stuck."""
        return f"{self.get_state_display()}: {self.trouble}" if self.trouble_id else self.get_state_display()
