"""A machine that sends a form gets the named answer of every form, and never a page or a redirect."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entries.answers import named_answers
from entries.models import HeldEntry, Period, Receipt
from kpm.operations import assign
from pkh_casework.ids import uuid7
from tests.answers import everything
from tests.factories import HouseholdFactory, UserFactory
from tests.held import visit_to
from tests.walker import address_of, as_sent, one_of_each, open_routes
from tests.worlds import made_once

LOG = reverse("roles:activity_create")
STATES = {"stored", "duplicate", "held", "rejected"}
AS_MACHINE = {"Accept": "application/json"}
# Files are taken by people, and sessions and codes are their own.
# What a phone asks for itself is no entry and has an answer of its own.
OF_A_PHONE = {"phone:phone_register", "phone:phone_open", "phone:phone_hear", "phone:send"}
NOT_ASKED = {"reports:export_take", "accounts:logout", "accounts:session_end", *OF_A_PHONE}


@pytest.fixture
def family(db):
    return HouseholdFactory()


@pytest.fixture
def visit(family):
    return visit_to(family)


@pytest.fixture
def send(client, family):
    client.force_login(family.pendamping)

    def post(fields, url=LOG):
        answer = client.post(url, fields, headers=AS_MACHINE)
        assert (answer["Content-Type"], answer["X-Langkah"]) == ("application/json", "1")
        assert "Location" not in answer
        return answer

    return post


def test_a_visit_is_stored_then_known_then_held_when_it_says_something_else(send, visit):
    first, again, other = send(visit), send(visit), send({**visit, "notes": "Lain."})

    code = Receipt.objects.get().code
    assert first.json() == {
        "op_id": visit["op_id"], "state": "stored", "receipt": code, "reason": "", "errors": {},
    }  # fmt: skip
    assert (again.json()["state"], again.json()["receipt"]) == ("duplicate", code)
    assert (other.json()["state"], other.json()["reason"]) == ("held", HeldEntry.Reason.OTHER_CONTENT)
    assert send(visit).json()["state"] == "duplicate"


def test_any_form_that_a_machine_sends_with_other_content_is_held(send, family):
    """At a page its sender sees both; in a queue nobody does."""
    url = reverse("roles:postpone", args=[family.case_number])
    said = {
        "op_id": str(uuid7()),
        "until_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
        "reason": "Mudik",
    }
    first, other = send(said, url), send({**said, "reason": "Sakit"}, url)

    assert (first.json()["state"], other.json()["state"]) == ("stored", "held")
    assert HeldEntry.objects.get().payload["fields"]["reason"] == ["Sakit"]


def test_what_is_wrong_stands_under_the_name_of_its_field(send, visit):
    answer = send({**visit, "occurred_on": "besok"})

    assert answer.status_code == 200
    assert answer.json()["state"] == "rejected"
    assert answer.json()["errors"] == {"occurred_on": ["Tulis tanggal yang benar."]}


def test_a_locked_month_and_a_handed_over_family_are_held(send, visit, family):
    month = timezone.localdate().replace(day=1)
    period = Period.objects.create(wilayah_id=family.wilayah_id, month=month, state="terkunci")
    locked = send(visit).json()
    period.delete()
    assign(family, to=UserFactory(), by=UserFactory(koordinator=True), on=timezone.localdate())
    moved = send({**visit, "op_id": str(uuid7())}).json()

    assert (locked["state"], locked["reason"]) == ("held", "bulan_terkunci")
    assert (moved["state"], moved["reason"]) == ("held", "sudah_dialihkan")


def test_a_family_of_nobody_and_of_others_is_not_found(send, visit):
    url = reverse("kpm:household_edit", args=[HouseholdFactory().case_number])

    answer = send({"op_id": visit["op_id"]}, url)

    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (
        404, "rejected", "tidak ditemukan",
    )  # fmt: skip


def test_without_a_session_nothing_is_decided(client, visit):
    answer = client.post(LOG, visit, headers=AS_MACHINE)

    assert (answer.status_code, answer["X-Langkah"]) == (401, "1")
    assert "state" not in answer.json() and "Location" not in answer


@pytest.mark.parametrize("status", [403, 408, 429, 500, 503])
def test_what_may_be_taken_later_is_not_decided(status, visit, family, rf):
    request = rf.post(LOG, visit, headers=AS_MACHINE)
    request.user = family.pendamping

    answer = named_answers(lambda request: HttpResponse(status=status))(request)

    assert answer.status_code == status and "state" not in json.loads(answer.content)


def test_a_page_that_is_too_old_decides_nothing(family, visit):
    client = Client(enforce_csrf_checks=True)
    client.force_login(family.pendamping)

    answer = client.post(LOG, visit, headers=AS_MACHINE)

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/json")
    assert "state" not in answer.json() and not Receipt.objects.exists()


@made_once
def world():
    return one_of_each()


@pytest.mark.parametrize("who", ["pendamping", "koordinator"])
def test_every_form_answers_by_name(who, client, world):
    thing, users = world
    client.force_login(users[who])
    session, asked, odd = client.cookies[settings.SESSION_COOKIE_NAME].value, 0, []
    for name, params in open_routes(users[who]):
        if name in NOT_ASKED:
            continue
        url = address_of(name, params, thing)
        page = client.get(url)
        everything(page)
        with transaction.atomic():
            sent = as_sent(page) | {"op_id": str(uuid7())}
            answer = client.post(url, sent, headers=AS_MACHINE)
            everything(answer)
            transaction.set_rollback(True)
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        if answer.status_code == 405:
            continue
        asked += 1
        if answer["Content-Type"] != "application/json" or answer.get("X-Langkah") != "1":
            odd.append((name, answer.status_code, answer["Content-Type"]))
        elif answer.json().get("state") not in STATES or "Location" in answer:
            odd.append((name, answer.status_code, answer.json()))
    assert not odd
    assert asked > 30
