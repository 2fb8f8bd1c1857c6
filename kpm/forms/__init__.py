"""What one submission about a family may say, and the words for what it may not."""

from .group import GroupForm
from .household import HouseholdForm, RegisterForm
from .identity import RevealForm, SearchForm
from .member import MemberForm, NewMemberForm

__all__ = [
    "GroupForm",
    "HouseholdForm",
    "MemberForm",
    "NewMemberForm",
    "RegisterForm",
    "RevealForm",
    "SearchForm",
]
