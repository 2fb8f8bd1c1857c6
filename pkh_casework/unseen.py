"""Signs that come along when a text is pasted and that the files of an office programme can't hold."""

import re

BREAKS = "\x0b\x0c"  # a line and a page, as Word copies them
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
