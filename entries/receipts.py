"""What a receipt code stands for: the entry it was given for, and the page of it that the asker may open."""

from dataclasses import dataclass

from django.urls import reverse

from pkh_casework.fields import read_short_code

from .models import RECEIPT_SYMBOLS, HeldEntry, Receipt
from .operations import KINDS


@dataclass(frozen=True)
class Found:
    """One receipt for people: what was received, and the page about it ("" when the asker may open none)."""

    receipt: Receipt
    title: str
    page: str
    url: str


def receipt_of(user, text):
    """The Found for a code as it was read or written; None when `user` may see no receipt of that code."""
    try:
        number = read_short_code(text, RECEIPT_SYMBOLS, "receipt")
    except ValueError:
        return None
    receipt = Receipt.objects.visible_to(user).select_related("author").filter(pk=number).first()
    if receipt is None:
        return None
    kind = KINDS[receipt.kind]
    page, url = _page_of(receipt, kind.about, user)
    return Found(receipt, kind.title, page, url)


def _page_of(receipt, model, user):
    """Words and address of the page about what the receipt was given for, ("", "") when the asker may open none: a
    family handed over meanwhile is closed to who wrote the entry.
    """
    if receipt.object_id is None or model is None:
        held = HeldEntry.objects.visible_to(user).filter(op_id=receipt.op_id).first()
        return ("Buka titipan", reverse("entries:held_detail", args=[held.pk])) if held else ("", "")
    thing = model.objects.visible_to(user).filter(pk=receipt.object_id).first()
    if thing is None:
        return "", ""
    if not hasattr(thing, "get_absolute_url"):
        thing = thing.household
    return f"Buka {getattr(thing, 'case_number', thing._meta.verbose_name)}", thing.get_absolute_url()
