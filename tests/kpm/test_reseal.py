"""`manage.py reseal_numbers`: every number under the current keys, also in the history, whatever stops it."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from entries.models import Receipt
from kpm.duplicates import holders_of
from kpm.models import Household, Member
from kpm.operations import change_household
from pkh_casework import reseal
from pkh_casework.fields import blind_index
from pkh_casework.ids import uuid7
from tests.factories import LONG_AGO, HouseholdFactory, MemberFactory, nik, no_kk

pytestmark = pytest.mark.django_db

FAMILIES = 5


@pytest.fixture
def families():
    """Families whose No KK was another before, each with a person who has a NIK and one who has none."""
    households = [HouseholdFactory(pengurus__nik=nik(number)) for number in range(1, FAMILIES + 1)]
    for number, household in enumerate(households, 1):
        MemberFactory(household=household)
        by = household.pendamping
        change_household(household, by=by, op_id=uuid7(), sent="", today=LONG_AGO, no_kk=no_kk(7000 + number))
    return households


@pytest.fixture
def ring(settings, families):
    """The ring with a second key of each kind, which is the current one."""
    old = settings.IDENTITY_KEYS
    settings.IDENTITY_KEYS = old | {
        "encryption": old["encryption"] | {"2": "44" * 32},
        "index": old["index"] | {"2": "55" * 32},
        "current": {"encryption": "2", "index": "2"},
    }
    return settings.IDENTITY_KEYS


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(reseal, "BATCH", 2)


def tables():
    return [Household, Member, *(apps.get_model("kpm", name) for name in ("HouseholdEvent", "MemberEvent"))]


def numbers_of(model):
    """(number, index bytes) of the rows that have a number."""
    name = "no_kk" if "Household" in model.__name__ else "nik"
    rows = model.objects.exclude(**{name: None})
    return [(getattr(row, name), bytes(getattr(row, f"{name}_index")), name) for row in rows.order_by("pk")]


def key_ids():
    return {model.__name__: {number.key_id for number, *_ in numbers_of(model)} for model in tables()}


def test_every_number_is_sealed_and_found_by_the_new_keys_and_the_old_may_go(ring, settings, capsys):
    digits = {model: [number.reveal() for number, *_ in numbers_of(model)] for model in tables()}
    assert set.union(*key_ids().values()) == {"1"}

    call_command("reseal_numbers")

    assert "HouseholdEvent: 10 rows read, 10 resealed" in capsys.readouterr().out
    settings.IDENTITY_KEYS = ring | {
        "encryption": {"2": ring["encryption"]["2"]},
        "index": {"2": ring["index"]["2"]},
    }
    for model in tables():
        assert [number.reveal() for number, *_ in numbers_of(model)] == digits[model]
        for number, index, name in numbers_of(model):
            assert number.key_id == "2"
            assert index == blind_index(number.reveal(), name)
    assert holders_of(no_kk(7001)).get() == holders_of(nik(1)).get()


def test_resealing_is_no_change_in_the_history_and_the_history_stays_closed(ring, families):
    event = apps.get_model("kpm", "HouseholdEvent")
    before = event.objects.count()

    call_command("reseal_numbers")

    assert event.objects.count() == before
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        event.objects.update(notes="x")
    Household.objects.filter(pk=families[0].pk).update(notes="Pindah")
    assert event.objects.count() == before + 1


def test_a_second_run_writes_nothing(ring, capsys):
    call_command("reseal_numbers")
    capsys.readouterr()

    call_command("reseal_numbers")

    assert "10 rows read, 0 resealed" in capsys.readouterr().out


def test_another_index_key_alone_is_taken_up_too(ring, settings):
    settings.IDENTITY_KEYS = ring | {"current": {"encryption": "1", "index": "2"}}

    call_command("reseal_numbers")

    assert {index == blind_index(number.reveal(), "nik") for number, index, _ in numbers_of(Member)} == {True}


@pytest.mark.django_db(transaction=True)
def test_a_run_cut_short_keeps_what_it_did_and_every_number_is_found_meanwhile(ring, monkeypatch):
    renew, calls = reseal._renew, []

    def cut(row, *args):
        calls.append(row)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return renew(row, *args)

    monkeypatch.setattr(reseal, "_renew", cut)
    with pytest.raises(KeyboardInterrupt):
        call_command("reseal_numbers")

    assert key_ids()["Household"] == {"1", "2"}
    for number in range(1, FAMILIES + 1):
        assert holders_of(no_kk(7000 + number)).count() == 1
    monkeypatch.setattr(reseal, "_renew", renew)
    call_command("reseal_numbers")
    assert set.union(*key_ids().values()) == {"2"}


def test_a_number_that_no_key_opens_is_named_and_the_others_are_resealed(ring, families):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kpm_member SET nik = '\\x0101' WHERE nik_index = %s", [blind_index_of(nik(1))])
    broken = families[0].members.get(nik_index=blind_index_of(nik(1)))

    with pytest.raises(CommandError, match=rf"^no known key opens kpm\.member:nik:{broken.pk}"):
        call_command("reseal_numbers")

    Member.objects.filter(pk=broken.pk).update(nik=None)
    assert {number.key_id for number, *_ in numbers_of(Member)} == {"2"}
    assert Receipt.objects.count() == FAMILIES


def blind_index_of(digits):
    return blind_index(digits, "nik", key_id="1")
