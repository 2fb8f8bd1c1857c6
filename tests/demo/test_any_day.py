"""Whatever the day on which it is loaded, the demo shows each login its work, every state, and months as they stand.

tests/demo/test_script.py proves the plan for every day of four years; here it is read from the database on a few of
them: in the middle of a month, on its first and last day, on a Sunday, at New Year, on 29 February.
"""

import itertools
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from django.db.models import Count, Q

from accounts.models import User
from demo.calendar import last_workday
from demo.logins import DEMO_LOGINS
from demo.script import DUE_SINCE, FEWEST, OVER_AREA, RUNNING_AREA
from entries.models import HeldEntry, Period
from kpm.benefits import Tables, counted_on, exits_within
from kpm.independence.due import due_families
from kpm.models import (
    Assessment,
    Assignment,
    GoalStep,
    GraduationCase,
    GraduationKind,
    GraduationMove,
    Household,
    MemberComponent,
    WatchCheck,
)
from kpm.operations.graduation import STATUS_IN
from pkh_casework.access import PENDAMPING
from pkh_casework.days import months_after
from reports.models import LateEntry, MonthlyReport
from reports.monthly.frozen import differences, rows_now
from resources.models import Referral
from resources.operations.referral import may_leave, moves_from
from roles.incidents.waiting import piles_for
from roles.models import (
    Activity,
    ActivityHousehold,
    GroupSession,
    Incident,
    IncidentNote,
    Photo,
    Postponement,
    Trainer,
    Training,
    TrainingPlace,
)
from roles.operations.meeting import sessions_on
from sinergi.board import board_of
from sinergi.evidence import explained
from sinergi.models import BusinessGroup, Enrolment, Programme, ProgrammeRule
from tests.factories import UserFactory

DAYS = {
    "middle": (),  # the demo of the other tests
    "first, a sunday": (date(2027, 8, 1), FEWEST),
    "new year": (date(2027, 1, 1), FEWEST),
    "leap day, a last": (date(2028, 2, 29), FEWEST),
}
pytestmark = pytest.mark.parametrize("demo", DAYS.values(), ids=DAYS, indirect=True)
WORKERS = [login.username for login in DEMO_LOGINS if login.duty == PENDAMPING]
State = GraduationCase.State


def test_activities_are_of_the_holder_of_that_day(today):
    terms = defaultdict(list)
    for row in Assignment.objects.all():
        terms[row.household_id].append(row)
    for row in ActivityHousehold.objects.all():
        holder = [
            term.pendamping_id
            for term in terms[row.household_id]
            if term.from_on <= row.occurred_on and (term.to_on is None or row.occurred_on < term.to_on)
        ]
        assert holder == [row.pendamping_id]


def test_the_year_ends_yesterday_with_work_for_today(today):
    first, last = min(days := set(Activity.objects.values_list("occurred_on", flat=True))), max(days)
    assert today - timedelta(days=366) <= first
    assert last == last_workday(today)
    for overdue in (30, 60, 90):
        assert Household.objects.active().not_visited_since(today - timedelta(days=overdue)).exists()
    assert ActivityHousehold.objects.filter(met=False, is_visit=True).exists()
    assert Postponement.objects.hiding_on(today).exists()


def test_each_pendamping_has_kasus_in_every_state_and_no_day_of_them_is_to_come(today):
    for worker in WORKERS:
        states = Incident.objects.filter(pendamping__username=worker).values_list("state", flat=True)
        assert set(states) == set(Incident.State.values), worker
    for incident in Incident.objects.prefetch_related("moves"):
        moves = list(incident.moves.all())
        assert moves[-1].to_state == incident.state and moves[-1].happened_on <= today
        assert incident.is_open == (incident.ended_on is None)
    koordinator = User.objects.get(username="koordinator.kiaracondong")
    assert len(piles_for(koordinator, today)) == 3
    assert all(note.read() for note in IncidentNote.objects.all())


def test_photos_are_stored_as_their_rows_say(today):
    photos = Photo.objects.all()
    assert set(photos.values_list("activity__pendamping__username", flat=True)) == set(WORKERS)
    for photo in photos:
        with photo.file.open() as stored:
            assert stored.read(2) == b"\xff\xd8"


