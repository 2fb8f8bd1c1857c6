"""Beside the plan of a day: the next house after a visit, and resources to look after."""

from datetime import timedelta

from django.db.models import Case, F, Value, When
from django.db.models.functions import Length

from kpm.models import Household
from resources.models import Resource, ResourceCheck
from roles.models import Postponement

from .due import VISIT_EVERY

NEXT_HOUSES = 2
CHECKS_A_DAY = 3  # resources to look after; a small favour to all, never the day's work


def next_houses(user, household, day):
    """Where a pendamping who just visited `household` may go next: families of the same RW not visited for VISIT_EVERY,
    of the same RT first, then who waits longest; at most NEXT_HOUSES of them, and none that was put off.
    """
    if household.rw is None:
        return []
    near = Household.objects.visible_to(user).active().filter(wilayah=household.wilayah_id, rw=household.rw)
    near = near.exclude(pk=household.pk).not_visited_since(day - VISIT_EVERY + timedelta(days=1))
    near = near.exclude(pk__in=Postponement.objects.visible_to(user).hiding_on(day).values("household"))
    farness = Case(When(rt=household.rt, then=Value(0)), default=Value(1))
    return list(
        near.order_by(farness, F("last_visited_on").asc(nulls_first=True), "rt", "name", "pk")[:NEXT_HOUSES]
    )


def resources_to_check(user, day):
    """Up to CHECKS_A_DAY resources that nobody looked after for long, those of the nearest area first, less what the
    user looked after on `day`; two queries.
    """
    done = ResourceCheck.objects.filter(by=user, checked_on=day).count()
    if done >= CHECKS_A_DAY:
        return []
    stale = Resource.objects.visible_to(user).active().stale_on(day).select_related("wilayah", "category")
    # The longer the code, the smaller and so the nearer the area; what was never checked comes first.
    nearest = stale.order_by(Length("wilayah").desc(), F("checked_on").asc(nulls_first=True), "pk")
    return list(nearest[: CHECKS_A_DAY - done])
