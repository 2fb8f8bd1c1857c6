"""RT, RW and dusun: as people write them, and as the house prints them.

Many a desa has no RW, some no RT: a family card then says 000 or a dash. None stands for that, never 0.
"""

import re
from typing import Any

from .unseen import one_line

MOST = 999
NO_PLACE, NO_RW = "tanpa RT/RW", "tanpa RW"
WITHOUT_RW = 0  # in an address, where `rw` asks for families that have none

_ONE = r"(0*\d{1,3}|-+)"
_BETWEEN = r"[\s.,:;/\\-]*"
# static/js/phone/pages.js reads by the same list, in the same order; a test asks both the same questions.
# Each with the order of its groups.
WRITTEN = [
    (rf"(?:rt\s*[/.,-]?\s*rw|rt)?[\s.:]*{_ONE}\s*[/\\]\s*{_ONE}", "rt rw"),
    (rf"rt\s*[/.,-]?\s*rw[\s.:]*{_ONE}[\s.,-]+{_ONE}", "rt rw"),
    (rf"rw\s*[/.,-]?\s*rt[\s.:]*{_ONE}[\s/\\.,-]+{_ONE}", "rw rt"),
    (rf"rw[\s.:]*{_ONE}\s*[/\\]\s*{_ONE}", "rw rt"),
    (rf"rt[\s.:]*{_ONE}{_BETWEEN}rw[\s.:]*{_ONE}", "rt rw"),
    (rf"rw[\s.:]*{_ONE}{_BETWEEN}rt[\s.:]*{_ONE}", "rw rt"),
    (rf"rt[\s.:]*{_ONE}", "rt"),
    (rf"rw[\s.:]*{_ONE}", "rw"),
]
_PATTERNS = [(re.compile(pattern, re.ASCII), names.split()) for pattern, names in WRITTEN]
_DOTTED = re.compile(r"\br\s?\.\s?([tw])\b\.?")
# What a smaller part of a desa is called besides dusun; such a name stands as it is.
_NAMED = re.compile(
    r"(?:dusun|dukuh|dukuhan|kampung|kampong|kp|lingkungan|lk|blok|banjar|jorong|korong|huta|padukuhan|pedukuhan)\b",
    re.IGNORECASE,
)
_SAYS_DUSUN = re.compile(r"(?:dusun|dsn|dus)\b[\s.:]*", re.IGNORECASE)


def read_place(text: str) -> tuple[int | None, int | None] | None:
    """(RT, RW) that `text` says and nothing else: "RT.03/RW.05", "rw 5 rt 2", "003/005", "RT 3", "RT03 RW05".

    A part that isn't there, or is 000 or a dash as on the card of a desa without it, is None. None for any other text.
    """
    text = one_line(text).lower()
    text = _DOTTED.sub(r"r\1 ", text.replace("–", "-")).strip(" .,;")
    for pattern, names in _PATTERNS:
        if found := pattern.fullmatch(text):
            said = {name: _number(value) for name, value in zip(names, found.groups(), strict=True)}
            if any(number is not None and number > MOST for number in said.values()):
                return None
            return said.get("rt"), said.get("rw")
    return None


def is_no_number(text: str) -> bool:
    """Whether `text` is what a card says where there is no RT or no RW: zeros, dashes, or nothing."""
    return not one_line(text).strip(" 0-–.")


def read_dusun(text: str) -> str:
    """The name of a dusun without the word itself ("Dsn. Cikapundung" is Cikapundung); "" for a dash or zeros."""
    text = one_line(text)
    name = _SAYS_DUSUN.sub("", text, count=1) if _SAYS_DUSUN.match(text) else text
    return "" if is_no_number(name) else name


def _number(text):
    return None if is_no_number(text) else int(text)


def walk_key(family: Any) -> tuple:
    """What families are sorted by for one walk: RW, RT; those of a desa without RW behind, by dusun."""
    rw, rt = family.rw or MOST + 1, family.rt or MOST + 1
    return rw, family.dusun.casefold() if family.rw is None else "", rt


# --- as printed -------------------------------------------------------------------------------------------------------


def place_of(family: Any, *, unbroken=True) -> str:
    """Where in its kelurahan a `family` (anything with rt and rw, and dusun where known) lives, for a row:
    "RW 05 / RT 03", "Dusun Cikapundung", "Dusun Sari, RT 02"; "tanpa RT/RW" where nothing is known.

    `unbroken`: the numbers never break over two lines.
    """
    numbers = " / ".join(_numbered([("RW", family.rw), ("RT", family.rt)]))
    words = ", ".join(filter(None, [dusun_of(family), numbers])) or NO_PLACE
    return (
        words.replace("RW ", "RW\xa0").replace("RT ", "RT\xa0").replace(" / ", "\xa0/\xa0")
        if unbroken
        else words
    )


def paper_place_of(family: Any) -> str:
    """The same as an address on paper says it: "RT 03/RW 05", "Dusun Cikapundung"; "" where nothing is known."""
    numbers = "/".join(_numbered([("RT", family.rt), ("RW", family.rw)]))
    return ", ".join(filter(None, [dusun_of(family), numbers]))


def address_of(family: Any) -> str:
    """Address and place in one line, for paper."""
    return ", ".join(filter(None, [family.address, paper_place_of(family)]))


def short_place_of(family: Any) -> str:
    """For a narrow column: "RT 03/05", "Dusun Cikapundung", or "tanpa RT/RW"."""
    if family.rt is not None and family.rw is not None:
        return f"RT {family.rt:02d}/{family.rw:02d}"
    return paper_place_of(family) or NO_PLACE


def rw_words(rw: int | None) -> str:
    """ "RW 05", or "tanpa RW" for None and for what stands for it in an address."""
    return f"RW {rw:02d}" if rw else NO_RW


def rt_words(rt: int | None) -> str:
    """ "RT 03", or "tanpa RT"."""
    return f"RT {rt:02d}" if rt else "tanpa RT"


def dusun_of(family: Any) -> str:
    """ "Dusun Cikapundung"; a name that says its own word ("Kampung Baru") as it is; "" without one."""
    name = getattr(family, "dusun", "")
    return name if not name or _NAMED.match(name) else f"Dusun {name}"


def _numbered(pairs):
    return [f"{word} {number:02d}" for word, number in pairs if number]
