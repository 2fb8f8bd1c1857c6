"""Writes of families that come in, change hands and leave."""

from .handover import answer, mark_read, offer

__all__ = ["answer", "mark_read", "offer"]
