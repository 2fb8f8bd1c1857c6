"""What rests of files on their way in."""

from .batch import Batch, Layout
from .staged import StagedFamily, StagedRow

__all__ = ["Batch", "Layout", "StagedFamily", "StagedRow"]
