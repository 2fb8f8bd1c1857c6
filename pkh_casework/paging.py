"""Lists that grow: pages by the last row shown, so that page 400 costs what page 1 costs, and nothing is counted."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from django.db.models import Q

from .fields import NumberUnreadable, seal, unseal


@dataclass(frozen=True)
class Page:
    """`rows` of this page and the address of the next one ("" on the last); `first` when nothing comes before."""

    rows: list
    next_url: str
    first: bool


def keyset_page(queryset, request, order, *, size):
    """The next `size` rows of `queryset` behind the key in `?sesudah=`, in `order`.

    `order` names fields or annotations ("-" for descending) that are never null, end in a unique one and stand on
    each row. The address carries the key of the last row shown as it was then, so that a row that moves meanwhile (a
    family visited, say) takes nobody with it; it is encrypted, since a key may be a name. An unreadable key, or one
    of another order, starts the list anew.
    """
    after = _opened(request.GET.get("sesudah"), order)
    ordered = queryset.order_by(*order)
    rows = list((ordered.filter(_beyond(order, after)) if after else ordered)[: size + 1])
    next_url = ""
    if len(rows) > size:
        rows.pop()
        query = request.GET.copy()
        query["sesudah"] = _sealed(rows[-1], order)
        next_url = f"{request.path}?{query.urlencode()}"
    return Page(rows, next_url, not after)


def _sealed(row, order):
    key = json.dumps([getattr(row, name.lstrip("-")) for name in order], default=str)
    return urlsafe_b64encode(seal(key, _context(order))).decode()


def _opened(text, order):
    """The key in `text`, one value (as JSON) for each field of `order`, or None."""
    try:
        return json.loads(unseal(urlsafe_b64decode(text), _context(order))) if text else None
    except (NumberUnreadable, ValueError):  # cut off, made up, or of another order
        return None


def _context(order):
    return f"page:{','.join(order)}"


def _beyond(order, key):
    """Rows after `key`: (a > x) or (a = x and b > y) or …, each field in its own direction."""
    beyond, equal, start = Q(), Q(), Q()
    for name, value in zip(order, key, strict=True):
        field, after = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        beyond |= equal & Q(**{f"{field}__{after}": value})
        equal &= Q(**{field: value})
        # Follows from the rest, but only this lets the database enter the index at the key.
        start = start or Q(**{f"{field}__{after}e": value})
    return start & beyond
