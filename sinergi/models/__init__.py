"""Program Sinergi Kreatif: families who walk through stages together, and what shows that they moved on."""

from .business import BudgetLine, BusinessGroup, BusinessMember, there_in
from .enrolment import Enrolment, StageMove
from .pattern import Condition, ProgrammeRule, Template, TemplateStage
from .programme import Programme, Stage

__all__ = [
    "BudgetLine",
    "BusinessGroup",
    "BusinessMember",
    "Condition",
    "Enrolment",
    "Programme",
    "ProgrammeRule",
    "Stage",
    "StageMove",
    "Template",
    "TemplateStage",
    "there_in",
]
