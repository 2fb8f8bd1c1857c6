"""What a pendamping does, by role."""

from .activity import Activity, ActivityHousehold, Photo
from .catalogue import ActivityKind, QuickPhrase, Role, SubRole
from .postponement import Postponement

__all__ = [
    "Activity",
    "ActivityHousehold",
    "ActivityKind",
    "Photo",
    "Postponement",
    "QuickPhrase",
    "Role",
    "SubRole",
]
