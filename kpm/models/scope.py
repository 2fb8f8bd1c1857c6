"""The one door to case data: every model of a family asks here who may see which rows (contract C1)."""

from django.apps import apps
from django.db import models
from django.db.models import Q

from pkh_casework.access import KELURAHAN, KOORDINATOR, PENDAMPING


class CaseQuerySet(models.QuerySet):
    """Rows of families. `to_household` is the lookup path from the row to its Household, "" on Household itself."""

    to_household = "household__"

    def visible_to(self, user):
        """Rows whose family `user` may open: a pendamping's are the families held now, a koordinator's the area's.

        Kelurahan staff and admin see no family; figures have their own door, `counted_for`. While a held form is looked
        at or let in, its author is asked as who held the family when it was filled in (see entries.holding).
        """
        if user.duty == PENDAMPING and user.is_asked_as_former_holder:
            terms = apps.get_model("kpm.Assignment").objects.filter(pendamping=user.pk).values("household")
            # What was held may have been found to be another family, as which it goes on.
            held_once = Q(**{f"{self.to_household}pk__in": terms})
            held_once |= Q(**{f"{self.to_household}pk__in": self._followed(terms)})
            case, area = user.is_asked_about
            named = Q(**{f"{self.to_household}case_number": case}) if case else Q()
            near = {f"{self.to_household}wilayah__code__startswith": area}
            return self._standing().filter(held_once | named if case else held_once, **near)
        if user.duty == PENDAMPING:
            return self._standing().filter(**{f"{self.to_household}pendamping": user})
        if user.duty == KOORDINATOR:
            own = {f"{self.to_household}wilayah__code__startswith": user.wilayah_id}
            return self._standing().filter(**own)
        return self.none()

    def _standing(self):
        """Without what stayed with a family that was found to be another one."""
        return self.filter(**{f"{self.to_household}merged_into": None})

    @staticmethod
    def _followed(families):
        """The ids of the families as which `families` (ids) go on."""
        every = apps.get_model("kpm.Household").every
        return every.filter(pk__in=families).exclude(merged_into=None).values("merged_into")

    def counted_for(self, user):
        """Rows that may enter a figure shown to `user`. What of a row is shown is up to the figure: kelurahan staff
        get the case number, RW, status, dates and levels only.
        """
        if user.duty == KELURAHAN:
            own = {f"{self.to_household}wilayah__code__startswith": user.wilayah_id}
            return self._standing().filter(**own)
        return self.visible_to(user)


class OfTheDayQuerySet(CaseQuerySet):
    """Rows of work: whose it was and where stays with them when the family moves on. `author` is the lookup path from
    the row to who did it.
    """

    author = "pendamping"

    def counted_for(self, user):
        """Rows that enter a figure shown to `user`, by author or by the area of the day (not of today)."""
        if user.duty == PENDAMPING:
            return self.filter(**{self.author: user})
        if user.duty in {KELURAHAN, KOORDINATOR}:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.none()
