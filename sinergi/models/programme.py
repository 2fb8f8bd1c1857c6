"""A programme of an area for about a year, and the stages that its families walk through."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone

from pkh_casework.ids import uuid7
from resources.models import AreaQuerySet, Partner

from .pattern import Template


@pghistory.track()
class Programme(models.Model):
    """One Program Sinergi Kreatif. All in and around its area see it; its families have their own door.

    Its state follows from its days: it runs from `starts_on` on until somebody closes it.
    """

    class State(models.TextChoices):
        COMING = "disiapkan", "Disiapkan"
        RUNNING = "berjalan", "Berjalan"
        OVER = "lewat", "Lewat waktu, belum ditutup"
        CLOSED = "ditutup", "Ditutup"

    personal_fields = frozenset({"note", "closing_words"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    name = models.CharField("nama program", max_length=120)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+", verbose_name="wilayah")
    starts_on = models.DateField("mulai")
    ends_on = models.DateField("selesai")
    target = models.PositiveSmallIntegerField("sasaran keluarga")
    partners = models.ManyToManyField(Partner, blank=True, related_name="programmes", verbose_name="mitra")
    note = models.TextField("keterangan", max_length=1000, blank=True)
    template = models.ForeignKey(
        Template, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="pola"
    )
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_on = models.DateField("ditutup", null=True, blank=True)
    closing_words = models.TextField("kata penutup", max_length=1000, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = "program"
        constraints = [
            models.CheckConstraint(
                name="programme_ends_after_start",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message="Program selesai sesudah mulai.",
            ),
            models.CheckConstraint(
                name="programme_closed_after_start",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("starts_on")),
                violation_error_message="Program ditutup sesudah mulai.",
            ),
        ]
        indexes = [models.Index(fields=["wilayah", "-starts_on"], name="programme_by_area")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/sinergi/{self.pk}/"

    def state_on(self, day):
        """Its State on `day`."""
        if self.closed_on and self.closed_on <= day:
            return Programme.State.CLOSED
        if day < self.starts_on:
            return Programme.State.COMING
        return Programme.State.OVER if day > self.ends_on else Programme.State.RUNNING

    def sums(self):
        """What its budget comes to, `planned` and `spent`."""
        return self.budget.order_by().aggregate(
            planned=Sum("planned", default=0), spent=Sum("spent", default=0)
        )

    def is_led_by(self, user):
        """Whether `user` may change it: a koordinator whose area holds the programme's."""
        return user.is_koordinator and self.wilayah_id.startswith(user.wilayah_id)


@pghistory.track()
class Stage(models.Model):
    """One stage of one programme, copied from its pattern; `entry` and `exit` as in TemplateStage."""

    personal_fields = frozenset()

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField("urutan")
    name = models.CharField("nama", max_length=60)
    purpose = models.CharField("maksud", max_length=200)
    entry = models.CharField("syarat masuk", max_length=80, blank=True)
    exit = models.CharField("syarat keluar", max_length=80, blank=True)

    class Meta:
        verbose_name = "tahap"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name
