"""Who and what a story can speak of: the people and things of one family on one day."""

from .people import SCHOOLS
from .wording import texts

SCHOOL_CODES = {code for code, _, _ in SCHOOLS}


# What can be sold over a counter, and what can be carried to another shop.
GOODS = {"makanan": ("jualan", "barang"), "warung": ("jualan",), "kerajinan": ("barang",)}
LAST_YEARS = {5, 6, 8, 9}
RETIREMENT = 55


class Cast:
    """The parts of one story in one family, chosen when it starts: which child, which sums of money."""

    def __init__(self, rng, family, day, today):
        self.family, self.day, self.parts = family, day, {}
        for person in family.people:
            self._offer(person, day, today, rng)
        small, middle = rng.randint(3, 9) * 5000, rng.randint(3, 11) * 50000
        self.sums = {
            "kecil": small,
            "kecil2": small + rng.randint(1, 4) * 5000,
            "tabung": rng.choice([2000, 3000, 5000, 10000]),
            "sedang": middle,
            "sedang2": middle + rng.randint(1, 4) * 50000,
            "besar": rng.randint(14, 30) * 100000,
            "besar2": rng.randint(8, 13) * 100000,
        }

    def _offer(self, person, day, today, rng):
        before, now = person.stage_on(day), person.stage_on(today)
        first = {
            "anak": before in SCHOOL_CODES and now in SCHOOL_CODES,
            "anak_sma": before == now == "sma",
            "balita": before == now == "anak_usia_dini" and person.age_on(day) < 5,
            "remaja": person.relation == "anak" and not before and not now and 16 <= person.age_on(day) <= 22,
            "lansia": person.component == "lansia",
            "difabel": person.component == "disabilitas_berat",
            "bumil": before == "ibu_hamil",
        }
        for part, fits in first.items():
            if fits and (part not in self.parts or rng.random() < 0.4):
                self.parts[part] = person

    def tags(self):
        """What is true of the family, as the stories' `syarat` name it."""
        family, row = self.family, self.family.row
        names = {"anak": "sekolah", "anak_sma": "sma", "difabel": "disabilitas"}
        tags = {names.get(part, part) for part in self.parts} | {row.path, row.status}
        if family.trade:
            tags |= {family.trade[0], *GOODS.get(family.trade[0], ())}
        else:
            tags.discard("usaha")
        if family.is_chair:
            tags.add("ketua")
        if self.spouse():
            tags.add("pasangan")
        if family.speaker_on(self.day).age_on(self.day) < RETIREMENT:
            tags.add("usia_kerja")
        if child := self.parts.get("anak"):
            tags |= self._school_tags(child)
        if any(person.relation == "cucu" for person in family.people):
            tags.add("cucu")
        return tags

    def _school_tags(self, child):
        place = child.places.get(child.stage_on(self.day), "")
        tags = {"akhir_jenjang"} if child.school_year_on(self.day) in LAST_YEARS else set()
        is_private = place and not place.startswith("SDN") and "Negeri" not in place
        return tags | {"sekolah_swasta"} if is_private else tags

    def spouse(self):
        """The other of a couple; none where the former pengurus died."""
        first, *rest = self.family.people
        pair = {first.relation} | {person.relation for person in rest[:1]}
        return rest[0] if rest and pair == {"kepala", "pasangan"} and not self.family.former else None

    def slots(self, day):
        """The words that fill a text on `day`."""
        family, row = self.family, self.family.row
        slots = {name: f"Rp{amount:,}".replace(",", ".") for name, amount in self.sums.items()}
        slots |= {part: person.called() for part, person in self.parts.items()}
        slots |= {
            "ibu": family.speaker_on(day).called(),
            "rt": f"{row.rt or 1:02}",
            "rw": f"{row.rw or 1:02}",
            "jalan": row.address,
            "kelompok": row.group.name if row.group else "kelompok",
            "puskesmas": texts("tempat")[row.wilayah_id]["puskesmas"],
        }
        if family.trade:
            slots["usaha"], slots["bahan"] = family.trade[1:]
        if spouse := self.spouse():
            slots["pasangan"] = spouse.called()
        if child := self.parts.get("anak"):
            slots["kelas"] = child.grade_on(day)
            slots["sekolah"] = child.places.get(child.stage_on(day), "sekolahnya")
        return slots

    def people_in(self, text):
        """The persons whom a raw text names by a slot."""
        return [person for part, person in self.parts.items() if f"{{{part}}}" in text]
