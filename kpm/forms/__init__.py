"""What one submission about a family may say, and the words for what it may not."""

from .change import ActiveAgainForm, InactiveForm, PengurusForm
from .goal import CloseGoalForm, DeferForm, GoalForm, StepForm, WordsForm
from .group import GroupForm
from .household import HouseholdForm, RegisterForm
from .identity import RevealForm, SearchForm
from .member import MemberForm, NewMemberForm
from .move import FoundForm, MoveAnswerForm, MoveForm
from .point import HousePointForm

__all__ = [
    "ActiveAgainForm",
    "CloseGoalForm",
    "DeferForm",
    "FoundForm",
    "GoalForm",
    "GroupForm",
    "HousePointForm",
    "HouseholdForm",
    "InactiveForm",
    "MemberForm",
    "MoveAnswerForm",
    "MoveForm",
    "NewMemberForm",
    "PengurusForm",
    "RegisterForm",
    "RevealForm",
    "SearchForm",
    "StepForm",
    "WordsForm",
]
