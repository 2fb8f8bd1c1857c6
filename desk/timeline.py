"""What a family's page counts: the role mix and the promises still open."""

from datetime import timedelta

from django.db.models import Count, Q

from roles.models import ActivityHousehold, Role

HALF_YEAR, YEAR = timedelta(days=182), timedelta(days=365)


def role_mix(household, day):
    """Activities that reached the family by role: {"half_year": {code: n}, "year": {code: n}, "hint": words or ""}.

    Every role is present, also with 0: what was not done is the point.
    """
    counted = (
        ActivityHousehold.objects.filter(household=household, occurred_on__gt=day - YEAR)
        .values_list("activity__sub_role__role")
        .annotate(year=Count("pk"), half_year=Count("pk", filter=Q(occurred_on__gt=day - HALF_YEAR)))
    )
    found = {role: (half_year, year) for role, year, half_year in counted}
    roles = list(Role.objects.all())
    half_year = {role.code: found.get(role.code, (0, 0))[0] for role in roles}
    year = {role.code: found.get(role.code, (0, 0))[1] for role in roles}
    return {"half_year": half_year, "year": year, "hint": _hint(half_year, roles)}


def _hint(counts, roles):
    """A nudge, not a score: the most used role beside those not used at all, once there is something to compare."""
    if sum(counts.values()) < 3:
        return ""
    missing = [role.name.lower() for role in roles if counts[role.code] == 0]
    most = max(roles, key=lambda role: counts[role.code])
    if not missing:
        return ""
    return f"{counts[most.code]}× {most.name.lower()}, " + ", ".join(f"0× {name}" for name in missing)


def open_steps(household):
    """ActivityHousehold rows with a promised step not yet done, the earliest due first."""
    rows = ActivityHousehold.objects.filter(household=household).open_steps()
    return list(rows.select_related("activity").order_by("step_due_on", "id"))
