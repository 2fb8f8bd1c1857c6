"""A handover: families offered by one holder to another, each taken or refused by itself."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from kpm.models import Group, Household
from kpm.models.scope import CaseQuerySet
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.ids import uuid7


class HandoverQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Handovers with a family that `user` sees of them (HandoverFamily.visible_to)."""
        rows = HandoverFamily.objects.visible_to(user).filter(handover=OuterRef("pk"))
        return self.filter(Exists(rows))

    def open(self):
        """Those in which a family waits for an answer."""
        return self.filter(
            Exists(HandoverFamily.objects.filter(handover=OuterRef("pk"), state=HandoverFamily.State.WAITING))
        )


@pghistory.track()
class Handover(models.Model):
    """One act of a koordinator: what `holder` holds is offered to `receiver`. Nobody's caseload changes before each family
    is taken (HandoverFamily).
    """

    class Kind(models.TextChoices):
        MOVED = "pindah", "Pindah tugas"
        LEAVE = "cuti", "Cuti, ada pengganti sementara"
        LEFT = "berhenti", "Berhenti"
        LEVELLING = "pemerataan", "Pemerataan jumlah KPM"
        BACK = "kembali", "Kembali dari cuti"
        OTHER = "lainnya", "Lainnya"

    personal_fields = frozenset({"reason"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="dari pendamping"
    )
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="kepada pendamping"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField("alasan", max_length=12, choices=Kind)
    reason = models.CharField("keterangan", max_length=200, blank=True)
    is_whole = models.BooleanField("semua yang dipegang", default=False)
    offered_on = models.DateField("ditawarkan")
    back_on = models.DateField("kembali bertugas", null=True, blank=True)
    returns = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="given_back", verbose_name="pengembalian"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = "serah terima"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="handover_to_another", condition=~Q(holder=models.F("receiver"))),
            models.CheckConstraint(
                name="handover_leave_has_a_return",
                condition=Q(kind="cuti", back_on__isnull=False) | (~Q(kind="cuti") & Q(back_on=None)),
                violation_error_message="Isi tanggal kembali dari cuti.",
            ),
        ]
        indexes = [models.Index(fields=["back_on"], condition=Q(kind="cuti"), name="handover_leaves")]

    def get_absolute_url(self):
        return f"/serah-terima/{self.pk}/"

    def answers_of(self, user):
        """What `user` may say to it: the receiver takes or refuses, a koordinator takes in their name or withdraws."""
        if user.pk == self.receiver_id:
            return ("terima", "tolak")
        return ("terima", "tarik") if user.is_koordinator else ()


class HandoverFamilyQuerySet(CaseQuerySet):
    def visible_to(self, user):
        """A koordinator's are those of the area. A pendamping reads what is offered while it waits, and once it was taken
        as long as the family is the own; who gives it away as long as it is held.

        Whoever gave a family away reads no more of it here, and a receiver nothing of what was refused or withdrawn.
        """
        if user.duty == PENDAMPING:
            offered = Q(handover__receiver=user) & (
                Q(state=HandoverFamily.State.WAITING)
                | Q(state=HandoverFamily.State.TAKEN, household__pendamping=user)
            )
            return self.filter(offered | Q(handover__holder=user, household__pendamping=user))
        return super().visible_to(user) if user.duty == KOORDINATOR else self.none()

    def waiting(self):
        return self.filter(state=HandoverFamily.State.WAITING)

    def offered_to(self, user):
        """What waits for the answer of `user`."""
        return self.waiting().filter(handover__receiver=user)


@pghistory.track()
class HandoverFamily(models.Model):
    """One family of a handover and what became of it; offered to one receiver at a time.

    `group` is the kelompok it was in, so that it finds its place again when the kelompok follows later. `fault` tells why
    it could not be taken when somebody tried.
    """

    class State(models.TextChoices):
        WAITING = "menunggu", "Menunggu"
        TAKEN = "diterima", "Diterima"
        REFUSED = "ditolak", "Ditolak"
        WITHDRAWN = "ditarik", "Ditarik"

    personal_fields = frozenset({"reason", "fault"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    handover = models.ForeignKey(Handover, models.PROTECT, related_name="families")
    household = models.ForeignKey(Household, models.PROTECT, related_name="handovers")
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="+")
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField("alasan", max_length=200, blank=True)
    fault = models.CharField("kendala", max_length=200, blank=True)
    decided_on = models.DateField("diputus", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField("dibaca", null=True, blank=True)

    objects = HandoverFamilyQuerySet.as_manager()

    class Meta:
        verbose_name = "KPM yang diserahkan"
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(state="menunggu"), name="handover_one_open_per_family"
            ),
            models.UniqueConstraint(fields=["handover", "household"], name="handover_family_once"),
            models.CheckConstraint(
                name="handover_refused_with_a_reason", condition=~Q(state="ditolak", reason="")
            ),
        ]

    def get_absolute_url(self):
        return f"/serah-terima/kpm/{self.pk}/"

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    @property
    def was_answered_for(self):
        """Whether somebody else answered for the receiver."""
        return self.state in {self.State.TAKEN, self.State.REFUSED} and (
            self.decided_by_id != self.handover.receiver_id
        )
