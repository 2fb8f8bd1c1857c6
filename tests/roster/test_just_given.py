"""After a handover the old holder may add own work for some days, and change nothing; of the family only its number is seen."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from entries.models import HeldEntry
from kpm.models import CaseLimit, Household
from pkh_casework.ids import uuid7
from roles.models import Activity, Commitment
from roster.models import Handover, HandoverFamily
from roster.operations import answer
from tests.factories import ActivityFactory, HouseholdFactory, MemberFactory, UserFactory, fail_a_check

pytestmark = pytest.mark.django_db
LOG = "/kegiatan/catat/"


@pytest.fixture
def ani(client):
    ani = UserFactory(name="Ani Suryani")
    client.force_login(ani)
    return ani


@pytest.fixture
def budi():
    return UserFactory(name="Budi Santoso")


@pytest.fixture
def family(ani):
    return HouseholdFactory(pendamping=ani, name="Sari Rahasia", address="Gang Rahasia 4")


def given(family, ani, budi, on=None):
    """The family is handed over and taken on `on` (today)."""
    on = on or timezone.localdate()
    handover = Handover.objects.create(
        op_id=uuid7(), holder=ani, receiver=budi, by=UserFactory(koordinator=True), kind="pindah",
        offered_on=on,
    )  # fmt: skip
    HandoverFamily.objects.create(handover=handover, household=family)
    answer(handover, by=budi, op_id=uuid7(), sent="x", today=on, decision="terima")
    return Household.objects.get(pk=family.pk)


def filled(family, **changes):
    return {
        "op_id": str(uuid7()),
        "kpm": family.case_number,
        f"met-{family.case_number}": "ya",
        "occurred_on": timezone.localdate().isoformat(),
        "kind": "kunjungan_rumah",
        "sub_role": "FAS-1",
        "notes": "Mengantar surat sebelum serah terima.",
        **changes,
    }


def test_work_of_the_day_before_is_added_and_counts_for_both(client, family, ani, budi):
    family = given(family, ani, budi)
    yesterday = timezone.localdate() - timedelta(days=1)
    sent = filled(family, occurred_on=yesterday.isoformat())

    first, second = client.post(LOG, sent), client.post(LOG, sent)

    activity = Activity.objects.get()
    assert first.url == reverse("roles:activity_detail", args=[activity.pk])
    assert second.status_code == 302
    assert (activity.pendamping, activity.families.get().household) == (ani, family)
    assert not HeldEntry.objects.exists()
    family.refresh_from_db()
    assert family.last_visited_on == yesterday
    page = client.get(first.url)
    assertContains(page, family.case_number)
    assertNotContains(page, "Rahasia")
    client.force_login(budi)
    assertContains(
        client.get(f"{family.get_absolute_url()}riwayat/"), "Mengantar surat sebelum serah terima."
    )


def test_the_way_in_names_the_case_alone(client, family, ani, budi):
    family = given(family, ani, budi)

    home, page = client.get("/"), client.get(f"{LOG}?kpm={family.case_number}")
    again = client.post(LOG, filled(family, notes=""))

    for one in (home, page, again):
        assertContains(one, family.case_number)
        assertNotContains(one, "Rahasia")
    assertContains(again, f'name="met-{family.case_number}" value="ya" checked')
    assert client.get(family.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("days", [2, 40])
def test_what_is_older_than_the_day_before_waits_as_before(client, family, ani, budi, days):
    family = given(family, ani, budi)
    day = timezone.localdate() - timedelta(days=days)

    client.post(LOG, filled(family, occurred_on=day.isoformat()))

    assert not Activity.objects.exists()
    assert HeldEntry.objects.get().reason == "sudah_dialihkan"


def test_after_the_days_it_waits_as_before_and_the_list_is_empty(client, family, ani, budi):
    today = timezone.localdate()
    family = given(family, ani, budi, on=today - timedelta(days=4))
    assertNotContains(client.get("/"), family.case_number)

    client.post(LOG, filled(family))
    assert HeldEntry.objects.count() == 1

    CaseLimit.objects.filter(code="tambah_sesudah_serah_hari").update(number=4)
    client.post(LOG, filled(family))
    assert Activity.objects.count() == 1


def test_what_would_change_something_waits_as_before(client, family, ani, budi):
    promise = ActivityFactory(
        pendamping=ani, families=[family], next_step="Antar surat", next_step_on=date(2026, 11, 17)
    )
    row = promise.families.get()
    family = given(family, ani, budi)

    client.post(LOG, filled(family, janji=str(row.pk)))
    edit = client.post(reverse("kpm:household_edit", args=[family.case_number]), {"address": "Baru"})

    assert Activity.objects.count() == 1
    assert HeldEntry.objects.count() == 2
    assert edit.status_code == 302
    row.refresh_from_db()
    assert row.step_done_on is None


def test_a_commitment_that_was_spoken_of_waits_with_its_visit(client, family, ani, budi):
    fail_a_check(MemberFactory(household=family), by=ani, today=timezone.localdate())
    row, before = Commitment.objects.get(), Activity.objects.count()
    given(family, ani, budi)

    client.post(LOG, filled(family, komitmen=str(row.pk)))

    assert Activity.objects.count() == before
    assert HeldEntry.objects.get().payload["fields"]["komitmen"] == [str(row.pk)]


def test_a_family_that_only_was_reassigned_or_is_of_others_gets_nothing(client, family, ani, budi):
    foreign = HouseholdFactory()
    given(HouseholdFactory(pendamping=budi), budi, UserFactory())

    response = client.post(LOG, filled(foreign))

    assertContains(response, "tidak ditemukan")
    assert not Activity.objects.exists()


def test_with_own_families_in_one_form_all_are_stored(client, family, ani, budi):
    own = HouseholdFactory(pendamping=ani, name="Keluarga Sendiri")
    family = given(family, ani, budi)
    sent = filled(family) | {"kpm": [own.case_number, family.case_number], f"met-{own.case_number}": "tidak"}

    client.post(LOG, sent)

    rows = Activity.objects.get().families.values_list("household", "met")
    assert set(rows) == {(own.pk, False), (family.pk, True)}
