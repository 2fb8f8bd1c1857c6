"""The migrations make what the models say: columns, keys, indexes, triggers, functions, and rows of master data."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kpm.models import Household
from pkh_casework import schema
from tests import database
from tests.catalogs import catalogs, differences, rows
from tests.conftest import reference_data


def migrate_from_nothing():
    """Go through every migration, as a database of the first release does that was never brought up to date."""
    call_command("migrate", verbosity=0)
    reference_data()


@pytest.fixture
def migrated(django_db_setup, django_db_blocker):
    """The catalogs and rows of a database that went through every migration."""
    with (
        django_db_blocker.unblock(),
        database.connected_to(database.copied("migrated", migrate_from_nothing)),
    ):
        return catalogs(), rows()


def test_migrating_gives_what_the_models_say(migrated, db):
    assert [differences(*both) for both in zip(migrated, (catalogs(), rows()), strict=True)] == [{}, {}]
    assert len(catalogs()["triggers"]) > 100 and len(rows()["kpm_indicator"]) > 10


def test_a_new_schema_has_no_migration_to_come(db):
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_a_schema_that_is_there_keeps_its_rows(db, family):
    schema.bring_up_to_date()
    assert Household.objects.get() == family


def test_the_tables_of_an_app_go_and_come_in_one_step(db):
    before = catalogs()
    call_command("migrate", "reports", "zero", verbosity=0)
    assert not [name for name in connection.introspection.table_names() if name.startswith("reports_")]
    call_command("migrate", verbosity=0)
    assert differences(before, catalogs()) == {}
