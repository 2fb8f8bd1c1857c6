"""Contract C2 at every form of this room: what is sent twice is stored once and answered twice, and what is sent as
something else under the same id is never lost.
"""

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import User
from entries.models import Receipt
from entries.submit import mark_of
from kpm.models import Household
from pkh_casework.ids import uuid7
from tests.factories import (
    KEBON_JAYANTI,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    nik,
    no_kk,
)
from tests.kpm.pages import as_shown, hidden, new_family

pytestmark = pytest.mark.django_db

OTHER = "Lain sama sekali"
SINCE = {"component_from": "2026-07-13"}


@dataclass
class Entry:
    """Something `user` sends to `url`; `typed` is the field of a text that another entry under its id may change."""

    user: User
    url: str
    sent: dict
    typed: str = "name"


def page_of(row):
    if isinstance(row, Household):
        return reverse("kpm:household_edit", args=[row.case_number])
    return reverse("kpm:member_edit", args=[row.household.case_number, row.pk])


def group_page(group):
    return reverse("kpm:group_edit", args=[group.pk])


def a_new_family(client):
    return Entry(UserFactory(), reverse("kpm:household_create"), new_family())


def a_new_family_with_a_doubt(client):
    user = UserFactory()
    client.force_login(user)
    url, sent = reverse("kpm:household_create"), new_family(sex="L")
    return Entry(user, url, {**sent, "checked": hidden(client.post(url, sent), "checked")})


def a_changed_family(client):
    household = HouseholdFactory()
    client.force_login(household.pendamping)
    sent = as_shown(client, page_of(household), no_kk=no_kk(8001), notes="Pindah rumah")
    return Entry(household.pendamping, page_of(household), sent, "notes")


def a_new_person(client):
    household = HouseholdFactory()
    sent = {
        "name": "Budi",
        "sex": "L",
        "relation": "anak",
        "nik": nik(3, sex="L"),
        "birth_date": "1985-03-12",
    }
    url = reverse("kpm:member_create", args=[household.case_number])
    return Entry(household.pendamping, url, {"op_id": str(uuid7()), **sent, "component": "sd", **SINCE})


def changed_person(client, member, **changes):
    user = member.household.pendamping
    client.force_login(user)
    return Entry(user, page_of(member), as_shown(client, page_of(member), **changes))


def a_changed_person(client):
    return changed_person(client, MemberFactory(), name="Budi Baru", nik=nik(3))


def a_component_opened(client):
    return changed_person(client, MemberFactory(), component="smp", component_place="SMPN 1", **SINCE)


def a_component_closed(client):
    period = MemberComponentFactory()
    return changed_person(client, period.member, **{f"end_{period.pk}": "2026-07-01"})


def a_person_who_left(client):
    return changed_person(client, MemberFactory(), left_on="2026-07-01", left_reason="Menikah")


def another_pengurus(client):
    household = HouseholdFactory()
    heir = household.members.get()
    return changed_person(client, MemberFactory(household=household), pengurus="on", heir=heir.pk)


def another_heir(client):
    household = HouseholdFactory()
    heir = MemberFactory(household=household)
    return changed_person(client, household.members.exclude(pk=heir.pk).get(), heir=heir.pk)


def group_entry(user, url, **changes):
    return Entry(
        user, url, {"op_id": str(uuid7()), "name": "Melati 1", "wilayah": KEBON_JAYANTI, **changes}, "name"
    )


def a_new_group(client):
    return group_entry(UserFactory(), reverse("kpm:group_create"))


def families_that_join_a_group(client):
    group = GroupFactory()
    families = [HouseholdFactory(pendamping=group.pendamping).pk for _ in range(2)]
    return group_entry(group.pendamping, group_page(group), families=families)


def a_ketua(client):
    group = GroupFactory()
    chair = HouseholdFactory(pendamping=group.pendamping, group=group)
    return group_entry(group.pendamping, group_page(group), chair=chair.pk)


every_entry = pytest.mark.parametrize(
    "entry_of",
    [
        a_new_family,
        a_new_family_with_a_doubt,
        a_changed_family,
        a_new_person,
        a_changed_person,
        a_component_opened,
        a_component_closed,
        a_person_who_left,
        another_pengurus,
        another_heir,
        a_new_group,
        families_that_join_a_group,
        a_ketua,
    ],
    ids=lambda entry_of: entry_of.__name__,
)


def everything_stored():
    """The rows of this room with their histories, and the receipts."""
    models = [*apps.get_app_config("kpm").get_models(), Receipt]
    return {model._meta.label: sorted(model.objects.values_list(), key=str) for model in models}


def answer_of(response):
    return response.status_code, response.url, str(list(get_messages(response.wsgi_request))[-1])


@every_entry
def test_what_is_sent_twice_is_stored_once_and_answered_alike(client, entry_of):
    entry = entry_of(client)
    client.force_login(entry.user)
    before = everything_stored()

    first = answer_of(client.post(entry.url, entry.sent))
    stored = everything_stored()
    again = answer_of(client.post(entry.url, {**entry.sent, "csrfmiddlewaretoken": "another"}))

    assert first[0] == 302
    assert "Kode tanda terima" in first[2]
    assert stored != before
    assert again == first
    assert everything_stored() == stored


@every_entry
def test_something_else_under_a_used_id_stays_on_the_page_and_stores_nothing(client, entry_of):
    entry = entry_of(client)
    client.force_login(entry.user)
    client.post(entry.url, entry.sent)
    stored = everything_stored()

    response = client.post(entry.url, {**entry.sent, entry.typed: OTHER})

    assertContains(response, OTHER)
    assert everything_stored() == stored
    form = response.context["form"]
    assert form.errors or form.doubts_wait


def test_the_same_words_sent_to_another_page_are_another_entry(client):
    household = HouseholdFactory()
    client.force_login(household.pendamping)
    other = HouseholdFactory(pendamping=household.pendamping)
    sent = {"op_id": str(uuid7()), "name": "Budi", "sex": "L", "relation": "anak"}
    client.post(reverse("kpm:member_create", args=[household.case_number]), sent)

    response = client.post(reverse("kpm:member_create", args=[other.case_number]), sent)

    assertContains(response, "sudah tersimpan sebelumnya dengan isi lain")
    assert other.members.count() == 1


def test_a_colleagues_entry_is_nobodys_receipt(client):
    """Two may never send under one id; if they do, the second hears nothing of the first."""
    sent = new_family()
    client.force_login(UserFactory())
    client.post(reverse("kpm:household_create"), sent)
    client.force_login(UserFactory())

    response = client.post(reverse("kpm:household_create"), {**sent, "no_kk": no_kk(9002), "nik": ""})

    assert response.status_code == 200
    assert Household.objects.count() == 1


def test_a_receipt_tells_nothing_that_identity_numbers_could_be_guessed_from(rf, settings):
    """Without the secret nobody can try which number makes the hash."""
    request = rf.post(reverse("kpm:household_create"), new_family(op_id="1"))
    marks = set()
    for settings.SECRET_KEY in ("satu" * 16, "dua" * 16):
        marks |= {mark_of(request), mark_of(request)}

    assert len(marks) == 2
    assert not any(nik(1) in mark for mark in marks)
