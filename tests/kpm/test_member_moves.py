"""A person moves to another family or founds one: the row stays, what counts goes along, both families tell it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from entries.operations import Refused
from kpm.benefits import counted_on
from kpm.models import CaseReason, Household, Member, MemberComponent, MemberMove
from kpm.operations import move_member
from pkh_casework.ids import uuid7
from tests.factories import (
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    nik,
    no_kk,
)
from tests.kpm.pages import as_shown, hidden

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 5)


@pytest.fixture
def pendamping(client):
    pendamping = UserFactory(name="Sri Lestari")
    client.force_login(pendamping)
    return pendamping


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(pendamping=pendamping, name="Sari Rahayu")


@pytest.fixture
def child(family):
    return MemberFactory(household=family, name="Budi Hartono", nik=nik(3))


def move_url(member):
    return reverse("kpm:member_move", args=[member.household.case_number, member.pk])


def found_url(member):
    return reverse("kpm:member_found", args=[member.household.case_number, member.pk])


def moving(target, **changes):
    sent = {"op_id": str(uuid7()), "case": getattr(target, "case_number", target), "relation": "cucu"}
    return {**sent, "on": ON.isoformat(), "reason": "pindah-diasuh", **changes}


def founding(client, member, **changes):
    said = {"no_kk": no_kk(77), "on": ON.isoformat(), "reason": "pindah-menikah"}
    return as_shown(client, found_url(member), **{**said, **changes})


def test_a_person_moves_with_what_counts_and_both_families_tell_it(client, family, child):
    target = HouseholdFactory(pendamping=family.pendamping, name="Ratna Dewi")
    counted = MemberComponentFactory(member=child, place="SDN 3")
    family.pengurus_terms.update(heir=child)
    sent = moving(target)

    first, second = client.post(move_url(child), sent), client.post(move_url(child), sent)

    assert first.url == target.get_absolute_url()
    assert second.status_code == 302
    moved = Member.objects.get(pk=child.pk)
    assert (moved.household, moved.relation, moved.left_on) == (target, "cucu", None)
    assert moved.nik.reveal() == nik(3)
    assert family.pengurus_terms.get().heir is None
    periods = MemberComponent.objects.filter(member=child).order_by("from_on")
    assert [(one.household, one.from_on, one.to_on, one.place) for one in periods] == [
        (family, counted.from_on, ON, "SDN 3"),
        (target, ON, None, "SDN 3"),
    ]
    assert counted_on(date(2026, 10, 1), family.components.all()).count() == 1
    assert MemberMove.objects.count() == 1
    assertContains(
        client.get(f"{family.get_absolute_url()}keluarga/"),
        f"Budi Hartono pindah ke keluarga {target.case_number}",
    )
    new_home = client.get(f"{target.get_absolute_url()}keluarga/")
    assertContains(new_home, f"Budi Hartono datang dari keluarga {family.case_number}")
    assertContains(new_home, family.get_absolute_url())


def test_the_family_is_looked_for_among_the_own(client, family, child):
    target = HouseholdFactory(pendamping=family.pendamping, name="Ratna Dewi")
    foreign = HouseholdFactory(name="Ratna Asing")

    page = client.get(move_url(child), {"q": "ratna"})

    assertContains(page, f"?ke={target.case_number}")
    assertNotContains(page, foreign.case_number)
    assertContains(client.get(move_url(child), {"ke": target.case_number}), "Ke keluarga <strong>Ratna Dewi")
    assertNotContains(client.get(move_url(child), {"ke": foreign.case_number}), "Ratna Asing")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case": ""}, "case"),
        ({"case": "Bu Ratna"}, "case"),
        ({"reason": "nonaktif-ganda"}, "reason"),
        ({"reason": "pindah-lainnya"}, "words"),
        ({"relation": "tetangga"}, "relation"),
        ({"on": "2999-01-01"}, "on"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client, family, child, changes, field):
    target = HouseholdFactory(pendamping=family.pendamping)

    response = client.post(move_url(child), moving(target, **changes))

    assert list(response.context["form"].errors) == [field]
    assert Member.objects.get(pk=child.pk).household == family


def test_nobody_moves_to_where_they_live_nor_to_a_family_that_is_inactive(client, family, child):
    gone = HouseholdFactory(pendamping=family.pendamping, status="nonaktif")

    home = client.post(move_url(child), moving(family))
    ended = client.post(move_url(child), moving(gone))

    assert list(home.context["form"].errors) == ["case"]
    assertContains(ended, "Keluarga tujuan nonaktif")
    assert not MemberMove.objects.exists()


def test_a_pengurus_does_not_leave_a_family_without_one(client, family):
    pengurus = family.members.get()
    MemberFactory(household=family)
    target = HouseholdFactory(pendamping=family.pendamping)

    page, answer = client.get(move_url(pengurus)), client.post(move_url(pengurus), moving(target))

    assertContains(page, reverse("kpm:pengurus_change", args=[family.case_number]))
    assert answer.context["form"].errors
    assert family.members.count() == 2


# --- to a family of another pendamping --------------------------------------------------------------------------------


def test_of_a_family_elsewhere_nothing_is_told_and_its_holder_answers(client, family, child):
    colleague = UserFactory(name="Tuti Wahyuni")
    target = HouseholdFactory(pendamping=colleague, name="Keluarga Rahasia")

    known = client.post(move_url(child), moving(target), follow=True)
    assertNotContains(known, "Keluarga Rahasia")
    assertContains(known, "Usulan terkirim")
    assert Member.objects.get(pk=child.pk).household == family
    assertContains(client.get(move_url(child)), "menunggu jawaban")

    move = MemberMove.objects.get()
    client.force_login(colleague)
    assertContains(client.get(reverse("kpm:move_list")), "Budi Hartono")
    page = client.get(move.get_absolute_url())
    assertNotContains(page, "Sari Rahayu")
    sent = {"op_id": hidden(page, "op_id"), "decision": "terima", "relation": "lainnya"}
    answer = client.post(move.get_absolute_url(), sent)

    assert answer.url == move.get_absolute_url()
    moved = Member.objects.get(pk=child.pk)
    assert (moved.household, moved.relation) == (target, "lainnya")
    told = client.get(f"{target.get_absolute_url()}keluarga/")
    assertContains(told, f"datang dari keluarga {family.case_number}")
    assertNotContains(told, family.get_absolute_url())


def test_a_number_of_nobody_is_answered_like_one_of_somebody_else(client, family, child):
    other = MemberFactory(household=family)
    target = HouseholdFactory()

    known = client.post(move_url(child), moving(target))
    unknown = client.post(move_url(other), moving("PKH-ZZZZZ"))

    assert (known.status_code, unknown.status_code) == (302, 302)
    pages = [client.get(one.url).content.decode() for one in (known, unknown)]
    assert pages[0].count('name="decision"') == pages[1].count('name="decision"') == 1
    assert MemberMove.objects.get(member=other).target is None


def test_a_koordinator_answers_for_them_and_refuses_with_words(client, family, child):
    target = HouseholdFactory(pendamping=UserFactory())
    client.post(move_url(child), moving(target))
    move = MemberMove.objects.get()
    client.force_login(UserFactory(koordinator=True))
    sent = {"op_id": str(uuid7()), "decision": "tolak", "words": ""}

    silent = client.post(move.get_absolute_url(), sent)
    client.post(move.get_absolute_url(), {**sent, "words": "Masih serumah dengan ibunya."})

    assert list(silent.context["form"].errors) == ["words"]
    move.refresh_from_db()
    assert (move.state, move.answer) == ("ditolak", "Masih serumah dengan ibunya.")
    assert Member.objects.get(pk=child.pk).household == family


def test_a_koordinator_moves_at_once_within_the_own_area(client, family, child):
    target = HouseholdFactory(pendamping=UserFactory())
    client.force_login(UserFactory(koordinator=True))

    client.post(move_url(child), moving(target))

    assert Member.objects.get(pk=child.pk).household == target


def test_who_asked_takes_the_proposal_back(client, family, child):
    client.post(move_url(child), moving(HouseholdFactory()))
    move = MemberMove.objects.get()

    refused = client.post(move.get_absolute_url(), {"op_id": str(uuid7()), "decision": "terima"})
    client.post(move.get_absolute_url(), {"op_id": str(uuid7()), "decision": "tarik"})

    assert "decision" in refused.context["form"].errors
    move.refresh_from_db()
    assert move.state == "ditarik"


def test_a_stranger_finds_no_proposal(client, family, child):
    client.post(move_url(child), moving(HouseholdFactory()))
    client.force_login(UserFactory())

    assert client.get(MemberMove.objects.get().get_absolute_url()).status_code == 404


# --- a family of its own ----------------------------------------------------------------------------------------------


def test_a_person_founds_a_family_with_who_comes_along(client, family, child, pendamping):
    baby, stays = MemberFactory(household=family, name="Bayu"), MemberFactory(household=family)
    Household.objects.filter(pk=family.pk).update(group=GroupFactory(pendamping=pendamping))
    family.refresh_from_db()
    sent = founding(client, child, **{f"with_{baby.pk}": "on", f"relation_{baby.pk}": "anak", "rt": "4"})

    first, second = client.post(found_url(child), sent), client.post(found_url(child), sent)

    new = Household.objects.exclude(pk=family.pk).get()
    assert first.url == new.get_absolute_url()
    assert second.status_code == 302
    assert (new.name, new.group, new.rt, new.status, new.joined_on) == (
        "Budi Hartono", family.group, 4, "aktif", ON
    )  # fmt: skip
    assert set(new.members.all()) == {child, baby}
    assert stays in family.members.all()
    assert new.pengurus_terms.get().member == child
    assert new.assignments.get().pendamping == pendamping
    assert Member.objects.get(pk=child.pk).nik.reveal() == nik(3)
    assertContains(client.get(f"{family.get_absolute_url()}keluarga/"), "pindah ke keluarga baru", count=2)


def test_a_new_family_needs_its_own_card_and_asks_about_one_that_is_known(client, family, child):
    wrong = client.post(found_url(child), founding(client, child, no_kk="12"))
    same = client.post(found_url(child), founding(client, child, no_kk=family.no_kk.reveal()))

    assert list(wrong.context["form"].errors) == ["no_kk"]
    assert same.context["form"].doubts_wait
    assert Household.objects.count() == 1


def test_a_person_of_another_pendamping_is_not_found(client, pendamping):
    stranger = MemberFactory()

    assert client.get(move_url(stranger)).status_code == 404
    assert client.get(found_url(stranger)).status_code == 404


def test_who_left_the_card_moves_nowhere(client, family):
    gone = MemberFactory(household=family, left_on=date(2025, 1, 1))

    assert client.get(move_url(gone)).status_code == 404


def test_a_day_before_the_last_move_is_refused(client, family, child):
    second, third = (HouseholdFactory(pendamping=family.pendamping) for _ in range(2))
    client.post(move_url(child), moving(second))
    child.refresh_from_db()

    response = client.post(move_url(child), moving(third, on="2026-11-04"))

    assert list(response.context["form"].errors) == ["on"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_a_person_at_once_one_does():
    pendamping = UserFactory()
    family, *targets = (HouseholdFactory(pendamping=pendamping) for _ in range(3))
    child = MemberFactory(household=family)
    reason = CaseReason.objects.get(pk="pindah-diasuh")

    def move(target):
        try:
            move_member(
                Member.objects.get(pk=child.pk), by=pendamping, op_id=uuid7(), sent=str(target.pk),
                today=timezone.localdate(), asked_case=target.case_number, target=target, at_once=True,
                relation="cucu", on=ON, reason=reason,
            )  # fmt: skip
        except Refused as refusal:
            return refusal.text
        finally:
            connection.close()
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(move, targets))

    assert sorted(words == "moved" for words in said) == [False, True]
    assert MemberMove.objects.count() == 1
