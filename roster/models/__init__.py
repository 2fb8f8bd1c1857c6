"""What this room keeps: files on their way in, families that change hands, and families that were two and are one."""

from .batch import Batch, Layout
from .duplicate import Merge, MergedRow, Suspect
from .handover import Handover, HandoverFamily
from .siks import REVERSE, Difference, Kind, SiksFile, ToType
from .staged import StagedFamily, StagedRow

__all__ = [
    "REVERSE",
    "Batch",
    "Difference",
    "Handover",
    "HandoverFamily",
    "Kind",
    "Layout",
    "Merge",
    "MergedRow",
    "SiksFile",
    "StagedFamily",
    "StagedRow",
    "Suspect",
    "ToType",
]
