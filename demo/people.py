"""Made-up people: who lives in a family, how old they are, what they are called, and their made-up numbers."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from .wording import texts

# A district of Bandung that does not exist, so that no number belongs to anybody.
DISTRICT = "327399"
TERM_START = (7, 14)
SCHOOL_AGE = 7
SCHOOLS = [("sd", 0, 6), ("smp", 6, 9), ("sma", 9, 12)]
ELDER = 60


@dataclass(eq=False)
class Person:
    """One member of a family.

    `school_until` is how many school years a child goes (12 = to the end of SMA); `component` is one that age alone
    does not give (lansia, disabilitas_berat, ibu_hamil), held since `component_since`. `row` is the Member.
    """

    name: str
    sex: str
    birth: date
    relation: str
    school_until: int = 12
    component: str = ""
    component_since: date | None = None
    left_on: date | None = None
    places: dict = field(default_factory=dict)
    row: object = None

    def age_on(self, day):
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))

    def called(self):
        """How a pendamping speaks of the person: Bu Imas, Pak Asep, Mak Entin, Abah Oman; a child by its name."""
        first = self.name.split()[0]
        if self.relation in {"anak", "cucu"}:
            return first
        elder = self.birth.year < 1962
        return f"{('Mak' if elder else 'Bu') if self.sex == 'P' else ('Abah' if elder else 'Pak')} {first}"

    def first_term(self):
        """The day school starts: the July of the year in which the child turns seven."""
        return date(self.birth.year + SCHOOL_AGE, *TERM_START)

    @cached_property
    def spans(self):
        """Dated components by age: [(code, from, to or None), …], whether past, present or to come."""
        if self.component:
            return [(self.component, self.component_since, None)]
        if self.relation not in {"anak", "cucu"}:
            return []
        start = self.first_term()
        return [("anak_usia_dini", self.birth, start)] + [
            (code, _years_on(start, first), _years_on(start, last))
            for code, first, last in SCHOOLS
            if last <= self.school_until
        ]

    def stage_on(self, day):
        """The component code that holds on `day`, or ""."""
        return next((code for code, since, to in self.spans if since <= day and (to is None or day < to)), "")

    def school_year_on(self, day):
        """1 in the first year of SD, 12 in the last of SMA."""
        return day.year - self.birth.year - SCHOOL_AGE + ((day.month, day.day) >= TERM_START)

    def grade_on(self, day):
        """`kelas 5 SD` on `day`; only for a child at school."""
        return f"kelas {self.school_year_on(day)} {self.stage_on(day).upper()}"


def _years_on(day, years):
    return day.replace(year=day.year + years, day=min(day.day, 28))


def name_for(rng, sex, birth, relation):
    """A name that fits sex and generation."""
    if relation in {"anak", "cucu"} and birth.year >= 1998:
        kind = "anak_perempuan" if sex == "P" else "anak_laki"
    else:
        kind = ("perempuan" if sex == "P" else "laki") + ("_tua" if birth.year < 1970 else "")
    names = texts("nama")[kind]
    return f"{rng.choice(names['depan'])} {rng.choice(names['belakang'])}".strip()


def born(rng, today, age):
    """A birth date of somebody `age` years old on `today`."""
    return today - timedelta(days=int(age * 365.25) + rng.randint(1, 364))


def person(rng, today, sex, age, relation, **more):
    birth = born(rng, today, age)
    return Person(name_for(rng, sex, birth, relation), sex, birth, relation, **more)


def compose(rng, today, part):
    """The people of a family that can play its `part`, the pengurus first; a list of Person."""
    if part.leaving == "alamiah":
        return _grown_up(rng, today)
    if part.is_expecting:
        return _expecting(rng, today, _young(rng, today))
    if part.is_settled or part.died_on:
        return _grown(rng, today)
    make = rng.choices(
        [_young, _grown, _one_parent, _grandparents, _elders, _with_disability],
        [34, 37, 11, 6, 8, 4],
    )[0]
    return make(rng, today)


def _couple(rng, today, age):
    wife = person(rng, today, "P", age, "pasangan")
    husband = person(rng, today, "L", age + rng.randint(0, 7), "kepala")
    return [wife, husband]


def _children(rng, today, ages, relation="anak"):
    """Children as old as `ages`, the youngest first, whose time at school lasts to the end of SMA."""
    children = []
    for age in ages:
        until = 12 if not children or rng.random() < 0.8 else 9
        children.append(person(rng, today, rng.choice("PL"), age, relation, school_until=until))
    return children


def _ages(rng, mother, youngest, count):
    """Ages of `count` children, the youngest `youngest`, none born before the mother was nineteen."""
    ages, age = [], youngest
    for _ in range(count):
        if mother - age < 19:
            break
        ages.append(age)
        age += rng.randint(2, 6)
    return ages


def _young(rng, today):
    mother = rng.randint(23, 36)
    ages = _ages(rng, mother, rng.randint(0, 4), rng.choice([1, 2, 2, 3]))
    people = _couple(rng, today, mother) + _children(rng, today, ages)
    return _expecting(rng, today, people) if rng.random() < 0.08 else people


def _expecting(rng, today, people):
    people[0].component = "ibu_hamil"
    people[0].component_since = today - timedelta(days=rng.randint(30, 200))
    return people


def _grown(rng, today):
    mother = rng.randint(38, 51)
    ages = _ages(rng, mother, rng.randint(6, 15), rng.choice([1, 2, 2, 3, 3]))
    return _couple(rng, today, mother) + _children(rng, today, ages)


def _grown_up(rng, today):
    """A couple whose only child is so old that its component ended some time ago."""
    return [*_couple(rng, today, rng.randint(42, 52)), person(rng, today, rng.choice("PL"), 21, "anak")]


def _one_parent(rng, today):
    mother = rng.randint(29, 52)
    ages = _ages(
        rng, mother, rng.randint(3, 15) if mother > 36 else rng.randint(1, 8), rng.choice([1, 2, 2, 3])
    )
    sex = "P" if rng.random() < 0.92 else "L"
    return [person(rng, today, sex, mother, "kepala"), *_children(rng, today, ages)]


def _grandparents(rng, today):
    grandmother = person(rng, today, "P", rng.randint(58, 70), "kepala")
    return [grandmother, *_children(rng, today, [rng.randint(7, 15)], "cucu")]


def _elders(rng, today):
    wife = person(rng, today, "P", rng.randint(63, 80), "kepala", component="lansia")
    wife.component_since = _years_on(wife.birth, ELDER)
    if rng.random() < 0.6:
        return [wife]
    wife.relation = "pasangan"
    return [wife, person(rng, today, "L", rng.randint(66, 82), "kepala")]


def _with_disability(rng, today):
    mother = rng.randint(44, 62)
    people = (
        _couple(rng, today, mother) if rng.random() < 0.6 else [person(rng, today, "P", mother, "kepala")]
    )
    grown = person(
        rng, today, rng.choice("PL"), rng.randint(18, mother - 22), "anak", component="disabilitas_berat"
    )
    grown.component_since = grown.birth
    return [*people, grown]


class Numbers:
    """Gives out made-up NIK and No KK, each once. They pass the hard checks and belong to nobody."""

    def __init__(self, rng):
        self.rng, self.given = rng, set()

    def nik(self, someone):
        """16 digits: district, birth date (women: day plus 40), serial."""
        day = someone.birth.day + (40 if someone.sex == "P" else 0)
        return self._serial(f"{DISTRICT}{day:02}{someone.birth:%m%y}")

    def no_kk(self, issued_on):
        """16 digits: district, the day the card was issued, serial."""
        return self._serial(f"{DISTRICT}{issued_on:%d%m%y}")

    def _serial(self, start):
        while True:
            number = f"{start}{self.rng.randint(1, 99):04}"
            if number not in self.given:
                self.given.add(number)
                return number
