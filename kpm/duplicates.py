"""Families that a new entry may already be: the same number anywhere, or nearly the same name in the same RT.

A number found outside the asker's scope says only that a koordinator must look, never whose or where it is.
"""

from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q

from pkh_casework.fields import blind_indexes

from .models import Household, Member

SAME_NAME = 0.5
MOST_NAMES = 3


@dataclass(frozen=True)
class Doubt:
    """Something to look at before saving: the form field it is about, words, and the family that they name when the
    asker may open it.
    """

    field: str
    text: str
    household: Household | None = None


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


def similar_name(user, name, *, wilayah_id, rt, rw):
    """Doubts that a family of nearly this name lives in the same RT (of a desa without: RW, or the desa); only families
    `user` may open.
    """
    near = (
        Household.objects.visible_to(user)
        .filter(wilayah_id=wilayah_id, rt=rt, rw=rw)
        .annotate(likeness=TrigramSimilarity("name", name))
        .filter(likeness__gte=SAME_NAME)
        .order_by("-likeness", "pk")
    )
    where = "RT" if rt else "RW" if rw else "desa"
    return [Doubt("name", f"Nama mirip di {where} yang sama:", household) for household in near[:MOST_NAMES]]
