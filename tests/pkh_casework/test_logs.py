"""No value of a family in a log line, whatever PostgreSQL says about it."""

import logging

import pytest
from django.db import connection

from kpm.models import Household
from pkh_casework.ids import uuid7
from pkh_casework.logs import WithoutValues, without_values
from tests.factories import GroupFactory, HouseholdFactory

SECRETS = ["Euis Rahasia", "Gang Rahasia", "Baris kedua\n\nThe above exception was the direct cause"]


@pytest.fixture
def lines(caplog):
    """What the log handler of the settings would print."""
    caplog.handler.setFormatter(logging.getHandlerByName("stderr").formatter)
    assert isinstance(caplog.handler.formatter, WithoutValues)
    return caplog


@pytest.fixture
def family(db):
    return HouseholdFactory(name="Euis Rahasia", address="Gang Rahasia", notes=SECRETS[2])


def break_the_check(household, **kwargs):
    Household.objects.filter(pk=household.pk).update(desil=99)


def break_the_key(household, **kwargs):
    GroupFactory.create_batch(2, pendamping=household.pendamping, name=household.name)


def break_the_syntax(household, **kwargs):
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS integer)", [household.name])


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (break_the_check, "household_desil_1_to_10"),
        (break_the_key, "duplicate key value"),
        (break_the_syntax, "invalid input syntax"),
    ],
)
def test_an_error_of_the_database_in_a_view_is_logged_without_the_row(
    fault, named, client, family, lines, monkeypatch
):
    monkeypatch.setattr("roles.views.worklist.postpone", fault)
    client.force_login(family.pendamping)
    client.raise_request_exception = False

    response = client.post(f"/kegiatan/tunda/{family.case_number}/batal/", {"op_id": str(uuid7())})

    assert response.status_code == 500
    assert "Traceback" in lines.text
    assert named in lines.text
    assert "in postpone_lift" in lines.text
    assert "(values left out)" in lines.text
    for words in ["Rahasia", "Baris kedua", *SECRETS]:
        assert words not in lines.text
        assert words not in response.content.decode()


def test_an_error_put_into_a_message_is_cut_as_well(lines):
    text = (
        'duplicate key value violates unique constraint "x"\n'
        "DETAIL:  Key (name)=(Euis Rahasia) already exists."
    )

    logging.getLogger("kpm").error("import failed: %s", text)

    assert "import failed: duplicate key value" in lines.text
    assert "Rahasia" not in lines.text


def test_other_messages_and_tracebacks_stay_whole(lines):
    log = logging.getLogger("kpm")
    log.warning('taken: "%s"', "kunci: nilai")
    try:
        raise ValueError('wrong: "x"')
    except ValueError:
        log.exception("failed")

    assert 'taken: "kunci: nilai"' in lines.text
    assert 'ValueError: wrong: "x"' in lines.text


@pytest.mark.parametrize(
    "words",
    [
        'new row for relation "x" violates check constraint "y"\nDETAIL:  Failing row contains (1, Euis Rahasia).',
        "Failing row contains (1, Euis Rahasia).",
        "Key (name)=(Euis Rahasia) already exists.",
        "invalid input syntax for type uuid: \"Euis Rahasia\"\nLINE 1: SELECT 'Euis Rahasia'",
        "syntax error at or near \"x\"\nLINE 1: SELECT 'Euis Rahasia'",
        "value too long\nCONTEXT:  COPY kpm_household, line 1, column name: Euis Rahasia",
    ],
)
def test_the_values_of_every_kind_of_error_are_cut(words):
    assert "Rahasia" not in without_values(words)
