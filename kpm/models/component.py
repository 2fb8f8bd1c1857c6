"""PKH components and their yearly amounts: dated master data, loaded from kpm/data/."""

from django.core.exceptions import ValidationError
from django.db import models

from pkh_casework.dated import DatedQuerySet


class Component(models.Model):
    """What makes a member count for PKH: a pregnancy, a child of some school level, age, disability."""

    class Category(models.TextChoices):
        HEALTH = "kesehatan", "kesehatan"
        EDUCATION = "pendidikan", "pendidikan"
        WELFARE = "kesejahteraan", "kesejahteraan sosial"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=80)
    short_name = models.CharField("nama pendek", max_length=20)
    category = models.CharField("kategori", max_length=20, choices=Category)
    place_label = models.CharField("sebutan tempat", max_length=40)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "komponen"
        ordering = ["position"]

    def __str__(self):
        return self.name


class ComponentRate(models.Model):
    """The amount (rupiah a year) and the most per family of a component, from one date on."""

    personal_fields = frozenset()

    component = models.ForeignKey(Component, models.PROTECT, related_name="rates")
    yearly = models.PositiveIntegerField("rupiah per tahun")
    most_in_family = models.PositiveSmallIntegerField("paling banyak per keluarga", null=True, blank=True)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["component", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["component", "valid_from"], name="rate_once_per_component_and_start"
            )
        ]


class BenefitRule(models.Model):
    """How many people of one family are paid at most, from one date on."""

    personal_fields = frozenset()

    most_people = models.PositiveSmallIntegerField("paling banyak orang per keluarga")
    valid_from = models.DateField("berlaku sejak", unique=True)
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()


class PayStage(models.Model):
    """A tahap: the months of the year that one payment is for."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=40)
    first_month = models.PositiveSmallIntegerField("bulan pertama")
    last_month = models.PositiveSmallIntegerField("bulan terakhir")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["valid_from", "first_month"]

    def clean(self):
        if not 1 <= self.first_month <= self.last_month <= 12:
            raise ValidationError(
                {"last_month": "Bulannya 1 sampai 12, dan yang terakhir tidak sebelum yang pertama."}
            )


class ComponentAge(models.Model):
    """Between which ages (whole years, both included) a component is plausible; outside a date or the component is odd."""

    personal_fields = frozenset()

    component = models.ForeignKey(Component, models.PROTECT, related_name="ages")
    least_age = models.PositiveSmallIntegerField("umur paling sedikit", null=True, blank=True)
    most_age = models.PositiveSmallIntegerField("umur paling banyak", null=True, blank=True)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["component", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["component", "valid_from"], name="age_once_a_day")]


class ComponentSpan(models.Model):
    """When a component naturally ends: at an age (years) or some days after it began, and what may follow it."""

    personal_fields = frozenset()

    component = models.ForeignKey(Component, models.PROTECT, related_name="spans")
    ends_at_age = models.PositiveSmallIntegerField("berakhir pada umur", null=True, blank=True)
    ends_after_days = models.PositiveSmallIntegerField("berakhir sesudah hari", null=True, blank=True)
    followed_by = models.ForeignKey(
        Component, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="biasanya menjadi"
    )
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["component", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["component", "valid_from"], name="span_once_a_day")]
