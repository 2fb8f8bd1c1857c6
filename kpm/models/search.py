"""Which families a person means by what was typed (kpm.finding), out of those of one caseload or of a wide area."""

import re
from typing import NamedTuple

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat, Greatest

from kpm.finding import Asked, Home, find
from kpm.names import spelled
from pkh_casework.phones import phone_words
from pkh_casework.places import read_place

MOST_FOUND = 150  # families of a wide area that are ranked; who is meant by less types more
MOST_GROUPS = 50
# Trigrams that a kelompok's name must have of those asked for; for what an index finds settings.TRIGRAMS says it.
LEAST_ALIKE = 0.4
# Letters of a word that has too few trigrams left when two of them are swapped, or one is another, lost or too many.
LEAST_TO_SWAP, MOST_TO_SWAP, MOST_TO_MISS = 3, 8, 5
BETWEEN = "\x1f"  # a name, and who that is in the family


class Found(NamedTuple):
    """The families found, the surest first: [(home, hit)] of kpm.finding. `is_cut` when there may be more."""

    hits: list
    is_cut: bool = False

    @property
    def ids(self):
        return [home.pk for home, _ in self.hits]


def found_in(families, text, columns=()):
    """Those of one caseload (`families`, some hundreds), a Found whose homes have these `columns` as their `row`; None when
    `text` is a place or nothing, for which there is no order. One query.
    """
    text = in_one_line(text)
    if not text or read_place(text):
        return None
    return Found(find(homes_of(families.order_by(), columns), text))


def found_widely(families, people, groups, text, columns=()):
    """Those of a wide area, like found_in; `people` (members) and `groups` are those of the area. Each part of the question
    is answered from an index, and the MOST_FOUND nearest are ranked. Three queries.
    """
    text = in_one_line(text)
    if not text or read_place(text):
        return None
    asked = Asked(text)
    words = " ".join(word for word in asked.words if word not in asked.free)
    if not words:
        return Found([])
    # Beside a slip a house number leaves too few trigrams alike: it orders what was found, and doesn't find.
    sought = " ".join(word for word in words.split() if not word.isdigit()) or words
    in_groups = groups.alias(alike=_closeness("name", sought)).filter(
        Q(alike__gte=LEAST_ALIKE) | _called("name", sought)
    )
    in_groups = list(in_groups.order_by().values_list("pk", flat=True)[:MOST_GROUPS])
    near = people.present().filter(_called("name", sought)).order_by(_closeness("name", words).desc())
    named = list(near.values_list("household", flat=True)[:MOST_FOUND])
    sure = [When(pk__in=named, then=Value(1.0)), When(group__in=in_groups, then=Value(0.9))]
    if asked.digits:
        sure.insert(0, When(phone__contains=asked.digits, then=Value(2.0)))
    closeness = Greatest(
        _closeness("name", words), _closeness("address", words), Case(*sure, default=Value(0.0))
    )
    wanted = families.filter(asked_widely(asked, sought, in_groups, named))
    homes = homes_of(wanted.order_by(closeness.desc(), "pk")[:MOST_FOUND], columns)
    return Found(find(homes, text), is_cut=len(homes) == MOST_FOUND)


def asked_widely(asked, words, groups, named):
    """What families of a wide area must fulfil, each part of it answered from an index."""
    wanted = _called("name", words) | _called("address", words) | Q(dusun__iregex=re.escape(words))
    wanted |= Q(group__in=groups) | Q(pk__in=named)
    if asked.code:
        wanted |= Q(case_number__startswith=f"PKH-{asked.code.upper()}")
    if asked.digits:
        wanted |= Q(phone__contains=asked.digits)
    return wanted


def in_one_line(text):
    return " ".join(text.replace("\0", "").split())


def reason(home, hit):
    """Why a family was found when its row doesn't show it: "anggota: Asep (anak)", "alamat: Gang Kenanga 4"; else ""."""
    match hit.where:
        case "person":
            name, relation = home.people[hit.person]
            words = apps.get_model("kpm.Member").Relation(relation).label.lower()
            return f"anggota: {name} ({words})"
        case "address":
            return f"alamat: {home.address}"
        case "group":
            return f"kelompok: {home.group}"
        case "phone":
            return f"HP: {phone_words(home.phone)}"
    return ""


def homes_of(families, columns=()):
    """The Homes of `families`. One query."""
    group = apps.get_model("kpm.Group").objects.filter(pk=OuterRef("group")).values("name")
    people = apps.get_model("kpm.Member").objects.present().filter(household=OuterRef("pk"))
    called = people.order_by("birth_date", "pk").values_list(Concat("name", Value(BETWEEN), "relation"))
    rows = families.values_list(
        "pk", "case_number", "name", "address", "dusun", "phone", "rt", "rw", "last_visited_on",
        Subquery(group), ArraySubquery(called), *columns,
    )  # fmt: skip
    return [
        Home(
            pk,
            case,
            name,
            _others(name, said),
            address,
            dusun,
            phone,
            group or "",
            str(seen or ""),
            rt,
            rw,
            row,
        )
        for pk, case, name, address, dusun, phone, rt, rw, seen, group, said, *row in rows
    ]


def _others(name, said):
    people = (tuple(one.split(BETWEEN)) for one in said)
    return tuple((other, relation) for other, relation in people if other != name)


def _called(field, words):
    """Whether the `field` says these words, with a slip in one of them, or as they were written before 1972."""
    wanted = Q(**{f"{field}__iregex": re.escape(words)}) | Q(**{f"{field}__trigram_word_similar": words})
    now = " ".join(map(spelled, words.split()))
    if now != words:
        wanted |= Q(**{f"{field}__trigram_word_similar": now})
    slips = [slip for word in words.split() for slip in _slips(word)]
    if slips:
        wanted |= Q(**{f"{field}__iregex": rf"\m({'|'.join(slips)})"})
    return wanted


def _slips(word):
    """The regular expressions of what may have been meant by a word too short for its trigrams to tell."""
    if not word.isalpha() or not LEAST_TO_SWAP <= len(word) <= MOST_TO_SWAP:
        return []
    parts = [(word[:at], word[at:]) for at in range(len(word))]
    slips = [before + behind[1] + behind[0] + behind[2:] for before, behind in parts[:-1]]
    if LEAST_TO_SWAP < len(word) <= MOST_TO_MISS:
        slips += [rf"{before}\w?{behind[1:]}\M" for before, behind in parts]
        slips += [rf"{before}\w{behind}\M" for before, behind in parts[1:]]
    return slips


def _closeness(field, words):
    return TrigramWordSimilarity(words, field)
