"""Signs that come along when a text is pasted: those that the files of an office programme can't hold, and those that
hide in a number.
"""

import re
import unicodedata

BREAKS = "\x0b\x0c"  # a line and a page, as Word copies them
# Before a number an apostrophe of any kind marks it as text, in a spreadsheet.
APOSTROPHES = "'`\u00b4\u2018\u2019\u02bc\u2032\uff07"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
WIDE, FROM_WIDE = range(0xFF01, 0xFF5F), 0xFEE0  # full-width signs, and how far they lie from the usual ones
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


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
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        plain = unicodedata.normalize("NFC", "".join(map(_plain_letter, text)))
        text = "".join(sign for sign in plain if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join(text.split()).lstrip(APOSTROPHES).strip()


def as_code(text):
    """A code or the name of an account as a person meant it: the blank that a keyboard puts behind a word or a point, and
    what hides in a pasted text, stand in none of them.
    """
    return "".join(as_number(text).split())


def as_number(text):
    """`text` as a person meant it who typed or pasted a number, a date or a phone number: decimal digits of any script
    as 0 to 9, one kind of space and dash, no sign that is not seen, no apostrophe before it. Raised and circled digits
    are no digits and stay.
    """
    return "".join(map(_plain_sign, text)).strip().lstrip(APOSTROPHES).strip()


def _plain_letter(sign):
    """A sign in its plain form; a raised or circled digit is none and stays, a digit of another script is one."""
    if unicodedata.category(sign) == "No":
        return sign
    digit = unicodedata.decimal(sign, None)
    return unicodedata.normalize("NFKC", sign) if digit is None else str(digit)


def _plain_sign(sign):
    if sign.isascii() and sign.isprintable():
        return sign
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    if ord(sign) in WIDE:
        return chr(ord(sign) - FROM_WIDE)
    if sign in DASHES:
        return "-"
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in {"Cc", "Cf"} else sign
