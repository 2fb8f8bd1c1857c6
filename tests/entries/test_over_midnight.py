"""A page that stood open over midnight: a day that stood in its form is asked about once, whatever the form, and what was
typed stays.
"""

from copy import deepcopy
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django import forms
from django.urls import reverse
from django.utils import timezone

from pkh_casework.forms import OneTap
from pkh_casework.ids import day_of_id, uuid7
from roles.models import Activity
from tests.clock import DAY
from tests.factories import HouseholdFactory
from tests.pkh_casework.test_numbers_typed import forms_of_the_app
from wilayah.clock import zone_of

ASKED = "Tanggal ini kemarin"
YESTERDAY = DAY - timedelta(days=1)


def at(day, hour=9):
    return datetime.combine(day, time(hour), zone_of("3273"))


def id_of(day):
    return uuid7(int(at(day, 22).timestamp() * 1000))


def dated_forms():
    """Each form of the app that is stored by one tap and has a day in it."""
    return {
        f"{form.__module__}.{form.__name__}": form
        for form in forms_of_the_app(OneTap)
        if any(isinstance(field, forms.DateField) for field in getattr(form, "base_fields", {}).values())
    }


@pytest.mark.parametrize("form", dated_forms().values(), ids=dated_forms())
def test_every_form_asks_once_about_the_day_on_which_it_was_opened(form):
    assert form.ask_about_days is OneTap.ask_about_days
    days = {name: field for name, field in form.base_fields.items() if isinstance(field, forms.DateField)}
    said = type("Days", (OneTap, forms.Form), deepcopy(days))(
        {"op_id": str(id_of(YESTERDAY))}, user=None, today=DAY
    )
    said.full_clean()

    def sent():
        said._errors, said.cleaned_data = forms.utils.ErrorDict(), dict.fromkeys(days, YESTERDAY)
        return said.ask_about_days()

    assert sent()
    assert set(said.errors) == set(days)
    assert all(ASKED in words[0] for words in said.errors.values())
    assert not sent() and not said.errors  # under its new id it is what was meant


def test_there_are_such_forms():
    assert len(dated_forms()) >= 12


def test_the_day_of_an_id_is_that_of_the_place():
    assert day_of_id(id_of(DAY)) == DAY
    with timezone.override(zone_of("3273")):
        assert day_of_id(uuid7(int(at(DAY, 0).timestamp() * 1000))) == DAY
        assert day_of_id(uuid7(int(at(DAY, 0).timestamp() * 1000) - 1)) == YESTERDAY


@pytest.fixture
def visit(client, pendamping):
    """Send a visit that was opened yesterday at ten; visit(op_id=…, occurred_on=…) → the answer."""
    family = HouseholdFactory(pendamping=pendamping)
    client.force_login(pendamping)
    address = reverse("roles:activity_create")

    def send(headers=None, **changed):
        said = {
            "op_id": id_of(YESTERDAY),
            "kpm": family.case_number,
            f"met-{family.case_number}": "ya",
            "occurred_on": YESTERDAY.isoformat(),
            "kind": "kunjungan_rumah",
            "sub_role": "EDU-2",
            "notes": "Warungnya ramai",
        }
        return client.post(address, said | changed, headers=headers)

    return send


def test_a_day_that_went_over_is_asked_about_and_what_was_typed_stays(visit):
    page = visit()
    text = page.content.decode()
    assert page.status_code == 200 and ASKED in text and "Warungnya ramai" in text
    assert not Activity.objects.exists()

    again = visit(op_id=page.context["form"].op_id)

    assert again.status_code == 302
    assert Activity.objects.get().occurred_on == YESTERDAY


def test_another_day_is_not_asked_about(visit):
    assert visit(occurred_on=DAY.isoformat()).status_code == 302
    assert Activity.objects.get().occurred_on == DAY


def test_a_page_of_today_is_not_asked_about_yesterday(visit):
    assert visit(op_id=id_of(DAY)).status_code == 302


def test_what_waited_on_a_phone_is_stored_for_its_day(visit):
    answer = visit(headers={"Accept": "application/json"})
    assert answer.json()["state"] == "stored", answer.json()
    assert Activity.objects.get().occurred_on == YESTERDAY


def test_a_second_try_after_midnight_answers_as_the_first(visit):
    op_id = id_of(YESTERDAY)
    with time_machine.travel(at(YESTERDAY, 23), tick=True):
        first = visit(op_id=op_id)
    assert first.status_code == 302
    assert visit(op_id=op_id).url == first.url
    assert Activity.objects.count() == 1
