"""What a pendamping does, by role."""

from .activity import Activity, ActivityHousehold, Photo
from .catalogue import ActivityKind, ActKind, QuickPhrase, Role, SubRole
from .commitment import Commitment, CommitmentKind, CommitmentRule, SchoolFile
from .incident import Incident, IncidentKind, IncidentMove, IncidentNote, IncidentStep
from .postponement import Postponement, PostponeReason
from .quality import Doubt, Recording, VisitRemark, VisitReview, VisitRule
from .session import Attendance, GroupSession, Module, ModuleSession, Trainer, Training, TrainingPlace
from .visit import VisitAct

__all__ = [
    "ActKind",
    "Activity",
    "ActivityHousehold",
    "ActivityKind",
    "Attendance",
    "Commitment",
    "CommitmentKind",
    "CommitmentRule",
    "Doubt",
    "GroupSession",
    "Incident",
    "IncidentKind",
    "IncidentMove",
    "IncidentNote",
    "IncidentStep",
    "Module",
    "ModuleSession",
    "Photo",
    "PostponeReason",
    "Postponement",
    "QuickPhrase",
    "Recording",
    "Role",
    "SchoolFile",
    "SubRole",
    "Trainer",
    "Training",
    "TrainingPlace",
    "VisitAct",
    "VisitRemark",
    "VisitReview",
    "VisitRule",
]
