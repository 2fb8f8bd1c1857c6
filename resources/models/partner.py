"""Whom families or pendamping can turn to, the people to talk to there, and what was agreed."""

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .catalogue import Category
from .scope import AreaQuerySet


@pghistory.track()
class Partner(models.Model):
    """An institution, business or group that families or pendamping can turn to."""

    personal_fields = frozenset()

    name = models.CharField("nama", max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name="kategori")
    wilayah = models.ForeignKey(
        "wilayah.Wilayah", models.PROTECT, related_name="+", verbose_name="wilayah kerja"
    )
    address = models.CharField("alamat", max_length=200, blank=True)
    phone = models.CharField("telepon", max_length=30, blank=True)
    email = models.EmailField("surel", blank=True)
    website = models.URLField("situs", blank=True)
    note = models.TextField("keterangan", max_length=1000, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = "mitra"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["wilayah", "name"],
                name="partner_name_once_an_area",
                violation_error_message="Mitra dengan nama ini sudah ada di wilayah itu.",
            )
        ]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="partner_name_trigram")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/mitra/{self.pk}/"


@pghistory.track()
class Contact(models.Model):
    """A person to talk to at a partner."""

    personal_fields = frozenset()

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="contacts")
    name = models.CharField("nama", max_length=120)
    duty = models.CharField("jabatan", max_length=80, blank=True)
    phone = models.CharField("telepon", max_length=30, blank=True)
    email = models.EmailField("surel", blank=True)
    note = models.CharField("keterangan", max_length=200, blank=True)
    is_active = models.BooleanField("masih bertugas", default=True)

    class Meta:
        verbose_name = "kontak"
        ordering = ["-is_active", "name", "pk"]

    def __str__(self):
        return self.name


@pghistory.track()
class Agreement(models.Model):
    """A MoU with a partner, dated."""

    personal_fields = frozenset()

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements")
    number = models.CharField("nomor", max_length=80, blank=True)
    subject = models.CharField("tentang", max_length=200)
    signed_on = models.DateField("ditandatangani")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    class Meta:
        verbose_name = "kesepakatan"
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="agreement_ends_after_signing",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("signed_on")),
                violation_error_message="Akhir masa berlaku harus sesudah tanda tangan.",
            )
        ]
