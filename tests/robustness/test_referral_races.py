"""Several people answer for one referral at the same moment: one counts, and every word stays."""

from datetime import date
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone

from entries.operations import Refused
from pkh_casework.ids import uuid7
from resources.models import PartnerLink, Referral
from resources.operations.answer import LinkClosed, PartnerAnswer, answer, knock, knocks, link_of
from tests.factories import HouseholdFactory
from tests.referrals import make_referral, make_resource, make_secret, step

from .parallel import InParallel, waits_for_a_lock

TODAY = date(2026, 11, 24)
ROUNDS = 5


def at_once(*works):
    """What each of `works`, begun at the same moment in connections of their own, came to: a value or its refusal."""
    start = Barrier(len(works))

    def of(work):
        start.wait(10)
        try:
            return work()
        except (Refused, LinkClosed) as refusal:
            return refusal

    running = [InParallel(of, work) for work in works]
    return [each.result() for each in running]


def says(link, move, name="Bu Tini"):
    return lambda: answer(link, PartnerAnswer(uuid7(), move, name, f"{move}, kata {name}"), today=TODAY)


@pytest.fixture
def sent(transactional_db):
    return lambda: make_referral(HouseholdFactory(), "diajukan", on=TODAY)


def test_pendamping_and_partner_at_once_one_counts_and_both_are_kept(sent):
    for _ in range(ROUNDS):
        referral = sent()
        link = link_of(make_secret(referral, on=TODAY))

        moves = at_once(
            says(link, "terima"),
            lambda: step(referral, "tolak", on=TODAY, note="Ditolak di loket."),  # noqa: B023  ends in this round
        )

        assert sorted(move.counts for move in moves) == [False, True]
        referral.refresh_from_db()
        assert referral.state == next(move.to_state for move in moves if move.counts)
        reasons = {move.reason for move in referral.moves.all()}
        assert reasons >= {"terima, kata Bu Tini", "Ditolak di loket."}
        assert bool(referral.ended_on) == (referral.state == Referral.State.REFUSED)


def test_two_people_with_one_link_at_once_are_both_heard(sent):
    referral = sent()
    link = link_of(make_secret(referral, on=TODAY))  # both have opened the page before one of them answers

    moves = at_once(says(link, "terima", "Bu Tini"), says(link, "tolak", "Pak Asep"))

    assert sorted(move.counts for move in moves) == [False, True]
    assert set(referral.moves.exclude(answered_by="").values_list("answered_by", flat=True)) == {
        "Bu Tini",
        "Pak Asep",
    }
    assert PartnerLink.objects.get().answered_at
    with pytest.raises(LinkClosed):
        says(link_of_used(link), "terima")()


def link_of_used(link):
    """The link as somebody finds it who comes after the answer."""
    return PartnerLink.objects.select_related("referral").get(pk=link.pk)


def test_one_answer_tapped_twice_at_once_is_one_answer(sent):
    referral = sent()
    link = link_of(make_secret(referral, on=TODAY))
    given = PartnerAnswer(uuid7(), "terima", "Bu Tini", "")

    moves = at_once(*[lambda: answer(link, given, today=TODAY)] * 2)

    assert moves[0] == moves[1]
    assert referral.moves.exclude(answered_by="").count() == 1


def test_an_answer_waits_for_the_move_that_came_first(sent):
    referral = sent()
    link = link_of(make_secret(referral, on=TODAY))
    with transaction.atomic():
        step(referral, "terima", on=TODAY)
        waiting = InParallel(says(link, "terima"))
        assert waits_for_a_lock()
    assert waiting.result().counts is False


def test_two_plans_to_the_same_place_at_once_are_one(transactional_db):
    family, resource = HouseholdFactory(), make_resource()

    results = at_once(*[lambda: make_referral(family, resource=resource, on=TODAY)] * 2)

    assert sum(isinstance(result, Refused) for result in results) == 1
    assert Referral.objects.count() == 1


def test_knocks_at_once_are_all_counted(transactional_db):
    now = timezone.now()
    at_once(*[lambda: knock("k" * 64, now)] * 4)
    assert knocks("k" * 64, now) == 4
