"""What a pendamping does, by role."""

from .activity import Activity, ActivityHousehold, Photo
from .catalogue import ActivityKind, QuickPhrase, Role, SubRole
from .postponement import Postponement
from .referral import LinkKnock, PartnerLink, Referral, ReferralMove
from .session import Attendance, GroupSession, Module, ModuleSession, Trainer, Training, TrainingPlace

__all__ = [
    "Activity",
    "ActivityHousehold",
    "ActivityKind",
    "Attendance",
    "GroupSession",
    "LinkKnock",
    "Module",
    "ModuleSession",
    "PartnerLink",
    "Photo",
    "Postponement",
    "QuickPhrase",
    "Referral",
    "ReferralMove",
    "Role",
    "SubRole",
    "Trainer",
    "Training",
    "TrainingPlace",
]
