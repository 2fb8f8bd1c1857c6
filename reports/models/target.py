"""What a figure should reach: set for an area or for one pendamping by two people, or the same for every pendamping."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from entries.history import keep_old_versions
from pkh_casework.access import KOORDINATOR
from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7
from pkh_casework.scope import OfWorkerQuerySet

REASON_LENGTH = 300
MOST = 1_000_000


class TargetRule(models.Model):
    """What each pendamping should reach of a figure as long as nobody set a target of their own; master data. Of a figure of
    a year it is for the year, of a month for the month.
    """

    personal_fields = frozenset()

    figure = models.CharField("angka", max_length=40)
    value = models.PositiveIntegerField("per pendamping")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "target umum"
        ordering = ["figure", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["figure", "valid_from"], name="target_rule_once_a_day")
        ]


class TargetQuerySet(OfWorkerQuerySet):
    def waiting(self):
        return self.filter(state=Target.State.PROPOSED)

    def to_decide(self, user):
        """Proposals of others for `user`, a koordinator whose area holds that of who proposed."""
        if user.duty != KOORDINATOR:
            return self.none()
        rows = self.visible_to(user).waiting().exclude(proposed_by=user)
        return rows.filter(proposed_by__wilayah__code__startswith=user.wilayah_id)

    def about(self, target):
        """Those of the same figure and the same area or pendamping."""
        return self.filter(figure=target.figure, wilayah=target.wilayah_id, pendamping=target.pendamping_id)

    def in_force(self, month):
        """Those that hold in `month` (its first day)."""
        return self.filter(
            Q(until_month=None) | Q(until_month__gt=month),
            state=Target.State.APPROVED,
            from_month__lte=month,
            value__isnull=False,
        )


@keep_old_versions
class Target(models.Model):
    """How much of `figure` the area `wilayah`, or one `pendamping` who works there, should reach: from a month until
    another one replaces it, [from_month, until_month). One without `value` ends what held before.

    Nobody decides on the own proposal: the database refuses. An approved target stays what it is but for its end.
    """

    class State(models.TextChoices):
        PROPOSED = "diajukan", "Menunggu"
        APPROVED = "disetujui", "Disetujui"
        REFUSED = "ditolak", "Ditolak"
        WITHDRAWN = "ditarik", "Ditarik"

    personal_fields = frozenset({"reason", "decision"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    figure = models.CharField("angka", max_length=40)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="targets"
    )
    from_month = models.DateField("berlaku mulai bulan")
    until_month = models.DateField("sampai sebelum bulan", null=True, blank=True)
    value = models.PositiveIntegerField("target", null=True, blank=True)
    reason = models.CharField("mengapa", max_length=REASON_LENGTH)
    state = models.CharField("keadaan", max_length=12, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_on = models.DateField("diusulkan")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField("diputuskan", null=True, blank=True)
    decision = models.CharField("keterangan keputusan", max_length=REASON_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = "target"
        ordering = ["-from_month", "-id"]
        constraints = [
            models.CheckConstraint(name="target_month_is_first_day", condition=Q(from_month__day=1)),
            models.CheckConstraint(
                name="target_ends_after_it_begins",
                condition=Q(until_month=None) | Q(until_month__day=1, until_month__gte=F("from_month")),
            ),
            models.CheckConstraint(
                name="target_decided_by_somebody",
                condition=Q(state="diajukan", decided_by=None, decided_on=None)
                | (~Q(state="diajukan") & Q(decided_by__isnull=False, decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="target_four_eyes",
                condition=Q(decided_by=None) | Q(state="ditarik") | ~Q(decided_by=F("proposed_by")),
                violation_error_message="Usulan sendiri diputuskan orang lain.",
            ),
            models.UniqueConstraint(
                fields=["figure", "wilayah", "pendamping"],
                condition=Q(state="disetujui", until_month=None),
                nulls_distinct=False,
                name="target_one_without_end",
            ),
            models.UniqueConstraint(
                fields=["figure", "wilayah", "pendamping", "from_month"],
                condition=Q(state="diajukan"),
                nulls_distinct=False,
                name="target_one_proposal_a_month",
                violation_error_message="Usulan untuk bulan itu sudah ada dan masih menunggu.",
            ),
        ]
        indexes = [
            models.Index(fields=["wilayah", "state", "figure"], name="target_by_area"),
            models.Index(fields=["pendamping", "state"], name="target_of_pendamping"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="approved_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=pgtrigger.Func(
                    "IF OLD.state = 'disetujui' AND (OLD.figure, OLD.wilayah_id, OLD.pendamping_id, OLD.from_month, OLD.value,"
                    " OLD.state) IS DISTINCT FROM (NEW.figure, NEW.wilayah_id, NEW.pendamping_id, NEW.from_month, NEW.value,"
                    " NEW.state) THEN RAISE EXCEPTION 'a target in force is replaced, never changed'"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
                ),
            ),
        ]

    def __str__(self):
        return f"{self.figure} {self.from_month:%Y-%m}"

    def get_absolute_url(self):
        return f"/target/{self.pk}/"

    @property
    def is_open(self):
        return self.state == Target.State.PROPOSED
