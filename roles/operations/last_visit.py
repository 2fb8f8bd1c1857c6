"""When families were last visited, kept on the family for every list (kpm.Household.last_visited_on)."""

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest

from kpm.models import Household
from roles.models import ActivityHousehold


def note_visit(household_ids, day):
    """Move `last_visited_on` forward to `day`: the maximum of the rows, when one row is added. One statement, so two
    visits at once can't overwrite each other.
    """
    Household.objects.filter(pk__in=household_ids).update(last_visited_on=Greatest("last_visited_on", day))


def hold_families(household_ids):
    """The Household rows, held: two writers of visits at once would each miss the other's row. The second waits here, and
    its next statement sees both.
    """
    families = Household.objects.filter(pk__in=household_ids)
    list(families.order_by("pk").select_for_update(of=["self"], no_key=True).values_list("pk"))
    return families


def refresh_last_visit(household_ids):
    """Set `last_visited_on` of these families to their latest home visit at which they were met, or to nothing."""
    families = hold_families(household_ids)
    latest = (
        ActivityHousehold.objects.filter(household=OuterRef("pk"))
        .home_visits()
        .order_by("-occurred_on", "-pk")
    )
    families.update(last_visited_on=Subquery(latest.values("occurred_on")[:1]))
