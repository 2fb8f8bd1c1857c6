"""Two families side by side: field by field, and the people of both beside each other."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from kpm.models import Household, Member, MemberComponent, Pengurus
from kpm.names import SAME, SOUNDS, compare
from pkh_casework.phones import phone_words
from pkh_casework.templatetags.formats import NONE, tanggal
from roster.models import Suspect

MOST_SHOWN = 3
WORDS = {
    "no_kk": "No KK sama",
    "nik": "NIK sama",
    "pengurus_lahir": "Nama dan tanggal lahir pengurus sama",
    "pengurus_mirip": "Nama pengurus mirip, tanggal lahir sama",
    "pengurus_nama": "Nama pengurus sama, satu kelurahan",
    "pengurus_dekat": "Nama pengurus mirip, satu RT",
    "anggota_lahir": "Anggota bernama dan bertanggal lahir sama",
    "anggota_mirip": "Anggota bernama mirip dan bertanggal lahir sama",
    "se_rt": "RT yang sama",
    "se_rw": "RW yang sama",
    "se_alamat": "Alamat mirip",
    "lahir_lain": "Tanggal lahir pengurus berbeda",
    "nik_lain": "NIK pengurus berbeda",
}
AGAINST = frozenset({"lahir_lain", "nik_lain"})


def reasons_of(suspect):
    """[(words, whether it speaks against it)] of what was found of two families."""
    found = [(code, times) for code, times in suspect.reasons.items() if code in WORDS]
    found.sort(key=lambda one: list(WORDS).index(one[0]))
    return [
        (f"{WORDS[code]} ({times})" if times > 1 else WORDS[code], code in AGAINST) for code, times in found
    ]


FIELDS = ("no_kk", "address", "dusun", "rt", "rw", "phone", "path", "desil", "joined_on", "notes")


def said_of(household, name):
    """What stands in a field of a family, for people; numbers of identity masked."""
    value = getattr(household, name)
    if name == "phone":
        return phone_words(value) or NONE
    if name in {"rt", "rw"}:
        return NONE if value is None else f"{value:03d}"
    if name == "path":
        return household.get_path_display()
    if name == "joined_on":
        return tanggal(value)
    return NONE if value in {None, ""} else str(value)


def differs(first, second, name):
    """Whether two families say something else in a field."""
    own = f"{name}_index" if name == "no_kk" else name
    one, other = getattr(first, own), getattr(second, own)
    return bytes(one) != bytes(other) if name == "no_kk" else one != other


def fields_of(first, second):
    """[(label, what first says, what second says, whether they differ)]; None says nothing of a family."""
    rows = []
    for name in FIELDS:
        label = Household._meta.get_field(name).verbose_name
        sides = [said_of(one, name) if one else None for one in (first, second)]
        both = first is not None and second is not None
        rows.append((label[:1].upper() + label[1:], *sides, both and differs(first, second, name)))
    more = (
        ("Kelurahan", lambda one: one.wilayah.name),
        ("Kelompok", lambda one: one.group.name if one.group else NONE),
        ("Pendamping", lambda one: one.pendamping.name),
        ("Status", lambda one: one.get_status_display()),
        ("Kunjungan terakhir", lambda one: tanggal(one.last_visited_on)),
    )
    for label, said in more:
        sides = [said(one) if one else None for one in (first, second)]
        rows.append((label, *sides, None not in sides and sides[0] != sides[1]))
    return rows


def duplicates_of(household: Household, user: Any) -> dict[str, Any]:
    """What the page of a family says of it: `pairs` that `user` may open and nobody has decided, and the `merges` by which
    others became it.
    """
    own = Q(first=household) | Q(second=household)
    return {
        "pairs": list(
            Suspect.objects.visible_to(user).open().filter(own).order_by("-score", "id")[:MOST_SHOWN]
        ),
        "merges": list(household.merges.filter(undone_at=None).select_related("loser").order_by("id")),
    }


@dataclass
class Side:
    """One person in the comparison."""

    member: Member
    is_pengurus: bool
    components: list[str]


@dataclass
class Pair:
    """Two people beside each other: None where the other family has nobody like it; `fit` says why they stand together."""

    first: Side | None
    second: Side | None
    fit: str = ""

    @property
    def key(self):
        return f"{self.first.member.pk}" if self.first and self.second else ""


def people_of(first, second):
    """The Pairs of the people on both cards (of one only where the other is None), who are alike beside each other."""
    ours, theirs = _sides(first), _sides(second)
    pairs, left = [], list(theirs)
    for one in ours:
        best = max(((_fit(one.member, other.member), other) for other in left), key=_rank, default=("", None))
        if best[0]:
            left.remove(best[1])
        pairs.append(Pair(one, best[1] if best[0] else None, best[0]))
    return pairs + [Pair(None, other) for other in left]


FITS = ("NIK sama", "nama dan tanggal lahir sama", "nama sama", "tanggal lahir sama, nama mirip")


def _rank(one):
    return -FITS.index(one[0]) if one[0] else -len(FITS)


def _fit(one: Any, other: Any) -> str:
    if one.nik_index and other.nik_index and bytes(one.nik_index) == bytes(other.nik_index):
        return FITS[0]
    named = compare(one.name, other.name)
    if named in {SAME, SOUNDS}:
        if one.birth_date and one.birth_date == other.birth_date:
            return FITS[1]
        return "" if one.birth_date and other.birth_date else FITS[2]
    return FITS[3] if named and one.birth_date and one.birth_date == other.birth_date else ""


def _sides(household):
    if household is None:
        return []
    answers = set(Pengurus.objects.filter(household=household, to_on=None).values_list("member", flat=True))
    held: dict[Any, list[str]] = {}
    for row in MemberComponent.objects.filter(household=household, to_on=None).select_related("component"):
        held.setdefault(row.member_id, []).append(row.component.short_name)
    people = Member.objects.present().filter(household=household).order_by("birth_date", "pk")
    return [Side(person, person.pk in answers, held.get(person.pk, [])) for person in people]
