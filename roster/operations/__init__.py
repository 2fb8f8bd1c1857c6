"""Writes of families that come in, change hands and leave."""

from .handover import answer, mark_read, offer
from .merge import TAKEN_OVER, merge, undo_merge
from .move import move_family
from .suspect import ask_holder, keep_apart, look_again, tell

__all__ = [
    "TAKEN_OVER",
    "answer",
    "ask_holder",
    "keep_apart",
    "look_again",
    "mark_read",
    "merge",
    "move_family",
    "offer",
    "tell",
    "undo_merge",
]
