"""What people say of families that come in, change hands and leave."""

from .handover import AnswerForm, OfferForm
from .move import FamilyMoveForm

__all__ = ["AnswerForm", "FamilyMoveForm", "OfferForm"]
