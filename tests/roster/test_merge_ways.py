"""What is on its way to a family while it is merged arrives at the one that stands."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from entries.models import HeldEntry
from kpm.models import Assessment, Household
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold
from roster.models import Suspect
from roster.operations import merge, undo_merge
from roster.operations.merge import follow_strays
from tests.entries.test_handover import decide
from tests.factories import ActivityFactory, HouseholdFactory, MemberFactory, UserFactory
from tests.held import visit_to
from tests.walker import as_sent
from wilayah.clock import local_today

LOG = "/kegiatan/catat/"
MACHINE = {"Accept": "application/json"}


@pytest.fixture
def rina(db):
    return UserFactory(koordinator=True)


@pytest.fixture
def pair(db):
    """(the family that stays, the one that goes) of one pendamping."""
    ani = UserFactory(name="Ani")
    return HouseholdFactory(pendamping=ani), HouseholdFactory(pendamping=ani)


def merged(rina, survivor, loser):
    return merge(by=rina, op_id=uuid7(), today=local_today(), survivor=survivor, loser=loser)


def test_a_visit_queued_for_the_old_number_is_one_of_the_family(client, pair, rina):
    stays, goes = pair
    client.force_login(stays.pendamping)
    sent = visit_to(goes)
    merged(rina, stays, goes)
    answer = client.post(LOG, sent, headers=MACHINE)
    assert answer.json()["state"] == "stored"
    assert ActivityHousehold.objects.get().household_id == stays.pk
    assert client.post(LOG, sent, headers=MACHINE).json()["state"] == "duplicate"


def test_a_visit_to_both_is_one_visit(client, pair, rina):
    stays, goes = pair
    client.force_login(stays.pendamping)
    sent = visit_to(stays, goes)
    merged(rina, stays, goes)
    assert client.post(LOG, sent, headers=MACHINE).json()["state"] == "stored"
    assert ActivityHousehold.objects.get().household_id == stays.pk


def test_a_form_with_the_old_number_in_its_address_arrives(client, pair, rina):
    stays, goes = pair
    client.force_login(stays.pendamping)
    address = reverse("kpm:member_create", args=[goes.case_number])
    merged(rina, stays, goes)
    sent = {"op_id": str(uuid7()), "name": "Asep", "sex": "L", "relation": "anak"}
    assert client.post(address, sent, headers=MACHINE).json()["state"] == "stored"
    assert stays.members.filter(name="Asep").exists()


def test_what_was_typed_for_a_family_that_another_holds_now_is_held_and_let_in(client, rina):
    stays, goes = HouseholdFactory(), HouseholdFactory()
    client.force_login(goes.pendamping)
    sent = visit_to(goes)
    merged(rina, stays, goes)
    assert client.post(LOG, sent, headers=MACHINE).json()["state"] == "held"
    held = HeldEntry.objects.get()
    decide(client, held, "diterima")
    assert Activity.objects.get().pendamping == goes.pendamping
    assert ActivityHousehold.objects.get().household_id == stays.pk


def test_a_correction_names_the_old_number_still(client, pair, rina):
    stays, goes = pair
    activity = ActivityFactory(pendamping=stays.pendamping, families=[goes], occurred_on=local_today())
    client.force_login(stays.pendamping)
    address = f"{activity.get_absolute_url()}ubah/"
    sent = {name: value for name, value in as_sent(client.get(address)).items() if value != ""}
    sent |= {"notes": "Diperbaiki di rumah.", "kpm": goes.case_number, f"met-{goes.case_number}": "ya"}
    merged(rina, stays, goes)
    answer = client.post(address, sent)
    activity.refresh_from_db()
    assert (answer.status_code, activity.notes) == (302, "Diperbaiki di rumah.")
    assert activity.families.get().household_id == stays.pk


def test_what_was_written_at_the_same_moment_follows(pair, rina):
    stays, goes = pair
    done = merged(rina, stays, goes)
    activity = ActivityFactory(pendamping=stays.pendamping, families=[])
    late = ActivityHousehold.objects.create(
        activity=activity,
        household_id=goes.pk,
        pendamping=stays.pendamping,
        wilayah_id=stays.wilayah_id,
        occurred_on=date(2026, 11, 20),
        is_visit=True,
        met=True,
    )
    assert follow_strays() == 1
    assert follow_strays() == 0
    late.refresh_from_db()
    stays.refresh_from_db()
    assert (late.household_id, stays.last_visited_on) == (stays.pk, date(2026, 11, 20))
    undo_merge(done, by=rina, op_id=uuid7(), today=local_today())
    late.refresh_from_db()
    assert late.household_id == goes.pk


def test_nothing_is_written_for_a_number_that_is_gone(pair, rina):
    stays, goes = pair
    MemberFactory(household=goes)
    merged(rina, stays, goes)
    assert not Assessment.objects.visible_to(stays.pendamping).filter(household=goes).exists()
    assert not Household.objects.visible_to(rina).filter(pk=goes.pk).exists()
    assert not Household.objects.counted_for(UserFactory(kelurahan=True)).filter(pk=goes.pk).exists()


def test_the_nightly_command_lists_what_it_finds(db):
    for _ in range(2):
        HouseholdFactory(name="Euis Komariah")
    told = StringIO()
    call_command("find_duplicates", area="3273", stdout=told)
    assert "1 pairs" in told.getvalue()
    assert Suspect.objects.count() == 1
