"""Two families that may be one: the pair, what was decided, and what a merge moved, so that it can be put back."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kpm.models import Household
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.ids import uuid7


class SuspectQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A koordinator's are the pairs of which both families lie in the area. A pendamping's are those with an own
        family; what is not own of a pair is not shown (Suspect.sides).
        """
        standing = self.filter(first__merged_into=None, second__merged_into=None)
        if user.duty == PENDAMPING and user.is_asked_as_former_holder:
            own = Household.objects.visible_to(user)
            return standing.filter(Q(first__in=own) | Q(second__in=own))
        if user.duty == PENDAMPING:
            return standing.filter(Q(first__pendamping=user) | Q(second__pendamping=user))
        if user.duty == KOORDINATOR:
            area = user.wilayah_id
            return standing.filter(
                first__wilayah__code__startswith=area, second__wilayah__code__startswith=area
            )
        return self.none()

    def open(self):
        """Pairs that nobody has decided."""
        return self.filter(state__in=[Suspect.State.OPEN, Suspect.State.ASKED])


@pghistory.track(exclude=["found_at"])
class Suspect(models.Model):
    """Two families (`first` has the smaller id) that may be one, and why: `reasons` are codes of DuplicateRule with how
    often each was found. Both keep all their rights until somebody decides.

    `data_mark` stands for what both said when it was found: a pair that was decided is asked about again when it changes.
    """

    class State(models.TextChoices):
        OPEN = "terbuka", "Perlu diperiksa"
        ASKED = "ditanya", "Ditanyakan ke pendamping"
        DIFFERENT = "bukan", "Bukan keluarga yang sama"
        MERGED = "digabung", "Digabung"

    personal_fields = frozenset({"note", "answer"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey(Household, models.PROTECT, related_name="+")
    second = models.ForeignKey(Household, models.PROTECT, related_name="+")
    score = models.SmallIntegerField("nilai")
    reasons = models.JSONField("kesamaan", default=dict)
    is_certain = models.BooleanField("hampir pasti", default=False)
    data_mark = models.CharField(max_length=32)
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.OPEN)
    note = models.CharField("keterangan", max_length=300, blank=True)
    answer = models.CharField("jawaban pendamping", max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(default=timezone.now)

    objects = SuspectQuerySet.as_manager()

    class Meta:
        verbose_name = "dugaan ganda"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="suspect_once_a_pair"),
            models.CheckConstraint(name="suspect_smaller_id_first", condition=Q(first__lt=F("second"))),
        ]
        indexes = [
            models.Index(
                fields=["-score", "-id"], condition=Q(state__in=["terbuka", "ditanya"]), name="suspect_open"
            ),
            models.Index(fields=["second"], name="suspect_second"),
        ]

    def get_absolute_url(self):
        return f"/ganda/{self.pk}/"

    @property
    def is_open(self):
        return self.state in {self.State.OPEN, self.State.ASKED}

    def sides(self, user):
        """(first, second) as far as `user` sees them: None for a family that is not theirs."""
        pair = (self.first, self.second)
        return tuple(one if not user.is_pendamping or one.pendamping_id == user.pk else None for one in pair)


class MergeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Merges whose family `user` sees."""
        return self.filter(survivor__in=Household.objects.visible_to(user))


@pghistory.track()
class Merge(models.Model):
    """One family that was found to be another: `loser` goes on as `survivor`. `returned` tells what could not be put back
    when it was undone.
    """

    personal_fields = frozenset({"note", "returned"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    survivor = models.ForeignKey(Household, models.PROTECT, related_name="merges")
    loser = models.ForeignKey(Household, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField("keterangan", max_length=300, blank=True)
    undo_until = models.DateField("bisa diurungkan sampai")
    undone_at = models.DateTimeField("diurungkan", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned = models.JSONField("yang tidak kembali", default=list)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = "penggabungan keluarga"
        constraints = [
            models.CheckConstraint(name="merge_of_two", condition=~Q(survivor=F("loser"))),
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at=None), name="merge_standing_once"
            ),
        ]

    def get_absolute_url(self):
        return f"/ganda/gabungan/{self.pk}/"


class MergedRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What was moved by merges that `user` sees."""
        return self.filter(merge__in=Merge.objects.visible_to(user))


class MergedRow(models.Model):
    """One row that a merge moved or changed, or that stayed with the old number because the family has its like already.

    `before` are its changed columns as text, sealed numbers sealed; `mark` stands for the row as the merge left it.
    """

    class What(models.TextChoices):
        MOVED = "pindah", "Dipindahkan"
        CHANGED = "ubah", "Diubah"
        STAYED = "tinggal", "Tetap pada nomor lama"

    personal_fields = frozenset({"before"})

    merge = models.ForeignKey(Merge, models.PROTECT, related_name="rows")
    model = models.CharField(max_length=60)
    row = models.CharField(max_length=36)
    what = models.CharField(max_length=8, choices=What)
    before = models.JSONField(default=dict)
    mark = models.CharField(max_length=32, blank=True)

    objects = MergedRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merge", "model", "row"], name="merged_row_once"),
        ]
