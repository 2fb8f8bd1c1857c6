"""The demo's referrals: every state, some overdue, and each what its moves say."""

from itertools import pairwise

from demo.logins import DEMO_LOGINS
from pkh_casework.policy import PENDAMPING
from roles.models import PartnerLink, Referral
from roles.operations.referral import may_leave, moves_from
from roles.results import results_by


def test_each_pendamping_has_something_to_do(today):
    for login in DEMO_LOGINS:
        if login.duty == PENDAMPING:
            own = Referral.objects.filter(household__pendamping__username=login.username)
            assert own.open().filter(due_on__lt=today).exists(), login.username
            assert own.open().filter(due_on__gte=today).exists(), login.username
    assert set(Referral.objects.values_list("state", flat=True)) == set(Referral.State)


def test_referrals_are_what_their_moves_say(today):
    for referral in Referral.objects.prefetch_related("moves").select_related("consent", "household"):
        way = [move for move in referral.moves.all() if move.counts]
        assert way[0].to_state == "direncanakan"
        for before, after in pairwise(way):
            assert after.to_state in {move.target for move in moves_from(before.to_state).values()}
            assert before.happened_on <= after.happened_on <= today
            assert before.at < after.at
        assert referral.state == way[-1].to_state
        assert referral.planned_on == way[0].happened_on
        assert bool(referral.due_on) == (referral.state in Referral.OPEN)
        assert may_leave(referral, today) == (referral.state not in {"direncanakan", "dibatalkan"})
        assert (referral.outcome != "") == (referral.state == "selesai")
        assert all(move.by or move.answered_by for move in way)


def test_partners_have_a_record(today):
    results = results_by("partner", Referral.objects.values_list("partner", flat=True).distinct())
    assert any(result.finished and result.median_days for result in results.values())
    assert PartnerLink.objects.exclude(answered_at=None).exists()
    assert Referral.objects.filter(moves__counts=False).exists()
