"""Administrative areas of Indonesia by Kemendagri code. Pure reference data: nothing here is personal."""

import re

from django.db import models

LEVEL_BY_LENGTH = {2: 1, 4: 2, 6: 3, 10: 4}
DIGITS_BELOW = {2: 4, 4: 6, 6: 10}  # of the codes one level down


def search_form(text):
    """A name as it is searched: lower case, letters and digits only ("Kebon Jayanti" = "kebonjayanti")."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


class WilayahQuerySet(models.QuerySet):
    def under(self, code):
        """The area `code` and everything below it: a code is a prefix of all its parts."""
        return self.filter(code__startswith=code)

    def kelurahan(self):
        return self.filter(level=Wilayah.Level.KELURAHAN)

    def named_like(self, text):
        """Areas whose name contains `text`, whatever its case and spaces; whole names come first."""
        wanted = search_form(text)
        if not wanted:
            return self.none()
        return self.filter(search_name__contains=wanted).order_by(
            models.Case(models.When(search_name=wanted, then=0), default=1), "level", "search_name", "code"
        )


class Wilayah(models.Model):
    """One area; `code` holds digits only (2, 4, 6 or 10 of them), so that scope is a code prefix."""

    class Level(models.IntegerChoices):
        PROVINSI = 1, "provinsi"
        KOTA = 2, "kabupaten/kota"
        KECAMATAN = 3, "kecamatan"
        KELURAHAN = 4, "kelurahan/desa"

    personal_fields = frozenset()

    code = models.CharField("kode Kemendagri", max_length=10, primary_key=True)
    name = models.CharField("nama", max_length=80)
    level = models.PositiveSmallIntegerField("tingkat", choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts", verbose_name="induk")
    search_name = models.CharField(max_length=80)
    latitude = models.DecimalField("lintang", max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField("bujur", max_digits=9, decimal_places=6, null=True)

    objects = WilayahQuerySet.as_manager()

    class Meta:
        verbose_name = "wilayah"
        ordering = ["code"]
        indexes = [models.Index(fields=["search_name"], name="wilayah_search_name")]
        constraints = [
            models.CheckConstraint(
                name="wilayah_level_fits_code",
                condition=models.Q(code__regex=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{10})$"),
                violation_error_message="Kode wilayah terdiri dari 2, 4, 6 atau 10 angka.",
            )
        ]

    def __str__(self):
        return self.name


class Boundary(models.Model):
    """The outline of an area for the map, as a GeoJSON geometry (longitude first, WGS84). Indicative only: nothing
    is decided by it, and a map that shows it says so.
    """

    personal_fields = frozenset()

    wilayah = models.OneToOneField(
        Wilayah, models.PROTECT, primary_key=True, related_name="boundary", verbose_name="wilayah"
    )
    shape = models.JSONField("garis batas")
    source = models.CharField("sumber", max_length=200)
    dated = models.DateField("keadaan tanggal")

    class Meta:
        verbose_name = "batas indikatif"
