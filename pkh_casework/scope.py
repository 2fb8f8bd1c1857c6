"""Whose rows these are, where one rule is that of several models."""

from django.db import models

from .access import KELURAHAN, KOORDINATOR, PENDAMPING


class OfWorkerQuerySet(models.QuerySet):
    """Rows of a `pendamping` about the work in a `wilayah`."""

    def visible_to(self, user):
        """Those that `user` may read whole: the own ones, a koordinator's those of the area."""
        if user.duty == PENDAMPING:
            return self.filter(pendamping=user)
        if user.duty == KOORDINATOR:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.none()

    def counted_for(self, user):
        """Those that enter a figure shown to `user`; kelurahan staff learn numbers, states and days, no words."""
        if user.duty == KELURAHAN:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.visible_to(user)
