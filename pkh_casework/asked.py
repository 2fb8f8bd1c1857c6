"""What an address asks for after its `?`, in a form that any query may use: an odd address is no question."""

LONGEST = 80
LARGEST = (1 << 31) - 1  # an RW, a number of days, the id of a row


def asked_text(query, name):
    """The words under `name` in `query` (a QueryDict): trimmed, cut at LONGEST, without NUL, which PostgreSQL refuses."""
    return query.get(name, "").replace("\0", "").strip()[:LONGEST]


def asked_number(query, name):
    """The whole number from 0 to LARGEST under `name` in `query`, or None."""
    text = asked_text(query, name)
    # Other digits than 0 to 9 (², ٣) count as digits too, and most of them are no int.
    number = int(text) if text.isascii() and text.isdigit() else None
    return number if number is not None and number <= LARGEST else None
