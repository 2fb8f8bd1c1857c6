"""Phone numbers of Indonesia: as people type them, and as they are stored, +62 and the digits."""

import re
from urllib.parse import urlencode

from django.core.exceptions import ValidationError

from .unseen import one_line

DROPPED = re.compile(r"[\s().\-\u2013\u2014/'\u2018\u2019`_·•]+")
WRITTEN = re.compile(r"\+?\(?[0-9](?:[0-9 ().\u2013-]*[0-9])?")
SERVICE = re.compile(r"1[0-9]{2,6}")  # Permenkominfo 14/2018: 11x emergencies, 14xxx and 1500xxx call centres
FOREIGN = "Hanya nomor Indonesia: mulai dengan 0 atau +62."
NO_NUMBER = "Tulis nomor dengan angka saja, misalnya 0812-3456-7890."
TOO_SHORT = "Nomornya terlalu pendek. Periksa lagi, misalnya 0812-3456-7890."
TOO_LONG = "Nomornya terlalu panjang. Satu nomor saja, misalnya 0812-3456-7890."
# Behind 0 or +62. A handphone begins with 8 (3 to 5 digits of the operator, the rest of the subscriber); a number at
# home with its area. Source: Permenkominfo 14/2018, Rencana Dasar Teknis nomor; ITU, Operational Bulletin, +62.
LEAST_MOBILE, MOST_MOBILE = 9, 12
LEAST_HOME, MOST_HOME = 8, 11


def phone_of(text: str) -> str:
    """The number that `text` says, as +6281234567890; "" for nothing.

    0812…, +62 812…, 62812…, 0062…, +62 (0)812… and 812… (a spreadsheet drops the zero) are the same. Raises
    ValidationError with words for the person who typed it.
    """
    said = DROPPED.sub("", one_line(text))
    if not said:
        return ""
    plus, digits = said.startswith("+"), said.removeprefix("+")
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValidationError(NO_NUMBER)
    if digits.startswith("0062"):
        plus, digits = True, digits[2:]
    if plus and not digits.startswith("62"):
        raise ValidationError(FOREIGN)
    if plus or (digits.startswith("62") and len(digits) >= LEAST_HOME + 2):
        digits = digits[2:].removeprefix("0")
    elif digits.startswith("0"):
        digits = digits[1:]
    elif not digits.startswith("8"):
        raise ValidationError(FOREIGN)
    least, most = (LEAST_MOBILE, MOST_MOBILE) if digits.startswith("8") else (LEAST_HOME, MOST_HOME)
    if len(digits) < least:
        raise ValidationError(TOO_SHORT)
    if len(digits) > most:
        raise ValidationError(TOO_LONG)
    if digits.startswith(("0", "1")):
        raise ValidationError(NO_NUMBER)
    return f"+62{digits}"


def phone_words(number: str) -> str:
    """A stored number as people read it out: 0812-3456-7890; "" for none."""
    if not number:
        return ""
    digits = "0" + number.removeprefix("+62")
    return "-".join(filter(None, [digits[:4], digits[4:8], digits[8:]]))


def is_mobile(number: str) -> bool:
    """Whether a stored number is that of a handphone, which can be written to."""
    return bool(_number_in(number)) and number.startswith("+628")


def tel_url(text: str) -> str:
    """The address at which a phone dials the one number that `text` is, in any writing; "" where it is none. Numbers of
    services (112, 119, 1500-123) are dialled as they stand.
    """
    if number := _number_in(text):
        return f"tel:{number}"
    digits = DROPPED.sub("", one_line(text))
    return f"tel:{digits}" if SERVICE.fullmatch(digits) else ""


def numbers_said(text: str) -> list[tuple[str, str]]:
    """`text` in parts, each with the address that dials it or "": two numbers with a slash between, a name before one,
    an "ext. 12" behind it. Put together the parts are the text.
    """
    if (number := _number_in(text)) and text.startswith("+62"):
        return [(phone_words(number), tel_url(text))]
    parts, end = [], 0
    for found in WRITTEN.finditer(text):
        if url := tel_url(found[0]):
            parts += [(text[end : found.start()], ""), (found[0], url)]
            end = found.end()
    return [part for part in (*parts, (text[end:], "")) if part[0]]


def whatsapp_url(number: str, text: str) -> str:
    """The address at which `text` is written to a number, in any writing; with "" for a number to whom the writer chooses.
    "" where the number is no handphone's.
    """
    to = _number_in(number)
    if number and not is_mobile(to):
        return ""
    return f"https://wa.me/{to.removeprefix('+')}?{urlencode({'text': text})}"


def greeting(sender: str) -> str:
    """A first line of `sender` (a name) that tells nothing of a family, not even that it has a pendamping."""
    return f"Selamat hari ini Ibu/Bapak, saya {sender}. Kapan ada waktu untuk berbincang? Terima kasih."


def _number_in(text):
    try:
        return phone_of(text)
    except ValidationError:
        return ""
