from itertools import count

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate

from pkh_casework import dated
from pkh_casework.masterdata import load_all
from tests.factories import HouseholdFactory, UserFactory
from wilayah.loading import load_areas


def load_reference_data(**kwargs):
    """All provinces and kota, Kecamatan Kiaracondong with its six kelurahan, and the master data."""
    load_areas(under=["327316"])
    load_all()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load_reference_data()
    # A test with real transactions ends with an emptied database; Django then sends this signal for each app.
    post_migrate.connect(load_reference_data, sender=apps.get_app_config("roles"), weak=False)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A thread that served a browser may still hold a connection, and a database in use can't be removed.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


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
