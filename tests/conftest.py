import logging
from itertools import count

import pytest
from django.template import Template
from django.test import TransactionTestCase
from django.test.utils import _TestState

from pkh_casework import dated, schema
from pkh_casework.masterdata import load_all
from tests import database
from tests.clock import a_little_earlier, at_the_moment
from tests.factories import HouseholdFactory, UserFactory
from wilayah.loading import load_areas

# What a test with real transactions ends with, in place of emptying every table.
TransactionTestCase._fixture_teardown = database.copy_again


@pytest.fixture(autouse=True, scope="session")
def fixed_clock():
    with a_little_earlier():
        yield


@pytest.fixture(autouse=True)
def clock_of_its_own():
    """Each test begins at the same moment, so that none runs over midnight."""
    with at_the_moment():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, fixed_clock):
    with django_db_blocker.unblock():
        empty = database.copied("empty", no_families)
    with database.connected_to(empty):
        yield


def no_families():
    """What every test finds in its database: the schema and the reference data."""
    schema.bring_up_to_date()
    reference_data()


def reference_data():
    """All provinces and kota, Kecamatan Kiaracondong with its six kelurahan, and the master data."""
    load_areas(under=["327316"])
    load_all()


@pytest.fixture
def quietly(monkeypatch):
    """For walks of thousands of pages: no log of what was refused, no copy of what each template was given."""
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


_minutes = count()


@pytest.fixture(autouse=True)
def a_minute_of_its_own(monkeypatch):
    """Master data kept for a minute is asked for once in every test, whatever ran before and however long it takes."""
    minute = next(_minutes)
    monkeypatch.setattr(dated, "_this_minute", lambda: minute)


@pytest.fixture
def pendamping(db):
    return UserFactory()


@pytest.fixture
def koordinator(db):
    return UserFactory(koordinator=True)


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(pendamping=pendamping)
