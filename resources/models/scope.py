"""Who sees what is offered where: the area it is for, with everybody above it and below it."""

from django.db import models
from django.db.models import Q

from pkh_casework.access import ADMIN


class AreaQuerySet(models.QuerySet):
    """Rows for an area (`wilayah`, of any level): they concern everybody above it and below it."""

    def visible_to(self, user):
        """Rows whose area lies within the asker's or around it; admin keeps master data and sees none."""
        if user.duty == ADMIN or not user.wilayah_id:
            return self.none()
        return self.for_area(user.wilayah_id)

    def for_area(self, code):
        """Rows whose area lies within `code` or around it."""
        around = [code[:length] for length in (2, 4, 6, 10) if length <= len(code)]
        return self.filter(Q(wilayah__in=around) | Q(wilayah__code__startswith=code))
