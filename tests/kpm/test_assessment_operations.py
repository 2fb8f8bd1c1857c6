"""Correcting an assessment: what stands afterwards is what would stand had it been right at once."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from entries.models import Period
from entries.months import MonthLocked
from entries.operations import OtherContent, Refused
from kpm.independence.levels import fill_month
from kpm.models import Anchor, Dimension, Indicator, Instrument, LevelMonth, Score
from kpm.operations import Answer, change_assessment, record_assessment
from pkh_casework.ids import uuid7
from tests.factories import HouseholdFactory, assess

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 1, 10), date(2026, 4, 10), date(2026, 7, 10)]
CODES = ["A1", "E2"]


@pytest.fixture
def family():
    return HouseholdFactory(path="usaha")


def answers(levels):
    """Answers by code: a level, None for skipped, 0 for what does not apply."""
    indicators = {row.code: row for row in Indicator.objects.filter(instrument=1, code__in=levels)}
    said = {None: {"state": "dilewati"}, 0: {"state": "tidak_berlaku", "reason": "Tidak ada."}}
    return [
        Answer(indicators[code], **said.get(level, {"family_level": level, "level": level}))
        for code, level in levels.items()
    ]


def record(family, day, levels):
    instrument = Instrument.objects.get(pk=1)
    assessment, _ = record_assessment(
        family,
        by=family.pendamping,
        op_id=uuid7(),
        on=day,
        form="singkat",
        instrument=instrument,
        answers=answers(levels),
    )
    return assessment


def change(assessment, day, levels, **more):
    return change_assessment(
        assessment,
        **{
            "by": assessment.pendamping,
            "op_id": uuid7(),
            "on": day,
            "answers": answers(levels),
            "sent": {"tanggal": str(day), "jawaban": str(levels)},
            **more,
        },
    )


def story(family):
    """Everything that is reckoned from a family's assessments."""
    rows = Score.objects.filter(household=family).order_by("assessed_on", "code")
    summaries = family.assessments.order_by("assessed_on").values_list(
        "assessed_on", "mean", "lowest", "lacking", "is_ready", "compared", "steps", "rule"
    )
    return list(rows.values_list("code", "state", "level", "assessed_on", "until_on")), list(summaries)


def ways(family):
    """What went before each of the family's assessments, by hand: {day: (answers given before, levels gone up)}."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT own.assessed_on, count(earlier.level), sum(own.level - earlier.level)
            FROM kpm_score own LEFT JOIN LATERAL (
                SELECT before.level FROM kpm_score before
                WHERE before.household_id = own.household_id AND before.code = own.code
                    AND before.state <> 'dilewati' AND before.assessed_on < own.assessed_on
                ORDER BY before.assessed_on DESC LIMIT 1
            ) earlier ON own.level IS NOT NULL
            WHERE own.household_id = %s GROUP BY own.assessed_on""",
            [family.pk],
        )
        return {day: (compared, steps) for day, compared, steps in cursor.fetchall()}


levels = st.fixed_dictionaries({code: st.sampled_from([None, 0, 1, 2, 3, 4]) for code in CODES})


def test_recorded_wrong_and_corrected_is_the_same_as_recorded_right(family):
    """Whatever the order of entry, the wrong days and answers, and the order of the corrections."""

    @settings(max_examples=12, deadline=None)
    @given(
        st.permutations(DAYS),
        st.permutations(DAYS),
        st.lists(st.tuples(levels, levels), min_size=3, max_size=3),
    )
    def check(entered, corrected, said):
        with transaction.atomic():
            wrong, right = dict(zip(DAYS, said, strict=True)), HouseholdFactory(path="usaha")
            stored = {day: record(family, day, wrong[day][0]) for day in entered}
            # The first corrected one goes out of the way for a while, and comes back to its day at the end.
            change(stored[corrected[0]], date(2026, 9, 1), wrong[corrected[0]][0])
            for day in (*corrected[1:], corrected[0]):
                change(stored[day], day, wrong[day][1])
            for day in DAYS:
                record(right, day, wrong[day][1])
            assert story(family) == story(right)
            gone = family.assessments.values_list("assessed_on", "compared", "steps")
            assert {day: way for day, *way in gone} == {day: [*way] for day, way in ways(family).items()}
            transaction.set_rollback(True)

    check()


def test_an_assessment_moved_to_a_later_day_leaves_no_old_summary_between(family):
    """What stood between the old and the new day no longer knows of it."""
    early = record(family, DAYS[0], {"A1": 1})
    between = record(family, DAYS[1], {"E2": 3})
    assert (between.mean, between.lowest) == (2, 1)

    change(early, DAYS[2], {"A1": 1})

    between.refresh_from_db()
    early.refresh_from_db()
    assert (between.mean, between.lowest) == (3, 3)
    assert (early.mean, early.lowest) == (2, 1)


