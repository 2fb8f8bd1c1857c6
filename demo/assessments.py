"""How the families' independence goes: assessments over 18 months, each score holding until the next one.

Rows come out as kpm.operations.record_assessment would have written them, one after another.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from kpm.independence.rule import SCHOOL_AGES, asked_on
from kpm.models import Assessment, Component, Household, Instrument, ReadinessRule, Score
from kpm.operations.assessment import KIND, compare, judge

from .cast import Cast
from .wording import fill, texts

FULL_AGAIN = 330  # days
# What a family usually has less or more of than of everything else, in levels.
EASE = {
    "A1": -0.2,
    "A3": 0.1,
    "A4": -0.2,
    "B1": -0.2,
    "B2": -0.4,
    "B4": 0.2,
    "C1": 0.4,
    "C2": -0.6,
    "C3": -0.2,
}
EASE |= {"C4": 0.3, "D2": 0.8, "D3": 0.3, "E1": -0.2, "E2": 0.5, "E3": -0.4, "E4": -0.3}
# Levels in a quarter: most stand or rise slowly, some fall.
TRENDS = [(28, 0.18), (50, 0.03), (22, -0.17)]
SHOCK, SHAKEN = 0.05, ("A1", "A2", "B2", "E2", "E3")
DIFFERS, DIFFERS_MUCH, SKIPPED, NOTED = 0.14, 0.012, 0.025, 0.12
ELDERLY = 62
Path, State = Household.Path, Score.State


@dataclass(eq=False)
class Course:
    """How one family fares: the visits it had (rows of ActivityHousehold), its assessments in order, the Score that
    holds now by code.

    `levels` are what the pendamping would find, not yet rounded, moving by `trend` in a quarter and faster where a goal
    helps (`helped`); `not_applicable` gives the reason by code; `slots` fills the texts of the newest assessment.
    """

    family: object
    visits: list
    assessments: list = field(default_factory=list)
    standing: dict = field(default_factory=dict)
    levels: dict = field(default_factory=dict)
    trend: float = 0.0
    helped: set = field(default_factory=set)
    not_applicable: dict = field(default_factory=dict)
    slots: dict = field(default_factory=dict)


class Surveyor:
    """Assesses families one after another; `assessments` and `scores` are all rows to be stored."""

    def __init__(self, rng, log, today, caseload):
        self.rng, self.log, self.today = rng, log, today
        self.instrument = Instrument.objects.valid_on(today).get()
        self.indicators = list(self.instrument.indicators.all())
        rules = ReadinessRule.objects.filter(instrument=self.instrument)
        self.rule = rules.valid_on(today).prefetch_related("minima").get()
        self.minima = {minimum.code: minimum.level for minimum in self.rule.minima.all()}
        self.assessments, self.scores = [], []
        self.members, self.schooling = defaultdict(list), defaultdict(list)
        for member in caseload.members:
            self.members[member.household_id].append(member)
        education = set(
            Component.objects.filter(category=Component.Category.EDUCATION).values_list("pk", flat=True)
        )
        for period in caseload.components:
            if period.component_id in education:
                self.schooling[period.household_id].append(period)

    def rounds(self, course):
        """Assess the family of `course` on the days of its part; yields the Assessment each time."""
        family, aims_high = course.family, course.family.part.is_ready
        days = [day for day in family.part.assessed if day >= family.row.joined_on]
        ready = 2 if aims_high else 0
        self._begin(course, aims_high)
        full_on = None
        for turn, day in enumerate(days):
            form = Assessment.Form.SHORT
            if full_on is None or (day - full_on).days >= FULL_AGAIN:
                form, full_on = Assessment.Form.FULL, day
            yield self._assess(course, day, form, ready=len(days) - turn <= ready)

    def _begin(self, course, aims_high):
        rng, family = self.rng, course.family
        middle = (2.7 if aims_high else 1.75 + 0.22 * family.row.desil) + rng.gauss(0, 0.3)
        course.levels = {
            one.code: middle + EASE.get(one.code, 0) + rng.gauss(0, 0.45) for one in self.indicators
        }
        trends = [trend for _, trend in TRENDS]
        course.trend = 0.25 if aims_high else rng.choices(trends, [share for share, _ in TRENDS])[0]
        speaker = family.people[0]
        tags = {family.row.path, *family.trade[:1], "sepuh" if speaker.age_on(self.today) >= ELDERLY else ""}
        for row in texts("kemandirian")["tidak_berlaku"]:
            if tags.issuperset(row["syarat"]) and rng.random() < 0.3:
                course.not_applicable[row["kode"]] = row["alasan"]

    def _assess(self, course, day, form, *, ready):
        rng, log, family = self.rng, self.log, course.family
        worker = family.holder_on(day)
        asked = self._asked(family.row, form, day)
        slots = course.slots = Cast(rng, family, day, self.today).slots(day)
        shock = self._live_on(course, day)
        if ready:
            self._lift(course, self._asked(family.row, Assessment.Form.FULL, day))
        received_at = log.received(family.row.wilayah_id, day)
        general = texts("kemandirian")["umum"]
        notes = general["guncangan"] if shock else general["catatan"] if rng.random() < NOTED else [""]
        assessment = Assessment(
            id=log.id_at(received_at),
            op_id=log.op_id(received_at),
            household_id=family.row.pk,
            wilayah_id=family.row.wilayah_id,
            pendamping_id=worker.pk,
            instrument=self.instrument,
            form=form,
            path=family.row.path,
            assessed_on=day,
            notes=fill(rng.choice(notes), slots, rng),
            rule=self.rule,
            received_at=received_at,
        )
        scores = [self._score(course, assessment, one, slots, sure=ready) for one in asked]
        compare(assessment, [(course.standing.get(score.code), score) for score in scores])
        for score in scores:
            if score.state != State.SKIPPED:
                if earlier := course.standing.get(score.code):
                    earlier.until_on = day
                course.standing[score.code] = score
        self._summarise(course, assessment)
        self._receipt(assessment, scores)
        self.assessments.append(assessment)
        self.scores += scores
        course.assessments.append(assessment)
        return assessment

    def _asked(self, household, form, day):
        youngest, oldest = SCHOOL_AGES
        school_child = any(
            period.from_on <= day and (period.to_on is None or period.to_on > day)
            for period in self.schooling[household.pk]
        ) or any(
            youngest <= member.age_on(day) <= oldest and (member.left_on is None or member.left_on > day)
            for member in self.members[household.pk]
        )
        return asked_on(self.indicators, path=household.path, form=form, school_child=school_child)

    def _live_on(self, course, day):
        """Move the levels from the last assessment to `day`; whether a shock fell into that time."""
        if not course.assessments:
            return False
        rng = self.rng
        quarters = (day - course.assessments[-1].assessed_on).days / 91
        for code in course.levels:
            gain = 0.25 if code in course.helped else 0
            course.levels[code] += (course.trend + gain) * quarters + rng.gauss(0, 0.16)
        shock = rng.random() < SHOCK
        for code in SHAKEN if shock else ():
            course.levels[code] -= rng.uniform(0.5, 1.2)
        return shock

    def _lift(self, course, asked):
        """Raise the levels as far as the rule of readiness asks."""
        levels = course.levels
        codes = [one.code for one in asked if one.code not in course.not_applicable]
        for code in codes:
            levels[code] = max(levels[code], self.minima.get(code, self.rule.lowest))
        for code in sorted(codes, key=levels.get):
            if sum(_level(levels[other]) for other in codes) >= self.rule.mean * len(codes):
                return
            levels[code] = max(levels[code], 3.0)

    def _score(self, course, assessment, indicator, slots, *, sure):
        rng, code = self.rng, indicator.code
        score = Score(
            assessment_id=assessment.pk,
            household_id=assessment.household_id,
            wilayah_id=assessment.wilayah_id,
            indicator_id=indicator.pk,
            code=code,
            assessed_on=assessment.assessed_on,
        )
        if code in course.not_applicable:
            score.state, score.reason = State.NOT_APPLICABLE, course.not_applicable[code]
        elif not sure and rng.random() < SKIPPED:
            score.state = State.SKIPPED
        else:
            score.level = score.family_level = _level(course.levels[code])
            self._differ(score, slots)
        return score

    def _differ(self, score, slots):
        """Now and then the family sees itself otherwise, and the pendamping writes why not."""
        rng = self.rng
        draw = rng.random()
        if draw > DIFFERS:
            return
        far = draw < DIFFERS_MUCH
        up = rng.random() < 0.6
        chosen = score.level + (1 if up else -1) * (2 if far else 1)
        if not 1 <= chosen <= 4:
            return
        score.family_level = chosen
        words = texts("kemandirian")
        pool = words["umum"]["dua_tingkat"] if far else words[score.code]["rendah" if up else "tinggi"]
        score.note = fill(rng.choice(pool), slots, rng)

    def _summarise(self, course, assessment):
        asked = self._asked(course.family.row, Assessment.Form.FULL, assessment.assessed_on)
        standing = {one.code: course.standing.get(one.code) for one in asked}
        levels = {
            code: score and score.level
            for code, score in standing.items()
            if not score or score.state == State.ANSWERED
        }
        judge(assessment, levels)

    def _receipt(self, assessment, scores):
        self.log.receipt(
            assessment.pendamping_id,
            KIND,
            {"sent": str(assessment.op_id)},
            assessment.received_at,
            op_id=assessment.op_id,
            about=assessment.pk,
        )


def _level(value):
    return min(4, max(1, round(value)))
