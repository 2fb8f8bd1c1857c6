"""Signs that come along when a text is pasted and that the files of an office programme can't hold."""

import re
import unicodedata

BREAKS = "\x0b\x0c"  # a line and a page, as Word copies them
QUOTES = "'`\u2018\u2019"
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def without_unseen(value):
    """`value` (text, or lists and dicts of it; anything else stays) with real line breaks and no other unseen sign."""
    match value:
        case str():
            return UNSEEN.sub(lambda sign: "\n" if sign[0] in BREAKS else "", value)
        case dict():
            return {key: without_unseen(one) for key, one in value.items()}
        case list() | tuple():
            return [without_unseen(one) for one in value]
    return value


def one_line(value):
    """What a person typed or pasted for a number or a name, as text in one line: wide and styled signs as plain ones
    (NFKC), no marks of direction or width, no apostrophe that a spreadsheet puts before a number.
    """
    plain = unicodedata.normalize("NFKC", str(value))
    seen = "".join(sign for sign in plain if sign.isspace() or unicodedata.category(sign)[0] != "C")
    line = " ".join(seen.split())
    return line.lstrip(QUOTES).strip()
