"""What people say of families that come in, change hands and leave."""

from .handover import AnswerForm, OfferForm

__all__ = ["AnswerForm", "OfferForm"]
