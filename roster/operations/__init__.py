"""Writes of families that come in, change hands and leave."""

from .handover import answer, mark_read, offer
from .move import move_family

__all__ = ["answer", "mark_read", "move_family", "offer"]
