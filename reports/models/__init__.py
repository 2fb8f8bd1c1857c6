"""What the reports keep for themselves: the RHK list, the monthly reports, and the months that were locked."""

from .lock import FrozenReport, FrozenRow, LateEntry, MonthLock, MonthReopening
from .report import MonthlyReport, ReportMove
from .rhk import RHK, PlanAction, RHKRule
from .rollup import MonthCount

__all__ = [
    "RHK",
    "FrozenReport",
    "FrozenRow",
    "LateEntry",
    "MonthCount",
    "MonthLock",
    "MonthReopening",
    "MonthlyReport",
    "PlanAction",
    "RHKRule",
    "ReportMove",
]
