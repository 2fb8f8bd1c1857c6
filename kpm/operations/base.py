"""What all writes of this app share: one submission is one operation, one receipt and one transaction."""

from functools import wraps

import pghistory
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from ledger.models import Receipt


class Refused(Exception):
    """A change that the dated rows do not allow; the text is for the person at the form, `field` where it belongs."""

    def __init__(self, text, field=None):
        super().__init__(text)
        self.text, self.field = text, field


class ChangedMeanwhile(Exception):
    """The row is not what the person saw when the form was opened; `row` is what is stored now."""

    def __init__(self, row):
        super().__init__("changed since the form was opened")
        self.row = row


def newest_receipt(row, *, but=None) -> str:
    """The number of the newest receipt of an entry that only its author (`pendamping`) corrects, as text: what a form
    for correcting it was opened with. That of the tap `but` does not count.
    """
    receipts = Receipt.objects.filter(author=row.pendamping_id, object_id=row.pk).exclude(op_id=but)
    return str(receipts.aggregate(newest=Max("number"))["newest"] or "")


def refuse_if_corrected(row, seen: str, op_id) -> None:
    """Raise ChangedMeanwhile when `row`, locked, was corrected by another tap than `op_id` since `seen` was newest."""
    if seen and seen != newest_receipt(row, but=op_id):
        raise ChangedMeanwhile(row)


def operation(write):
    """One transaction, whose rows in the field history carry the name of `by` inside and outside of a request."""

    @wraps(write)
    def signed(*args, by: User, **kwargs):
        with transaction.atomic(), pghistory.context(user=by.pk):
            return write(*args, by=by, **kwargs)

    return signed
