"""What a pendamping does, by role."""

from .activity import Activity, ActivityHousehold, Photo
from .catalogue import ActivityKind, QuickPhrase, Role, SubRole
from .postponement import Postponement
from .session import Attendance, GroupSession, Module, ModuleSession, Trainer, Training, TrainingPlace

__all__ = [
    "Activity",
    "ActivityHousehold",
    "ActivityKind",
    "Attendance",
    "GroupSession",
    "Module",
    "ModuleSession",
    "Photo",
    "Postponement",
    "QuickPhrase",
    "Role",
    "SubRole",
    "Trainer",
    "Training",
    "TrainingPlace",
]
