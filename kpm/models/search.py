"""Which families a person means by what was typed, and why each was found.

static/js/phone/pages.js finds the same without signal, from what phone.ahead gives it; a test asks both.
"""

import re

from django.apps import apps
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, Exists, OuterRef, Q, When

from pkh_casework.fields import read_code
from pkh_casework.phones import phone_words
from pkh_casework.places import dusun_of, read_place

CASE_NUMBER = re.compile(r"(?:pkh[- ]?)?(?P<symbols>[0-9a-z]{1,5})", re.IGNORECASE)
PHONE = re.compile(r"[+0-9\s().\-]+")
LEAST_OF_PHONE = 5  # digits; fewer are a house number
# One wrong, missing or doubled letter in a word of five still reaches this; two different short names do not.
CLOSE_ENOUGH = 0.45
LEAST_TO_SLIP = 5  # letters of a street from which a slip is forgiven


def asked_families(families, text, *, groups=None, named=None):
    """Those of `families` (a queryset) that `text` asks for; see HouseholdQuerySet.searched.

    `groups` and `named` (ids of kelompok, and of families in which somebody has such a name) spare a wide area the
    comparing one by one.
    """
    text = in_one_line(text)
    if not text:
        return families
    if place := read_place(text):
        return families.at_place(*place)
    # ~* and %> can use the trigram indexes, unlike icontains, which compares UPPER(name).
    wanted = _written(text, "name", "address", "dusun")
    if code := CASE_NUMBER.fullmatch(text):
        wanted |= Q(case_number__startswith=f"PKH-{read_code(code['symbols'])}")
    if digits := phone_asked(text):
        wanted |= Q(phone__contains=digits)
    if len(text) >= LEAST_TO_SLIP:
        wanted |= Q(address__trigram_word_similar=text)
    if groups is not None:
        return families.filter(
            wanted | Q(name__trigram_word_similar=text) | Q(group__in=groups) | Q(pk__in=named or ())
        )
    in_group = apps.get_model("kpm.Group").objects.filter(name__icontains=text)
    wanted |= Q(closeness__gte=CLOSE_ENOUGH) | Q(group__in=in_group) | Q(Exists(_called(text)))
    return families.alias(closeness=TrigramWordSimilarity(text, "name")).filter(wanted)


def named_like(people, text):
    """Those of `people` (members) whose name an index finds for `text`, with a slip of the finger."""
    text = in_one_line(text)
    return people.present().filter(_written(text, "name") | Q(name__trigram_word_similar=text))


def nearness(text):
    """An expression that puts who has the very word in the name first, then a word that begins so, then a part of the
    name; behind them whom something else says just so, and then whoever is nearly called so.
    """
    text = in_one_line(text)
    whole = re.escape(text)
    elsewhere = _written(text, "address", "dusun") | Q(Exists(_members().filter(_written(text, "name"))))
    return Case(
        When(name__iregex=rf"\m{whole}\M", then=0),
        When(name__iregex=rf"\m{whole}", then=1),
        When(name__iregex=whole, then=2),
        When(elsewhere, then=3),
        default=4,
    )


def reasons(text, rows):
    """{id: why} of those of `rows` (with id, name, case_number, address, dusun, phone) that were found by something that
    their row doesn't show: "anggota: Asep (anak)", "alamat: Gang Kenanga 4". One query.
    """
    text = in_one_line(text)
    lower = text.lower()
    if not text or read_place(text):
        return {}
    hidden = {
        row.id: row for row in rows if lower not in row.name.lower() and lower not in row.case_number.lower()
    }
    if not hidden:
        return {}
    found, digits = {}, phone_asked(text)
    people = apps.get_model("kpm.Member").objects.present().filter(household__in=hidden)
    near = people.annotate(closeness=TrigramWordSimilarity(text, "name"))
    near = near.filter(Q(closeness__gte=CLOSE_ENOUGH) | _written(text, "name"))
    for person in near.order_by("closeness", "pk"):
        if person.name != hidden[person.household_id].name:
            found[person.household_id] = f"anggota: {person.name} ({person.get_relation_display().lower()})"
    for row in hidden.values():
        if digits and digits in row.phone:
            found[row.id] = f"HP: {phone_words(row.phone)}"
        elif row.id not in found and row.dusun and lower in dusun_of(row).lower():
            continue  # the place in the row says it
        elif row.id not in found and _sounds(lower, row.address.lower()):
            found[row.id] = f"alamat: {row.address}"
    return found


def in_one_line(text):
    return " ".join(text.replace("\0", "").split())


def phone_asked(text):
    """The digits that a stored number holds when `text` is (a part of) a phone number, else ""."""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if not PHONE.fullmatch(text) or len(digits) < LEAST_OF_PHONE:
        return ""
    for before in ("0062", "62", "0"):
        if digits.startswith(before) and len(digits) - len(before) >= LEAST_OF_PHONE - 1:
            return digits.removeprefix(before)
    return digits


def _written(text, *names):
    wanted = Q()
    for name in names:
        wanted |= Q(**{f"{name}__iregex": re.escape(text)})
    return wanted


def _members():
    return apps.get_model("kpm.Member").objects.present().filter(household=OuterRef("pk"))


def _called(text):
    """Members of the outer family who are called like this, with a slip of the finger."""
    near = _members().alias(closeness=TrigramWordSimilarity(text, "name"))
    return near.filter(Q(closeness__gte=CLOSE_ENOUGH) | _written(text, "name"))


def _sounds(asked, address):
    """Whether the street has a word of those asked for, or one that begins like it."""
    return asked in address or any(
        word[:3] == other[:3]
        for word in re.findall(r"[^\W\d]{4,}", asked)
        for other in re.findall(r"\w+", address)
    )
