"""Indonesian names: which two spellings may be one name.

Titles, short forms, the spelling before 1972, Arabic and Sundanese variants and the order of words are read away; what
the rules are stands in data/ejaan_nama.csv, with its sources. Nothing here knows a person: text in, text out.
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

RULES = Path(__file__).parent / "data/ejaan_nama.csv"
SAME, SOUNDS, NEAR = "sama", "sebunyi", "mirip"
CLOSE_ENOUGH = 0.5  # likeness of two names that may be slips of each other; as pg_trgm reckons it
LEAST_BEHIND = 4  # letters that follow a beginning written together with the next word
DIGITS = frozenset("0123456789")
MOST_TURNS = 9  # a spelling read until it stays; each turn makes it shorter or leaves it


@cache
def _rules():
    """{kind: [(from, to)]} in the order of the file."""
    rules = {}
    with RULES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            rules.setdefault(row["kind"], []).append((row["from"], row["to"]))
    return rules


def rules_of(kind):
    """[(from, to)] of one kind of rule, in the order of the file."""
    return _rules()[kind]


@cache
def _words(kind):
    return dict(_rules()[kind])


@cache
def _patterns(kind):
    return [(re.compile(pattern), to) for pattern, to in _rules()[kind]]


@cache
def _alternatives(kind):
    """One pattern for any of the words of a kind."""
    return re.compile("|".join(map(re.escape, _words(kind))))


@lru_cache(maxsize=100_000)
def canonical(name):
    """The words of `name` as they are written now, without titles, in the order of the alphabet: "Hj. St. Aminah" and
    "AMINAH SITI" are both "aminah siti". "" only for a name without any letter; twice is as once.
    """
    plain = _plain(name)
    words = plain.split()
    named = [word for word in words if word not in _words("gelar")]
    read = " ".join(_read(word) for word in named or words)
    # What became a title or a short form only now was one all along.
    for _ in range(MOST_TURNS):
        words = read.split()
        again = " ".join(
            _read(word) for word in [one for one in words if one not in _words("gelar")] or words
        )
        if again == read:
            break
        read = again
    words = read.split()
    if len(words) == 1 and words[0] == _words("kata")["m"] and plain.strip() == "m":
        words = ["m"]  # a letter alone is no Muhammad
    return " ".join(sorted(words))


@lru_cache(maxsize=100_000)
def sound(name):
    """A coarse key: names that sound alike have the same, without the words that half the people have. "" only for a
    name without any letter.
    """
    words = canonical(name).split()
    telling = [word for word in words if word not in _words("umum")] or words
    return " ".join(sorted(filter(None, map(_sound, telling)))) or " ".join(telling)


def compare(one, other):
    """How two names fit: SAME as they are written now, SOUNDS alike, NEAR (a word less, a letter for a word, a slip), or
    "" for two names.
    """
    first, second = canonical(one), canonical(other)
    if not first or not second:
        return ""
    if first == second:
        return SAME
    if sound(one) == sound(other):
        return SOUNDS
    return NEAR if _is_short_for(first, second) or likeness(first, second) >= CLOSE_ENOUGH else ""


def likeness(one, other):
    """How many of the three-letter pieces of two texts are in both, 0 to 1, as PostgreSQL's similarity() says."""
    first, second = pieces(one), pieces(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _plain(name):
    """Small letters, digits and spaces: no accents or dots; what stands behind a comma is a title."""
    text = unicodedata.normalize("NFKD", name)
    for _ in range(MOST_TURNS):
        folded = unicodedata.normalize("NFKD", text.casefold())
        if folded == text:
            break
        text = folded
    before, _, _ = text.partition(",")
    text = before if any(map(str.isalpha, before)) else text
    text = re.sub(r"['`\u2018\u2019]|(?<=\w)\u02bc(?=\w)", "", text)
    signs = (
        sign if sign.isalpha() or sign in DIGITS else "" if unicodedata.category(sign) == "Mn" else " "
        for sign in text
    )
    return " ".join("".join(signs).split())


def spelled(word):
    """One word (small letters) as it is written now: "djoedjoe" is "juju"."""
    return _read(word)


@lru_cache(maxsize=100_000)
def _read(word):
    """One word as it is written now; it may become two."""
    for _ in range(MOST_TURNS):
        spelled = _spell(word)
        if spelled == word:
            break
        word = spelled
    return word


def _spell(word):
    if " " in word:
        return " ".join(map(_read, word.split()))
    known = _words("kata")
    if word in known:
        return known[word]
    for beginning in _words("pisah"):
        if word.startswith(beginning) and len(word) >= len(beginning) + LEAST_BEHIND:
            return f"{beginning} {word[len(beginning) :]}"
    if "j" in word and _alternatives("lama").search(word):
        word = re.sub(r"(?<![tdsn])j", "y", word)
    for pattern, to in _patterns("ejaan"):
        word = pattern.sub(to, word)
    word = re.sub(r"(.)\1+", r"\1", word) if len(set(word)) > 1 else word[:1]
    return known.get(word, word)


@lru_cache(maxsize=100_000)
def _sound(word):
    for pattern, to in _patterns("bunyi"):
        word = pattern.sub(to, word)
    return re.sub(r"(.)\1+", r"\1", word)


def _is_short_for(one, other):
    """Whether each word of the shorter of two canonical names is a word of the longer one, or its first letter."""
    fewer, more = sorted((one.split(), other.split()), key=len)
    left = list(more)
    for word in sorted(fewer, key=len, reverse=True):
        fits = next(
            (own for own in left if own == word or (own[0] == word[0] and 1 in {len(own), len(word)})), None
        )
        if fits is None:
            return False
        left.remove(fits)
    return any(len(word) > 1 and word not in _words("umum") for word in fewer)


def pieces(text):
    """The three-letter pieces of each word, with two spaces before and one behind."""
    return {
        padded[start : start + 3]
        for word in text.split()
        for padded in [f"  {word} "]
        for start in range(len(padded) - 2)
    }
