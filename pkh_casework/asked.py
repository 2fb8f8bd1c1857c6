"""What an address asks for after its `?`, in a form that any query may use: an odd address is no question."""

import re
from contextlib import suppress
from datetime import date
from uuid import UUID

from django.utils.http import url_has_allowed_host_and_scheme

from .days import PKH_BEGAN
from .fields import case_number_of
from .unseen import one_line

LONGEST = 80
LARGEST = (1 << 31) - 1  # an RW, a number of days, the id of a row


def asked_text(query, name):
    """The words under `name` in `query` (a QueryDict) in one line without what hides in a pasted text, cut at LONGEST."""
    return one_line(query.get(name, ""))[:LONGEST].strip()


def asked_case(query, name):
    """The case number under `name` in `query` as it is stored, "" for none."""
    return case_number_of(asked_text(query, name))


def asked_number(query, name):
    """The whole number from 0 to LARGEST under `name` in `query`, or None."""
    return number_in(asked_text(query, name))


def asked_day(query, name, first=date.min, last=date.max):
    """The day from `first` to `last` under `name` in `query` (2026-11-24), or None."""
    try:
        day = date.fromisoformat(asked_text(query, name))
    except ValueError:
        return None
    return day if first <= day <= last else None


def number_in(text):
    """The whole number from 0 to LARGEST that `text` is, or None."""
    # Other digits than 0 to 9 (²) count as digits too, and are no int.
    number = int(text) if text.isascii() and text.isdigit() else None
    return number if number is not None and number <= LARGEST else None


def ids_in(texts):
    """Those of `texts` that are ids (UUID); the rest was typed by nobody."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(text))
    return found


def month_of(text, latest, default=None):
    """The first day of the month that `text` (2026-11) names, from PKH_BEGAN to the month of `latest`; for any other
    text `default`, or the month of `latest`.
    """
    latest = latest.replace(day=1)
    if not re.fullmatch(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])", text):
        return default or latest
    return min(date.fromisoformat(f"{max(text, f'{PKH_BEGAN:%Y-%m}')}-01"), latest)


def way_back(request):
    """The address (`kembali` in what was sent) of the page that a tap was made on, as far as it is one of ours; else "/"."""
    wanted = request.POST.get("kembali", "")
    # Only a path: redirect() would take other words for the name of a route.
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}
    )
    return wanted if is_ours else "/"
