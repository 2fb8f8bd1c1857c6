"""A page whose form rests on the phone until it is taken reads in a header what became of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from entries.models import HeldEntry, Period, Receipt
from kpm.operations import assign
from pkh_casework.ids import uuid7
from tests.factories import HouseholdFactory, UserFactory
from tests.held import visit_to

pytestmark = pytest.mark.django_db

LOG = reverse("roles:activity_create")
HTMX = {"HX-Request": "true", "HX-Target": "activity-form"}
KEPT = {"X-Langkah": "1"}


@pytest.fixture
def send(client, family):
    """send(fields) as a page of a phone for work does: (op_id, state, receipt) of the header, and the answer."""
    client.force_login(family.pendamping)

    def post(fields, url=LOG, headers=None):
        answer = client.post(url, fields, headers={**KEPT, **HTMX, **(headers or {})})
        assert answer["X-Langkah"] == "1"
        op_id, state, receipt = [*answer["X-Langkah-Entry"].split(" "), "", ""][:3]
        assert op_id == str(fields.get("op_id"))
        return state, receipt, answer

    return post


def test_it_says_stored_and_then_that_it_was(send, family):
    visit = visit_to(family)
    state, receipt, answer = send(visit)
    assert (state, receipt) == ("stored", Receipt.objects.get().code)
    assert answer["HX-Redirect"]
    assert send(visit)[:2] == ("duplicate", receipt)


def test_it_says_held_with_the_page_for_people(send, family):
    month = timezone.localdate().replace(day=1)
    Period.objects.update_or_create(wilayah_id=family.wilayah_id, month=month, defaults={"state": "terkunci"})
    state, receipt, answer = send(visit_to(family))
    assert (state, receipt) == ("held", "") and answer["HX-Redirect"]
    assign(family, to=UserFactory(), by=UserFactory(koordinator=True), on=timezone.localdate())
    Period.objects.all().delete()
    assert send(visit_to(family))[0] == "held"
    assert {held.reason for held in HeldEntry.objects.all()} == {"bulan_terkunci", "sudah_dialihkan"}


def test_it_says_rejected_with_the_form_for_people(send, family):
    state, receipt, answer = send(visit_to(family, occurred_on="besok"))
    assert (state, receipt, answer.status_code) == ("rejected", "", 200)
    assert "Tulis tanggal yang benar." in answer.content.decode()
    assert not Receipt.objects.exists()
    stranger = HouseholdFactory()
    state, _, answer = send(
        {"op_id": str(uuid7())}, url=reverse("kpm:household_edit", args=[stranger.case_number])
    )
    assert (state, answer.status_code) == ("rejected", 404)


def test_other_content_under_one_number_is_held_and_kept(send, family):
    visit = visit_to(family, notes="Satu")
    send(visit)
    assert send({**visit, "notes": "Dua"})[0] == "held"
    assert HeldEntry.objects.get().payload["fields"]["notes"] == ["Dua"]
    url = reverse("roles:postpone", args=[family.case_number])
    said = {
        "op_id": str(uuid7()),
        "until_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
        "reason": "Mudik",
    }
    assert send(said, url)[0] == "stored"
    state, _, answer = send({**said, "reason": "Sakit"}, url)
    assert state in {"held", "rejected"} and "Sakit" in (
        answer.content.decode() or str(HeldEntry.objects.latest("pk").payload)
    )


def test_nothing_is_said_where_nothing_is_decided(client, send, family):
    client.logout()
    state, receipt, answer = send(visit_to(family))
    assert (state, receipt) == ("", "")
    assert answer["HX-Retarget"] == "body", "the login page, which the phone does not need"


def test_without_the_header_pages_are_as_before(client, family):
    client.force_login(family.pendamping)
    answer = client.post(LOG, visit_to(family))
    assert answer.status_code == 302 and "X-Langkah" not in answer and "X-Langkah-Entry" not in answer
    assert "X-Langkah" not in client.get(LOG, headers=KEPT)


def test_an_entry_without_a_number_has_no_name(client, family):
    client.force_login(family.pendamping)
    for op_id in (None, "x"):
        said = visit_to(family)
        said = {name: value for name, value in said.items() if name != "op_id"} | (
            {"op_id": op_id} if op_id else {}
        )
        answer = client.post(LOG, said, headers=KEPT | HTMX)
        assert answer["X-Langkah-Entry"].startswith("None ")
