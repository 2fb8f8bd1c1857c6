"""Whom a person means by what was typed: every word asked for against the words of a family, one slip of the finger in
each forgiven, and the surest first.

static/js/phone/finding.js finds the same without signal, from the same rules; a test asks both. Knows no database.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from pkh_casework.fields import read_code

from .names import DIGITS, pieces, rules_of

# What each way of meaning a word costs. Less is surer; what costs the same is told apart by who was visited last.
BEGINS, INSIDE, INSIDE_BESIDE, SOUNDS, BEGINS_TO_SOUND = 0.2, 0.25, 0.9, 0.81, 0.85
LEFT_OUT, MORE_WORDS, AS_ONE = 0.85, 0.02, 0.1
DOUBLED, SWAPPED, LOST, BESIDE, BELOW, ONE_MORE, OTHER = 0.7, 0.8, 0.8, 0.9, 0.95, 1.1, 1.4
ELSEWHERE, MIXED, MISSING, GUESSED = 0.3, 1.1, 2.0, 5.0
PART_OF_CODE, SLIP_IN_CODE, SLIP_IN_PHONE = 0.6, 1.5, 1.0
NOT = 99.0  # no way at all

LEAST_INSIDE = 3  # letters of a word that may stand in the middle of another
LEAST_TO_SLIP = 2  # letters typed in which a slip is forgiven; alone they must have been more
LEAST_TO_SLIP_EARLY = 4  # letters typed of a longer word
LEAST_AS_ONE = 6  # letters of words that were written together, or apart
PLACE = re.compile(r"\br([tw])[\s.]*0*(\d{1,3})\b", re.ASCII)
LEAST_OF_PHONE, LEAST_TO_MISDIAL = 5, 8  # digits; fewer are a house number, or part of too many numbers
LIKE_ENOUGH = 0.45  # trigrams that two names share when no word of them was found
CODE = re.compile(r"(pkh[-\s\u2010-\u2015]*)?([0-9a-z]{1,5})")
CODE_LENGTH = 5
NUMBER = re.compile("[0-9]*")
PHONE = re.compile(r"[+0-9\s().\-]+")
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_OLD = re.compile("tj|dj|sj|nj|oe")
_OLD_J = re.compile("([tdsn]?)j")
_TWICE = re.compile(r"(.)\1+")


class Home(NamedTuple):
    """What a family is found by. `people` are (name, relation) of whoever else is on the card, `seen_on` the day of the last
    visit or "", `row` what its page shows besides.
    """

    pk: UUID
    case_number: str
    name: str
    people: tuple
    address: str
    dusun: str
    phone: str
    group: str
    seen_on: str
    rt: int | None
    rw: int | None
    row: list | None = None


class Hit(NamedTuple):
    """How surely a family is meant (`cost`, less is surer), and by what: `where` is "name", "case", "person", "address",
    "group" or "phone", `person` the index in Home.people.
    """

    cost: float
    where: str
    person: int = 0


def find(homes, text):
    """[(home, hit)] of those of `homes` that `text` means, the surest first; whoever was visited last first among equals."""
    asked = Asked(text)
    if not asked.words and not asked.digits:
        return []
    said = [said_of(home.name, home.people, home.address, home.dusun, home.group) for home in homes]
    asked.learn(said)
    found = [
        (home, hit)
        for home, its in zip(homes, said, strict=True)
        if asked.may_mean(home, its)
        for hit in [asked.of(home, its)]
        if hit.cost < NOT
    ]
    if not found:  # a word that nobody has, or one that was heard only
        pairs = zip(homes, said, strict=True)
        found = [(home, hit) for home, its in pairs for hit in [asked.nearly(home, its)] if hit.cost < NOT]
    found.sort(key=lambda pair: (pair[0].name.lower(), str(pair[0].pk)))
    found.sort(key=lambda pair: pair[0].seen_on, reverse=True)
    found.sort(key=lambda pair: round(pair[1].cost, 2))
    return found


class Said(NamedTuple):
    """The words of one family: those of each of its `names` (the pengurus first), of street, dusun and kelompok; all of
    them, and the names written as one word.
    """

    names: tuple
    street: tuple
    dusun: tuple
    group: tuple
    words: frozenset
    joined: frozenset


@lru_cache(maxsize=20_000)
def said_of(name, people, address, dusun, group):
    """The Said of what stands in a Home."""
    names = (words_of(name), *(words_of(person) for person, _ in people))
    street, dusun, group = words_of(address), words_of(dusun), words_of(group)
    words = frozenset().union(*names, street, dusun, group)
    return Said(names, street, dusun, group, words, frozenset(map("".join, names)))


class Asked:
    """One question, taken apart once."""

    def __init__(self, text):
        said = fold(text)
        # "Asep RT 3": whoever lives elsewhere is not meant.
        self.place = [(f"r{sign}", int(number)) for sign, number in PLACE.findall(said)]
        self.whole = "".join(words_of(said)) if self.place else ""
        self.text = " ".join(PLACE.sub(" ", said).split())
        self.words = words_of(self.text)
        beside = [word for word in self.words if word not in _calling()]
        # A name of nothing but "Ibu" or "Gang" is asked for as it stands.
        self.free = frozenset(self.words) - frozenset(beside) if beside else frozenset()
        self.without = [LEFT_OUT if word in self.free else NOT for word in self.words]
        self.telling = [at for at, word in enumerate(self.words) if word not in self.free]
        self.alone = len(self.words) == 1
        self.joined = "".join(self.words)
        has_letters = any(map(str.isalpha, self.text))
        self.pieces = pieces_of(self.words) if has_letters else frozenset()
        self.digits = phone_asked(self.text)
        code = CODE.fullmatch(self.text)
        self.says_code, self.code = (bool(code[1]), read_code(code[2]).lower()) if code else (False, "")

    def learn(self, said):
        """Compare with each word of all families (a list of Said) once."""
        words = frozenset().union(*(its.words for its in said))
        self.known = [
            {other: cost for other in words if (cost := word_cost(word, other, alone=self.alone)) < NOT}
            for word in self.words
        ]
        names = frozenset().union(*(its.joined for its in said)) if len(self.joined) >= LEAST_AS_ONE else ()
        self.as_one = {
            other: AS_ONE + cost for other in names if (cost := _beginning(self.joined, other)) < NOT
        }

    def may_mean(self, home, its):
        """Whether it is worth reckoning what the family costs."""
        if any(getattr(home, name) != number for name, number in self.place):
            return self._group(its) < NOT
        if self.digits or self.code:
            return True
        if not self.as_one.keys().isdisjoint(its.joined):
            return True
        return all(not self.known[at].keys().isdisjoint(its.words) for at in self.telling)

    def of(self, home, its):
        """The surest Hit, with the cost NOT for none."""
        best = min(
            (self._code(home), "case", 0), (self._phone(home), "phone", 0), (self._group(its), "group", 0)
        )
        if not self.words:
            return Hit(*best)
        own, *people = [self._costs(words) for words in its.names]
        best = min(best, (self._whole(own, its.names[0]), "name", 0))
        for at, costs in enumerate(people):
            cost = ELSEWHERE + self._whole(costs, its.names[at + 1])
            if cost < best[0]:
                best = (cost, "person", at)
        places = []
        for where, words in ("address", its.street), ("dusun", its.dusun), ("group", its.group):
            costs = self._costs(words)
            places.append(costs)
            cost = ELSEWHERE + self._one_each(costs, words)
            if cost < best[0]:
                best = (cost, where, 0)
        if not self.alone and best[0] > ELSEWHERE + MIXED:
            best = min(best, self._mixed(own, people, places))
        return Hit(*best)

    def nearly(self, home, its):
        """A Hit by all words but one, or by the sound of a name."""
        hits = [Hit(NOT, "name")]
        if any(getattr(home, name) != number for name, number in self.place):
            return hits[0]
        met = sum(not self.known[at].keys().isdisjoint(its.words) for at in self.telling)
        if len(self.telling) > 1 and met >= len(self.telling) - 1:
            hits += self._all_but_one(its)
        for at, words in enumerate(its.names if self.pieces else ()):
            own = pieces_of(words)
            common = len(self.pieces & own)
            if common >= LIKE_ENOUGH * (len(self.pieces) + len(own) - common):
                alike = common / (len(self.pieces) + len(own) - common)
                hits.append(Hit(GUESSED - alike, *(("person", at - 1) if at else ("name",))))
        return min(hits, key=lambda hit: hit.cost)

    def _all_but_one(self, its):
        fields = [(words, *(("person", at - 1) if at else ("name", 0))) for at, words in enumerate(its.names)]
        for words, where, at in (*fields, (its.street, "address", 0)):
            costs = self._costs(words)
            if sum(costs[one] >= NOT for one in self.telling) == 1:
                there = MISSING + sum(cost for cost in costs if cost < NOT)
                yield Hit(there + (0 if where == "name" else ELSEWHERE), where, at)

    def _costs(self, said):
        """For each word asked for the cost of the word of `said` (a tuple) that it means best."""
        costs = []
        for least, known in zip(self.without, self.known, strict=True):
            for other in said:
                cost = known.get(other, NOT)
                least = cost if cost < least else least  # noqa: FURB136  the innermost loop of all
            costs.append(least)
        return costs

    def _one_each(self, costs, said):
        """The sum of these `costs`, but that no two words asked for may mean the same word of `said`."""
        if self.alone or max(costs) >= NOT:
            return min(sum(costs), NOT)
        pairs = sorted(
            (known[other], at, place)
            for at, known in enumerate(self.known)
            for place, other in enumerate(said)
            if other in known
        )
        given, taken = {}, set()
        for cost, at, place in pairs:
            if at not in given and place not in taken:
                given[at] = cost
                taken.add(place)
        if any(at not in given for at in self.telling):
            return NOT
        return sum(given.values()) + LEFT_OUT * (len(costs) - len(given))

    def _whole(self, costs, said):
        """The cost of a name with these `costs` of its words; one that has more words is meant less."""
        more = min(len(said) - len(costs), 1 if self.alone else len(said))
        if not self.as_one and min(costs) >= NOT:
            return NOT
        one_by_one = self._one_each(costs, said) + MORE_WORDS * max(more, 0)
        # Written together or apart: "Nur Hayati", "Sitiaminah".
        together = self.as_one.get("".join(said), NOT) if len(self.words) != len(said) else NOT
        return min(one_by_one, together)

    def _mixed(self, own, people, places):
        """The cost, and by what, when the words are said by several: "Asep Kenanga", the husband and the street."""
        best = [min(word) for word in zip(own, *people, *places, strict=True)]
        cost = min(ELSEWHERE + MIXED + sum(best), NOT)
        for at, costs in enumerate(people):
            if any(costs[one] == best[one] < own[one] for one in self.telling):
                return cost, "person", at
        by_street = any(places[0][one] == best[one] < own[one] for one in self.telling)
        return cost, "address" if by_street else "name", 0

    def _group(self, its):
        """The cost of a kelompok that has its place in its name: "Mawar RW 05"."""
        if not self.place or not its.group:
            return NOT
        return BEGINS + _beginning(self.whole, "".join(its.group))

    def _code(self, home):
        own = home.case_number.partition("-")[2].lower()
        if not self.code:
            return NOT
        if own.startswith(self.code):
            return 0.0 if self.says_code or len(self.code) == CODE_LENGTH else PART_OF_CODE
        is_whole = len(self.code) == CODE_LENGTH and (self.says_code or bool(DIGITS & set(self.code)))
        return SLIP_IN_CODE if is_whole and slip(self.code, own) < NOT else NOT

    def _phone(self, home):
        own = home.phone.removeprefix("+62")
        if not self.digits or not own:
            return NOT
        if self.digits in home.phone:
            return 0.0
        return SLIP_IN_PHONE if len(self.digits) >= LEAST_TO_MISDIAL and slip(self.digits, own) < NOT else NOT


def word_cost(asked, other, *, alone):
    """What it costs that one word asked for means the `other`; `alone` when nothing else was asked for."""
    if asked == other:
        return 0.0
    if other.startswith(asked):
        return BEGINS
    if DIGITS & (set(asked) | set(other)):
        # A number is another one with a slip, but the letter behind it may slip.
        return slip(asked, other) if NUMBER.match(asked)[0] == NUMBER.match(other)[0] else NOT
    costs = []
    if len(asked) >= LEAST_INSIDE and asked in other:
        costs.append(INSIDE if alone else INSIDE_BESIDE)
    # Of a word of two letters one is left when the other is lost: the W of "Anggrek RW 10".
    slips = len(asked) >= min(LEAST_TO_SLIP, len(other) - 1) and len(other) >= LEAST_TO_SLIP + alone
    if slips:
        costs.append(slip(asked, other))
    if len(asked) >= LEAST_TO_SLIP_EARLY and len(other) > len(asked):
        costs.append(BEGINS + min(slip(asked, other[: len(asked) + more]) for more in (-1, 0, 1)))
    own = hear(other)
    for heard in {hear(asked), hear(asked, as_now=True)}:
        if heard and heard == own:
            costs.append(SOUNDS)
        elif len(heard) >= LEAST_INSIDE and own.startswith(heard):
            costs.append(BEGINS_TO_SOUND)
        if slips and len(heard) > LEAST_TO_SLIP:
            costs.append(SOUNDS + slip(heard, own))
    return min(costs, default=NOT)


def _beginning(asked, other):
    """The cost that words written as one are the beginning of the `other`, or it with a slip."""
    if other.startswith(asked):
        return 0.0 if other == asked else BEGINS
    return slip(asked, other)


def slip(typed, meant):
    """The cost of the one slip by which `typed` came from `meant`; NOT when it takes more, or none."""
    if not -1 <= len(typed) - len(meant) <= 1:
        return NOT
    if not (typed[:1] in meant[:2] or meant[:1] in typed[:2] or typed[1:2] == meant[1:2]):
        return NOT  # told at a glance
    start, most = 0, min(len(typed), len(meant))
    while start < most and typed[start] == meant[start]:
        start += 1
    end = 0
    while end < most - start and typed[-1 - end] == meant[-1 - end]:
        end += 1
    wrong, right = typed[start : len(typed) - end], meant[start : len(meant) - end]
    match len(wrong), len(right):
        case 0, 1:
            return LOST
        case 1, 0:
            return DOUBLED if wrong in {typed[start - 1 : start], typed[start + 1 : start + 2]} else ONE_MORE
        case 1, 1:
            return _beside().get(wrong + right, OTHER)
        case 2, 2:
            return SWAPPED if wrong == right[::-1] else NOT
    return NOT


@lru_cache(maxsize=50_000)
def hear(word, *, as_now=False):
    """A word as it sounds: the spelling before 1972, Arabic and Sundanese variants as one ("Djoeariah" is "Juariah").

    `as_now`: a j is a j even beside an oe, as by whoever mixes both.
    """
    if not as_now and _OLD.search(word):
        word = _OLD_J.sub(lambda found: found[0] if found[1] else "y", word)
    for written, heard in rules_of("cari"):
        word = word.replace(written, heard)
    return _TWICE.sub(r"\1", word)


def fold(text):
    """Small letters without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.replace("\0", "")).lower()
    return "".join(
        sign for sign in plain if sign not in "'`\u2018\u2019\u02bc" and unicodedata.category(sign) != "Mn"
    )


