"""The four roles with their sub-roles, the kinds of activity and the quick phrases: dated master data."""

from django.db import models
from django.db.models import Q

from kpm.models import Component
from pkh_casework.dated import DatedQuerySet
from pkh_casework.templatetags.icons import refuse_unknown_icon


class Role(models.Model):
    """One of the four roles of a pendamping (Ife & Tesoriero): fasilitasi, edukasi, representasi, teknis."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=40)
    meaning = models.CharField("arti", max_length=200)
    position = models.PositiveSmallIntegerField("urutan")

    class Meta:
        verbose_name = "peran"
        ordering = ["position"]

    def __str__(self):
        return self.name


class SubRole(models.Model):
    """A sub-role such as REP-2 advokasi; `in_study` marks the 14 found by the Kebon Jayanti study."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=10, primary_key=True)
    role = models.ForeignKey(Role, models.PROTECT, related_name="sub_roles")
    name = models.CharField("nama", max_length=60)
    term = models.CharField("istilah asal", max_length=60)
    explanation = models.CharField("penjelasan", max_length=200)
    example = models.CharField("contoh", max_length=200)
    in_study = models.BooleanField("ada dalam penelitian")
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "sub-peran"
        ordering = ["role__position", "position"]

    def __str__(self):
        return self.name


class ActivityKind(models.Model):
    """A kind of activity. Only `counts_as_visit` sets a family's last visit; `needs_family` asks for one at least.

    With `is_call` the family was spoken with from afar: whoever answered was not met.
    """

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=30, primary_key=True)
    name = models.CharField("nama", max_length=60)
    icon = models.CharField("gambar", max_length=30)
    needs_family = models.BooleanField("perlu KPM")
    counts_as_visit = models.BooleanField("dihitung sebagai kunjungan")
    is_call = models.BooleanField("lewat telepon atau pesan", default=False, db_default=False)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "jenis kegiatan"
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="kind_call_is_no_visit",
                condition=Q(counts_as_visit=False) | Q(is_call=False),
                violation_error_message="Telepon bukan kunjungan rumah. Pilih salah satu.",
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        refuse_unknown_icon(self.icon)


class ActKind(models.Model):
    """A sort of act that may be done during a home visit. Where nothing else was written down of the visit, `sub_role` is
    the role that it was done in and `sentence` what was done; of several acts the first by `position` gives the role.
    """

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=60)
    sub_role = models.ForeignKey(
        SubRole,
        models.PROTECT,
        related_name="+",
        verbose_name="peran bila kunjungannya tidak dicatat sendiri",
    )
    sentence = models.CharField("kalimat", max_length=120)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "yang dikerjakan saat kunjungan"
        ordering = ["position"]

    def __str__(self):
        return self.name


class QuickPhrase(models.Model):
    """A ready sentence that saves typing on a phone, offered for one kind of activity.

    `sub_role` is the role that it suggests, for the person to confirm; `met` whether it can be true only of a family
    that was met or not met; `category` puts it first for families with such a component.
    """

    class Met(models.TextChoices):
        YES = "ya", "bertemu"
        NO = "tidak", "tidak bertemu"

    personal_fields = frozenset()

    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="phrases")
    text = models.CharField("kalimat", max_length=120)
    position = models.PositiveSmallIntegerField("urutan")
    sub_role = models.ForeignKey(
        SubRole, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="peran yang disarankan"
    )
    met = models.CharField("hanya bila", max_length=5, choices=Met, blank=True, db_default="")
    category = models.CharField(
        "komponen", max_length=20, choices=Component.Category, blank=True, db_default=""
    )

    class Meta:
        ordering = ["kind", "position"]
        constraints = [models.UniqueConstraint(fields=["kind", "text"], name="phrase_once_per_kind")]
