"""The link of a partner, below its page: how long it opens, what closes it, and that it is one referral's alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from entries.operations import Refused
from kpm.models import ConsentText
from kpm.operations.consent import consent_text_on
from pkh_casework.ids import uuid7
from resources.models import LinkKnock, PartnerLink
from resources.operations import answer as operations
from resources.operations.answer import (
    LINK_DAYS,
    LinkClosed,
    PartnerAnswer,
    address_key,
    answer,
    is_open,
    knock,
    knocks,
    link_of,
    make_link,
    mark_opened,
    may_receive,
    revoke_link,
)
from resources.operations.referral import may_leave, withdraw_consent
from tests.factories import HouseholdFactory
from tests.referrals import ON, make_referral, make_secret, step


@pytest.fixture
def family(db):
    return HouseholdFactory()


@pytest.fixture
def referral(family):
    return make_referral(family, "diajukan")


@pytest.fixture
def link(referral):
    return link_of(make_secret(referral))


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the operations: at(moment)."""
    return lambda moment: monkeypatch.setattr(operations.timezone, "now", lambda: moment)


def given(**changes):
    return PartnerAnswer(**{"op_id": uuid7(), "move": "terima", "name": "Bu Ani", "note": "", **changes})


def test_a_link_lasts_its_days_to_the_second(link, at):
    assert link.expires_at - link.made_at == timedelta(days=LINK_DAYS)
    assert is_open(link, link.expires_at - timedelta(seconds=1), ON)
    assert not is_open(link, link.expires_at, ON)

    at(link.expires_at)
    with pytest.raises(LinkClosed):
        answer(link, given(), today=ON)
    at(link.expires_at - timedelta(seconds=1))
    assert answer(link, given(), today=ON).counts


def test_a_new_link_revokes_the_older_one_of_this_referral_only(link, referral):
    other = link_of(make_secret(make_referral(HouseholdFactory(), "diajukan")))

    secret = make_secret(referral)

    assert link_of(secret).made_by == referral.pendamping
    link.refresh_from_db()
    other.refresh_from_db()
    assert link.revoked_at and other.revoked_at is None
    with pytest.raises(LinkClosed):
        answer(link, given(), today=ON)
    same = {"by": referral.pendamping, "op_id": uuid7(), "sent": ""}
    revoke_link(referral, **same)
    assert not is_open(link_of(secret), timezone.now(), ON)
    newer = make_secret(referral)
    revoke_link(referral, **same)  # the same tap, sent again
    assert is_open(link_of(newer), timezone.now(), ON)


def test_a_link_is_made_once_for_a_tap_and_only_while_an_answer_is_awaited(family, referral):
    said = {"by": family.pendamping, "op_id": uuid7(), "sent": "", "today": ON}
    assert make_link(referral, **said)
    assert make_link(referral, **said) == ""
    assert PartnerLink.objects.count() == 1

    for state in ("direncanakan", "ditolak", "selesai"):
        with pytest.raises(Refused):
            make_secret(make_referral(HouseholdFactory(), state))


@pytest.mark.parametrize(("state", "may"), [("diajukan", True), ("selesai", True), ("direncanakan", False)])
def test_what_was_sent_may_leave_while_the_familys_yes_stands(family, state, may):
    referral = make_referral(family, state)
    assert may_leave(referral, ON) is may
    assert not may_leave(referral, ON - timedelta(days=1))  # before the yes
    if may:
        referral.state = "dibatalkan"
        assert not may_leave(referral, ON)


def test_nobody_is_asked_when_the_referral_is_over_or_the_family_took_its_yes_back(link, referral):
    now = timezone.now()
    assert is_open(link, now, ON)
    assert not is_open(link, now, ON - timedelta(days=1))  # before the yes
    step(referral, "tolak")
    assert not is_open(link_of_again(link), now, ON)


def test_no_word_comes_in_after_the_family_took_its_yes_back(link, referral):
    withdraw_consent(referral, by=referral.pendamping, op_id=uuid7(), sent="", today=ON, note="")
    PartnerLink.objects.update(revoked_at=None)

    with pytest.raises(LinkClosed):
        answer(link_of_again(link), given(), today=ON)


def test_without_a_yes_nothing_is_received(family):
    assert may_receive(make_referral(family), ON) is False


def test_a_link_answers_once_and_the_same_answer_is_answered_alike(link):
    first = given()
    move = answer(link, first, today=ON)
    assert answer(link_of_again(link), first, today=ON) == move
    for other in (given(), given(op_id=first.op_id, note="Lain"), given(op_id=first.op_id, name="Lain")):
        with pytest.raises(LinkClosed):
            answer(link_of_again(link), other, today=ON)


def test_two_answers_on_their_way_at_once_are_both_kept_and_the_first_counts(link):
    seen_open = link_of_again(link)
    answer(link, given(), today=ON)

    late = answer(seen_open, given(move="tolak", note="Kuota habis"), today=ON)

    assert (late.counts, late.reason, late.answered_by) == (False, "Kuota habis", "Bu Ani")
    link.referral.refresh_from_db()
    assert link.referral.state == "diterima"


def test_when_a_link_was_first_opened_is_kept(link, at):
    mark_opened(link)
    link.refresh_from_db()
    first = link.opened_at
    at(first + timedelta(hours=1))
    mark_opened(link)
    link.refresh_from_db()
    assert link.opened_at == first


def test_knocks_are_counted_by_the_hour_and_forgotten_after_a_day(db):
    noon = timezone.now().replace(hour=12, minute=5)
    key, other = address_key("10.0.0.1"), address_key("10.0.0.2")
    assert key != other

    assert [knock(key, noon), knock(key, noon + timedelta(minutes=54)), knock(other, noon)] == [1, 2, 1]
    assert (knocks(key, noon), knocks(other, noon)) == (2, 1)
    assert knocks(key, noon + timedelta(hours=1)) == 0
    assert knock(key, noon + timedelta(hours=24)) == 1
    assert LinkKnock.objects.count() == 3
    assert knock(key, noon + timedelta(hours=25)) == 1
    assert LinkKnock.objects.count() == 2


def test_a_family_agrees_to_the_words_in_force_on_the_day(db):
    present = consent_text_on(ON, "rujukan")
    for version in (98, 99):
        ConsentText.objects.create(
            **{
                **{field.name: getattr(present, field.name) for field in ConsentText._meta.concrete_fields},
                "key": f"rujukan-{version}",
                "version": version,
                "valid_from": ON + timedelta(days=1),
            }
        )
    assert consent_text_on(ON, "rujukan") == present
    assert consent_text_on(ON + timedelta(days=1), "rujukan").version == 99
    assert consent_text_on(ON, "program").purpose == "program"


def link_of_again(link):
    """The link as the next request reads it."""
    return PartnerLink.objects.select_related("referral__consent").get(pk=link.pk)