def test_the_koordinator_finds_late_entries_on_the_holding_desk(today):
    koordinator = User.objects.get(username="koordinator.kiaracondong")
    held = HeldEntry.objects.visible_to(koordinator).waiting().exclude(reason=HeldEntry.Reason.MONTH_LOCKED)
    assert held.count() == 2
    for entry in held:
        family = Household.objects.get(case_number=entry.payload["fields"]["kpm"][0])
        assert family.pendamping_id != entry.author_id


def test_cases_are_in_every_state_and_four_eyes_saw_them(today):
    assert set(GraduationCase.objects.values_list("state", flat=True)) == set(State.values)
    approved = GraduationCase.objects.filter(state=State.APPROVED)
    assert set(GraduationCase.objects.values_list("kind", flat=True)) == set(
        GraduationKind.objects.values_list("pk", flat=True)
    )
    assert min(approved.values_list("graduated_on", flat=True)) > today - timedelta(days=570)
    for move in GraduationMove.objects.select_related("by"):
        proposes = move.to_state in {State.DRAFT, State.PROPOSED, State.WITHDRAWN, State.ASKED_BACK}
        assert move.by.duty == ("pendamping" if proposes else "koordinator")
    for case in GraduationCase.objects.select_related("household"):
        assert case.household.status == STATUS_IN[case.state]
        known = case.household.assessments.filter(assessed_on__lte=case.proposed_on or today)
        assert case.assessment == (known.order_by("assessed_on").last() if case.proposed_on else None)
    outcomes = set(WatchCheck.objects.values_list("outcome", flat=True))
    assert outcomes >= {"", "bertahan", "kembali_rentan"}
    late = WatchCheck.objects.waiting().filter(due_on__lt=today - timedelta(days=DUE_SINCE))
    assert not late.exists()


def test_graduated_families_have_a_case_that_stands(today):
    graduated = Household.objects.filter(status="graduasi")
    assert graduated.count() == GraduationCase.objects.standing().count()


@pytest.mark.parametrize("username", WORKERS)
def test_each_pendamping_finds_work(today, username):
    user = User.objects.get(username=username)
    families = Household.objects.visible_to(user)
    promises = ActivityHousehold.objects.open_steps().filter(household__in=families.active())
    assert promises.filter(step_due_on__lt=today).exists()
    for days in (0, 1):
        assert promises.filter(step_due_on=today + timedelta(days=days)).exists(), days
    assert due_families(user, today).exists()
    for days in (30, 60, 90):
        assert families.active().not_visited_since(today - timedelta(days=days)).exists()
    assert GoalStep.objects.waiting().filter(household__in=families.active(), due_on__lt=today).exists()
    cases = GraduationCase.objects.filter(household__in=families)
    assert {State.PROPOSED, State.RETURNED, State.DRAFT} <= set(cases.values_list("state", flat=True))
    assert WatchCheck.objects.waiting().filter(household__in=families, due_on__lte=today).exists()
    ready = Assessment.objects.filter(household__in=families.active(), is_ready=True)
    assert ready.exists()


def test_some_components_end_by_themselves_within_a_year(today):
    here = MemberComponent.objects.filter(household__in=Household.objects.active())
    assert exits_within(counted_on(today, here), Tables(), today).exists()


def test_each_kelompok_goes_through_the_modules_in_order_month_by_month(today):
    order = {session.pk: number for number, session in enumerate(sessions_on(today))}
    by_group = defaultdict(list)
    for meeting in GroupSession.objects.order_by("planned_on"):
        by_group[meeting.group_id].append(meeting)
    for meetings in by_group.values():
        core = [order[one.session_id] for one in meetings if one.activity_id]
        assert all(later in (before + 1, 0) for before, later in itertools.pairwise(core))
        waiting = [one for one in meetings if one.activity_id is None]
        assert len({(one.planned_on.year, one.planned_on.month) for one in waiting}) == len(waiting)
    assert any(one.activity_id is None and one.planned_on > today for one in GroupSession.objects.all())


def test_one_training_was_held_and_one_is_shared_by_colleagues(today):
    of_programmes = "Pelatihan kemasan dan hitung laba"  # see demo.programmes
    held, coming = Training.objects.exclude(title=of_programmes).order_by("planned_on")
    assert (held.held_on is not None, coming.held_on) == (True, None)
    assert set(TrainingPlace.objects.filter(training=held).values_list("state", flat=True)) == {"hadir"}
    people = TrainingPlace.objects.filter(training=coming).values("pendamping").annotate(Count("pk"))
    assert len(people) == 2
    assert Trainer.objects.count() == 3


