"""The demo's caseload: families with their members, components, pengurus, kelompok and holders."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle

from kpm.models import Assignment, Group, GroupChair, Household, Member, MemberComponent, Pengurus
from pkh_casework.ids import uuid7
from wilayah.clock import zone_of

from . import people, places
from .calendar import workday
from .people import Person
from .wording import texts

FIRST_INTAKE = date(2015, 1, 1)
GROUP_SIZE = 22
SECOND_PENDAMPING_SINCE = date(2019, 2, 1)
MOST_COMPONENTS = {"anak_usia_dini": 2, "lansia": 1, "disabilitas_berat": 1}
MOST_IN_FAMILY = 4
# Days since a graduation, one family after another: some are due for a check at 3, 6 or 12 months just now.
DAYS_SINCE_LEAVING = [93, 30, 186, 368, 61, 140, 255, 320, 92, 430, 510, 17, 183, 215, 470]
FEWEST = 3  # families of each pendamping that graduated, and that come near to it
Status, Path = Household.Status, Household.Path


@dataclass(eq=False)
class Family:
    """One family of the demo with what its story needs; `row` is the Household.

    `holders` are (user, from, to or None); `ended_on` is the day of graduation or exit, `leaving` the kind of
    graduation; `away` the days [from, to) between a graduation and the return; `died_on` the day on which the former
    pengurus died, `former` that person.
    """

    row: Household
    people: list[Person]
    holders: list = field(default_factory=list)
    trade: tuple = ()
    ended_on: date | None = None
    leaving: str = ""
    away: tuple = ()
    died_on: date | None = None
    former: Person | None = None
    is_chair: bool = False
    attends: float = 0.85

    def holder_on(self, day):
        return next(user for user, since, to in self.holders if since <= day and (to is None or day < to))

    def is_away(self, day):
        return bool(self.away) and self.away[0] <= day < self.away[1]

    def accompanied_on(self, day):
        ended = self.ended_on is not None and day >= self.ended_on
        return self.row.joined_on <= day and not ended and not self.is_away(day)

    def speaker_on(self, day):
        """Whom the pendamping talks to on `day`."""
        return self.former if self.died_on and day < self.died_on else self.people[0]


@dataclass
class Caseload:
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
        self.rng, self.today, self.case_numbers, self.koordinator = (
            rng,
            today,
            iter(case_numbers),
            koordinator,
        )
        self.numbers = people.Numbers(rng)
        # Of each pendamping: see DAYS_SINCE_LEAVING, FEWEST; at least one natural exit and one return.
        self.endings, self.owed, self.hopeful, self.natural, self.returned = None, 0, 0, 0, 0
        self.load = Caseload()

    def id_at(self, moment):
        return uuid7(int(moment.timestamp() * 1000), self.rng.randbytes)

    def kelurahan(self, wilayah, workers, sizes):
        """Families of one kelurahan: each of `workers` (users) covers an equal run of RW and holds its size."""
        rws = len(texts("tempat")[wilayah.code]["rt_per_rw"])
        share = rws // len(workers)
        for turn, (worker, size) in enumerate(zip(workers, sizes, strict=True)):
            covered = range(1 + turn * share, 1 + (turn + 1) * share)
            others = [user for user in workers if user != worker]
            doors = places.spread(self.rng, wilayah.code, covered, size)
            self.endings = cycle(DAYS_SINCE_LEAVING)
            self.owed, self.hopeful, self.natural, self.returned = FEWEST, FEWEST, 1, 1
            made = [self.family(wilayah, worker, others, *door) for door in doors]
            self.group(wilayah, worker, made)

    def family(self, wilayah, worker, others, rw, rt):
        """One family with its rows; returns the Family."""
        rng, today = self.rng, self.today
        members = people.compose(rng, today)
        if self.natural and rng.random() < 0.1:
            self.natural, members = 0, people.grown_up(rng, today, 20)
        joined_on = self._joined_on(members)
        started = datetime.combine(joined_on, time(9), zone_of(wilayah.code))
        row = Household(
            id=self.id_at(started),
            case_number=next(self.case_numbers),
            no_kk=self.numbers.no_kk(joined_on - timedelta(days=rng.randint(20, 900))),
            address=places.address(rng, wilayah.code, rw, rt),
            rt=rt,
            rw=rw,
            wilayah=wilayah,
            pendamping=worker,
            desil=rng.choices([1, 2, 3, 4], [30, 35, 22, 13])[0],
            joined_on=joined_on,
            created_at=started,
        )
        row.latitude, row.longitude = places.point(rng, wilayah, rw)
        family = Family(row, members, attends=rng.uniform(0.65, 0.97))
        self._choose_path(family)
        self._choose_status(family)
        self._members(family, started)
        self._pengurus(family)
        self._holders(family, worker, others)
        self.load.families.append(family)
        return family

    def _joined_on(self, members):
        """The first day of a quarter, a year ago or earlier, on which the family had a component if it could."""
        starts = [since for someone in members for _, since, _ in someone.spans]
        latest = self.today - timedelta(days=366)
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
        family.row.path = self.rng.choices([Path.USAHA, Path.KERJA], [62, 38])[0]
        if family.row.path == Path.USAHA:
            kind = self.rng.choices(["makanan", "warung", "jasa", "kerajinan"], [45, 25, 20, 10])[0]
            family.trade = (kind, *self.rng.choice(texts("tempat")["usaha"][kind]))

    def _choose_status(self, family):
        rng, row, draw = self.rng, family.row, self.rng.random()
        on_the_way = row.path != Path.PERLINDUNGAN and row.joined_on.year <= self.today.year - 5
        if not any(one.stage_on(self.today) for one in family.people):
            self._leave(family, "alamiah", "Tidak ada lagi anggota yang memenuhi komponen.")
        elif draw < 0.018:
            self._leave(family, "", "Keluarga pindah ke luar Kota Bandung.")
        elif draw < 0.025:
            self._leave(family, "administratif", "Desil naik setelah pemutakhiran data.")
        elif on_the_way and (draw < 0.085 or (self.owed and rng.random() < 0.3)):
            self.owed = max(0, self.owed - 1)
            row.desil = rng.choice([3, 4])
            by_grant = row.path == Path.USAHA and rng.random() < 0.25
            words = "Graduasi mandiri atas keputusan keluarga."
            self._leave(
                family, *(("ppse", "Graduasi dengan modal PPSE.") if by_grant else ("mandiri", words))
            )
        elif on_the_way and (draw < 0.20 or (self.hopeful and rng.random() < 0.3)):
            self.hopeful = max(0, self.hopeful - 1)
            row.status, row.desil = Status.CALON_GRADUASI, rng.choice([3, 4])
        elif on_the_way and (draw < 0.207 or (self.returned and rng.random() < 0.3)):
            self.returned = 0
            left_on = self.today - timedelta(days=rng.randint(230, 520))
            back_on = left_on + timedelta(days=rng.randint(110, 200))
            family.away = workday(rng, left_on), workday(rng, back_on)

    def _leave(self, family, kind, words):
        """The family is accompanied no more: a graduation of `kind`, or "" for one that just went."""
        row = family.row
        row.status = Status.GRADUASI if kind else Status.NONAKTIF
        row.notes, family.leaving = words, kind
        days = next(self.endings) + self.rng.randint(0, 6) if kind else self.rng.randint(30, 300)
        day = max(self.today - timedelta(days=days), row.joined_on + timedelta(days=90))
        family.ended_on = workday(self.rng, day)

    def _members(self, family, started):
        if family.row.status == Status.AKTIF and self.rng.random() < 0.06:
            self._lose_pengurus(family)
        counted = defaultdict(int)
        for someone in [*family.people, *([family.former] if family.former else [])]:
            newborn = someone.birth > self.today - timedelta(days=150)
            someone.row = Member(
                id=self.id_at(started),
                household_id=family.row.pk,
                name=someone.name,
                nik=None if newborn else self.numbers.nik(someone),
                birth_date=someone.birth,
                sex=someone.sex,
                relation=someone.relation,
                left_on=someone.left_on,
                left_reason="Meninggal dunia" if someone.left_on else "",
            )
            self.load.members.append(someone.row)
            self._components(family, someone, counted)

    def _components(self, family, someone, counted):
        joined_on = family.row.joined_on
        for code, since, to in someone.spans:
            since = max(since, joined_on)
            if family.ended_on and (to is None or to > family.ended_on):
                to = family.ended_on
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

    def _lose_pengurus(self, family):
        """In some couples the pengurus died within the last year and the spouse follows."""
        people_ = family.people
        if len(people_) < 3 or people_[0].relation != "pasangan" or people_[0].age_on(self.today) < 38:
            return
        family.died_on = self.today - timedelta(days=self.rng.randint(60, 340))
        family.former = people_.pop(0)
        family.former.left_on = family.died_on

    def _pengurus(self, family):
        row, now = family.row, family.people[0]
        since = row.joined_on
        if family.former:
            changed_on = family.died_on + timedelta(days=14)
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
        if others and rng.random() < 0.07:
            handed_on = self.today - timedelta(days=rng.randint(8, 330))
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
            if family.ended_on is None:
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
