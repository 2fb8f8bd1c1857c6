"""Kelompok: the group of families that meets for P2K2, with its dated ketua."""

import pghistory
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from pkh_casework.access import KOORDINATOR, PENDAMPING


class GroupQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A pendamping's own kelompok; a koordinator's those of the area."""
        if user.duty == PENDAMPING and user.is_asked_as_former_holder:
            earlier = apps.get_model("kpm.GroupEvent").objects.filter(pendamping=user.pk)
            return self.filter(Q(pendamping=user.pk) | Q(pk__in=earlier.values("pgh_obj")))
        if user.duty == PENDAMPING:
            return self.filter(pendamping=user)
        if user.duty == KOORDINATOR:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.none()


@pghistory.track()
class Group(models.Model):
    """One kelompok of about 15 to 40 families in one kelurahan."""

    personal_fields = frozenset({"name"})

    name = models.CharField("nama kelompok", max_length=60)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+", verbose_name="kelurahan")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="groups")

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = "kelompok"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pendamping", "name"],
                name="group_name_once_per_pendamping",
                violation_error_message="Sudah ada kelompok dengan nama ini.",
            )
        ]

    def __str__(self):
        return self.name


@pghistory.track()
class GroupChair(models.Model):
    """The ketua of a kelompok, from one date on."""

    personal_fields = frozenset()

    group = models.ForeignKey(Group, models.PROTECT, related_name="chairs")
    household = models.ForeignKey("kpm.Household", models.PROTECT, related_name="+")
    from_on = models.DateField("sejak")
    to_on = models.DateField("sampai", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(to_on=None), name="group_has_one_ketua_now")
        ]
