"""The families, who holds them, and how far they have come on their way to independence."""

from .assessment import Assessment, LevelMonth, Score
from .change import CaseLimit, CaseReason, FamilyChange, MemberMove
from .component import BenefitRule, Component, ComponentAge, ComponentRate, ComponentSpan, PayStage
from .consent import Consent, ConsentText
from .duplicate import DuplicateRule
from .graduation import (
    GraduationCase,
    GraduationFile,
    GraduationKind,
    GraduationMove,
    GraduationPaper,
    WatchCheck,
)
from .group import Group, GroupChair
from .household import Assignment, Household
from .instrument import (
    Anchor,
    Dimension,
    Indicator,
    Instrument,
    Level,
    ReadinessMinimum,
    ReadinessRule,
    Threshold,
)
from .member import Member, MemberComponent, Pengurus
from .payment import PaymentCheck, PaymentTrouble
from .plan import MOST_GOALS, Deferral, Goal, GoalPhrase, GoalStep

__all__ = [
    "MOST_GOALS",
    "Anchor",
    "Assessment",
    "Assignment",
    "BenefitRule",
    "CaseLimit",
    "CaseReason",
    "Component",
    "ComponentAge",
    "ComponentRate",
    "ComponentSpan",
    "Consent",
    "ConsentText",
    "Deferral",
    "Dimension",
    "DuplicateRule",
    "FamilyChange",
    "Goal",
    "GoalPhrase",
    "GoalStep",
    "GraduationCase",
    "GraduationFile",
    "GraduationKind",
    "GraduationMove",
    "GraduationPaper",
    "Group",
    "GroupChair",
    "Household",
    "Indicator",
    "Instrument",
    "Level",
    "LevelMonth",
    "Member",
    "MemberComponent",
    "MemberMove",
    "PayStage",
    "PaymentCheck",
    "PaymentTrouble",
    "Pengurus",
    "ReadinessMinimum",
    "ReadinessRule",
    "Score",
    "Threshold",
    "WatchCheck",
]
