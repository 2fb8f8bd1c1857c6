"""Lists that grow: pages by the last row shown, so that page 400 costs what page 1 costs, and nothing is counted."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import partial

from django.db.models import Q

from .asked import asked_number
from .fields import NumberUnreadable, seal, unseal


@dataclass(frozen=True)
class Page:
    """`rows` of this page and the address of the next one ("" on the last); `first` when nothing comes before."""

    rows: list
    next_url: str
    first: bool


def keyset_page(queryset, request, order, *, size):
    """The next `size` rows of `queryset` behind the key in `?sesudah=`, in `order`; see rows_after."""
    after = request.GET.get("sesudah")
    return _page(request, *rows_after(queryset, after, order, size=size), order)


def union_page(querysets, request, order, *, size):
    """The same of several querysets of dicts together, with the same names in the same order and keys that are never null,
    all in one direction: one query, in which each is entered at the key.
    """
    after = request.GET.get("sesudah")
    key = _opened(after, order)
    parts = [_from(queryset, order, key, size) for queryset in querysets]
    first, *rest = parts
    rows = list(first.union(*rest, all=True).order_by(*order)[: size + 1]) if rest else list(first)
    return _page(request, *_cut(rows, order, size), order)


def _page(request, rows, last, order):
    next_url = ""
    if last:
        query = request.GET.copy()
        query["sesudah"] = last
        next_url = f"{request.path}?{query.urlencode()}"
    return Page(rows, next_url, not _opened(request.GET.get("sesudah"), order))


def list_page(rows, request, *, size):
    """The next `size` of `rows`, a list made anew for each page of a question, behind the place in `?sesudah=`."""
    start = asked_number(request.GET, "sesudah") or 0
    start = start if 0 <= start < len(rows) else 0
    next_url = ""
    if start + size < len(rows):
        query = request.GET.copy()
        query["sesudah"] = str(start + size)
        next_url = f"{request.path}?{query.urlencode()}"
    return Page(rows[start : start + size], next_url, not start)


def rows_after(queryset, after, order, *, size):
    """(the next `size` rows of `queryset` behind the key `after`, the key of the last of them, "" at the end).

    `order` names fields or annotations ("-" for descending) that end in a unique one and stand on each row; those
    of the model may be null, and are then the last (the first when descending). The key is that of the last row shown as it was then, so that a row that moves meanwhile (a family visited,
    say) takes nobody with it; it is encrypted, since a key may be a name. An unreadable key, or one of another order,
    starts the list anew.
    """
    key = _opened(after, order)
    ordered = queryset.order_by(*order)
    rows = list(
        (ordered.filter(_beyond(order, key, _nullable(queryset, order))) if key else ordered)[: size + 1]
    )
    return _cut(rows, order, size)


def merged_after(querysets, after, order, *, size):
    """The same of several querysets of dicts together, whose keys in `order` are of one type, never null, and all in one
    direction; a query each.
    """
    key = _opened(after, order)
    rows = []
    for queryset in querysets:
        rows += _from(queryset, order, key, size)
    names = [name.lstrip("-") for name in order]
    rows.sort(key=lambda row: [row[name] for name in names], reverse=order[0].startswith("-"))
    return _cut(rows, order, size)


def _from(queryset, order, key, size):
    ordered = queryset.order_by(*order)
    return (ordered.filter(_beyond(order, key, set())) if key else ordered)[: size + 1]


def _cut(rows, order, size):
    if len(rows) <= size:
        return rows, ""
    del rows[size:]
    return rows, _sealed(rows[-1], order)


def _sealed(row, order):
    read = row.__getitem__ if isinstance(row, dict) else partial(getattr, row)
    key = json.dumps([read(name.lstrip("-")) for name in order], default=str)
    return urlsafe_b64encode(seal(key, _context(order))).decode()


def _opened(text, order):
    """The key in `text`, one value (as JSON) for each field of `order`, or None."""
    try:
        return json.loads(unseal(urlsafe_b64decode(text), _context(order))) if text else None
    except (NumberUnreadable, ValueError):  # cut off, made up, or of another order
        return None


def _context(order):
    return f"page:{','.join(order)}"


def _nullable(queryset, order):
    """Those of the names in `order` that are fields of the model which may be null."""
    nullable = {name for one in queryset.model._meta.fields if one.null for name in (one.name, one.attname)}
    return {name.lstrip("-") for name in order} & nullable - queryset.query.annotations.keys()


def _beyond(order, key, nullable):
    """Rows after `key`: (a > x) or (a = x and b > y) or …, each field in its own direction. PostgreSQL puts null behind
    every value, and before them when descending.
    """
    beyond, equal, start = Q(), Q(), Q()
    for name, value in zip(order, key, strict=True):
        field, down = name.lstrip("-"), name.startswith("-")
        after = "lt" if down else "gt"
        if value is not None:
            behind = Q(**{f"{field}__{after}": value})
            if field in nullable and not down:
                behind |= Q(**{f"{field}__isnull": True})
            beyond |= equal & behind
        elif down:
            beyond |= equal & Q(**{f"{field}__isnull": False})
        equal &= Q(**{f"{field}__isnull": True}) if value is None else Q(**{field: value})
        # Follows from the rest, but only this lets the database enter the index at the key.
        if not start and field not in nullable:
            start = Q(**{f"{field}__{after}e": value})
    return start & beyond
