"""The migrations make what the models say: columns, keys, indexes, triggers, functions, and rows of master data."""

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import CreateExtension
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pghistory.models import Context

from kpm.models import Household
from pkh_casework import schema
from tests import database
from tests.catalogs import catalogs, differences, rows
from tests.conftest import reference_data


@transaction.atomic
def make_from_the_models():
    """Make every table from the model of today; what models can't say is read from the migrations."""
    history = MigrationLoader(connection)
    with connection.schema_editor() as editor:
        _run(CreateExtension, history, editor)
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        _run(RunSQL, history, editor)
        Context.install_pgh_attach_context_func(using=connection.alias)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.migration_qs.bulk_create(
        recorder.Migration(app=app, name=name) for app, name in history.disk_migrations
    )
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    reference_data()


def _run(kind, history, editor):
    for app, name in history.graph.nodes:
        if app in settings.HOUSE_APPS:
            for operation in history.disk_migrations[app, name].operations:
                if isinstance(operation, kind):
                    operation.database_forwards(app, editor, None, None)


@pytest.fixture
def made(django_db_setup, django_db_blocker):
    """The catalogs and rows of a database made from the models."""
    with (
        django_db_blocker.unblock(),
        database.connected_to(database.copied("made", make_from_the_models)),
    ):
        return catalogs(), rows()


def test_migrating_gives_what_the_models_say(made, db):
    assert [differences(*both) for both in zip(made, (catalogs(), rows()), strict=True)] == [{}, {}]
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
