"""What is on offer, with who may have it, and who looked whether it still is.

Indicators are named by their stable code (`A1`), so that nothing here needs a key into the families' instrument.
"""

from datetime import timedelta

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .catalogue import Category, Service
from .partner import Partner
from .scope import AreaQuerySet

STALE_AFTER = timedelta(days=90)  # amounts, quotas and contacts age fast (domain research of this project)


class ResourceQuerySet(AreaQuerySet):
    def active(self):
        return self.filter(ended_on=None)

    def stale_on(self, day):
        """Not looked after for STALE_AFTER, or never."""
        return self.filter(Q(checked_on=None) | Q(checked_on__lt=day - STALE_AFTER))

    def open_on(self, day):
        """Taking people on `day`, as far as is known."""
        return self.filter(
            Q(opens_on=None) | Q(opens_on__lte=day), Q(closes_on=None) | Q(closes_on__gte=day)
        ).exclude(quota_left=0)

    def lifting(self, code):
        """Resources that lift the indicator `code`."""
        return self.filter(lifts__contains=[code])


@pghistory.track()
class Resource(models.Model):
    """One thing on offer, with who may have it. `wilayah` is the area served; `lifts` are indicator codes.

    Empty requirements ask nothing. Sums in rupiah. `checked_on` is when somebody last saw that all this is true.
    """

    personal_fields = frozenset()

    name = models.CharField("nama", max_length=120)
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="resources", verbose_name="mitra"
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name="kategori")
    services = models.ManyToManyField(Service, related_name="+", verbose_name="layanan")
    lifts = ArrayField(
        models.CharField(max_length=4), verbose_name="indikator yang dibantu", default=list, blank=True
    )
    wilayah = models.ForeignKey(
        "wilayah.Wilayah", models.PROTECT, related_name="+", verbose_name="wilayah layanan"
    )
    description = models.TextField("apa yang didapat", max_length=1000)
    value_text = models.CharField("nilai bantuan", max_length=120, blank=True)
    value_most = models.PositiveIntegerField("nilai paling besar (Rp)", null=True, blank=True)
    cost_text = models.CharField("biaya bagi keluarga", max_length=120, blank=True)
    risk = models.CharField("risiko yang perlu diketahui", max_length=200, blank=True)
    age_from = models.PositiveSmallIntegerField("umur paling muda", null=True, blank=True)
    age_to = models.PositiveSmallIntegerField("umur paling tua", null=True, blank=True)
    desil_to = models.PositiveSmallIntegerField("desil paling tinggi", null=True, blank=True)
    residents_only = models.BooleanField("hanya warga wilayah layanan", default=True)
    business_months = models.PositiveSmallIntegerField("usaha berjalan (bulan)", null=True, blank=True)
    women_only = models.BooleanField("hanya perempuan", default=False)
    requirements = models.CharField("syarat lain dan berkas", max_length=300, blank=True)
    quota = models.PositiveIntegerField("kuota", null=True, blank=True)
    quota_left = models.PositiveIntegerField("sisa kuota", null=True, blank=True)
    opens_on = models.DateField("dibuka", null=True, blank=True)
    closes_on = models.DateField("ditutup", null=True, blank=True)
    hours = models.CharField("jam layanan", max_length=80, blank=True)
    address = models.CharField("alamat", max_length=200, blank=True)
    phone = models.CharField("telepon", max_length=30, blank=True)
    website = models.URLField("situs", blank=True)
    latitude = models.DecimalField("lintang", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("bujur", max_digits=9, decimal_places=6, null=True, blank=True)
    source = models.CharField("sumber keterangan", max_length=200, blank=True)
    true_in = models.PositiveSmallIntegerField("benar pada tahun", null=True, blank=True)
    checked_on = models.DateField("diperiksa", null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    ended_on = models.DateField("tidak ada lagi sejak", null=True, blank=True, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = "sumber daya"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="resource_age_in_order",
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from")),
                violation_error_message="Umur paling tua harus tidak kurang dari umur paling muda.",
            ),
            models.CheckConstraint(
                name="resource_desil_1_to_10",
                condition=Q(desil_to=None) | Q(desil_to__range=(1, 10)),
                violation_error_message="Desil antara 1 dan 10.",
            ),
            models.CheckConstraint(
                name="resource_opens_before_it_closes",
                condition=Q(opens_on=None) | Q(closes_on=None) | Q(closes_on__gte=F("opens_on")),
                violation_error_message="Hari tutup harus tidak sebelum hari buka.",
            ),
            models.CheckConstraint(
                name="resource_quota_left_within_quota",
                condition=Q(quota=None) | Q(quota_left=None) | Q(quota_left__lte=F("quota")),
                violation_error_message="Sisa kuota tidak boleh lebih dari kuota.",
            ),
        ]
        indexes = [
            GinIndex(fields=["lifts"], name="resource_lifts"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="resource_name_trigram"),
            models.Index(fields=["wilayah", "category"], name="resource_by_area"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/sumber-daya/{self.pk}/"

    def is_stale_on(self, day):
        return self.checked_on is None or self.checked_on < day - STALE_AFTER


class ResourceCheck(models.Model):
    """Somebody looked whether a resource is still as described. Insert-only."""

    class Outcome(models.TextChoices):
        TRUE = "masih_benar", "Masih benar"
        CHANGED = "berubah", "Ada yang berubah"
        GONE = "tidak_ada", "Sudah tidak ada"

    personal_fields = frozenset()

    op_id = models.UUIDField(unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="checks")
    checked_on = models.DateField("diperiksa")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    outcome = models.CharField("hasil", max_length=15, choices=Outcome)
    note = models.CharField("catatan", max_length=300, blank=True)

    class Meta:
        ordering = ["-checked_on", "-pk"]
        triggers = [
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
