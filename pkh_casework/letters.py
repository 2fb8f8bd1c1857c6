"""Any text as paper can show it: signs that some font of the house has, and □ for the others.

A font is chosen for a letter together with the marks on it, so a mark counts as shown only where one family has both.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
BOX = "□"
MAIN = "Libertinus Serif"
BREAK_HERE = "\u200b"  # nothing to see: a line may end here
LONGEST_WORD = 40  # letters; a longer one is no word, and may be broken anywhere rather than run off the page
JOINER, NON_JOINER, SOFT_HYPHEN = "\u200d", "\u200c", "\u00ad"
AS_EMOJI, AS_TEXT = "\ufe0f", "\ufe0e"
SKIN = range(0x1F3FB, 0x1F400)
VIRAMA = 9  # combining class of a sign that stacks the next letter below this one
USUAL = re.compile(r"[\n -~]*")
LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
KEPT_UNSEEN = {JOINER, NON_JOINER, SOFT_HYPHEN, BREAK_HERE}
NOTHING = frozenset()


def on_paper(data, *, plainly=False):
    """(`data` with every text of it as paper can show it, how many signs became a box); `data` as JSON can hold it.

    Line ends are \\n, other signs without a picture (controls, marks of direction, halves of a pair) are gone. With
    `plainly` only Latin letters are shown, for the case that signs can be shown one by one but not together.
    """
    families = {sign: kept for sign, kept in _families().items() if MAIN in kept} if plainly else _families()
    lost = 0

    def walk(value):
        nonlocal lost
        match value:
            case str():
                text, boxes = _shown(value, families)
                lost += boxes
                return text
            case dict():
                return {key: walk(one) for key, one in value.items()}
            case list() | tuple():
                # A photo is a list of a hundred thousand bytes.
                return value if value and isinstance(value[0], int) else [walk(one) for one in value]
        return value

    return walk(data), lost


@cache
def _families():
    """{sign: the families of fonts that show it}, by signs.txt."""
    shown = {}
    for line in (FONTS / "signs.txt").read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        family, told = line.split(": ")
        for first, _, last in (part.partition("-") for part in told.split()):
            for number in range(int(first, 16), int(last or first, 16) + 1):
                shown.setdefault(chr(number), set()).add(family)
    return {sign: frozenset(families) for sign, families in shown.items()}


def _shown(text, families):
    if USUAL.fullmatch(text) and not LONG_WORD.search(text):
        return text, 0
    lost, letters, shared = 0, [], NOTHING  # `shared`: which families show all of the last letter
    for sign in unicodedata.normalize("NFC", LINE_ENDS.sub("\n", text).replace("\t", " ")):
        if sign == "\n":
            letters.append(sign)
            shared = NOTHING
        elif _unseen(sign):
            continue
        elif letters and shared and _goes_with(sign, letters[-1]):
            both = (
                shared
                if sign in KEPT_UNSEEN or sign in (AS_EMOJI, AS_TEXT)
                else shared & families.get(sign, NOTHING)
            )
            if both:
                letters[-1] += sign
                shared = both
            else:
                letters[-1] = letters[-1].removesuffix(JOINER)
                plain, shared, boxes = _alone(sign, families)
                letters += plain
                lost += boxes
        else:
            plain, shared, boxes = _alone(sign, families)
            letters += plain
            lost += boxes
    return _breakable(letters), lost


def _alone(sign, families):
    """(letters, the families of the last of them, boxes among them) for a sign that begins a letter."""
    if sign in KEPT_UNSEEN:
        return [sign], NOTHING, 0
    if sign in families:
        return [sign], families[sign], 0
    plain = unicodedata.normalize("NFKC", sign)  # ornate, raised and joined letters
    if plain != sign and all(
        one in families and not unicodedata.category(one).startswith("M") for one in plain
    ):
        return list(plain), families[plain[-1]], 0
    return [BOX], families[BOX], 1


def _goes_with(sign, letter):
    """Whether `sign` is set as one with the `letter` before it."""
    return (
        unicodedata.category(sign) in {"Mn", "Mc", "Me"}
        or sign in {JOINER, NON_JOINER}
        or ord(sign) in SKIN
        or letter.endswith(JOINER)
    )


def _unseen(sign):
    """Whether a sign has no picture by nature, and is left out without a word."""
    if sign in KEPT_UNSEEN or sign in (AS_EMOJI, AS_TEXT):
        return False
    number = ord(sign)
    selects = 0xFE00 <= number <= 0xFE0D or 0xE0100 <= number <= 0xE01EF or 0x180B <= number <= 0x180F
    return selects or number & 0xFFFE == 0xFFFE or unicodedata.category(sign) in {"Cc", "Cf", "Cs"}


def _breakable(letters):
    """The text of `letters`; what is too long for a word gets places where a line may end."""
    text = "".join(letters)
    if not LONG_WORD.search(text):
        return text
    out, word = [], []
    for letter in [*letters, " "]:
        if not letter.isspace():
            word.append(letter)
            continue
        out += _broken(word) if len(word) > LONGEST_WORD else word
        out.append(letter)
        word = []
    return "".join(out[:-1])


def _broken(word):
    for letter in word:
        yield letter
        if unicodedata.combining(letter[-1]) != VIRAMA and letter[-1] not in {JOINER, NON_JOINER}:
            yield BREAK_HERE
