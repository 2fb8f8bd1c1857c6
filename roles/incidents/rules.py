"""The sorts of kasus in force."""

from pkh_casework.dated import kept_a_minute
from roles.models import IncidentKind


@kept_a_minute
def kinds_on(day):
    """The IncidentKinds in force on `day`, the most urgent first."""
    return list(IncidentKind.objects.valid_on(day).order_by("position", "code"))
