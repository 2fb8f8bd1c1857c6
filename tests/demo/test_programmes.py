"""The demo's programmes: one half way with families in every stage, one that is over, and each what its moves say."""

from datetime import timedelta

from django.db.models import Q

from demo.programmes import OVER_AREA, RUNNING_AREA
from sinergi.board import board_of
from sinergi.evidence import explained
from sinergi.models import BusinessGroup, Enrolment, Programme, ProgrammeRule
from tests.factories import UserFactory


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
