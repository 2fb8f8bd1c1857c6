"""What the reports keep for themselves: the RHK list, and the monthly reports with their locks."""

from .rhk import RHK, PlanAction, RHKRule
from .rollup import MonthCount

__all__ = ["RHK", "MonthCount", "PlanAction", "RHKRule"]
