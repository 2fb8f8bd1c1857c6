"""The reckoning of independence: monotone, minimal, and true to history whatever the order of entry."""

from datetime import date, timedelta
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpm.independence.levels import fill_month
from kpm.independence.rule import conditions, held_since, meets, smallest_changes
from kpm.models import LevelMonth, ReadinessRule, Score
from tests.factories import HouseholdFactory, assess

pytestmark = pytest.mark.django_db
SCORED = [
    f"{dimension}{number}"
    for dimension, most in zip("ABCDE", [4, 4, 4, 3, 3], strict=True)
    for number in range(1, most + 1)
]
CODES = ["A1", "A2", "B3", "D2", "E2", "E4"]
READY = {code: 3 for code in SCORED} | {"E4": 4}


@pytest.fixture
def rule():
    return ReadinessRule.objects.prefetch_related("minima").get()


known = st.lists(st.integers(1, 4), min_size=len(CODES), max_size=len(CODES))


def test_raising_a_level_never_makes_a_family_less_ready(rule):
    @given(known, st.integers(0, len(CODES) - 1))
    def check(values, raised):
        levels = dict(zip(CODES, values, strict=True))
        higher = levels | {CODES[raised]: min(values[raised] + 1, 4)}

        for before, after in zip(conditions(levels, rule), conditions(higher, rule), strict=True):
            assert after.holds or not before.holds
        assert meets(higher, rule, "usaha") or not meets(levels, rule, "usaha")

    check()


def test_the_smallest_changes_are_enough_and_the_fewest(rule):
    codes = ["A1", "A2", "E4"]
    ways = [dict(zip(codes, way, strict=True)) for way in product(range(1, 5), repeat=3)]
    for levels in ways:
        wanted = smallest_changes(levels, rule)
        reached = levels | wanted
        good = [
            way
            for way in ways
            if meets(way, rule, "usaha") and all(way[code] >= levels[code] for code in codes)
        ]

        assert meets(reached, rule, "usaha")
        assert sum(reached.values()) == min(sum(way.values()) for way in good)
        assert len(wanted) == min(
            sum(way[code] != levels[code] for code in codes)
            for way in good
            if sum(way.values()) == sum(reached.values())
        )


def test_an_unanswered_indicator_is_unknown_and_never_ready(rule):
    levels = dict.fromkeys(CODES, 4) | {"A2": None}

    assert [condition.holds for condition in conditions(levels, rule)].count(None) == 2
    assert not meets(levels, rule, "usaha")


def test_the_protection_path_is_never_ready(rule):
    assert meets(dict.fromkeys(CODES, 4), rule, "usaha")
    assert not meets(dict.fromkeys(CODES, 4), rule, "perlindungan")


def test_readiness_must_last(rule):
    day = date(2026, 10, 1)

    assert held_since([], 90) == (None, False)
    assert held_since([(day, False), (day - timedelta(days=200), True)], 90) == (None, False)
    assert held_since([(day, True), (day - timedelta(days=89), True)], 90) == (
        day - timedelta(days=89),
        False,
    )
    assert held_since([(day, True), (day - timedelta(days=90), True)], 90)[1]


def test_the_order_of_entry_does_not_matter():
    days = [date(2026, 1, 10), date(2026, 4, 10), date(2026, 7, 10)]
    levels = {days[0]: {"A1": 1, "B2": 2}, days[1]: {"A1": 2}, days[2]: READY}
    stories = []
    for order in permutations(days):
        family = HouseholdFactory(path="usaha")
        for day in order:
            assess(family, levels[day], on=day)
        rows = Score.objects.filter(household=family).order_by("assessed_on", "code")
        summaries = family.assessments.order_by("assessed_on").values_list("mean", "lowest", "is_ready")
        stories.append((list(rows.values_list("code", "state", "assessed_on", "until_on")), list(summaries)))

    assert all(story == stories[0] for story in stories)
    rows, summaries = stories[0]
    assert ("A1", "dijawab", days[0], days[1]) in rows and ("A1", "dijawab", days[2], None) in rows
    assert ("B2", "dijawab", days[0], days[2]) in rows and ("B2", "dilewati", days[1], None) in rows
    assert [lowest for _, lowest, _ in summaries] == [1, 2, 3]


def test_a_late_assessment_corrects_the_months_counted_before():
    family, january = HouseholdFactory(), date(2026, 1, 1)
    assess(HouseholdFactory(pendamping=family.pendamping), {"A1": 4}, on=date(2025, 6, 1))
    assess(family, {"A1": 3}, on=date(2026, 2, 5))
    for month in (january, date(2026, 2, 1), date(2026, 3, 1)):
        fill_month(month)
    assess(family, {"A1": 1}, on=date(2026, 1, 5))
    assess(HouseholdFactory(pendamping=family.pendamping), {"A1": 1}, on=date(2026, 2, 20))

    counted = list(
        LevelMonth.objects.filter(code="A1")
        .order_by("month", "level")
        .values_list("month", "level", "families")
    )
    for month in (january, date(2026, 2, 1), date(2026, 3, 1)):
        fill_month(month)
    again = LevelMonth.objects.filter(code="A1").order_by("month", "level")

    assert list(again.values_list("month", "level", "families")) == counted
    assert (date(2026, 2, 1), 1, 1) in counted and (date(2026, 2, 1), 3, 1) in counted
