"""Confidential notes: sealed, for the holder of now and the koordinator of the area, and nowhere else."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from entries.models import AccessLog, HeldEntry
from entries.operations import Refused
from kpm.operations import assign
from pkh_casework.access import POLICY
from pkh_casework.ids import uuid7
from reports.files.lists import LISTS
from roles.models import IncidentNote
from roles.operations.incident import reseal_notes
from roster.office.tables import office_tables
from roster.operations.merge import merge
from tests.factories import HouseholdFactory, UserFactory
from tests.incidents import make_incident, note

SECRET = "Pelapornya tetangga sebelah, bernama Wawan."


@pytest.fixture
def incident(db):
    incident = make_incident(HouseholdFactory(), on=timezone.localdate())
    note(incident, SECRET)
    return incident


@pytest.fixture
def rina(db):
    return UserFactory(koordinator=True)


def page_of(incident):
    return reverse("roles:incident_notes", args=[incident.pk])


def test_no_list_and_no_package_has_a_column_of_it():
    assert not any(one.model is IncidentNote for one in LISTS.values())
    assert "roles.IncidentNote" not in {table.label for table in office_tables()}


def test_at_rest_it_is_sealed_for_its_row(incident):
    other = make_incident(incident.household)
    note(other, "Lain.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM roles_incidentnote")
        assert all(b"Wawan" not in bytes(sealed) for (sealed,) in cursor.fetchall())
    first, second = IncidentNote.objects.order_by("at")
    assert (first.read(), second.read()) == (SECRET, "Lain.")
    second.sealed = first.sealed
    with pytest.raises(ValueError, match="incidentnote"):
        second.read()
    with pytest.raises(ProgrammingError), transaction.atomic():
        IncidentNote.objects.update(sealed=b"x")


def test_each_opening_is_kept_whoever_opens(client, incident, rina):
    sri = incident.household.pendamping
    for user in (sri, rina, sri):
        client.force_login(user)
        assert SECRET in client.get(page_of(incident)).content.decode()
    kept = AccessLog.objects.filter(fields=["catatan_rahasia"]).order_by("pk")
    assert [row.user for row in kept] == [sri, rina, sri]
    assert {row.subject for row in kept} == {incident.household.case_number}
    assert POLICY["roles:incident_notes"].audit == "secret"


def test_the_pages_beside_it_say_how_many_and_not_what(client, incident):
    client.force_login(incident.household.pendamping)
    for url in (incident.get_absolute_url(), reverse("roles:incident_note", args=[incident.pk])):
        assert "Wawan" not in client.get(url).content.decode()
    assert client.get(incident.get_absolute_url()).context["notes"] == 1


def test_after_a_handover_the_new_holder_reads_it_and_the_former_one_does_not(client, incident, rina):
    family, sri, budi = incident.household, incident.household.pendamping, UserFactory()
    assign(family, to=budi, by=rina, on=timezone.localdate())

    client.force_login(budi)
    assert SECRET in client.get(page_of(incident)).content.decode()
    client.force_login(sri)
    assert client.get(page_of(incident)).status_code == 404
    # What she still sends about the family is held, and neither its page nor the desk shows what was there before.
    late = client.post(
        reverse("roles:incident_note", args=[incident.pk]), {"op_id": str(uuid7()), "text": "Tambahan."}
    )
    assert SECRET not in client.get(late.url).content.decode()
    held = HeldEntry.objects.get()
    assert SECRET not in json.dumps(held.payload)
    client.force_login(rina)
    assert SECRET not in client.get(late.url).content.decode()
    client.post(late.url, {"decision": "diterima", "note": "Masuk."})
    assert [one.read() for one in IncidentNote.objects.order_by("at")] == [SECRET, "Tambahan."]


def test_it_goes_along_when_the_family_is_found_to_be_another_one(client, incident, rina):
    survivor = HouseholdFactory()
    merge(
        by=rina,
        op_id=uuid7(),
        sent="",
        today=timezone.localdate(),
        survivor=survivor,
        loser=incident.household,
        same_people=(),
    )
    assert IncidentNote.objects.get().household == survivor
    client.force_login(survivor.pendamping)
    assert SECRET in client.get(page_of(incident)).content.decode()


@pytest.mark.parametrize(
    "stranger",
    [{}, {"koordinator": True, "wilayah_id": "3273161001"}, {"kelurahan": True}, {"admin": True}],
)
def test_to_all_others_there_is_no_such_page(client, incident, stranger):
    user = UserFactory(**stranger)
    client.force_login(user)
    for view in ("notes", "note"):
        url = reverse(f"roles:incident_{view}", args=[incident.pk])
        assert client.get(url).status_code == 404
        assert client.post(url, {"op_id": str(uuid7()), "text": "Coba."}).status_code in {404, 405}
    assert IncidentNote.objects.count() == 1


def test_a_koordinator_writes_one_too_and_a_colleague_none(client, incident, rina):
    client.force_login(rina)
    client.post(
        reverse("roles:incident_note", args=[incident.pk]),
        {"op_id": str(uuid7()), "text": "Sudah dilaporkan."},
    )
    assert IncidentNote.objects.latest("at").by == rina
    with pytest.raises(Refused):
        note(incident, "Coba.", by=UserFactory())


def test_it_can_be_sealed_with_a_new_key(incident, settings):
    ring = settings.IDENTITY_KEYS
    settings.IDENTITY_KEYS = {
        **ring,
        "encryption": {**ring["encryption"], "9": "ab" * 32},
        "current": {**ring["current"], "encryption": "9"},
    }
    out = StringIO()
    call_command("reseal_numbers", stdout=out)
    assert "IncidentNote: 1 notes read, 1 resealed" in out.getvalue()
    assert (IncidentNote.objects.get().key_id, IncidentNote.objects.get().read()) == (9, SECRET)
    assert reseal_notes() == (1, 0)