@lru_cache(maxsize=100_000)
def words_of(text):
    """The words and numbers of a text; "Jl." and "Jln" are "jalan"."""
    short = dict(rules_of("alamat"))
    return tuple(short.get(word, word) for word in re.findall(r"[^\W_]+", fold(text)))


@lru_cache(maxsize=100_000)
def pieces_of(words):
    """The three-letter pieces of `words` (a tuple), as names.likeness takes them."""
    return frozenset(pieces(" ".join(words)))


def phone_asked(text):
    """The digits that a stored number holds when `text` is (a part of) a phone number, else ""."""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if not PHONE.fullmatch(text) or len(digits) < LEAST_OF_PHONE:
        return ""
    for before in ("0062", "62", "0"):
        if digits.startswith(before) and len(digits) - len(before) >= LEAST_OF_PHONE - 1:
            return digits.removeprefix(before)
    return digits


def rules():
    """The rules of spelling that a phone finds by: {kind: [(from, to)]}."""
    return {kind: rules_of(kind) for kind in ("cari", "alamat", "gelar", "tukar")}


@lru_cache(maxsize=1)
def _calling():
    """Words that may be left out: titles and callings, and those of an address."""
    return frozenset(word for word, _ in rules_of("gelar")) | frozenset(
        word for _, word in rules_of("alamat")
    )


@lru_cache(maxsize=1)
def _beside():
    """{two letters: the cost of one for the other}: keys that touch on a phone, and letters that sound alike."""
    pairs = [(one, other, BELOW) for one, other in rules_of("tukar")]
    for keys, below in zip(KEYS, (*KEYS[1:], ""), strict=True):
        pairs += [(key, other, BESIDE) for key, other in pairwise(keys)]
        pairs += [
            (key, other, BELOW) for at, key in enumerate(keys) for other in below[max(at - 1, 0) : at + 1]
        ]
    costs = {}
    for one, other, cost in pairs:
        for pair in (one + other, other + one):
            costs[pair] = min(cost, costs.get(pair, cost))
    return costs
