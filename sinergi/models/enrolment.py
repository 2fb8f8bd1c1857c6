"""A family in a programme: since when, from which baseline, with whose yes, and every step it took."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kpm.models import Assessment, Consent, Household
from kpm.models.scope import CaseQuerySet, OfTheDayQuerySet
from pkh_casework.ids import uuid7

from .programme import Programme, Stage


class EnrolmentQuerySet(OfTheDayQuerySet):
    def open(self):
        return self.filter(left_on=None)

    def newest(self):
        """Of each family the one that is open, or ended last."""
        last = F("left_on").desc(nulls_first=True)
        return self.filter(pk__in=self.order_by("household", last, "-pk").distinct("household").values("pk"))


@pghistory.track()
class Enrolment(models.Model):
    """A family's part in a programme; at most one is open for a family. Its stage is that of its newest StageMove.

    `wilayah` and `pendamping` are those of the day it joined: in figures it stays theirs when the family moves.
    """

    class Ending(models.TextChoices):
        DONE = "tuntas", "Tuntas, semua tahap dijalani"
        STOPPED = "berhenti", "Keluarga berhenti"
        WITHDRAWN = "tarik", "Keluarga menarik persetujuannya"
        MOVED = "pindah", "Pindah atau tidak lagi menjadi KPM"
        CLOSED = "ditutup", "Program ditutup"

    personal_fields = frozenset({"left_why"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="enrolments")
    household = models.ForeignKey(Household, models.PROTECT, related_name="enrolments")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    baseline = models.ForeignKey(Assessment, models.PROTECT, related_name="+", verbose_name="asesmen awal")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+", verbose_name="persetujuan")
    enrolled_on = models.DateField("ikut sejak")
    left_on = models.DateField("selesai ikut", null=True, blank=True)
    ending = models.CharField("bagaimana berakhir", max_length=10, choices=Ending, blank=True)
    left_why = models.CharField("keterangan", max_length=300, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "keikutsertaan"
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(left_on=None),
                name="enrolment_one_open_a_family",
                violation_error_message="Keluarga ini sedang ikut program lain.",
            ),
            models.CheckConstraint(
                name="enrolment_left_with_ending",
                condition=Q(left_on=None, ending="") | (Q(left_on__gte=F("enrolled_on")) & ~Q(ending="")),
            ),
        ]
        indexes = [models.Index(fields=["programme", "left_on"], name="enrolment_of_programme")]

    def get_absolute_url(self):
        return f"/sinergi/peserta/{self.pk}/"

    def is_at_last_stage(self):
        return self.moves.latest("number").stage_id == self.programme.stages.latest("position", "pk").pk


class StageMoveQuerySet(CaseQuerySet):
    def newest(self):
        """The newest move of each enrolment: the one that says where the family is."""
        return self.order_by("enrolment", "-number").distinct("enrolment")


class StageMove(models.Model):
    """A family came to a stage. Insert-only; `number` counts an enrolment's moves from 1, without a gap.

    It names the row that shows it (`evidence_kind`, a check of sinergi.evidence, and `evidence_id`), or holds the
    written `reason` of who moved it by hand: never neither, never both.
    """

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(editable=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="moves")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="moves")
    number = models.PositiveSmallIntegerField()
    moved_on = models.DateField("tanggal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    evidence_kind = models.CharField("bukti", max_length=10, blank=True)
    evidence_id = models.CharField(max_length=40, blank=True)
    reason = models.CharField("alasan", max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StageMoveQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "number"], name="stage_move_numbered"),
            models.CheckConstraint(
                name="stage_move_by_evidence_or_reason",
                condition=(~Q(evidence_kind="") & ~Q(evidence_id="") & Q(reason=""))
                | (Q(evidence_kind="", evidence_id="") & ~Q(reason="")),
            ),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]
