"""The people of a family: members, their dated PKH components, and the pengurus who answers for the benefit."""

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from pkh_casework.fields import BlindIndexField, IdentityNumberField, blind_indexes
from pkh_casework.ids import uuid7

from .component import Component
from .dated import one_a_day
from .household import Household
from .scope import CaseQuerySet


class MemberQuerySet(CaseQuerySet):
    def present(self):
        """Who is on the family card now."""
        return self.filter(left_on=None)

    def with_nik(self, digits):
        """Who has this NIK (16 digits)."""
        return self.filter(nik_index__in=blind_indexes(digits, "nik"))


@pghistory.track()
class Member(models.Model):
    """One person on the family card."""

    class Sex(models.TextChoices):
        FEMALE = "P", "Perempuan"
        MALE = "L", "Laki-laki"

    class Relation(models.TextChoices):
        HEAD = "kepala", "Kepala keluarga"
        SPOUSE = "pasangan", "Istri/suami"
        CHILD = "anak", "Anak"
        PARENT = "orang_tua", "Orang tua/mertua"
        GRANDCHILD = "cucu", "Cucu"
        OTHER = "lainnya", "Lainnya"

    OFFERED = ("name", "nik", "nisn", "birth_date", "sex", "relation", "left_on", "left_reason")

    personal_fields = frozenset({"name", "nik", "nisn", "birth_date", "sex", "relation", "left_reason"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    name = models.CharField("nama lengkap", max_length=120)
    nik = IdentityNumberField("NIK", null=True, blank=True)
    nik_index = BlindIndexField(of="nik", null=True)
    nisn = models.CharField("NISN", max_length=10, blank=True, db_default="")
    birth_date = models.DateField("tanggal lahir", null=True, blank=True)
    sex = models.CharField("jenis kelamin", max_length=1, choices=Sex)
    relation = models.CharField("hubungan keluarga", max_length=20, choices=Relation)
    left_on = models.DateField("keluar dari KK sejak", null=True, blank=True)
    left_reason = models.CharField("alasan keluar", max_length=120, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "anggota"
        ordering = ["birth_date", "pk"]
        indexes = [
            models.Index(fields=["nik_index"], name="member_nik_index"),
            models.Index(fields=["nisn"], condition=~Q(nisn=""), name="member_nisn"),
            models.Index(fields=["birth_date"], name="member_born"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="member_name_trigram"),
        ]

    def __str__(self):
        return self.name

    def age_on(self, day):
        """Whole years on `day`, or None without a birth date."""
        if self.birth_date is None:
            return None
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class MemberComponentQuerySet(CaseQuerySet):
    to_household = "household__"

    def on(self, day):
        """Components that hold on `day`."""
        return self.filter(Q(to_on=None) | Q(to_on__gt=day), from_on__lte=day)


@pghistory.track()
class MemberComponent(models.Model):
    """A member counts for a component in [from_on, to_on); `place` is the school or health post that verifies it."""

    personal_fields = frozenset({"component", "place"})

    member = models.ForeignKey(Member, models.PROTECT, related_name="components")
    household = models.ForeignKey(Household, models.PROTECT, related_name="components")
    component = models.ForeignKey(Component, models.PROTECT, related_name="+", verbose_name="komponen")
    place = models.CharField("sekolah/faskes", max_length=120, blank=True)
    from_on = models.DateField("sejak")
    to_on = models.DateField("sampai", null=True, blank=True)

    objects = MemberComponentQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on"]
        constraints = [
            models.CheckConstraint(
                name="component_ends_after_start",
                condition=Q(to_on=None) | Q(to_on__gt=F("from_on")),
                violation_error_message="Tanggal selesai harus sesudah tanggal mulai.",
            ),
            models.UniqueConstraint(
                fields=["member", "component"],
                condition=Q(to_on=None),
                name="component_open_once_per_member",
                violation_error_message="Komponen ini sudah tercatat untuk anggota tersebut.",
            ),
        ]


@pghistory.track()
class Pengurus(models.Model):
    """Who receives the benefit for the family in [from_on, to_on), and who would follow (`heir`)."""

    personal_fields = frozenset()

    household = models.ForeignKey(Household, models.PROTECT, related_name="pengurus_terms")
    member = models.ForeignKey(Member, models.PROTECT, related_name="pengurus_terms")
    heir = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="ahli waris"
    )
    from_on = models.DateField("sejak")
    to_on = models.DateField("sampai", null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            one_a_day("pengurus_one_a_day", "Keluarga ini sudah punya pengurus pada tanggal itu."),
        ]
