"""What this room keeps: files on their way in, and families that change hands."""

from .batch import Batch, Layout
from .handover import Handover, HandoverFamily
from .staged import StagedFamily, StagedRow

__all__ = ["Batch", "Handover", "HandoverFamily", "Layout", "StagedFamily", "StagedRow"]
