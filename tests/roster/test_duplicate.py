"""Families that may be one: found, compared, kept apart, merged and put back."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from entries.operations import Refused
from kpm.models import DuplicateRule, Goal, Household, Member, Pengurus, Score
from pkh_casework.ids import uuid7
from roles.models import ActivityHousehold
from roster.models import Merge, MergedRow, Suspect
from roster.operations import ask_holder, keep_apart, merge, tell, undo_merge
from roster.operations.finding import find_suspects
from roster.operations.moving import STAYS, pointing_at
from tests.factories import (
    SUKAPURA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    assess,
    make_goal,
    nik,
    no_kk,
)

TODAY = date(2026, 11, 24)
BORN = date(1985, 3, 12)


@pytest.fixture
def rina(db):
    return UserFactory(koordinator=True)


@pytest.fixture
def ani(db):
    return UserFactory(name="Ani")


def twins(ani, **changes):
    """Two families of one pengurus, Siti Aminah, in one RT."""
    first = HouseholdFactory(pendamping=ani, name="Siti Aminah", pengurus__birth_date=BORN)
    return first, HouseholdFactory(
        **{"pendamping": ani, "name": "Hj. St. Aminah", "pengurus__birth_date": BORN, **changes}
    )


def found():
    find_suspects("", TODAY)
    return list(Suspect.objects.order_by("-score", "id"))


def joined(rina, survivor, loser, **said):
    return merge(
        by=rina, op_id=uuid7(), today=TODAY, survivor=survivor, loser=loser, **{"same_people": (), **said}
    )


def everything():
    """Every row of every table of the house, as text, but what tells of the merge itself and of writing."""
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not hasattr(model, "pgh_tracked_model")
        and model._meta.app_label in {"kpm", "roles", "resources", "sinergi", "reports", "roster", "accounts"}
        and model not in {Merge, MergedRow, Suspect}
    ]
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT one::text FROM "{table}" one ORDER BY 1')  # noqa: S608
            rows[table] = [text for (text,) in cursor.fetchall()]
    return rows


# --- finding ----------------------------------------------------------------------------------------------------------


def test_the_same_number_is_certain_however_the_rest_differs(ani):
    one = HouseholdFactory(
        pendamping=ani, name="Euis", no_kk=no_kk(7001), pengurus__birth_date=date(1970, 1, 2)
    )
    other = HouseholdFactory(
        pendamping=ani, name="Wati", no_kk=no_kk(7001), rw=9, pengurus__birth_date=date(1990, 5, 6)
    )
    HouseholdFactory(pendamping=ani, name="Kokom", pengurus__birth_date=date(1991, 5, 6))
    [suspect] = found()
    assert {suspect.first_id, suspect.second_id} == {one.pk, other.pk}
    assert suspect.reasons["no_kk"] == 1
    assert suspect.state == Suspect.State.OPEN


def test_a_nik_on_two_cards_is_found(ani):
    HouseholdFactory(
        pendamping=ani, name="Euis", pengurus__nik=nik(81), pengurus__birth_date=date(1970, 1, 2)
    )
    HouseholdFactory(
        pendamping=ani, name="Euis", pengurus__nik=nik(81), pengurus__birth_date=date(1970, 1, 2), rw=9
    )
    [suspect] = found()
    assert suspect.is_certain
    assert {"nik", "pengurus_lahir"} <= suspect.reasons.keys()


def test_two_spellings_of_one_name_in_one_rt_are_looked_at(ani):
    twins(ani)
    [suspect] = found()
    assert not suspect.is_certain
    assert suspect.reasons == {"pengurus_lahir": 1, "se_rt": 1}


def test_the_same_members_are_found_under_another_pengurus(ani):
    one = HouseholdFactory(pendamping=ani, name="Euis", pengurus__birth_date=date(1980, 2, 2))
    other = HouseholdFactory(pendamping=ani, name="Dadang", pengurus__birth_date=date(1978, 4, 4))
    for household, names in ((one, ("Moh. Yusuf", "Tjetjep")), (other, ("Muhammad Yusup", "Cecep"))):
        for number, name in enumerate(names):
            MemberFactory(household=household, name=name, birth_date=date(2012 + number, 6, 1))
    [suspect] = found()
    assert suspect.reasons["anggota_lahir"] == 2


def test_namesakes_born_on_other_days_are_not_asked_about(ani):
    HouseholdFactory(pendamping=ani, name="Siti Aminah", rw=1, pengurus__birth_date=date(1980, 1, 5))
    HouseholdFactory(pendamping=ani, name="Siti Aminah", rw=7, pengurus__birth_date=date(1991, 7, 8))
    HouseholdFactory(pendamping=ani, name="Siti Aisyah", rw=1, pengurus__birth_date=date(1980, 1, 5))
    assert found() == []


def test_what_was_kept_apart_comes_back_only_when_the_data_changes(ani, rina):
    _, second = twins(ani)
    [suspect] = found()
    keep_apart(suspect, by=rina, op_id=uuid7(), note="kakak beradik")
    assert found()[0].state == Suspect.State.DIFFERENT
    Household.objects.filter(pk=second.pk).update(address="Gang lain 9")
    assert found()[0].state == Suspect.State.OPEN


def test_what_is_found_no_more_goes_unless_somebody_was_asked(ani, rina):
    _, second = twins(ani)
    [suspect] = found()
    ask_holder(suspect, by=rina, op_id=uuid7(), note="Sama?")
    Member.objects.filter(household=second).update(birth_date=date(1999, 9, 9), name="Wati")
    assert [one.state for one in found()] == [Suspect.State.ASKED]
    tell(suspect, by=ani, op_id=uuid7(), answer="bukan")
    suspect.refresh_from_db()
    assert suspect.answer == "Ani: bukan"
    Suspect.objects.update(state=Suspect.State.OPEN, note="")
    assert found() == []


def test_points_and_thresholds_are_master_data(ani, monkeypatch):
    twins(ani)
    DuplicateRule.objects.filter(code=DuplicateRule.LOOK).update(points=900)
    monkeypatch.setattr("pkh_casework.dated._this_minute", lambda: -1)
    assert found() == []


# --- merging ----------------------------------------------------------------------------------------------------------


def test_every_key_to_a_family_goes_along_or_says_why_not(db):
    """A model that comes later goes along by itself."""
    keys = {
        model._meta.label
        for model in apps.get_models()
        if not hasattr(model, "pgh_tracked_model")
        and any(field.related_model is Household for field in model._meta.concrete_fields)
    }
    moved = {model._meta.label for model, _ in pointing_at(Household)}
    assert moved | STAYS.keys() >= keys
    assert not moved & STAYS.keys()


def full_pair(ani):
    """Two families with something in every room."""
    group = GroupFactory(pendamping=ani)
    first, second = twins(ani, group=group)
    child = MemberFactory(household=second, name="Cecep", birth_date=date(2014, 5, 6))
    MemberComponentFactory(member=child, component_id="sd")
    head = Member.objects.get(household=second, pengurus_terms__isnull=False)
    MemberComponentFactory(member=head, component_id="lansia", place="Posyandu")
    Member.objects.filter(pk=head.pk).update(birth_date=BORN)
    head.nik = nik(77)
    head.save()
    for household in (first, second):
        assess(household, {"A1": 2, "B2": 1}, on=date(2026, 3, 5))
    assess(second, {"A1": 3}, on=date(2026, 6, 5), form="singkat")
    make_goal(first, "A1")
    make_goal(second, "B2", steps=None)
    ActivityFactory(pendamping=ani, families=[first, second], occurred_on=date(2026, 11, 3))
    ActivityFactory(pendamping=ani, families=[second], occurred_on=date(2026, 11, 9))
    return first, second, child, head


def test_a_merge_keeps_every_row_of_both(ani, rina):
    first, second, child, head = full_pair(ani)
    ours = Member.objects.get(household=first)
    before = ActivityHousehold.objects.count()
    done = joined(
        rina,
        first,
        second,
        same_people=((head.pk, ours.pk),),
        taken_over=("address", "no_kk"),
        note="KK lama",
    )
    first.refresh_from_db()
    digits = second.no_kk.reveal()
    assert first.no_kk.reveal() == digits
    assert first.address == second.address
    assert first.last_visited_on == date(2026, 11, 9)
    assert set(first.members.present()) == {ours, child}
    ours.refresh_from_db()
    assert ours.nik.reveal() == nik(77)
    assert list(ours.components.values_list("component", flat=True)) == ["lansia"]
    assert child.components.get().household_id == first.pk
    assert Goal.objects.filter(household=first).open().count() == 2
    assert first.activity_rows.count() == 2
    assert ActivityHousehold.objects.count() == before
    standing = Score.objects.filter(household=first).standing().values_list("code", "level")
    assert dict(standing)["A1"] == 3
    assert not Household.objects.filter(pk=second.pk).exists()
    assert Household.every.get(pk=second.pk).merged_into_id == first.pk
    stayed = set(done.rows.filter(what="tinggal").values_list("model", flat=True))
    assert {"roles.ActivityHousehold", "kpm.Assessment"} <= stayed
    assert Pengurus.objects.filter(household=first, to_on=None).count() == 1


def test_merge_and_undo_leaves_everything_as_it_was(ani, rina):
    first, second, _, head = full_pair(ani)
    ours = Member.objects.get(household=first)
    before = everything()
    done = joined(
        rina,
        first,
        second,
        same_people=((head.pk, ours.pk),),
        taken_over=("address", "no_kk", "joined_on", "notes"),
    )
    assert everything() != before
    undo_merge(done, by=rina, op_id=uuid7(), today=TODAY)
    assert everything() == before
    done.refresh_from_db()
    assert done.returned == []
    joined(rina, second, first, same_people=((ours.pk, head.pk),))


def test_what_was_worked_with_since_stays_and_is_told(ani, rina):
    first, second, _, _ = full_pair(ani)
    done = joined(rina, first, second)
    goal = Goal.objects.get(household=first, code="B2")
    goal.steps.update(text="Langkah lain")
    Household.objects.filter(pk=first.pk).update(address="Jalan Baru 1")
    undo_merge(done, by=rina, op_id=uuid7(), today=TODAY)
    done.refresh_from_db()
    goal.refresh_from_db()
    assert goal.household_id == first.pk
    assert set(goal.steps.values_list("household", flat=True)) == {first.pk}
    assert dict(done.returned)["tujuan"] == 1
    first.refresh_from_db()
    assert first.address == "Jalan Baru 1"
    assert Household.objects.filter(pk=second.pk).exists()
    assert ActivityHousehold.objects.filter(household=second).count() == 2


def test_what_both_have_under_way_is_to_be_settled_first(ani, rina):
    first, second = twins(ani)
    make_goal(first, "A1")
    make_goal(second, "A1")
    with pytest.raises(Refused, match="hal yang sama"):
        joined(rina, first, second)
    assert Household.objects.filter(pk=second.pk).exists()


def test_a_merge_is_undone_within_its_days_and_by_who_sees_the_family(ani, rina):
    first, second = twins(ani)
    done = joined(rina, first, second)
    assert done.undo_until == TODAY + timedelta(days=30)
    with pytest.raises(Refused):
        undo_merge(done, by=rina, op_id=uuid7(), today=TODAY + timedelta(days=31))
    elsewhere = UserFactory(koordinator=True, wilayah_id=SUKAPURA)
    with pytest.raises(Refused):
        undo_merge(done, by=elsewhere, op_id=uuid7(), today=TODAY)


def test_a_family_that_was_merged_into_goes_on_with_all_of_them(ani, rina):
    first, second = twins(ani)
    third = HouseholdFactory(pendamping=ani, name="Aminah")
    joined(rina, first, second)
    later = joined(rina, third, first)
    assert Household.every.get(pk=second.pk).merged_into_id == third.pk
    undo_merge(later, by=rina, op_id=uuid7(), today=TODAY)
    assert Household.every.get(pk=second.pk).merged_into_id == first.pk


def test_only_families_of_the_own_area_are_merged(ani):
    first, second = twins(ani)
    with pytest.raises(Refused):
        joined(UserFactory(koordinator=True, wilayah_id=SUKAPURA), first, second)
    with pytest.raises(Refused):
        joined(UserFactory(koordinator=True), first, first)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_old_address_and_what_is_on_its_way_lead_to_the_family(client, ani, rina):
    first, second = twins(ani)
    joined(rina, first, second)
    client.force_login(ani)
    page = client.get(f"/kpm/{second.case_number}/")
    assert page.status_code == 200
    assert first.case_number in page.content.decode()
    other = UserFactory()
    client.force_login(other)
    assert client.get(f"/kpm/{second.case_number}/").status_code == 404


def test_a_koordinator_merges_on_the_page_and_undoes_it(client, ani, rina):
    first, second = twins(ani)
    [suspect] = found()
    client.force_login(rina)
    assert "Siti Aminah" in client.get(reverse("roster:suspect_list")).content.decode()
    page = client.get(suspect.get_absolute_url()).content.decode()
    assert first.case_number in page
    assert second.case_number in page
    address = reverse("roster:merge_create", args=[suspect.pk])
    form = client.get(address).context["form"]
    sent = {"op_id": str(form.op_id)}
    for field in form:
        if field.value() not in {None, False, ""}:
            sent[field.html_name] = "on" if field.value() is True else field.value()
    answer = client.post(address, sent, follow=True)
    assert "Kedua keluarga sudah menjadi satu" in answer.content.decode()
    done = Merge.objects.get()
    assert done.rows.filter(model="kpm.Member").exists()
    again = client.post(done.get_absolute_url(), {"op_id": str(uuid7())}, follow=True)
    assert "Semua kembali seperti semula" in again.content.decode()
    assert found()[0].state == Suspect.State.OPEN


def test_a_pendamping_sees_the_own_side_and_answers(client, ani, rina):
    first = HouseholdFactory(pendamping=ani, name="Siti Aminah", pengurus__birth_date=BORN)
    second = HouseholdFactory(name="Siti Aminah", address="Gang Rahasia 77", pengurus__birth_date=BORN)
    [suspect] = found()
    client.force_login(ani)
    for address in (reverse("roster:suspect_list"), suspect.get_absolute_url()):
        page = client.get(address).content.decode()
        assert first.case_number in page
        assert second.case_number not in page
        assert "Rahasia" not in page
    answer = client.post(suspect.get_absolute_url(), {"op_id": str(uuid7()), "answer": "sama"}, follow=True)
    assert "Jawaban tersimpan" in answer.content.decode()
    assert client.get(reverse("roster:merge_create", args=[suspect.pk])).status_code == 404
    client.force_login(UserFactory())
    assert client.get(suspect.get_absolute_url()).status_code == 404


def test_a_question_needs_words_and_reaches_the_holder(client, ani, rina):
    twins(ani)
    [suspect] = found()
    client.force_login(rina)
    sent = {"op_id": str(uuid7()), "decision": "tanya", "note": ""}
    assert "Tulis apa yang ingin ditanyakan" in client.post(suspect.get_absolute_url(), sent).content.decode()
    client.post(suspect.get_absolute_url(), {**sent, "note": "Apakah satu rumah?"})
    client.force_login(ani)
    assert "Apakah satu rumah?" in client.get(suspect.get_absolute_url()).content.decode()


def test_the_list_asks_the_same_number_of_queries_whatever_is_found(
    client, rina, ani, django_assert_max_num_queries
):
    for number in range(12):
        for _ in range(2):
            HouseholdFactory(pendamping=ani, name=f"Keluarga {number}", no_kk=no_kk(8000 + number))
    assert len(found()) >= 12
    client.force_login(rina)
    client.get(reverse("roster:suspect_list"))
    with django_assert_max_num_queries(12):
        client.get(reverse("roster:suspect_list"))


def test_looking_again_lists_what_is_there(client, ani, rina):
    twins(ani)
    client.force_login(rina)
    answer = client.post(reverse("roster:suspect_find"), {"op_id": str(uuid7())}, follow=True)
    assert "Data sudah diperiksa" in answer.content.decode()
    assert Suspect.objects.count() == 1
