"""Whom the pendamping know: who spoke with a partner, how often, and when last."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max

from .models import Activity


@dataclass(frozen=True)
class Acquaintance:
    """A colleague who spoke with a partner: how often, and when last."""

    name: str
    times: int
    last_on: date


def known_by(partners):
    """{partner id: [Acquaintance, …]} of `partners` (rows or ids), whoever spoke with it last first; one query."""
    rows = (
        Activity.objects.filter(partners__in=partners)
        .values("partners", "pendamping", "pendamping__name")
        .annotate(times=Count("pk"), last_on=Max("occurred_on"))
        .order_by("-last_on", "pendamping__name", "pendamping")
    )
    known = defaultdict(list)
    for row in rows:
        known[row["partners"]].append(Acquaintance(row["pendamping__name"], row["times"], row["last_on"]))
    return known


def contacts_with(partner):
    """Activities with `partner`, for a log that tells everybody when and who, and the words only to whoever may read
    the activity.
    """
    return Activity.objects.filter(partners=partner).select_related("pendamping", "kind", "sub_role")