def test_a_change_out_of_a_locked_month_is_refused(family):
    assessment = record(family, DAYS[0], {"A1": 1})
    Period.objects.update_or_create(
        wilayah_id=family.wilayah_id, month=DAYS[0].replace(day=1), defaults={"state": "terkunci"}
    )

    with pytest.raises(MonthLocked):
        change(assessment, DAYS[1], {"A1": 3})

    assert Score.objects.get(household=family).level == 1


def test_the_trail_keeps_what_was_said_before(family):
    assessment = record(family, DAYS[0], {"A1": 1, "E2": None})

    change(assessment, DAYS[1], {"A1": 3, "E2": 2}, notes="Salah pilih tadi.")

    score = Score.objects.get(assessment=assessment, code="A1")
    assert (score.level, score.events.get().level) == (3, 1)
    assert assessment.events.get().assessed_on == DAYS[0]
    assert Score.objects.get(assessment=assessment, code="E2").events.get().state == "dilewati"


def test_an_answer_taken_back_leaves_the_one_before_standing(family):
    record(family, DAYS[0], {"A1": 2})
    later = record(family, DAYS[1], {"A1": 4, "E2": 3})

    change(later, DAYS[1], {"E2": 3})

    assert Score.objects.standing().get(household=family, code="A1").level == 2


def test_a_change_sent_twice_is_made_once_and_other_content_is_refused(family):
    assessment, op_id = record(family, DAYS[0], {"A1": 1}), uuid7()

    first = change(assessment, DAYS[0], {"A1": 2}, op_id=op_id)
    assert change(assessment, DAYS[0], {"A1": 2}, op_id=op_id) == first
    with pytest.raises(OtherContent):
        change(assessment, DAYS[0], {"A1": 4}, op_id=op_id)
    assert Score.objects.get(household=family).level == 2


def test_a_change_to_a_day_already_assessed_or_a_locked_month_is_refused(family):
    record(family, DAYS[0], {"A1": 1})
    assessment = record(family, DAYS[1], {"A1": 2})

    with pytest.raises(Refused):
        change(assessment, DAYS[0], {"A1": 2})
    Period.objects.update_or_create(
        wilayah_id=family.wilayah_id, month=DAYS[1].replace(day=1), defaults={"state": "terkunci"}
    )
    with pytest.raises(MonthLocked):
        change(assessment, DAYS[2], {"A1": 3})
    assert Score.objects.standing().get(household=family).level == 2


def test_a_change_corrects_the_months_counted_before(family):
    assessment, month = record(family, DAYS[0], {"A1": 1}), date(2026, 1, 1)
    fill_month(month)

    change(assessment, DAYS[0], {"A1": 3})

    assert list(LevelMonth.objects.values_list("month", "level", "families")) == [(month, 3, 1)]


def test_what_a_family_answered_can_not_be_reworded(family):
    assess(family, {"A1": 2}, on=DAYS[0], form="singkat")
    answered, free = Indicator.objects.get(pk="1.A1"), Indicator.objects.get(pk="1.C2")

    for change_row in (
        lambda: Indicator.objects.filter(pk=answered.pk).update(question="Lain?"),
        lambda: Anchor.objects.filter(indicator=answered, level=1).update(text="Lain"),
        lambda: Anchor.objects.filter(indicator=answered, level=1).delete(),
    ):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            change_row()
        assert "new version" in str(refused.value)
    assert Anchor.objects.filter(indicator=free, level=1).update(text="Lain") == 1


def test_a_second_version_leaves_old_results_as_they_were(family):
    old = assess(family, {"A1": 2, "E2": 3}, on=DAYS[0])
    before = story(family)
    Instrument.objects.filter(pk=1).update(valid_to=DAYS[1])
    second = Instrument.objects.create(
        version=2, name="Peta", note="Versi kedua.", source="uji", valid_from=DAYS[1]
    )
    dimension = Dimension.objects.create(
        key="2.A", instrument=second, code="A", name="Pendapatan", position=10
    )
    indicator = Indicator.objects.create(
        key="2.A1", instrument=second, dimension=dimension, code="A1", name="Pendapatan", question="Cukup?",
        full_paths="usaha", short_paths="usaha", position=10,
    )  # fmt: skip
    assert story(family) == before

    answer = Answer(indicator, family_level=4, level=4)
    record_assessment(
        family,
        by=family.pendamping,
        op_id=uuid7(),
        on=DAYS[2],
        form="singkat",
        instrument=second,
        answers=[answer],
    )

    rows, summaries = story(family)
    old.refresh_from_db()
    assert old.instrument_id == 1
    assert summaries[0] == before[1][0]
    assert ("A1", "dijawab", 2, DAYS[0], DAYS[2]) in rows
    assert str(Score.objects.get(assessment=old, code="A1").indicator.anchors.get(level=2)).startswith(
        "Mulai dari"
    )
