"""The demo's caseload: families with their members, components, pengurus, kelompok and holders."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from kpm.models import Assignment, Group, GroupChair, Household, Member, MemberComponent, Pengurus
from pkh_casework.ids import uuid7
from wilayah.clock import zone_of

from . import people, places
from .people import Person
from .script import Part
from .wording import texts

FIRST_INTAKE = date(2015, 1, 1)
GROUP_SIZE = 22
SECOND_PENDAMPING_SINCE = date(2019, 2, 1)
MOST_COMPONENTS = {"anak_usia_dini": 2, "lansia": 1, "disabilitas_berat": 1}
MOST_IN_FAMILY = 4
SETTLED_YEARS = 5
# What the list of families says of those who are accompanied no more, by the kind of graduation.
GONE = {
    "mandiri": "Graduasi mandiri atas keputusan keluarga.",
    "ppse": "Graduasi dengan modal PPSE.",
    "administratif": "Desil naik setelah pemutakhiran data.",
    "alamiah": "Tidak ada lagi anggota yang memenuhi komponen.",
    "": "Keluarga pindah ke luar Kota Bandung.",
}
Path = Household.Path


@dataclass(eq=False)
class Family:
    """One family of the demo with what its story needs; `row` is the Household, `part` what it is there to show.

    `holders` are (user, from, to or None); `former` is the pengurus who died.
    """

    row: Household
    part: Part
    people: list[Person]
    holders: list = field(default_factory=list)
    trade: tuple = ()
    former: Person | None = None
    is_chair: bool = False
    attends: float = 0.85

    def holder_on(self, day):
        return next(user for user, since, to in self.holders if since <= day and (to is None or day < to))

    def is_away(self, day):
        away = self.part.away
        return bool(away) and away[0] <= day < away[1]

    def accompanied_on(self, day):
        ended = self.part.ended_on is not None and day >= self.part.ended_on
        return self.row.joined_on <= day and not ended and not self.is_away(day)

    def speaker_on(self, day):
        """Whom the pendamping talks to on `day`."""
        return self.former if self.former and day < self.part.died_on else self.people[0]


@dataclass
class DealtCaseload:
    """Everything of `kpm` to be stored, in the order in which it must be stored."""

    families: list = field(default_factory=list)
    groups: list = field(default_factory=list)
    members: list = field(default_factory=list)
    components: list = field(default_factory=list)
    pengurus: list = field(default_factory=list)
    assignments: list = field(default_factory=list)
    chairs: list = field(default_factory=list)


class Maker:
    """Builds families one after another from one seeded generator, so that the same day gives the same families."""

    def __init__(self, rng, today, case_numbers, koordinator):
        self.rng, self.today, self.koordinator = rng, today, koordinator
        self.case_numbers, self.numbers = iter(case_numbers), people.Numbers(rng)
        self.load = DealtCaseload()

    def id_at(self, moment):
        return uuid7(int(moment.timestamp() * 1000), self.rng.randbytes)

    def kelurahan(self, wilayah, workers, parts):
        """Families of one kelurahan: each of `workers` (users) covers an equal run of RW; `parts` are those of each."""
        rws = len(texts("tempat")[wilayah.code]["rt_per_rw"])
        share = rws // len(workers)
        for turn, (worker, own) in enumerate(zip(workers, parts, strict=True)):
            covered = range(1 + turn * share, 1 + (turn + 1) * share)
            others = [user for user in workers if user != worker]
            doors = places.spread(self.rng, wilayah.code, covered, len(own))
            made = [
                self.family(wilayah, worker, others, part, *door)
                for part, door in zip(own, doors, strict=True)
            ]
            self.group(wilayah, worker, made)
            places.leave_unnumbered(made)

    def family(self, wilayah, worker, others, part, rw, rt):
        """One family with its rows; returns the Family."""
        rng = self.rng
        members = people.compose(rng, self.today, part)
        joined_on = self._joined_on(members, part)
        started = datetime.combine(joined_on, time(9), zone_of(wilayah.code))
        row = Household(
            id=self.id_at(started),
            case_number=next(self.case_numbers),
            no_kk=self.numbers.no_kk(joined_on - timedelta(days=rng.randint(20, 900))),
            address=places.address(rng, wilayah.code, rw, rt),
            rt=rt,
            rw=rw,
            phone=places.phone(len(self.load.families)),
            wilayah=wilayah,
            pendamping=worker,
            desil=rng.choice([3, 4]) if part.is_ready else rng.choices([1, 2, 3, 4], [30, 35, 22, 13])[0],
            status=part.status,
            notes="" if part.is_active else GONE[part.leaving],
            joined_on=joined_on,
            created_at=started,
        )
        row.latitude, row.longitude = places.point(rng, wilayah, rw)
        family = Family(row, part, members, attends=rng.uniform(0.65, 0.97))
        self._choose_path(family)
        self._members(family, started)
        self._pengurus(family)
        self._holders(family, worker, others)
        self.load.families.append(family)
        return family

    def _joined_on(self, members, part):
        """The first day of a quarter, a year ago or earlier, on which the family had a component if it could."""
        starts = [since for someone in members for _, since, _ in someone.spans]
        latest = self.today - timedelta(days=366)
        if part.is_settled:
            latest = date(self.today.year - SETTLED_YEARS, 12, 31)
        quarters = [
            date(year, month, 1)
            for year in range(FIRST_INTAKE.year, latest.year + 1)
            for month in (1, 4, 7, 10)
            if date(year, month, 1) <= latest
        ]
        fitting = [quarter for quarter in quarters if quarter >= min(starts, default=FIRST_INTAKE)]
        return self.rng.choice(fitting or quarters[-1:])

    def _choose_path(self, family):
        needs_care = any(someone.component in {"lansia", "disabilitas_berat"} for someone in family.people)
        if needs_care and len(family.people) < 4:
            family.row.path = Path.PERLINDUNGAN
            return
        family.row.path = family.part.path
        if family.row.path == Path.USAHA:
            kind = self.rng.choices(["makanan", "warung", "jasa", "kerajinan"], [45, 25, 20, 10])[0]
            family.trade = (kind, *self.rng.choice(texts("tempat")["usaha"][kind]))

    def _members(self, family, started):
        if family.part.died_on:
            family.former = family.people.pop(0)
            family.former.left_on = family.part.died_on
        counted = defaultdict(int)
        for someone in [*family.people, *([family.former] if family.former else [])]:
            newborn = someone.birth > self.today - timedelta(days=150)
            someone.row = Member(
                id=self.id_at(started),
                household_id=family.row.pk,
                name=someone.name,
                nik=None if newborn else self.numbers.nik(someone),
                nisn=self._nisn(someone),
                birth_date=someone.birth,
                sex=someone.sex,
                relation=someone.relation,
                left_on=someone.left_on,
                left_reason="Meninggal dunia" if someone.left_on else "",
            )
            self.load.members.append(someone.row)
            self._components(family, someone, counted)

    def _nisn(self, someone):
        """The number of every other pupil; no child was born in '99, with which it begins."""
        number = len(self.load.members)
        of_age = someone.birth.year in range(self.today.year - 18, self.today.year - 6)
        return f"99{number:08}" if of_age and number % 2 else ""

    def _components(self, family, someone, counted):
        joined_on = family.row.joined_on
        for code, since, to in someone.spans:
            since = max(since, joined_on)
            ended_on = family.part.ended_on
            if ended_on and (to is None or to > ended_on):
                to = ended_on
            elif to and to > self.today:
                to = None
            if since > self.today or (to and to <= since):
                continue
            if to is None:
                if counted["all"] == MOST_IN_FAMILY or counted[code] == MOST_COMPONENTS.get(
                    code, MOST_IN_FAMILY
                ):
                    continue
                counted["all"] += 1
                counted[code] += 1
            self.load.components.append(
                MemberComponent(
                    member_id=someone.row.pk,
                    household_id=family.row.pk,
                    component_id=code,
                    place=self._place(family, someone, code),
                    from_on=since,
                    to_on=to,
                )
            )

    def _place(self, family, someone, code):
        row, area = family.row, family.row.wilayah_id
        if code == "anak_usia_dini":
            return someone.places.setdefault(code, f"Posyandu RW {row.rw:02}")
        if code in {"sd", "smp", "sma"}:
            return someone.places.setdefault(code, self._school(family, code))
        return texts("tempat")[area]["puskesmas"]

    def _school(self, family, code):
        """Most children follow an older sister or brother to the same school."""
        known = [one.places[code] for one in family.people if code in one.places]
        if known and self.rng.random() < 0.75:
            return known[0]
        return places.school(self.rng, family.row.wilayah_id, code)

    def _pengurus(self, family):
        row, now = family.row, family.people[0]
        since = row.joined_on
        if family.former:
            changed_on = family.part.died_on + timedelta(days=14)
            self.load.pengurus.append(
                Pengurus(
                    household=row,
                    member=family.former.row,
                    heir=now.row,
                    from_on=since,
                    to_on=changed_on,
                )
            )
            since = changed_on
        grown = [one for one in family.people[1:] if one.age_on(self.today) >= 18 and not one.component]
        heir = grown[0].row if grown else None
        self.load.pengurus.append(Pengurus(household=row, member=now.row, heir=heir, from_on=since))
        row.name = now.name

    def _holders(self, family, worker, others):
        rng, since, history = self.rng, family.row.joined_on, []
        if handed_on := family.part.handed_on:
            history.append((others[0], handed_on, rng.choice(texts("kontak")["alih"])))
        elif others and family.row.rw > 7 and since < SECOND_PENDAMPING_SINCE:
            history.append((others[0], SECOND_PENDAMPING_SINCE, "Pembagian wilayah: RW 08 sampai RW 14"))
        reason = ""
        for user, to, next_reason in [*history, (worker, None, "")]:
            family.holders.append((user, since, to))
            self.load.assignments.append(
                Assignment(
                    household=family.row,
                    pendamping=user,
                    from_on=since,
                    to_on=to,
                    by=self.koordinator,
                    reason=reason,
                )
            )
            since, reason = to, next_reason

    def group(self, wilayah, worker, made):
        """Kelompok of neighbouring RT inside each RW, each with a ketua; only families still accompanied belong."""
        by_rw = defaultdict(list)
        for family in made:
            if family.part.is_active:
                by_rw[family.row.rw].append(family)
        flowers = iter(texts("tempat")["kelompok"]["nama"])
        for rw, families in by_rw.items():
            count = max(1, round(len(families) / GROUP_SIZE))
            for turn in range(count):
                part = families[turn * len(families) // count : (turn + 1) * len(families) // count]
                group = Group(name=f"{next(flowers)} RW {rw:02}", wilayah=wilayah, pendamping=worker)
                self.load.groups.append(group)
                for family in part:
                    family.row.group = group
                self._chair(group, part)

    def _chair(self, group, part):
        settled = sorted(part, key=lambda family: family.row.joined_on)
        since = max(date(2023, 1, 16), settled[0].row.joined_on)
        if len(settled) > 4 and self.rng.random() < 0.3:
            changed_on = self.today - timedelta(days=self.rng.randint(40, 400))
            before, settled = settled[0], settled[1:]
            self.load.chairs.append(
                GroupChair(group=group, household=before.row, from_on=since, to_on=changed_on)
            )
            since = changed_on
        settled[0].is_chair = True
        since = max(since, settled[0].row.joined_on)
        self.load.chairs.append(GroupChair(group=group, household=settled[0].row, from_on=since))


def local_moment(code, day, hour, minute):
    """The moment of a local time in area `code`, in UTC."""
    return datetime.combine(day, time(hour, minute), zone_of(code)).astimezone(UTC)
