"""What one submission about a family may say, and the words for what it may not."""

from .goal import CloseGoalForm, DeferForm, GoalForm, StepForm, WordsForm
from .group import GroupForm
from .household import HouseholdForm, RegisterForm
from .identity import RevealForm, SearchForm
from .member import MemberForm, NewMemberForm

__all__ = [
    "CloseGoalForm",
    "DeferForm",
    "GoalForm",
    "GroupForm",
    "HouseholdForm",
    "MemberForm",
    "NewMemberForm",
    "RegisterForm",
    "RevealForm",
    "SearchForm",
    "StepForm",
    "WordsForm",
]
