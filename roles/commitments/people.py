"""Who is bound by a commitment, by the place that tells of it: a class list of a school, the children of a posyandu."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils.crypto import salted_hmac

from kpm.models import Household, Member, MemberComponent
from pkh_casework.days import months_after
from roles.models import Commitment, CommitmentRule

from .rules import rule_for

WITHOUT_PLACE = "Tempat belum dicatat"
ENDED = [Household.Status.GRADUASI, Household.Status.NONAKTIF]


@dataclass
class Bound:
    """A member with the CommitmentRule that binds in a month, the place that tells of it, and what is stored of it."""

    member: Member
    household: Household
    rule: CommitmentRule
    place: str
    since: date
    stored: Commitment | None = None


@dataclass
class Place:
    """A school or health post in one month: `spellings` as they stand at the members, `key` stands for it in an address."""

    category: str
    name: str
    key: str
    spellings: set = field(default_factory=set)
    people: int = 0
    told: int = 0
    not_kept: int = 0


def place_key(name):
    """Stands for the name of a place in an address, where no name of a family's school may be read."""
    return salted_hmac("roles.place", _folded(name), algorithm="sha256").hexdigest()[:16]


def _folded(name):
    return " ".join(name.casefold().replace(".", " ").split())


def components_in(user, month):
    """MemberComponents of families that `user` accompanies, that hold on some day of the month."""
    last = months_after(month, 1) - timedelta(days=1)
    rows = MemberComponent.objects.visible_to(user).exclude(household__status__in=ENDED)
    rows = rows.filter(Q(to_on=None) | Q(to_on__gt=month), from_on__lte=last)
    rows = rows.filter(Q(member__left_on=None) | Q(member__left_on__gt=month))
    return rows.select_related("member", "household")


def bound_by(rows, month):
    """A list of Bound for each member and kind in `rows` (MemberComponents): of two that meet in one month the newer."""
    found = {}
    for row in rows.order_by("from_on", "pk"):
        rule = rule_for(row.component_id, row.member.birth_date, month)
        if rule:
            found[row.member_id, rule.kind_id] = Bound(
                row.member, row.household, rule, row.place, row.from_on
            )
    return list(found.values())


def with_stored(people, month):
    """The same Bound, each with what is stored of it: one query."""
    stored = Commitment.objects.filter(member__in={one.member.pk for one in people}, month=month)
    stored = {(row.member_id, row.kind_id): row for row in stored}
    for one in people:
        one.stored = stored.get((one.member.pk, one.rule.kind_id))
    return people


def places_in(user, month):
    """{category: [Place, …]} of a month, the places in the order of their names, those without one last."""
    places = {}
    for one in with_stored(bound_by(components_in(user, month), month), month):
        category = one.rule.kind.category
        key = place_key(one.place)
        place = places.setdefault((category, key), Place(category, one.place or WITHOUT_PLACE, key))
        place.spellings.add(one.place)
        place.people += 1
        place.told += bool(one.stored and one.stored.is_told)
        place.not_kept += bool(one.stored and one.stored.state == Commitment.State.NOT_KEPT)
    by_category = defaultdict(list)
    for place in sorted(places.values(), key=lambda one: (one.name == WITHOUT_PLACE, one.name.casefold())):
        by_category[place.category].append(place)
    return by_category


def people_of(user, category, key, month):
    """The Bound of one place in the order of their names, with what is stored; [] for a place of nobody."""
    rows = components_in(user, month).filter(component__category=category)
    # The key is made of the name, so the names are read and not the key.
    names = {name for name in rows.values_list("place", flat=True).distinct() if place_key(name) == key}
    if not names:
        return []
    people = [
        one for one in bound_by(rows.filter(place__in=names), month) if one.rule.kind.category == category
    ]
    return with_stored(
        sorted(people, key=lambda one: (one.member.name.casefold(), str(one.member.pk))), month
    )
