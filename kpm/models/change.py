"""What happened to a family as a family: set inactive and taken up again, another pengurus, another address, and people
who moved from one family to another.
"""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7

from .household import Household
from .member import Member
from .scope import OfTheDayQuerySet


class CaseReason(models.Model):
    """A coded reason for a change of a family; master data. With `needs_words` it says too little alone; with `leaves`
    the person it is about is not on the card any more.
    """

    class Use(models.TextChoices):
        INACTIVE = "nonaktif", "Menonaktifkan keluarga"
        ACTIVE_AGAIN = "aktif_lagi", "Mengaktifkan lagi"
        PENGURUS = "pengurus", "Mengganti pengurus"
        MEMBER_MOVES = "pindah_kk", "Anggota pindah keluarga"
        HOME_MOVES = "pindah_rumah", "Keluarga pindah alamat"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=30, primary_key=True)
    use = models.CharField("untuk", max_length=12, choices=Use)
    name = models.CharField("nama", max_length=80)
    needs_words = models.BooleanField("perlu keterangan", default=False)
    words_label = models.CharField("pertanyaan keterangan", max_length=80, blank=True)
    leaves = models.BooleanField("keluar dari KK", default=False)
    position = models.PositiveSmallIntegerField("urutan")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "alasan perubahan"
        ordering = ["use", "position"]

    def __str__(self):
        return self.name


class CaseLimitQuerySet(DatedQuerySet):
    def number_of(self, code, day):
        """The number of `code` in force on `day`; 0 where there is none."""
        row = self.valid_on(day).filter(code=code).order_by("-valid_from").first()
        return row.number if row else 0


class CaseLimit(models.Model):
    """A number by which a page of families asks or allows; master data."""

    class Code(models.TextChoices):
        POINT_FAR = "titik_jauh_km", "Titik rumah terlalu jauh (km)"
        ADD_AFTER = "tambah_sesudah_serah_hari", "Boleh menambah sesudah serah terima (hari)"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=30, choices=Code)
    number = models.PositiveSmallIntegerField("angka")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = CaseLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "batas"
        ordering = ["code", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="limit_once_a_day")]


class FamilyChange(models.Model):
    """One change of a family, with its day and its reason. Insert-only. `pendamping` and `wilayah` are those of the day.

    Of another pengurus it says who was (`member`) and who is (`successor`); of another address where the family lived
    (`former`, in words) and where it went (`to_wilayah`).
    """

    class Kind(models.TextChoices):
        INACTIVE = "nonaktif", "Dinonaktifkan"
        ACTIVE_AGAIN = "aktif_lagi", "Diaktifkan lagi"
        PENGURUS = "pengurus", "Ganti pengurus"
        HOME = "pindah_rumah", "Pindah alamat"

    personal_fields = frozenset({"words", "former"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="changes")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField("perubahan", max_length=12, choices=Kind)
    reason = models.ForeignKey(CaseReason, models.PROTECT, related_name="+", verbose_name="alasan")
    words = models.CharField("keterangan", max_length=200, blank=True)
    changed_on = models.DateField("tanggal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    successor = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    former = models.CharField("alamat lama", max_length=400, blank=True)
    to_wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfTheDayQuerySet.as_manager()

    class Meta:
        verbose_name = "perubahan keluarga"
        ordering = ["-changed_on", "-id"]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [
            models.Index(fields=["household", "-changed_on", "-id"], name="change_of_family"),
            models.Index(fields=["kind", "changed_on"], name="change_by_day"),
        ]


class MemberMoveQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Moves out of families that `user` sees, and into them."""
        families = Household.objects.visible_to(user).values("pk")
        return self.filter(Q(household__in=families) | Q(target__in=families))

    def waiting(self):
        """Moves that the other side has not answered yet."""
        return self.filter(state=MemberMove.State.WAITING)


@pghistory.track()
class MemberMove(models.Model):
    """A person leaves `household` for the family `target`, at once or when that family's side agrees.

    `asked_case` is the case number as it was typed: whether there is such a family its sender is not told, so a number
    of nobody waits too, without `target`. With `founds` the family was made for it.
    """

    class State(models.TextChoices):
        WAITING = "menunggu", "Menunggu jawaban"
        DONE = "pindah", "Sudah pindah"
        REFUSED = "ditolak", "Ditolak"
        WITHDRAWN = "ditarik", "Dibatalkan"

    personal_fields = frozenset({"relation", "words", "answer"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="moves")
    household = models.ForeignKey(Household, models.PROTECT, related_name="moves_out")
    target = models.ForeignKey(Household, models.PROTECT, null=True, related_name="moves_in")
    asked_case = models.CharField("ke keluarga", max_length=9)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    relation = models.CharField("hubungan keluarga", max_length=20, choices=Member.Relation)
    moved_on = models.DateField("tanggal")
    reason = models.ForeignKey(CaseReason, models.PROTECT, related_name="+", verbose_name="alasan")
    words = models.CharField("keterangan", max_length=200, blank=True)
    founds = models.BooleanField("keluarga baru", default=False)
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField("diputus", null=True)
    answer = models.CharField("jawaban", max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MemberMoveQuerySet.as_manager()

    class Meta:
        verbose_name = "pindah keluarga"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state="menunggu"),
                name="move_one_waiting_per_member",
                violation_error_message="Orang ini sudah diusulkan pindah dan menunggu jawaban.",
            ),
            models.CheckConstraint(
                name="move_done_has_target", condition=~Q(state="pindah") | Q(target__isnull=False)
            ),
            models.CheckConstraint(
                name="move_refused_with_words", condition=~Q(state="ditolak") | ~Q(answer="")
            ),
        ]
        indexes = [
            models.Index(fields=["household"], name="move_out_of_family"),
            models.Index(fields=["target"], name="move_into_family"),
        ]

    def get_absolute_url(self):
        return f"/kpm/pindah-keluarga/{self.pk}/"

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING
