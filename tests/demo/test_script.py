"""The plan of the story shows everything to everyone, on whatever day the demo is loaded. No database is asked.

Each day of four years is tried with as few families as the tests load, and some days with as many as the demo has.
"""

from datetime import date, timedelta

import pytest

from demo.calendar import is_workday
from demo.loading import FAMILIES
from demo.logins import DEMO_LOGINS
from demo.script import (
    DUE_SINCE,
    ENDINGS,
    FEWEST,
    LONGEST_AGO,
    OVER_AREA,
    REFERRALS,
    RUNNING_AREA,
    YEAR,
    draft_day,
    everyone,
    report_days,
)
from kpm.independence.due import quarter_start
from kpm.models import GraduationCase, Household
from kpm.operations.graduation import WATCH_MONTHS
from pkh_casework.days import months_after
from resources.operations.referral import MOVES, PLAN_DAYS

DAY = timedelta(days=1)
FIRST = date(2026, 11, 25)
YEARS = [(FIRST + 365 * turn * DAY, 365 + (turn == 3)) for turn in range(4)]  # 29 February 2028 is among them
AREAS = {login.username: login.area for login in DEMO_LOGINS}
STUCK_DAYS, BASELINE_DAYS = 60, 120  # as sinergi/data/aturan.csv has it
State = GraduationCase.State


@pytest.mark.parametrize(("first", "number"), YEARS)
def test_few_families_show_everything_on_every_day(first, number):
    for today in (first + days * DAY for days in range(number)):
        _shows_everything(today, everyone(today, FEWEST))


def test_as_many_families_as_the_demo_has_show_it_too():
    for today in (FIRST + days * DAY for days in range(0, 1461, 59)):
        _shows_everything(today, everyone(today, FAMILIES))


def test_a_smaller_demo_is_a_sample_of_it():
    for username, parts in everyone(FIRST, 10).items():
        assert len(parts) == 10 and any(part.is_active for part in parts), username


def _shows_everything(today, plan):
    assert len(plan) == 4
    for username, parts in plan.items():
        active = [part for part in parts if part.is_active]
        try:
            _is_told_in_order(today, parts)
            _has_work(today, active)
            _shows_the_ways_out(today, parts, active)
            _shows_referrals(today, active)
            if AREAS[username] == RUNNING_AREA:  # where colleagues hand families over
                assert sum(today - DAY * 50 < part.handed_on for part in active if part.handed_on) >= 2
        except AssertionError as broken:
            raise AssertionError(f"{username} on {today}: {broken}") from broken
    _shows_programmes(today, plan)
    _shows_months(today)


def _is_told_in_order(today, parts):
    """All that is told happened before today, one thing after another, on working days and within its time."""
    for part in parts:
        moves, assessed = [day for _, day in part.moves], list(part.assessed)
        referral = [day for _, day in part.referral]
        for days in (moves, referral, assessed):
            assert days == sorted(set(days)) and all(day < today for day in days), part
        for day in [*moves, *referral, *assessed, *([part.last_visit] if part.last_visit else [])]:
            assert is_workday(day) and day < today, part
        assert not assessed or assessed[0] >= today - (LONGEST_AGO + 3) * DAY
        assert part.is_active == (part.ended_on is None)
        assert part.ended_on is None or (part.ended_on < today and part.last_visit is None)
        if part.ended_on or part.last_visit:
            assert not assessed or assessed[-1] <= (part.ended_on or part.last_visit)
        if part.away:
            left_on, back_on = part.away
            assert months_after(left_on, WATCH_MONTHS[0]) <= part.fell_on < back_on < part.last_visit
            assert not any(left_on <= day < back_on for day in assessed)
        if part.died_on:
            assert part.died_on + 36 * DAY < part.last_visit
        if part.handed_on:
            assert part.handed_on < today


def _has_work(today, active):
    """Promises late, for today and for tomorrow; families long not visited and due for an assessment; a late step."""
    assert all(part.last_visit < part.promise for part in active if part.promise)
    promises = {(part.promise - today).days for part in active if part.promise}
    assert min(promises) < 0 and {0, 1} <= promises and max(promises) >= 1, promises
    visits = [part.last_visit for part in active if part.last_visit]
    assert len(visits) < len(active)
    for days in (30, 60, 90):
        assert min(visits) < today - days * DAY
    assert max(visits) >= today - 7 * DAY
    assert any(part.assessed and part.assessed[-1] < quarter_start(today) for part in active)
    late = [part for part in active if part.late_step]
    assert late and all(part.assessed[-1] == part.last_visit < part.late_step < today for part in late), (
        "no step of a plan is late"
    )
    assert any(part.is_expecting for part in active)


def _shows_the_ways_out(today, parts, active):
    """A case in every state, every kind of graduation, a check that is due and who may be proposed next."""
    assert {part.moves[-1][0] for part in parts if part.moves} == set(State)
    assert {part.leaving for part in parts} == {None, "", "mandiri", "ppse", "alamiah", "administratif"}
    assert {"", "mandiri", "administratif"} <= {part.case for part in active}
    dues = [
        months_after(part.ended_on, months)
        for part in parts
        if part.moves and part.moves[-1][0] == State.APPROVED
        for months in WATCH_MONTHS
    ]
    assert any(today - DUE_SINCE * DAY <= due <= today for due in dues), "no check is due"
    for part in parts:
        if part.moves:
            proposed = [day for state, day in part.moves if state == State.PROPOSED]
            assert not proposed or any(day <= proposed[-1] for day in part.assessed), part
        if part.fell_on and part.ended_on:
            assert any(months_after(part.ended_on, months) <= part.fell_on for months in WATCH_MONTHS)
    hopeful = [part for part in active if part.status == Household.Status.CALON_GRADUASI]
    assert sum(not part.moves for part in hopeful) >= 3
    assert all(len(part.assessed) >= 2 for part in hopeful)


def _shows_referrals(today, active):
    """Every way that a referral goes, some of the open ones overdue and some not."""
    ways = [part.referral for part in active if part.referral]
    assert {tuple(name for name, _ in way[1:]) for way in ways} == {way for way, _, _ in REFERRALS}
    dues = set()
    for way in ways:
        name, day = way[-1]
        days = MOVES[name].due_days if name else PLAN_DAYS
        if days:
            dues.add(day + days * DAY < today)
    assert dues == {True, False}, "open referrals"
    for part in active:
        # Every family has been in PKH for a year, and its need is what an assessment found.
        assert not part.referral or part.assessed[-1] > today - YEAR * DAY


def _shows_programmes(today, plan):
    """One with families in every stage, of two pendamping, some of them stuck; one whose families all left."""
    members = [
        (AREAS[username], username, part)
        for username, parts in plan.items()
        for part in parts
        if part.programme
    ]
    running = [part for area, _, part in members if area == RUNNING_AREA]
    assert (
        sorted(part.programme.stage for part in running)
        == [1] * 3 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 3 + [6] * 2
    )
    assert len({username for area, username, _ in members if area == RUNNING_AREA}) == 2
    stuck = [part for part in running if (today - part.programme.last_on).days >= STUCK_DAYS]
    assert 0 < len(stuck) < len(running)
    # Nobody was assessed in the last stage yet, which is what it asks for.
    assert any(part.programme.stage == 6 and part.assessed[-1] < part.programme.last_on for part in stuck)
    over = [part.programme for area, _, part in members if area == OVER_AREA]
    assert sorted(of.ending for of in over) == sorted(ending for ending, _ in ENDINGS)
    for *_, part in members:
        of = part.programme
        baseline = [day for day in part.assessed if day <= of.enrolled_on][-1]
        assert (of.enrolled_on - baseline).days <= BASELINE_DAYS
        assert of.enrolled_on <= of.last_on <= (of.left_on or today) and not part.handed_on
        assert of.left_on is None or of.left_on < today


def _shows_months(today):
    """Last month's reports were handed in as soon as it was over, one given back; this month begun as soon as it could be."""
    first = today.replace(day=1)
    month = months_after(first, -1)
    for is_decided in (False, True):
        days = report_days(today, month, is_decided=is_decided)
        assert len(days) == 2 + is_decided or (days and today.day <= 7), today
        assert month <= days[0] < first and days == sorted(set(days)) and days[-1] < today, today
        assert all(map(is_workday, days)) and all(day >= first for day in days[1:]), today
    # On the first of a month no working day of it is over, and its reports are opened on that very morning.
    begun = draft_day(today)
    assert begun.replace(day=1) == today.replace(day=1)
    assert begun < today or today.day == 1, today
