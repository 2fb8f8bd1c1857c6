"""The SIKS-NG desk: a quarterly file of the government beside what is here, row by row, and what is still to be typed there.

SIKS-NG has no way in but its own screens (domain: no public API), so the office reads its file and types its own news.
"""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kpm.models import Household, Member, PayStage
from kpm.models.scope import CaseQuerySet
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.ids import uuid7


class SiksFileQuerySet(models.QuerySet):
    def near(self, area):
        """Files for an area (code), for parts of it, and for what it is a part of."""
        above = [area[:length] for length in (2, 4, 6) if length < len(area)]
        return self.filter(Q(wilayah__code__startswith=area) | Q(wilayah__in=above))


class SiksFile(models.Model):
    """What a Batch is when it is the file of a tahap: of which area and tahap, and how far the history was when it was
    compared (`seen`: the last version of families, members and pengurus, see operations.to_type).

    `covered` are the kelurahan (codes) of which the file says something: in others nobody is missing from it.
    """

    personal_fields = frozenset()

    batch = models.OneToOneField("roster.Batch", models.PROTECT, primary_key=True, related_name="siks")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("tahun")
    stage = models.ForeignKey(PayStage, models.PROTECT, related_name="+", verbose_name="tahap")
    covered = models.JSONField(default=list)
    seen = models.JSONField(default=dict)
    compared_at = models.DateTimeField("dibandingkan", null=True)

    objects = SiksFileQuerySet.as_manager()

    class Meta:
        verbose_name = "berkas SIKS-NG"
        indexes = [models.Index(fields=["wilayah", "-compared_at"], name="siks_by_area")]

    @property
    def rank(self):
        """Where its tahap stands among all: year and first month, as one number."""
        return self.year * 100 + self.stage.first_month

    @property
    def term_name(self):
        return f"{self.stage.name} {self.year}"


class Kind(models.TextChoices):
    """What a file and what is here may disagree on. Read the other way around it is what is to be typed (REVERSE)."""

    IN = "masuk", "Masuk"
    OUT = "keluar", "Keluar"
    STATUS = "status", "Masih penerima"
    MOVED = "pindah", "Pindah atau alamat"
    PENGURUS = "pengurus", "Ganti pengurus"
    NO_KK = "no_kk", "No KK"
    NIK = "nik", "NIK"
    PERSON = "diri", "Data diri"
    JOINED = "anggota", "Anggota baru"
    LEFT = "pergi", "Anggota tidak ada"
    COMPONENT = "komponen", "Komponen"
    DESIL = "desil", "Desil"
    GROUP = "kelompok", "Kelompok"


# The same disagreement as the operator of SIKS-NG types it, with what is here.
REVERSE = {
    Kind.IN: "Usulkan keluar: tidak ada di sini",
    Kind.OUT: "Usulkan masuk: KPM di sini",
    Kind.STATUS: "Usulkan keluar: sudah tidak didampingi",
    Kind.MOVED: "Alamat baru",
    Kind.PENGURUS: "Pengurus baru",
    Kind.NO_KK: "No KK diperbaiki",
    Kind.NIK: "NIK diperbaiki",
    Kind.PERSON: "Data diri diperbaiki",
    Kind.JOINED: "Keluarkan anggota",
    Kind.LEFT: "Tambahkan anggota",
    Kind.COMPONENT: "Komponen menurut data di sini",
    Kind.DESIL: "Usulkan perbaikan desil",
    Kind.GROUP: "Kelompok menurut data di sini",
}
OF_FAMILY = "household__"


def _in_area(user):
    """Rows of families of the area of a koordinator, and of none yet whose place the file tells to be there."""
    area = user.wilayah_id
    return Q(household=None, wilayah__code__startswith=area) | Q(
        household__wilayah__code__startswith=area, household__merged_into=None
    )


class DifferenceQuerySet(CaseQuerySet):
    to_household = OF_FAMILY

    def visible_to(self, user):
        """A koordinator's are those of the area; nobody else decides on them."""
        return self.filter(_in_area(user)) if user.duty == KOORDINATOR else self.none()

    def open(self):
        return self.filter(state=Difference.State.OPEN)


# What moves with every file, and of which no version is kept.
POINTERS = ["batch", "staged", "row", "year", "stage", "compared_at"]


