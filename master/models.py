"""What somebody proposes to add to a table of master data or to end there, and what another one decided."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pkh_casework.access import ADMIN, KOORDINATOR
from pkh_casework.ids import uuid7

KOTA = 4  # length of the code of a kota or kabupaten


def keeps_master_data(user):
    """Whether `user` may propose and decide: an admin, or a koordinator of a whole kota or province."""
    return user.duty == ADMIN or (user.duty == KOORDINATOR and len(user.wilayah_id) <= KOTA)


class ProposalQuerySet(models.QuerySet):
    def visible_to(self, user):
        """All for who keeps master data: it holds for everybody."""
        return self if keeps_master_data(user) else self.none()

    def waiting(self):
        return self.filter(state=Proposal.State.PROPOSED)


@pghistory.track()
class Proposal(models.Model):
    """Rows for one table (a key of master.tables), as its file would hold them: a list of {column: text}."""

    class State(models.TextChoices):
        PROPOSED = "diajukan", "Menunggu"
        APPROVED = "disetujui", "Disetujui"
        REFUSED = "ditolak", "Ditolak"
        WITHDRAWN = "ditarik", "Ditarik"

    personal_fields = frozenset()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    table = models.CharField("tabel", max_length=60)
    rows = models.JSONField("baris")
    reason = models.CharField("mengapa", max_length=300)
    state = models.CharField("keadaan", max_length=12, choices=State, default=State.PROPOSED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="diusulkan"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="diputuskan"
    )
    decided_at = models.DateTimeField(null=True)
    note = models.CharField("catatan", max_length=300, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "usulan data induk"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="master_proposal_decided_by_somebody",
                condition=Q(state="diajukan", decided_by=None)
                | (~Q(state="diajukan") & Q(decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="master_proposal_four_eyes",
                condition=Q(decided_by=None) | Q(state="ditarik") | ~Q(decided_by=F("by")),
                violation_error_message="Usulan sendiri diputuskan orang lain.",
            ),
        ]

    def __str__(self):
        return self.table

    def get_absolute_url(self):
        return f"/data-induk/usulan/{self.pk}/"

    @property
    def is_open(self):
        return self.state == Proposal.State.PROPOSED
