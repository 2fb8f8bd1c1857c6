"""The instrument of independence: indicators with four level anchors, and the rules read from them. Master data.

A version never changes once families have answered it: a trigger refuses that, and a better wording is a new version.
"""

import pgtrigger
from django.db import models
from django.db.models import Q

from pkh_casework.dated import DatedQuerySet


class Level(models.IntegerChoices):
    """The four steps of every indicator."""

    RENTAN = 1, "Rentan"
    BERTAHAN = 2, "Bertahan"
    BERKEMBANG = 3, "Berkembang"
    MANDIRI = 4, "Mandiri"


def unchanged_once_answered(indicator):
    """A trigger: the row stays as it is when a family has answered `indicator` (an SQL expression on OLD)."""
    return pgtrigger.Trigger(
        name="unchanged_once_answered",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=pgtrigger.Func(
            f"IF EXISTS (SELECT FROM kpm_score WHERE indicator_id = {indicator}) THEN"
            " RAISE EXCEPTION 'answered already: make a new version of the instrument'; END IF;"
            " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
        ),
    )


class Instrument(models.Model):
    """One version of the instrument."""

    personal_fields = frozenset()

    version = models.PositiveSmallIntegerField("versi", primary_key=True)
    name = models.CharField("nama", max_length=80)
    note = models.TextField("keterangan")
    source = models.CharField("sumber", max_length=300)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "instrumen"
        ordering = ["version"]

    def __str__(self):
        return f"{self.name}, versi {self.version}"


class Dimension(models.Model):
    """One of the five parts; `key` is version and code, such as 1.A."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=8, primary_key=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="dimensions")
    code = models.CharField("kode", max_length=2)
    name = models.CharField("nama", max_length=80)
    position = models.PositiveSmallIntegerField("urutan")

    class Meta:
        verbose_name = "dimensi"
        ordering = ["instrument", "position"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="dimension_once_a_version")
        ]

    def __str__(self):
        return self.name


class Indicator(models.Model):
    """One question; `key` is version and code, such as 1.A1. The code means the same in every version.

    `full_paths` and `short_paths` name the paths (Household.Path, space between) on whose full and short form it is.
    """

    class OnlyWith(models.TextChoices):
        SCHOOL_CHILD = "anak_sekolah", "hanya bila ada anak usia sekolah"

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=8, primary_key=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="indicators")
    dimension = models.ForeignKey(Dimension, models.PROTECT, related_name="indicators")
    code = models.CharField("kode", max_length=4)
    name = models.CharField("nama", max_length=80)
    question = models.CharField("pertanyaan", max_length=200)
    hint = models.CharField("petunjuk", max_length=300, blank=True)
    full_paths = models.CharField("jalur bentuk lengkap", max_length=40)
    short_paths = models.CharField("jalur bentuk singkat", max_length=40, blank=True)
    only_with = models.CharField("syarat", max_length=20, choices=OnlyWith, blank=True)
    position = models.PositiveSmallIntegerField("urutan")

    class Meta:
        verbose_name = "indikator"
        ordering = ["instrument", "position"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="indicator_once_a_version")
        ]
        triggers = [unchanged_once_answered("OLD.key")]

    def __str__(self):
        return self.name


class Anchor(models.Model):
    """What a family's life is like at one level of an indicator.

    `sums` are the multiples of thresholds that the text speaks of, such as `garis_kemiskinan*1.5 umk*1`.
    """

    personal_fields = frozenset()

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="anchors")
    level = models.PositiveSmallIntegerField("tingkat", choices=Level)
    text = models.CharField("uraian", max_length=200)
    sums = models.CharField("kelipatan ambang", max_length=60, blank=True)

    class Meta:
        ordering = ["indicator", "level"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "level"], name="anchor_once_a_level"),
            models.CheckConstraint(name="anchor_level_1_to_4", condition=Q(level__range=(1, 4))),
        ]
        triggers = [unchanged_once_answered("OLD.indicator_id")]

    def __str__(self):
        return self.text


class ThresholdQuerySet(DatedQuerySet):
    def of(self, wilayah_id, day):
        """{code: Threshold} in force on `day` for a place: that of its kota, else of its province."""
        areas = [wilayah_id[:length] for length in (2, 4)]
        rows = self.valid_on(day).filter(wilayah__in=areas).order_by("wilayah", "valid_from")
        return {row.code: row for row in rows.select_related("wilayah")}


class Threshold(models.Model):
    """A sum (rupiah a month) that anchors speak of, for a kota or kabupaten (or a province), from one day on."""

    class Code(models.TextChoices):
        POVERTY_LINE = "garis_kemiskinan", "Garis kemiskinan per orang"
        MINIMUM_WAGE = "umk", "Upah minimum (UMK)"

    personal_fields = frozenset()

    code = models.CharField("ambang", max_length=20, choices=Code)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    monthly = models.PositiveIntegerField("rupiah per bulan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=200)

    objects = ThresholdQuerySet.as_manager()

    class Meta:
        verbose_name = "ambang"
        ordering = ["code", "wilayah", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "wilayah", "valid_from"],
                name="threshold_once_a_day",
                violation_error_message="Sudah ada angka yang berlaku sejak tanggal itu.",
            ),
            models.CheckConstraint(name="threshold_above_zero", condition=Q(monthly__gt=0)),
        ]


class ReadinessRule(models.Model):
    """When a proposal may be talked about; advisory, the project's own, and dated like everything else.

    All of it must hold at two assessments at least `days_apart` days from each other.
    """

    personal_fields = frozenset()

    number = models.PositiveSmallIntegerField("nomor", primary_key=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="rules")
    lowest = models.PositiveSmallIntegerField("tingkat terendah yang boleh ada", choices=Level)
    mean = models.DecimalField("rata-rata paling sedikit", max_digits=3, decimal_places=2)
    days_apart = models.PositiveSmallIntegerField("jarak dua asesmen (hari)")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    source = models.CharField("sumber", max_length=300)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "aturan kesiapan"
        ordering = ["number"]


class ReadinessMinimum(models.Model):
    """The level that one indicator must have reached for a rule."""

    personal_fields = frozenset()

    rule = models.ForeignKey(ReadinessRule, models.PROTECT, related_name="minima")
    code = models.CharField("kode indikator", max_length=4)
    level = models.PositiveSmallIntegerField("tingkat paling rendah", choices=Level)

    class Meta:
        ordering = ["rule", "code"]
        constraints = [models.UniqueConstraint(fields=["rule", "code"], name="minimum_once_a_rule")]
