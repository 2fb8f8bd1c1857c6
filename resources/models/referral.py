"""Sending a family to a resource, and hearing how it went: a closed loop with history."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kpm.models import Consent, Goal, Household
from kpm.models.scope import CaseQuerySet, OfTheDayQuerySet
from pkh_casework.ids import uuid7

from .partner import Partner
from .resource import Resource


class ReferralQuerySet(OfTheDayQuerySet):
    def open(self):
        """On the way: somebody still has to do or answer something."""
        return self.filter(state__in=Referral.OPEN)


@pghistory.track()
class Referral(models.Model):
    """A family sent to a resource for one need; `state` is the newest of its moves.

    `code` is the indicator it should lift, `goal` the family's goal it serves. Nothing about the family leaves before
    `consent` is there: the database refuses any state from *diajukan* on without it.
    """

    class State(models.TextChoices):
        PLANNED = "direncanakan", "Direncanakan"
        SENT = "diajukan", "Diajukan"
        ACCEPTED = "diterima", "Diterima"
        REFUSED = "ditolak", "Ditolak"
        RUNNING = "berjalan", "Berjalan"
        DONE = "selesai", "Selesai"
        FAILED = "gagal", "Gagal"
        CANCELLED = "dibatalkan", "Dibatalkan"

    OPEN = (State.PLANNED, State.SENT, State.ACCEPTED, State.RUNNING)

    personal_fields = frozenset({"need", "outcome"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="referrals")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="referrals")
    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="referrals", verbose_name="sumber daya"
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, related_name="referrals", verbose_name="mitra"
    )
    goal = models.ForeignKey(
        Goal, models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name="tujuan"
    )
    code = models.CharField("indikator", max_length=4, blank=True)
    need = models.TextField("kebutuhan", max_length=500)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("keadaan", max_length=15, choices=State, default=State.PLANNED)
    planned_on = models.DateField("direncanakan")
    sent_on = models.DateField("diajukan", null=True, blank=True)
    answered_on = models.DateField("dijawab", null=True, blank=True)
    ended_on = models.DateField("berakhir", null=True, blank=True)
    due_on = models.DateField("tindak lanjut paling lambat", null=True, blank=True)
    outcome = models.TextField("hasil bagi keluarga", max_length=500, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = "rujukan"
        constraints = [
            models.CheckConstraint(
                name="referral_leaves_with_consent",
                condition=Q(state__in=["direncanakan", "dibatalkan"]) | Q(consent__isnull=False),
                violation_error_message="Minta persetujuan keluarga sebelum mengajukan.",
            ),
            models.UniqueConstraint(
                fields=["household", "resource"],
                condition=Q(state__in=["direncanakan", "diajukan", "diterima", "berjalan"]),
                name="referral_one_open_per_resource",
                violation_error_message="Keluarga ini sudah punya rujukan yang berjalan ke sana.",
            ),
        ]
        indexes = [
            models.Index(fields=["wilayah", "state", "planned_on"], name="referral_by_area"),
            models.Index(fields=["partner", "state"], name="referral_to_partner"),
            models.Index(
                fields=["household", "due_on"],
                condition=Q(state__in=["direncanakan", "diajukan", "diterima", "berjalan"]),
                name="referral_due",
            ),
        ]

    def __str__(self):
        return f"{self.resource_id} {self.get_state_display()}"

    def get_absolute_url(self):
        return f"/rujukan/{self.pk}/"


class ReferralMove(models.Model):
    """One change of state: when, by whom, why. Insert-only. `by` is empty when a partner answered by its link.

    Of two that come at once one `counts`, and the other stays as the note of what somebody had to say: the state of
    the referral is the newest move that counts.
    """

    personal_fields = frozenset({"reason", "answered_by"})

    op_id = models.UUIDField(unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="moves")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    to_state = models.CharField("menjadi", max_length=15, choices=Referral.State)
    happened_on = models.DateField("tanggal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_by = models.CharField("dijawab oleh", max_length=120, blank=True)
    reason = models.CharField("alasan atau catatan", max_length=500, blank=True)
    counts = models.BooleanField("berlaku", default=True)
    at = models.DateTimeField(default=timezone.now)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class PartnerLinkQuerySet(models.QuerySet):
    def usable_at(self, moment):
        """Links that may still bring an answer: not used, not revoked, not expired."""
        return self.filter(revoked_at=None, answered_at=None, expires_at__gt=moment)


class PartnerLink(models.Model):
    """A link by which a partner answers one referral once, without an account. Only the hash of its secret is stored.

    It keeps its own trail: when the referral was first opened by it, and when it was answered.
    """

    personal_fields = frozenset()

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="links")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = PartnerLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]


class LinkKnock(models.Model):
    """How often `key` (the hash of a link's secret, or of an address) knocked in one hour: the guard against
    hammering, in the database, so that it holds for all servers together. Rows of past days are swept on the way.
    """

    personal_fields = frozenset()

    key = models.CharField(max_length=64)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "key"], name="link_knock_once_an_hour")]
