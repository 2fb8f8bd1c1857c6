"""The sheet of one walk: everybody of an RT, who is due, who will be soon, what to bring and what to ask for while there."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper

from kpm.models import Household
from kpm.quality import BY_SLUG
from pkh_casework.places import MOST, WITHOUT_RW

from .due import COLUMNS, VISIT_EVERY
from .plan import walk

SOON = timedelta(days=10)  # so long before a family is due it is worth a knock, when one is in its RT anyway
LATELY = "baru dikunjungi"
# What can be asked for at the door: the rule of kpm.quality, in the words of a short list.
ASKED = {
    "tanpa-titik": "titik rumah",
    "tanpa-hp": "nomor HP",
    "pengurus-tanpa-nik": "NIK pengurus",
    "anggota-tanpa-nik": "NIK anggota",
    "anggota-tanpa-tanggal-lahir": "tanggal lahir anggota",
    "tanpa-ahli-waris": "ahli waris",
}


@dataclass
class House:
    """A family of the RT: `line` says why it is due, or that it will be soon, and `paper` what of it neighbours may read;
    `missing` is what to ask for.
    """

    family: object
    line: str
    paper: str
    tone: str
    missing: list = field(default_factory=list)


@dataclass
class Trip:
    """The houses of one RT in walking order: those that are `due`, those that are `soon`, and the `others` of whom only
    something is missing.
    """

    due: list
    soon: list
    others: list

    @property
    def houses(self):
        return [*self.due, *self.soon, *self.others]


def places_of(dues):
    """[((RW, RT), families due), …] by RW and RT, WITHOUT_RW for what a desa has not."""
    found = Counter((due.family.rw or WITHOUT_RW, due.family.rt or WITHOUT_RW) for due in dues)
    return sorted(found.items(), key=lambda place: [number or MOST + 1 for number in place[0]])


def trip_of(user, day, dues, rw, rt):
    """The Trip to the RT `rt` of the RW `rw` (WITHOUT_RW for none) with the families `dues` (desk.due) in it; one query."""
    asked = {
        f"lacks_{number}": ExpressionWrapper(BY_SLUG[slug].condition(day), BooleanField())
        for number, slug in enumerate(ASKED)
    }
    families = Household.objects.visible_to(user).active().filter(rw=rw or None, rt=rt or None)
    found = Trip([], [], [])
    for family in families.annotate(**asked).values_list(*COLUMNS, "phone", *asked, named=True):
        missing = [words for name, words in zip(asked, ASKED.values(), strict=True) if getattr(family, name)]
        due = dues.get(family.id)
        if due and not due.put_off:
            found.due.append(House(family, due.line, due.paper, due.tone, missing))
        elif due:
            continue
        elif family.last_visited_on <= day - VISIT_EVERY + SOON:
            days = (day - family.last_visited_on).days
            words = f"{days} hari, sebentar lagi waktunya"
            found.soon.append(House(family, words, words, "visit", missing))
        elif missing:
            found.others.append(House(family, LATELY, LATELY, "visit", missing))
    return Trip(walk(found.due), walk(found.soon), walk(found.others))


def for_typst(trip):
    """The houses of a Trip by why they are on the sheet, as the paper prints them; parts without a house are left out."""
    parts = (
        ("Perlu didatangi", trip.due),
        ("Sebentar lagi waktunya", trip.soon),
        ("Data kurang", trip.others),
    )
    return [
        {
            "name": name,
            "houses": [
                {
                    "name": house.family.name,
                    "case": house.family.case_number,
                    "address": house.family.address,
                    "why": house.paper,
                    "missing": ", ".join(house.missing),
                }
                for house in houses
            ],
        }
        for name, houses in parts
        if houses
    ]
