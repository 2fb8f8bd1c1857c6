"""Referrals move only along their table, with the family's yes, and lose nothing that anybody had to say."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entries.operations import OtherContent, Refused
from kpm.models import Consent
from pkh_casework.ids import uuid7
from resources.models import PartnerLink, Referral, ReferralMove
from resources.operations.answer import LinkClosed, PartnerAnswer, answer, link_of
from resources.operations.referral import MOVES, move_referral, moves_from, plan_referral, withdraw_consent
from tests.factories import HouseholdFactory, UserFactory
from tests.referrals import ON, WAY, make_referral, make_resource, make_secret, step, yes_of

State = Referral.State
ENDED = set(State) - set(Referral.OPEN)


@pytest.fixture
def family(db):
    return HouseholdFactory()


def test_the_table_leads_from_every_open_state_on_and_from_an_end_nowhere():
    for state in State:
        assert bool(moves_from(state)) == (state in Referral.OPEN), state
    assert {name for name, move in MOVES.items() if move.due_days is None} == {
        "tolak",
        "selesai",
        "gagal",
        "batalkan",
    }
    assert all((move.target in ENDED) == (move.due_days is None) for move in MOVES.values())


@pytest.mark.parametrize("state", list(WAY))
def test_each_state_keeps_its_days_and_its_moves(family, state):
    referral = make_referral(family, state)

    assert referral.state == state
    assert [move.to_state for move in referral.moves.all()] == [
        State.PLANNED,
        *(MOVES[name].target for name in WAY[state]),
    ]
    assert {(move.by, move.answered_by) for move in referral.moves.all()} == {(family.pendamping, "")}
    assert bool(referral.ended_on) == (state in ENDED)
    assert bool(referral.due_on) == (state not in ENDED)
    assert bool(referral.sent_on) == ("ajukan" in WAY[state])
    assert bool(referral.answered_on) == bool({"terima", "tolak"} & set(WAY[state]))
    assert referral.outcome == ("Begitu kata mitra." if state == "selesai" else "")


def test_nothing_leaves_without_the_familys_yes(family):
    referral = make_referral(family)

    with pytest.raises(Refused, match="persetujuan"):
        step(referral, "ajukan", consent=None)
    with pytest.raises(IntegrityError, match="referral_leaves_with_consent"), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(state=State.SENT)

    step(referral, "ajukan", consent=yes_of(family, how=Consent.How.WRITTEN))
    consent = Consent.objects.get(household=family)
    assert (consent.text_id, consent.how, consent.given_on, consent.taken_by) == (
        "rujukan-1",
        "tertulis",
        ON,
        family.pendamping,
    )
    assert consent.given_by.name == family.name


def test_a_second_referral_to_the_same_place_waits_for_the_first(family):
    resource = make_resource()
    make_referral(family, resource=resource)

    with pytest.raises(Refused, match="sudah punya rujukan"):
        make_referral(family, resource=resource)
    step(Referral.objects.get(), "batalkan")
    make_referral(family, resource=resource)


def test_a_resend_changes_nothing_and_other_content_is_another_entry(family):
    op_id, resource = uuid7(), make_resource()
    planned = {
        "by": family.pendamping,
        "op_id": op_id,
        "today": ON,
        "resource": resource,
        "need": "Modal",
        "due_on": ON,
    }
    first = plan_referral(family, sent="a", **planned)
    assert plan_referral(family, sent="a", **planned) == first
    with pytest.raises(OtherContent):
        plan_referral(family, sent="b", **planned)

    moved = {"by": family.pendamping, "op_id": uuid7(), "today": ON, "happened_on": ON, "sent": "x"}
    move = move_referral(first, "ajukan", consent=yes_of(family), **moved)
    assert move_referral(first, "ajukan", consent=yes_of(family), **moved) == move
    assert first.moves.count() == 2


def test_a_move_that_comes_too_late_stays_as_a_note(family):
    referral = make_referral(family, "diajukan")
    step(referral, "terima")

    late = step(referral, "tolak", note="Kuota habis, kata loket.")

    referral.refresh_from_db()
    assert (late.counts, referral.state) == (False, State.ACCEPTED)
    assert referral.moves.get(reason="Kuota habis, kata loket.").to_state == State.REFUSED


def test_a_move_does_not_happen_before_the_one_it_follows(family):
    referral = make_referral(family, "diajukan")

    with pytest.raises(Refused, match="mendahuluinya"):
        step(referral, "terima", on=ON - timedelta(days=1))


def test_only_the_holder_moves_a_referral(family):
    with pytest.raises(Refused, match="orang lain"):
        step(make_referral(family), "batalkan", by=UserFactory())


def test_a_withdrawn_yes_closes_links_and_cancels_what_is_under_way(family):
    referral = make_referral(family, "diajukan")
    secret = make_secret(referral)

    withdraw_consent(referral, by=family.pendamping, op_id=uuid7(), sent="", today=ON, note="Malu.")

    referral.refresh_from_db()
    assert referral.state == State.CANCELLED
    assert not referral.consent.holds_on(ON)
    assert PartnerLink.objects.get().revoked_at
    with pytest.raises(LinkClosed):
        answer(link_of(secret), PartnerAnswer(uuid7(), "terima", "Pak Asep", ""), today=ON)
    with pytest.raises(Refused):
        make_secret(referral)
    with pytest.raises(Refused, match="Tidak ada persetujuan"):
        withdraw_consent(referral, by=family.pendamping, op_id=uuid7(), sent="2", today=ON, note="")


def test_a_withdrawal_after_the_end_leaves_the_end(family):
    referral = make_referral(family, "selesai")
    withdraw_consent(referral, by=family.pendamping, op_id=uuid7(), sent="", today=ON, note="")
    referral.refresh_from_db()
    assert (referral.state, referral.consent.withdrawn_on) == (State.DONE, ON)


def test_moves_can_only_be_added(family):
    move = make_referral(family).moves.get()
    with pytest.raises(Exception, match="insert_only"), transaction.atomic():
        ReferralMove.objects.filter(pk=move.pk).update(reason="lain")
    with pytest.raises(Exception, match="insert_only"), transaction.atomic():
        move.delete()


WRITES = st.lists(
    st.tuples(
        st.sampled_from([*MOVES, "tarik", "tautan"]),
        st.sampled_from(["pendamping", "mitra"]),
        st.integers(0, 3),
    ),
    max_size=9,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=WRITES)
def test_whatever_anybody_does_the_order_is_legal_and_nothing_is_lost(family, writes):
    with transaction.atomic():
        _play(family, writes)
        transaction.set_rollback(True)


def _play(family, writes):
    """Let people write in the order of `writes`; after each the referral is what its moves say."""
    referral, day, said, secret = make_referral(family), ON, 1, None
    for number, (name, who, days) in enumerate(writes):
        day += timedelta(days=days)
        note, before = f"Kata ke-{number}", Referral.objects.get(pk=referral.pk)
        try:
            with transaction.atomic():
                if name == "tautan":
                    secret = make_secret(referral, on=day)
                    continue
                if name == "tarik":
                    withdraw_consent(
                        referral, by=family.pendamping, op_id=uuid7(), sent="", today=day, note=note
                    )
                    said += before.state in Referral.OPEN
                elif who == "mitra":
                    if secret is None or not MOVES[name].by_partner:
                        continue
                    link = link_of(secret)
                    usable = link.revoked_at is None and link.answered_at is None
                    answer(link, PartnerAnswer(uuid7(), name, "Bu Tini", note), today=day)
                    assert usable
                    said += 1
                else:
                    step(referral, name, on=day, note=note)
                    said += 1
        except (Refused, LinkClosed):
            assert Referral.objects.get(pk=referral.pk).state == before.state
            continue
        _agrees(Referral.objects.get(pk=referral.pk), said)


def _agrees(referral, said):
    moves = list(referral.moves.all())
    assert len(moves) == said  # nothing that anybody said is lost
    way = [move for move in moves if move.counts]
    assert way[0].to_state == State.PLANNED
    for before, after in pairwise(way):
        legal = {move.target for move in moves_from(before.to_state).values()}
        assert after.to_state in legal
        assert after.happened_on >= before.happened_on
    assert referral.state == way[-1].to_state
    assert (referral.state in {State.PLANNED, State.CANCELLED}) or referral.consent_id
    assert bool(referral.ended_on) == (referral.state in ENDED)
