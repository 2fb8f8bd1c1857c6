"""What the reports keep for themselves: the RHK list, the monthly reports, the months that were locked, targets, and files
that somebody asked for.
"""

from .due import ReportDue, due_on
from .export import Export, RecapPlan
from .letterhead import Letterhead
from .lock import FrozenReport, FrozenRow, LateEntry, MonthLock, MonthReopening
from .notice import MailChoice, Notice
from .report import MonthlyReport, ReportMove
from .rhk import RHK, PlanAction, RHKRule
from .rollup import MonthCount
from .target import Target, TargetRule

__all__ = [
    "RHK",
    "Export",
    "FrozenReport",
    "FrozenRow",
    "LateEntry",
    "Letterhead",
    "MailChoice",
    "MonthCount",
    "MonthLock",
    "MonthReopening",
    "MonthlyReport",
    "Notice",
    "PlanAction",
    "RHKRule",
    "RecapPlan",
    "ReportDue",
    "ReportMove",
    "Target",
    "TargetRule",
    "due_on",
]