@pghistory.track(exclude=POINTERS)
class Difference(models.Model):
    """One family and one kind of difference between the newest file that speaks of it and what is here.

    `fields` are [[field, as here, as in the file], …]; identity numbers stand there as nothing and are read from where
    they rest sealed: `row` and `staged` name the StagedRow and StagedFamily. `subject` tells two of one kind apart: a
    person, or of a family that is not here the index of its No KK. `ours` and `theirs` mark the values; a decision keeps
    the marks it was made on, and holds as long as both are the same.
    """

    class State(models.TextChoices):
        OPEN = "terbuka", "Perlu diputus"
        TAKEN = "diterima", "Diterima"
        REFUSED = "ditolak", "Ditolak: data kami benar"
        LATER = "ditunda", "Ditunda"
        SAME = "sama", "Sudah sama"
        GONE = "hilang", "Hilang dari berkas"

    personal_fields = frozenset({"name", "fields", "note", "fault"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey("roster.Batch", models.PROTECT, related_name="differences")
    year = models.PositiveSmallIntegerField("tahun")
    stage = models.ForeignKey(PayStage, models.PROTECT, related_name="+", verbose_name="tahap")
    compared_at = models.DateTimeField(default=timezone.now)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="differences")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    kind = models.CharField("jenis", max_length=10, choices=Kind)
    subject = models.CharField(max_length=40, blank=True)
    name = models.CharField("nama", max_length=120, blank=True)
    staged = models.UUIDField(null=True)
    row = models.UUIDField(null=True)
    fields = models.JSONField("isian", default=list)
    ours = models.CharField(max_length=32)
    theirs = models.CharField(max_length=32)
    is_there = models.BooleanField(default=True)
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.OPEN)
    why = models.CharField("mengapa dibuka lagi", max_length=200, blank=True)
    fault = models.CharField("kendala", max_length=300, blank=True)
    decision = models.CharField("keputusan", max_length=10, choices=State, blank=True)
    decided_ours = models.CharField(max_length=32, blank=True)
    decided_theirs = models.CharField(max_length=32, blank=True)
    note = models.CharField("catatan", max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("diputus", null=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = "beda dengan SIKS-NG"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "kind", "subject"],
                condition=Q(household__isnull=False),
                name="difference_once_a_family",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(household__isnull=True),
                name="difference_once_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["wilayah", "kind", "state", "name", "id"], name="difference_by_kind"),
            models.Index(fields=["batch"], condition=Q(state="terbuka"), name="difference_open"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk.hex[-8:].upper()}"

    def get_absolute_url(self):
        return f"/siks-ng/beda/{self.pk}/"

    @property
    def mark(self):
        """What stands for the values that a person saw."""
        return f"{self.ours[:8]}{self.theirs[:8]}"

    @property
    def can_be_decided(self):
        """Whether it still stands: also a decision may be made anew, but nothing is taken in twice."""
        return self.is_there and self.state in {self.State.OPEN, self.State.REFUSED, self.State.LATER}


class ToTypeQuerySet(CaseQuerySet):
    to_household = OF_FAMILY

    def visible_to(self, user):
        """A koordinator's are those of the area; a pendamping reads those of the families held now."""
        if user.duty == KOORDINATOR:
            return self.filter(_in_area(user))
        if user.duty == PENDAMPING:
            return super().visible_to(user)
        return self.none()

    def waiting(self):
        return self.filter(state=ToType.State.WAITING)


@pghistory.track(exclude=["at"])
class ToType(models.Model):
    """Something that is so here and that SIKS-NG does not know: to be typed there by hand, and ticked off.

    What is to be typed is what stands here when it is looked at; the row keeps only what it is about. `at` is the newest
    change that it stands for; `known` the rank of the newest file when it was ticked off (SiksFile.rank), so that only a
    later one can say that it did not arrive.
    """

    class State(models.TextChoices):
        WAITING = "menunggu", "Perlu diketik"
        TYPED = "diketik", "Sudah diketik"
        SAME = "sama", "Sudah sama di berkas"
        OVER = "batal", "Tidak perlu lagi"

    personal_fields = frozenset({"name", "note"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="to_type")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    kind = models.CharField("jenis", max_length=10, choices=Kind)
    subject = models.CharField(max_length=40, blank=True)
    name = models.CharField("nama", max_length=120, blank=True)
    note = models.CharField("catatan", max_length=300, blank=True)
    at = models.DateTimeField("sejak")
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.WAITING)
    why = models.CharField("mengapa dibuka lagi", max_length=200, blank=True)
    typed_on = models.DateField("diketik tanggal", null=True)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    known = models.PositiveIntegerField(default=0)

    objects = ToTypeQuerySet.as_manager()

    class Meta:
        verbose_name = "catatan untuk SIKS-NG"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "kind", "subject"],
                condition=Q(state="menunggu", household__isnull=False),
                name="to_type_once_a_family",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state="menunggu", household__isnull=True),
                name="to_type_once_a_number",
            ),
            models.CheckConstraint(
                name="to_type_typed_on_a_day",
                condition=Q(state="diketik", typed_on__isnull=False) | ~Q(state="diketik"),
            ),
        ]
        indexes = [
            models.Index(fields=["household", "kind", "subject"], name="to_type_of_family"),
            models.Index(fields=["wilayah", "state", "kind"], name="to_type_by_area"),
        ]

    def get_absolute_url(self):
        return f"/siks-ng/ketik/{self.pk}/"

    @property
    def words(self):
        """What is to be done in SIKS-NG."""
        return REVERSE[Kind(self.kind)]
