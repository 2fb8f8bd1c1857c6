"""Whether a text says who a family is: a name of somebody on the card, or its number. For texts that others read."""

import re
from functools import lru_cache

from pkh_casework.fields import CASE_SYMBOLS, case_number_of
from pkh_casework.unseen import one_line

from .finding import fold
from .names import rules_of, spelled

LONG_NUMBER = re.compile(r"(?:\d[\s.-]*){16}")
CASE = re.compile(rf"\bPKH\W*[0-9A-Z]{{{CASE_SYMBOLS}}}\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+(?:['`\u2018\u2019\u02bc][^\W\d_]+)*")
LEAST_ALONE = 3  # letters of a one-word name that is also seen in small letters: "ai" may be another word


def identifying_words(text, names, case_number="", *, of_many=False):
    """The words of `text` that say who the family is whose people have these `names`, as they stand in it; "" for none.

    Whole words only: Ai, Ida and Aan stand in "nilai", "tidak" and "bantuan". A name is said by two of its words, by one
    behind a calling (Bu, Pak, Teh, Kang, …), by one with a capital letter, or by a name that has but one. A word in small
    letters that is part of a longer name ("putri", "lestari") is a word like others; where the names are those `of_many`
    families, so is a word with a capital letter.
    """
    text = one_line(text)
    for number in CASE.findall(text):
        # "PKH untuk" is no number, but for the family whose number it is.
        if case_number_of(number) == case_number or re.search(r"\d", number):
            return number
    said = [(found[0], _read(found[0])) for found in WORD.finditer(text)]
    shouts = text.isupper()
    people = [[_read(word) for word in WORD.findall(name)] for name in names]
    for at, (word, read) in enumerate(said):
        before = said[at - 1][0] if at else ""
        for own in people:
            if read not in own:
                continue
            if _is_calling(before) and not _is_calling(word):
                return f"{before} {word}"
            if at + 1 < len(said) and len(own) > 1 and said[at + 1][1] in own and said[at + 1][1] != read:
                return f"{word} {said[at + 1][0]}"
            if of_many:
                continue
            has_capital = word[0].isupper() and not shouts and not _is_calling(word)
            if has_capital or (len(own) == 1 and len(word) >= LEAST_ALONE):
                return word
    return ""


def told_apart(words):
    """What is said to who wrote these identifying words."""
    return f"Jangan tulis nama atau nomor kasus keluarga di sini: “{words}”. Tulis misalnya “ibu ini” atau “anaknya”."


def _read(word):
    """A word as it is written now, small and without accents: "Djuariah" and "juariah" are one."""
    return spelled(fold(word))


def _is_calling(word):
    return fold(word) in _callings()


@lru_cache(maxsize=1)
def _callings():
    return frozenset(word for kind in ("gelar", "panggilan") for word, _ in rules_of(kind))
