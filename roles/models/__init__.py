"""What a pendamping does, by role."""

from .activity import Activity, ActivityHousehold, Photo
from .catalogue import ActivityKind, QuickPhrase, Role, SubRole
from .commitment import Commitment, CommitmentKind, CommitmentRule, SchoolFile
from .postponement import Postponement
from .session import Attendance, GroupSession, Module, ModuleSession, Trainer, Training, TrainingPlace

__all__ = [
    "Activity",
    "ActivityHousehold",
    "ActivityKind",
    "Attendance",
    "Commitment",
    "CommitmentKind",
    "CommitmentRule",
    "GroupSession",
    "Module",
    "ModuleSession",
    "Photo",
    "Postponement",
    "QuickPhrase",
    "Role",
    "SchoolFile",
    "SubRole",
    "Trainer",
    "Training",
    "TrainingPlace",
]
