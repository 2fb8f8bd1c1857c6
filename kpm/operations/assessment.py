"""Writing down an assessment and correcting it: once, with every score's place in the family's history."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q

from accounts.models import User
from entries.models import Receipt
from entries.months import open_month
from entries.operations import Refused, locked, operation, refuse_if_corrected
from kpm.at_home import done_at_home, is_at_home
from kpm.independence.levels import correct_months
from kpm.independence.rule import asked_on, has_school_child, mean_level, meets, smallest_changes
from kpm.models import Assessment, Household, Indicator, Instrument, ReadinessRule, Score

KIND = "kpm_asesmen"


@dataclass(frozen=True)
class Answer:
    """What was said about one indicator; the constraints of Score say which combinations there are."""

    indicator: Indicator
    state: str = Score.State.ANSWERED
    family_level: int | None = None
    level: int | None = None
    note: str = ""
    reason: str = ""


def _as_before(receipt, household):
    return Assessment.objects.get(pk=receipt.object_id), receipt


@operation(kind=KIND, title="Asesmen", makes=Assessment, again=_as_before)
def record_assessment(
    household: Household,
    *,
    by: User,
    receipt: Receipt,
    pk: UUID,
    op_id: UUID,
    on: date,
    form: str,
    instrument: Instrument,
    answers: list[Answer],
    notes: str = "",
    at_home: bool | None = None,
) -> tuple[Assessment, Receipt]:
    """Store the assessment of a family on the day `on`; it may be earlier than others already there. `at_home`: it was
    done during a home visit of that day.

    Raises Refused when the family was assessed on that day already, OtherContent, MonthLocked.
    """
    assessment = Assessment(
        id=pk,
        op_id=op_id,
        household=household,
        pendamping=by,
        instrument=instrument,
        form=form,
        assessed_on=on,
        notes=notes,
    )
    stored = _hold(household, on)
    open_month(stored.wilayah_id, on)
    assessment.wilayah_id, assessment.path = stored.wilayah_id, stored.path
    assessment.received_at = receipt.received_at
    assessment.rule = _rule_of(assessment)
    assessment.save(force_insert=True)
    Score.objects.bulk_create(_score(assessment, answer) for answer in answers)
    settle(stored, {answer.indicator.code for answer in answers}, since=on)
    if at_home:
        done_at_home(assessment, by=by, visited_on=on)
    assessment.refresh_from_db(fields=["mean", "lowest", "is_ready"])
    return assessment, receipt


@operation(
    kind="kpm_asesmen_ubah", title="Perubahan asesmen", about=Assessment, again=lambda receipt, _: receipt
)
def change_assessment(
    assessment: Assessment,
    *,
    by: User,
    receipt: Receipt,
    op_id: UUID,
    on: date,
    answers: list[Answer],
    notes: str = "",
    seen: str = "",
    at_home: bool | None = None,
) -> Receipt:
    """Correct an assessment, also its day; what it said before stays in the field history. `at_home` None: as before.

    `answers` are all there are now: one that is not among them is taken back. `seen` is told to
    refuse_if_corrected. Raises Refused when the family was assessed on the new day already, ChangedMeanwhile,
    OtherContent, MonthLocked.
    """
    household = _hold(assessment.household, on, but=assessment)
    assessment = Assessment.objects.select_for_update(of=["self"]).get(pk=assessment.pk)
    refuse_if_corrected(assessment, seen, op_id)
    before = assessment.assessed_on
    for day in sorted({before, on}):
        open_month(assessment.wilayah_id, day)
    assessment.assessed_on, assessment.notes = on, notes
    assessment.rule = _rule_of(assessment)
    assessment.save(update_fields=["assessed_on", "notes", "rule"])
    old = {score.indicator_id: score for score in assessment.scores.all()}
    codes = {score.code for score in old.values()} | {answer.indicator.code for answer in answers}
    # Until the chains are put right none of these stands, so that no two can stand at once.
    assessment.scores.exclude(state=Score.State.SKIPPED).update(until_on=F("assessed_on"))
    for answer in answers:
        score = _score(assessment, answer)
        if answer.indicator.pk in old:
            score.pk, score._state.adding = old.pop(answer.indicator.pk).pk, False
        score.save()
    assessment.scores.filter(pk__in=[score.pk for score in old.values()]).delete()
    settle(household, codes, since=min(before, on))
    stays = is_at_home(assessment) if at_home is None else at_home
    done_at_home(assessment, by=by, visited_on=on if stays else None)
    return receipt


def _hold(household, on, *, but=None):
    """The family's row, locked, so that its chains have one writer. Raises Refused when it has an assessment on the
    day `on` other than `but`.
    """
    stored = locked(Household.objects, household.pk)
    if Assessment.objects.filter(household=stored, assessed_on=on).exclude(pk=but and but.pk).exists():
        raise Refused("Keluarga ini sudah dinilai pada tanggal itu. Pilih tanggal lain.", "assessed_on")
    return stored


def _rule_of(assessment):
    rules = ReadinessRule.objects.valid_on(assessment.assessed_on)
    return rules.filter(instrument=assessment.instrument_id).first()


def _score(assessment, answer):
    """A Score outside of its chain: it stands on no day."""
    return Score(
        assessment=assessment,
        household_id=assessment.household_id,
        wilayah_id=assessment.wilayah_id,
        indicator=answer.indicator,
        code=answer.indicator.code,
        state=answer.state,
        family_level=answer.family_level,
        level=answer.level,
        note=answer.note,
        reason=answer.reason,
        assessed_on=assessment.assessed_on,
        until_on=None if answer.state == Score.State.SKIPPED else assessment.assessed_on,
    )


def settle(household, codes, *, since):
    """Let each score of `codes` hold until the family's next one, then correct what was reckoned from them from the
    day `since` on: the roll-up and the summaries.
    """
    chained = _held_since(household, since).filter(code__in=codes)
    following, ended, standing = {}, [], []
    for score in chained.order_by("-assessed_on"):
        until, following[score.code] = following.get(score.code), score.assessed_on
        if score.until_on != until:
            score.until_on = until
            (ended if until else standing).append(score)
    # The database allows one standing score of an indicator, so the others end first.
    Score.objects.bulk_update(ended, ["until_on"])
    Score.objects.filter(pk__in=[score.pk for score in standing]).update(until_on=None)
    correct_months(
        set(chained.order_by().values_list("wilayah_id", flat=True)) | {household.wilayah_id}, since
    )
    summarise(household, since=since)


def _held_since(household, day):
    """The family's scores that hold on `day` or later, or ended with it: all that an entry of that day touches, so that
    a long history costs no more than a short one.
    """
    scores = Score.objects.filter(Q(until_on=None) | Q(until_on__gte=day), household=household)
    return scores.exclude(state=Score.State.SKIPPED)


def summarise(household: Household, *, since: date) -> None:
    """Write what the family's assessments from `since` on say of its way (see Assessment), each from all that held
    before and after it: a late one changes what later ones knew.
    """
    scores = list(_held_since(household, since))
    ended = {(score.code, score.until_on): score for score in scores}
    own = defaultdict(list)
    for score in scores:
        own[score.assessment_id].append((ended.get((score.code, score.assessed_on)), score))
    assessments = Assessment.objects.filter(household=household, assessed_on__gte=since)
    for assessment in assessments.select_related("rule", "instrument").prefetch_related("rule__minima"):
        judge(assessment, _levels(assessment, scores))
        compare(assessment, own[assessment.pk])
        assessment.save(update_fields=["mean", "lowest", "lacking", "is_ready", "compared", "steps"])


def judge(assessment: Assessment, levels: dict) -> None:
    """Set on `assessment` what its rule says of `levels` (see independence.conditions); stores nothing."""
    assessment.mean = mean_level({code: level for code, level in levels.items() if level})
    assessment.lowest = min(filter(None, levels.values()), default=None)
    rule = assessment.rule if levels and assessment.path != Household.Path.PERLINDUNGAN else None
    assessment.lacking = len(smallest_changes(levels, rule)) if rule else None
    assessment.is_ready = meets(levels, rule, assessment.path) if rule else False


def compare(assessment: Assessment, answers: list) -> None:
    """Set on `assessment` how far its `answers` went, pairs of Score (the one before or None, its own); stores nothing."""
    went = [own.level - before.level for before, own in answers if before and before.level and own.level]
    assessment.compared, assessment.steps = len(went), sum(went) if went else None


def _levels(assessment, scores):
    """Level by code after the assessment, as independence.conditions wants it."""
    day = assessment.assessed_on
    standing = {
        score.code: score
        for score in scores
        if score.assessed_on <= day and (score.until_on is None or score.until_on > day)
    }
    asked = asked_on(
        assessment.instrument.indicators.all(),
        path=assessment.path,
        form=Assessment.Form.FULL,
        school_child=has_school_child(assessment.household_id, day),
    )
    levels = {indicator.code: standing.get(indicator.code) for indicator in asked}
    return {
        code: score and score.level
        for code, score in levels.items()
        if not score or score.state == Score.State.ANSWERED
    }
