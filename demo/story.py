"""One year of one family, contact by contact: visits at a rhythm, stories that go on, promises that are kept or not."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from .calendar import workday
from .cast import Cast
from .script import YEAR
from .wording import fill, texts

VISIT, CALL = "kunjungan_rumah", "komunikasi"
# Days from one visit to the next: how many families in a hundred, least, most.
RHYTHMS = [(18, 25, 42), (50, 45, 75), (32, 75, 115)]
# How often a single contact falls in each role: representasi is thin, as the Kebon Jayanti study found.
SINGLES = {"FAS": 1, "EDU": 1.7, "REP": 0.6, "TEK": 1.8}
NOT_MET, EXTRA_CALL, EXTRA_COMPANY, FORGOTTEN = 0.09, 0.10, 0.09, 0.006


@dataclass(eq=False)
class Contact:
    """One entry about one family, not yet a row; `due` and `done` are of its next step, `answer` is the contact that
    took it up. What is said `aside` takes up nothing.
    """

    day: date
    kind: str
    sub_role: str
    notes: str
    outcome: str
    step: str = ""
    met: bool = True
    people: list = field(default_factory=list)
    due: date | None = None
    done: date | None = None
    aside: bool = False
    answer: "Contact | None" = None


class Plot:
    """Hands out the beats of a family: a story, one or two single contacts, the next story."""

    def __init__(self, rng, family, today):
        self.rng, self.family, self.today = rng, family, today
        self.told, self.beats, self.cast, self.singles = set(), [], None, rng.randint(0, 2)
        by_choice = family.row.status == "calon_graduasi" or family.part.leaving == "mandiri"
        self.finale = _special({family.row.status}) if by_choice else None
        self.mourning = _special({"pengurus_baru"}) if family.former else None

    def next(self, day, visits_left):
        """The next beat on `day` with `visits_left` visits to come, as (beat, cast). Who has a promise to keep today made
        it at the last of them.
        """
        if self.mourning and day > self.family.part.died_on:
            self._start(self.mourning, day)
            self.mourning = None
        if self.finale and visits_left <= sum(beat[0] == VISIT for beat in self.finale["babak"]):
            self._start(self.finale, day)
            self.finale = None
        if not self.beats and not self.singles:
            self._next_story(day)
        must_promise = visits_left == 1 and self.family.part.promise
        if self.beats and not (must_promise and self.beats[0][0] == VISIT and not self.beats[0][-1]):
            return self.beats.pop(0), self.cast
        self.singles = max(0, self.singles - 1)
        return self.single("kunjungan", VISIT, day, with_step=must_promise)

    def single(self, pool, kind, day, *, with_step=False):
        """One contact outside the stories, that fits the family: (beat, cast)."""
        cast = Cast(self.rng, self.family, day, self.today)
        tags = cast.tags()
        rows = [row for row in texts("kontak")[pool] if row[-1] or not with_step]
        fitting = [row for row in rows if tags.issuperset(row[0]) and row[2] not in self.told]
        fitting = fitting or [row for row in rows if not row[0]]
        weights = [SINGLES[row[1][:3]] for row in fitting]
        _, *beat = self.rng.choices(fitting, weights)[0]
        self.told.add(beat[1])
        return [kind, *beat], cast

    def _next_story(self, day):
        cast = Cast(self.rng, self.family, day, self.today)
        tags = cast.tags()
        before_death = self.family.former and day < self.family.part.died_on
        fitting = [
            story
            for story in texts("alur")["alur"]
            if tags.issuperset(story["syarat"]) and not story.get("khusus") and story["nama"] not in self.told
        ]
        if fitting and not before_death:
            # A story that speaks of this very family says more than one that would fit any.
            weights = [1 + 2 * len(story["syarat"]) for story in fitting]
            self._start(self.rng.choices(fitting, weights)[0], day)
        else:
            self.singles = 1

    def _start(self, story, day):
        self.told.add(story["nama"])
        self.beats, self.cast = list(story["babak"]), Cast(self.rng, self.family, day, self.today)
        self.singles = self.rng.choice([1, 1, 2])


def _special(tags):
    return next(
        (one for one in texts("alur")["alur"] if one.get("khusus") and tags & set(one["syarat"])), None
    )


def year_of(rng, family, today):
    """The contacts of `family` in the year before `today`, oldest first."""
    plot, contacts, days = Plot(rng, family, today), [], _visit_days(rng, family, today)
    before, waiting = max(today - timedelta(days=YEAR), family.row.joined_on), []
    for turn, day in enumerate(days):
        for contact in _up_to_visit(rng, plot, before, day, len(days) - turn):
            contacts.append(contact)
            if contact.met and not contact.aside:
                for earlier in waiting:
                    earlier.answer = contact
                waiting = []
            if contact.step:
                waiting.append(contact)
        before = day
    contacts += _after_last_visit(rng, plot, before, today)
    contacts.sort(key=lambda contact: contact.day)
    _settle_steps(rng, family, contacts, today)
    return contacts


def _visit_days(rng, family, today):
    """Ascending working days of home visits at which the family was met, those of its assessments among them."""
    part, start = family.part, max(today - timedelta(days=YEAR), family.row.joined_on)
    day = part.ended_on or part.last_visit
    if day is None:
        return []
    _, low, high = rng.choices(RHYTHMS, [rhythm[0] for rhythm in RHYTHMS])[0]
    days, assessed = set(), [assessed for assessed in part.assessed if assessed < day]
    while day > start:
        days.add(day)
        before = workday(rng, day - timedelta(days=rng.randint(low, high)))
        # Whoever is nearly due for an assessment is visited when that is done.
        day = assessed.pop() if assessed and (before - assessed[-1]).days < low // 2 else before
    if part.died_on:
        days = {day for day in days if not 0 <= (day - part.died_on).days <= 45}
        days |= {workday(rng, part.died_on + timedelta(days=after)) for after in (4, 13, 36)}
    return sorted(day for day in days if start < day and not family.is_away(day))


def _up_to_visit(rng, plot, before, day, visits_left):
    """The contacts after `before` up to the visit on `day`, which is the last of them."""
    family, gap = plot.family, (day - before).days
    if gap > 25 and rng.random() < EXTRA_CALL:
        yield _single(rng, plot, CALL, before, day)
    if gap > 25 and rng.random() < EXTRA_COMPANY:
        yield _single(rng, plot, "pendampingan", before, day)
    if gap > 12 and rng.random() < NOT_MET:
        yield _missed(rng, plot, day)
    if any(before < since <= day for _, since, _ in family.holders[1:]):
        cast = Cast(rng, family, day, plot.today)
        yield _written(rng, [VISIT, *texts("kontak")["alih_pertama"]], cast, day)
        return
    while True:
        beat, cast = plot.next(day, visits_left)
        if beat[0] == VISIT:
            yield _written(rng, beat, cast, day)
            return
        before = max(before, _between(rng, before, day))
        yield _written(rng, beat, cast, before)


def _after_last_visit(rng, plot, last, today):
    """Sometimes a call, and at the door of a family long not met an attempt that failed."""
    gap = (today - last).days
    if not plot.family.part.is_active or gap < 6:
        return
    if rng.random() < 0.15:
        yield _single(rng, plot, CALL, last, today)
    if gap > 40 and rng.random() < 0.12:
        day = workday(rng, today - timedelta(days=rng.randint(1, 20)))
        cast = Cast(rng, plot.family, day, today)
        beat = [VISIT, "FAS-3", rng.choice(texts("kontak")["tidak_bertemu"]), "", _retry(rng)]
        yield _written(rng, beat, cast, day, met=False)


def _missed(rng, plot, day):
    attempt = workday(rng, day - timedelta(days=rng.randint(2, 8)))
    beat = [VISIT, "FAS-3", rng.choice(texts("kontak")["tidak_bertemu"]), "", _retry(rng)]
    return _written(rng, beat, Cast(rng, plot.family, attempt, plot.today), attempt, met=False)


def _retry(rng):
    return rng.choice(texts("kontak")["langkah_ulang"])


def _single(rng, plot, kind, before, day):
    between = _between(rng, before, day)
    beat, cast = plot.single(kind, kind, between)
    return _written(rng, beat, cast, between, aside=True)


def _between(rng, before, day):
    return workday(rng, before + (day - before) * rng.uniform(0.3, 0.85))


def _written(rng, beat, cast, day, **more):
    kind, sub_role, notes, outcome, step = beat
    slots = cast.slots(day)
    return Contact(
        day=day,
        kind=kind,
        sub_role=sub_role,
        notes=fill(notes, slots, rng),
        outcome=fill(outcome, slots, rng),
        step=fill(step, slots, rng),
        people=cast.people_in(notes),
        **more,
    )


def _settle_steps(rng, family, contacts, today):
    """Date every next step, and tick it off where a later contact answered it."""
    part = family.part
    for contact in contacts:
        if not contact.step:
            continue
        if contact.answer and contact.answer.day > contact.day:
            early = rng.choice([0, 0, 0, 1, 2, 3, 5])
            contact.due = max(contact.day + timedelta(days=1), contact.answer.day - timedelta(days=early))
            contact.due = max(contact.day, workday(rng, contact.due))
            contact.done = None if rng.random() < FORGOTTEN else contact.answer.day
        elif part.promise and contact.day == part.last_visit and contact.kind == VISIT:
            contact.due = part.promise
        else:
            contact.due = workday(rng, contact.day + timedelta(days=rng.randint(7, 21)))
            if contact.due < today and (not part.is_active or rng.random() < 0.95):
                contact.done = min(contact.due + timedelta(days=rng.randint(0, 3)), today - timedelta(days=1))
