"""Writes of the reports. Each is one submission, one receipt, one transaction."""

from .lock import lock_many, lock_month, may_lock, reopen_month
from .report import (
    MOVES,
    approve_many,
    change_report,
    is_over,
    may_move,
    move_report,
    open_report,
    opens_words,
)
from .rhk import choose_rhk
from .susulan import accept_late, may_be_late

__all__ = [
    "MOVES",
    "accept_late",
    "approve_many",
    "change_report",
    "choose_rhk",
    "is_over",
    "lock_many",
    "lock_month",
    "may_be_late",
    "may_lock",
    "may_move",
    "move_report",
    "open_report",
    "opens_words",
    "reopen_month",
]