def test_one_programme_is_half_way_with_somebody_to_move_and_somebody_stuck(today):
    programme = Programme.objects.get(wilayah=RUNNING_AREA)
    columns = board_of(programme, UserFactory(koordinator=True), today, ProgrammeRule.on(today))
    standings = [one for column in columns for one in column.standings]

    assert programme.state_on(today) == "berjalan"
    assert all(column.standings for column in columns) and len(standings) == 20
    assert any(one.is_stuck and one.missing for one in standings)
    assert any(one.may_advance for one in standings)
    assert len({one.enrolment.household.pendamping_id for one in standings}) == 2
    assert BusinessGroup.objects.filter(programme=programme).count() == 2
    assert programme.partners.exists() and programme.budget.exists()


def test_one_programme_is_over_and_nobody_is_in_it_any_more(today):
    programme = Programme.objects.get(wilayah=OVER_AREA)

    assert programme.state_on(today) == "ditutup"
    endings = set(programme.enrolments.values_list("ending", flat=True))
    assert {"tuntas", "ditutup", "berhenti"} <= endings and "" not in endings
    groups = BusinessGroup.objects.filter(programme=programme)
    assert not groups.filter(Q(members__left_on=None) | Q(chair__isnull=False)).exists()


def test_families_are_where_their_moves_say_by_evidence_that_is_there_or_a_reason(today):
    by_evidence = 0
    for enrolment in Enrolment.objects.select_related("baseline", "consent"):
        moves = list(enrolment.moves.all())
        assert [move.number for move in moves] == list(range(1, len(moves) + 1))
        days = [move.moved_on for move in moves]
        assert days == sorted(days) and days[0] == enrolment.enrolled_on
        assert days[-1] <= (enrolment.left_on or today)
        assert enrolment.baseline.assessed_on <= enrolment.enrolled_on
        assert enrolment.enrolled_on - enrolment.baseline.assessed_on <= timedelta(days=120)
        for move, words, _ in explained(moves):
            assert bool(words) != bool(move.reason)
            assert not words.startswith("Bukti "), "the row is not there"
        by_evidence += sum(not move.reason for move in moves[1:])
    assert by_evidence > 20


def test_each_pendamping_has_referrals_to_look_after(today):
    for username in WORKERS:
        own = Referral.objects.filter(household__pendamping__username=username)
        assert own.open().filter(due_on__lt=today).exists(), username
        assert own.open().filter(due_on__gte=today).exists(), username
    assert set(Referral.objects.values_list("state", flat=True)) == set(Referral.State)


def test_referrals_are_what_their_moves_say(today):
    for referral in Referral.objects.prefetch_related("moves").select_related("consent", "household"):
        way = [move for move in referral.moves.all() if move.counts]
        assert way[0].to_state == "direncanakan"
        for before, after in itertools.pairwise(way):
            assert after.to_state in {move.target for move in moves_from(before.to_state).values()}
            assert before.happened_on <= after.happened_on <= today
            assert before.at < after.at
        assert referral.state == way[-1].to_state
        assert referral.planned_on == way[0].happened_on
        assert bool(referral.due_on) == (referral.state in Referral.OPEN)
        assert may_leave(referral, today) == (referral.state not in {"direncanakan", "dibatalkan"})
        assert (referral.outcome != "") == (referral.state == "selesai")
        assert all(move.by or move.answered_by for move in way)


def test_last_month_waits_and_this_month_has_begun(today):
    states = Counter(MonthlyReport.objects.values_list("month", "state"))
    this_month = today.replace(day=1)
    assert states[this_month, "draf"] == 4
    assert Period.objects.filter(month=this_month, state=Period.State.OPEN).count() == 3
    last = months_after(this_month, -1)
    if today.day > 7:
        assert [states[last, state] for state in ("diajukan", "dikembalikan", "disetujui")] == [2, 1, 1]
    assert sum(states[last, state] for state in MonthlyReport.State) == 4  # handed in once the month was over
    assert all(report.moves.last().to_state == report.state for report in MonthlyReport.objects.all())


def test_one_late_entry_was_let_in_and_one_waits(today):
    late = LateEntry.objects.get()
    lock = late.period.locks.get()
    kinds = {one.kind for one in differences(lock, rows_now(lock.locked_by, lock.period))}
    assert kinds == {"baru"}
    assert HeldEntry.objects.waiting().filter(reason="bulan_terkunci").count() == 1
