"""Families that a new entry may already be: the same number anywhere, the same person, or nearly the same name nearby.

What is found outside the asker's scope says only that a koordinator must look, never whose or where it is.
"""

from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q

from pkh_casework.dated import kept_a_minute
from pkh_casework.fields import blind_indexes

from .models import DuplicateRule, Household, Member
from .names import NEAR, SAME, SOUNDS, compare

SAME_NAME = 0.5
MOST_NAMES = 3
MOST_BORN = 300  # people born on one day who are compared by name
OUTSIDE = "Nama dan tanggal lahir ini perlu diperiksa koordinator sebelum disimpan."


@dataclass(frozen=True)
class Doubt:
    """Something to look at before saving: the form field it is about, words, and the family that they name when the
    asker may open it.
    """

    field: str
    text: str
    household: Household | None = None


@kept_a_minute
def rules_on(day):
    """{code: DuplicateRule} in force on `day`: what two families have in common counts for, and the thresholds."""
    return {rule.code: rule for rule in DuplicateRule.objects.valid_on(day)}


def holders_of(digits, *, kinds=("nik", "no_kk")):
    """Families (of the whole country) on whose card `digits` stand, as No KK or as the NIK of a present member.

    For this room's own questions: whoever shows a row to a person narrows the queryset by visible_to first.
    """
    found = Q()
    if "no_kk" in kinds:
        found |= Q(no_kk_index__in=blind_indexes(digits, "no_kk"))
    if "nik" in kinds:
        people = Member.objects.present().with_nik(digits)
        # Ids and no subquery: beside an OR, PostgreSQL would read every family to answer a subquery.
        found |= Q(pk__in=list(people.values_list("household_id", flat=True)))
    return Household.objects.filter(found)


def same_number(user, digits, kind, *, but=()):
    """Doubts that `digits` of `kind` (`nik` or `no_kk`, also the form's field) are taken already; `but` are ids of
    families not meant.
    """
    name = {"nik": "NIK", "no_kk": "No KK"}[kind]
    taken = holders_of(digits, kinds=(kind,)).exclude(pk__in=but)
    mine = list(taken.visible_to(user).order_by("name", "pk"))
    doubts = [Doubt(kind, f"{name} ini sudah tercatat pada keluarga lain:", household) for household in mine]
    if not mine and taken.exists():
        doubts.append(Doubt(kind, f"{name} ini perlu diperiksa koordinator sebelum dipakai."))
    return doubts


def same_person(user, name, birth_date, *, area, but=()):
    """Doubts that somebody of this name (in whatever spelling) and birth date is on a card already: with their family as
    far as `user` may open it, else, within the kecamatan of `area` (a wilayah code), that a koordinator must look.
    """
    if not name or birth_date is None:
        return []
    born = Member.objects.present().filter(birth_date=birth_date, household__merged_into=None)
    born = born.exclude(household__in=but)
    doubts, seen = [], set()
    for person in born.visible_to(user).select_related("household").order_by("pk")[:MOST_BORN]:
        fit = compare(name, person.name)
        if fit and person.household_id not in seen:
            seen.add(person.household_id)
            words = "Orang bernama sama" if fit == SAME else "Orang bernama mirip"
            doubts.append(
                Doubt("name", f"{words} dan lahir di hari yang sama sudah tercatat:", person.household)
            )
    if not doubts:
        near = born.filter(household__wilayah__code__startswith=area[:6]).order_by("pk")
        names = near.values_list("name", flat=True)[:MOST_BORN]
        if any(compare(name, other) in {SAME, SOUNDS} for other in names):
            doubts.append(Doubt("name", OUTSIDE))
    return doubts[:MOST_NAMES]


def similar_name(user, name, *, wilayah_id, rt, rw):
    """Doubts that a family of nearly this name lives in the same RT (of a desa without: RW, or the desa), or of just this
    name, however it is spelled, in the same kelurahan; only families `user` may open.
    """
    there = Household.objects.visible_to(user).filter(wilayah_id=wilayah_id)
    close = there.annotate(likeness=TrigramSimilarity("name", name)).filter(rt=rt, rw=rw)
    near = list(close.filter(likeness__gte=SAME_NAME).order_by("-likeness", "pk")[:MOST_NAMES])
    where = "RT" if rt else "RW" if rw else "desa"
    doubts = [Doubt("name", f"Nama mirip di {where} yang sama:", household) for household in near]
    known = {household.pk for household in near}
    for pk, other, other_rt, other_rw in there.order_by("name", "pk").values_list("pk", "name", "rt", "rw"):
        fit = compare(name, other) if pk not in known else ""
        if fit == SAME or (fit in {SOUNDS, NEAR} and (other_rt, other_rw) == (rt, rw)):
            known.add(pk)
            is_near = (other_rt, other_rw) == (rt, rw)
            words = f"Nama mirip di {where} yang sama:" if is_near else "Nama sama di kelurahan yang sama:"
            doubts.append(Doubt("name", words, Household.objects.visible_to(user).get(pk=pk)))
        if len(doubts) >= MOST_NAMES:
            break
    return doubts[:MOST_NAMES]
