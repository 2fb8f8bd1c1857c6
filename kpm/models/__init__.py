"""The families and who holds them."""

from .component import Component, ComponentRate
from .group import Group, GroupChair
from .household import Assignment, Household
from .member import Member, MemberComponent, Pengurus

__all__ = [
    "Assignment",
    "Component",
    "ComponentRate",
    "Group",
    "GroupChair",
    "Household",
    "Member",
    "MemberComponent",
    "Pengurus",
]
