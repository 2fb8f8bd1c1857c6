"""What stands in a file, cleaned and compared with the families that are there, before anything is changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kpm.models import Household, Member
from pkh_casework.fields import BlindIndexField, IdentityNumberField


class StagedQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the files that `user` may open (Batch.visible_to)."""
        return self.filter(batch__wilayah=user.wilayah_id) if user.is_koordinator else self.none()


class StagedFamily(models.Model):
    """One family of a file. `id` is that of the household that comes of it, for which its number is sealed.

    `changes` is {field: [as stored, as in the file]} of the household that it is (`household`); `faults` are
    [{"line", "field", "words"}]; `twins` case numbers of families that it may be, `joined` the one of them that a
    person said it is.
    """

    class Verdict(models.TextChoices):
        NEW = "baru", "Baru"
        CHANGED = "berubah", "Berubah"
        SAME = "sama", "Sama"
        DOUBTED = "ragu", "Mungkin ganda"
        REFUSED = "ditolak", "Ditolak"
        VANISHED = "hilang", "Tidak ada di berkas"

    class Choice(models.TextChoices):
        TAKE = "masuk", "Masukkan"
        LEAVE = "lewati", "Lewati"

    personal_fields = frozenset(
        {"name", "no_kk", "address", "rt", "dusun", "phone", "group_name", "changes", "faults"}
    )

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey("roster.Batch", models.PROTECT, related_name="families")
    line = models.PositiveIntegerField("baris")
    name = models.CharField(max_length=120, blank=True)
    no_kk = IdentityNumberField("nomor KK", null=True, sealed_as="kpm.household")
    no_kk_index = BlindIndexField(of="no_kk", null=True)
    address = models.CharField(max_length=200, blank=True)
    rt = models.PositiveSmallIntegerField(null=True)
    rw = models.PositiveSmallIntegerField(null=True)
    dusun = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, null=True, related_name="+")
    group_name = models.CharField(max_length=60, blank=True)
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    desil = models.PositiveSmallIntegerField(null=True)
    joined_on = models.DateField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.NEW)
    choice = models.CharField(max_length=10, choices=Choice, default=Choice.TAKE)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    joined = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    twins = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    notes = models.JSONField("dibaca sebagai", default=list)
    is_done = models.BooleanField(default=False)

    objects = StagedQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "line", "pk"]
        indexes = [
            models.Index(fields=["batch", "verdict", "line", "id"], name="staged_by_verdict"),
            models.Index(fields=["batch", "no_kk_index"], name="staged_no_kk_index"),
        ]


class StagedRow(models.Model):
    """One person of a file: a row of it, or the pengurus that its rows name. `id` is that of the member to come; `family`
    is the StagedFamily it belongs to.
    """

    personal_fields = frozenset(
        {"name", "nik", "birth_date", "sex", "relation", "component", "place", "faults"}
    )

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey("roster.Batch", models.PROTECT, related_name="rows")
    family = models.UUIDField()
    line = models.PositiveIntegerField("baris")
    name = models.CharField(max_length=120, blank=True)
    nik = IdentityNumberField("NIK", null=True, sealed_as="kpm.member")
    nik_index = BlindIndexField(of="nik", null=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    relation = models.CharField(max_length=20, blank=True)
    component = models.CharField(max_length=20, blank=True)
    place = models.CharField(max_length=120, blank=True)
    is_pengurus = models.BooleanField(default=False)
    faults = models.JSONField(default=list)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    changes = models.JSONField(default=dict)

    objects = StagedQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "line", "pk"]
        indexes = [
            models.Index(fields=["batch", "family", "line"], name="staged_row_of_family"),
            models.Index(fields=["batch", "nik_index"], name="staged_nik_index"),
            models.Index(fields=["batch", "line"], condition=~Q(faults=[]), name="staged_row_refused"),
        ]
