"""The graduation lens: which conditions of the dated rule hold for a family, since when and shown by what, and the
least that would have to change for the rest.

Reads only, and advises only: it says that graduation may be talked about, never that a family has passed.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from kpm.models import Anchor, Assessment, Household, Level, ReadinessRule, Score
from pkh_casework.templatetags.formats import angka, tanggal

from .met import meetings_with
from .rule import (
    ReadinessCondition,
    asked_on,
    conditions,
    has_school_child,
    held_since,
    smallest_changes,
)

MEAN_NAME = "Rata-rata semua indikator"
FAR_APART = 2  # levels between the family's own view and the pendamping's that are worth a talk


@dataclass(frozen=True)
class LensRow:
    """One condition: held unbroken `since` a day (None: it does not hold now). `assessment` shows it; `visit` is the
    latest meeting that served a goal of the indicator, as (address, day).
    """

    condition: ReadinessCondition
    name: str
    since: date | None
    assessment: Assessment | None
    visit: tuple | None = None

    @property
    def code(self):
        return self.condition.code

    @property
    def holds(self):
        return self.condition.holds

    @property
    def wanted(self):
        return _words(self.condition.wanted)

    @property
    def found(self):
        return _words(self.condition.found)


@dataclass(frozen=True)
class NeededChange:
    """An indicator to rise: `name` from the level `before` (None: never answered) to `after`, where `text` is true."""

    name: str
    before: int | None
    after: int
    text: str

    @property
    def words(self):
        before = f"dari {_words(self.before)} " if self.before else "belum dinilai, "
        return f"{before}ke {_words(self.after)}"


@dataclass
class GraduationLens:
    """What the lens says of a family on a day. `changes` are the least for the indicators answered so far, `unknown`
    the names of the others. `since` and `lasted` are the condition that everything held at two assessments,
    `days_apart` days apart; `contradictions` are sentences.
    """

    household: Household
    rule: ReadinessRule | None
    newest: Assessment | None = None
    rows: list[LensRow] = field(default_factory=list)
    changes: list[NeededChange] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    since: date | None = None
    lasted: bool = False
    contradictions: list[str] = field(default_factory=list)

    @property
    def is_scored(self):
        return self.household.path != Household.Path.PERLINDUNGAN

    @property
    def all_hold(self):
        return bool(self.rows) and all(row.holds for row in self.rows)

    @property
    def may_be_discussed(self):
        return self.is_scored and self.all_hold and self.lasted

    @property
    def again_on(self):
        """The first day on which another assessment could show that it lasts; None without a first one."""
        return self.since and self.since + timedelta(days=self.rule.days_apart)

    @property
    def held(self):
        return [row for row in self.rows if row.holds]

    def snapshot(self):
        """What was seen, as JSON holds it: kept with a proposal."""
        return {
            "aturan": self.rule and self.rule.number,
            "dinilai": self.is_scored,
            "dapat_dibahas": self.may_be_discussed,
            "syarat": [
                {
                    "kode": row.code,
                    "nama": row.name,
                    "perlu": row.wanted,
                    "ada": row.found,
                    "terpenuhi": row.holds,
                    "sejak": row.since and row.since.isoformat(),
                }
                for row in self.rows
            ],
            "terpenuhi": len(self.held),
            "bertahan": self.lasted,
            "sejak": self.since and self.since.isoformat(),
            "pertentangan": self.contradictions,
        }


def rule_on(day):
    """The rule of readiness in force on `day`, or None."""
    rules = ReadinessRule.objects.valid_on(day).select_related("instrument").prefetch_related("minima")
    return rules.order_by("-number").first()


def read_lens(household, day) -> GraduationLens:
    """The lens on a family on `day`; a fixed number of queries, whatever its history."""
    rule = rule_on(day)
    lens = GraduationLens(household, rule)
    if not lens.is_scored or rule is None:
        return lens
    assessments = list(Assessment.objects.filter(household=household).order_by("-assessed_on"))
    if not assessments:
        return lens
    indicators = asked_on(
        rule.instrument.indicators.all(),
        path=household.path,
        form=Assessment.Form.FULL,
        school_child=has_school_child(household, day),
    )
    names = {indicator.code: indicator.name for indicator in indicators} | {"": MEAN_NAME}
    scores = list(
        Score.objects.filter(household=household).exclude(state=Score.State.SKIPPED).order_by("assessed_on")
    )
    levels = levels_on(scores, names, day)
    lens.newest = assessments[0]
    meetings = meetings_with(household)
    lens.rows = _rows(rule, names, levels, scores, assessments, meetings)
    lens.changes = _changes(rule, names, {code: level for code, level in levels.items() if level}, indicators)
    lens.unknown = [names[code] for code, level in levels.items() if level is None]
    lens.since, lens.lasted = held_since(
        [(assessment.assessed_on, assessment.is_ready) for assessment in assessments], rule.days_apart
    )
    lens.contradictions = [*_risen_alone(meetings, names, scores), *_far_apart(names, scores, day)]
    return lens


def levels_on(scores, codes, day):
    """The level by code that holds on `day`, None where it was never answered; what does not apply is not in it."""
    standing = {
        score.code: score
        for score in scores
        if score.assessed_on <= day and (score.until_on is None or score.until_on > day)
    }
    return {
        code: standing[code].level if code in standing else None
        for code in codes
        if code and (code not in standing or standing[code].state == Score.State.ANSWERED)
    }


def different(snapshot, lens) -> list[str]:
    """What the lens says now that it did not say in `snapshot`, in sentences."""
    then = {row["kode"]: row for row in snapshot.get("syarat", ())}
    now = {row["kode"]: row for row in lens.snapshot()["syarat"]}
    found = [
        f"{now[code]['nama']}: waktu diusulkan {then[code]['ada']}, sekarang {now[code]['ada']}."
        for code in now
        if code in then and (now[code]["ada"], now[code]["perlu"]) != (then[code]["ada"], then[code]["perlu"])
    ]
    found += [
        f"{now[code]['nama']}: baru ditanyakan, sekarang {now[code]['ada']}." for code in now.keys() - then
    ]
    found += [f"{then[code]['nama']}: tidak ditanyakan lagi." for code in then.keys() - now]
    if snapshot.get("dapat_dibahas") != lens.may_be_discussed:
        found.append(
            "Menurut aturan sekarang dapat dibahas."
            if lens.may_be_discussed
            else "Menurut aturan sekarang belum waktunya dibahas."
        )
    return found + [words for words in lens.contradictions if words not in snapshot.get("pertentangan", ())]


def _rows(rule, names, levels, scores, assessments, meetings):
    """Every condition now, with the day since which it held at each assessment, and what shows it."""
    now = conditions(levels, rule)
    since, open_run = {}, {condition.code for condition in now if condition.holds}
    for assessment in assessments:
        then = conditions(levels_on(scores, names, assessment.assessed_on), rule)
        open_run &= {condition.code for condition in then if condition.holds}
        since |= dict.fromkeys(open_run, assessment.assessed_on)
    by_id = {assessment.pk: assessment for assessment in assessments}
    shown_by = {score.code: by_id[score.assessment_id] for score in scores}  # the latest wins
    visits = {met.code: (met.url, met.on) for met in meetings}  # the latest wins
    return [
        LensRow(
            condition,
            names[condition.code],
            since.get(condition.code),
            shown_by.get(condition.code) if condition.code else assessments[0],
            visits.get(condition.code),
        )
        for condition in now
    ]


def _changes(rule, names, levels, indicators):
    wanted = smallest_changes(levels, rule)
    keys = {indicator.code: indicator.pk for indicator in indicators}
    anchors = Anchor.objects.filter(indicator__in=indicators)
    texts = {(anchor.indicator_id, anchor.level): anchor.text for anchor in anchors}
    return [
        NeededChange(names[code], levels[code], level, texts.get((keys[code], level), ""))
        for code, level in wanted.items()
    ]


def _risen_alone(meetings, names, scores):
    """A sentence for each pair of assessments between which a level rose though nobody met the family."""
    answered = defaultdict(list)
    for score in scores:
        if score.state == Score.State.ANSWERED and score.code in names:
            answered[score.code].append(score)
    rises = defaultdict(list)
    for code, story in answered.items():
        if len(story) > 1 and story[-1].level > story[-2].level:
            rises[story[-2].assessed_on, story[-1].assessed_on].append(code)
    days = {met.on for met in meetings}
    for (before, after), codes in sorted(rises.items()):
        # Both days are those of the assessments' own visits.
        if not any(before < day < after for day in days):
            listed = ", ".join(names[code] for code in codes)
            yield f"Naik antara {tanggal(before)} dan {tanggal(after)} tanpa kegiatan yang tercatat: {listed}."


def _far_apart(names, scores, day):
    for score in scores:
        holds = score.until_on is None or score.until_on > day
        if not holds or score.state != Score.State.ANSWERED or score.code not in names:
            continue
        if abs(score.family_level - score.level) >= FAR_APART:
            yield f"{names[score.code]}: keluarga memilih {score.family_level}, pendamping menilai {score.level}."


def _words(value):
    """A level as number and word, a mean as number, nothing as such."""
    if value is None:
        return "belum dinilai"
    return angka(value, 2) if isinstance(value, Decimal) else f"{value} ({Level(value).label})"
