"""What sorts of resources there are, and what they give; master data."""

from django.db import models

from pkh_casework.dated import DatedQuerySet
from pkh_casework.templatetags.icons import refuse_unknown_icon


class Category(models.Model):
    """What sort of resource it is; master data."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=60)
    icon = models.CharField("gambar", max_length=30)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "kategori"
        ordering = ["position"]

    def __str__(self):
        return self.name

    def clean(self):
        refuse_unknown_icon(self.icon)


class Service(models.Model):
    """What a resource gives; master data."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=60)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "layanan"
        ordering = ["position"]

    def __str__(self):
        return self.name
