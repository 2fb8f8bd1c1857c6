"""An empty database gets its schema from the models; it is the one that all migrations lead to."""

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kpm.models import Household
from pkh_casework import schema
from tests import database
from tests.conftest import reference_data

# What a schema is made of, as PostgreSQL tells it. Names of keys and indexes hold a hash of their columns.
CATALOGS = {
    "columns": """SELECT table_name, column_name, udt_name, character_maximum_length, numeric_precision, numeric_scale,
        is_nullable, column_default, identity_generation, collation_name, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid), obj_description(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')""",
    "sequences": """SELECT sequencename, data_type::text, start_value, min_value, max_value, increment_by, cycle
        FROM pg_sequences WHERE schemaname = 'public'""",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "policies": "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies",
    "tables": """SELECT relname, relrowsecurity, relforcerowsecurity, relpersistence, relispartition
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')""",
    "extensions": "SELECT extname FROM pg_extension",
    "migrations": "SELECT app, name FROM django_migrations",
}
# Django's own table of group permissions, unused here: its number is bigint by the migrations of `auth`, which do not
# know of the app's own kind of key, and integer by its models.
APART = {"auth_group_permissions", "auth_group_permissions_id_seq"}
# Django numbers its own rows in the order in which it comes to the models.
OF_DJANGO, NUMBERS = ("django_", "auth_"), ["id", "content_type_id", "applied"]


def contents():
    """{catalog: its rows} and {table: its rows as text} of the database that is connected to."""
    found = {}
    with connection.cursor() as cursor:
        for name, question in CATALOGS.items():
            cursor.execute(question)
            found[name] = {row for row in cursor.fetchall() if row[0] not in APART}
        for table in connection.introspection.table_names(cursor):
            own = table.startswith(OF_DJANGO)
            left_out = [NUMBERS if own else []]
            cursor.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} t", left_out)  # noqa: S608
            found[table] = {row for (row,) in cursor.fetchall()}
    return found


@pytest.fixture
def migrated(django_db_setup, django_db_blocker):
    """A database that went the way of every migration, with the master data of one that was made."""

    def migrate():
        call_command("migrate", verbosity=0)
        reference_data()

    with django_db_blocker.unblock(), database.connected_to(database.copied("migrated", migrate)):
        return contents()


def test_making_gives_what_migrating_gives(migrated, db):
    made = contents()
    assert set(made) == set(migrated)
    assert {part: rows ^ migrated[part] for part, rows in made.items() if rows != migrated[part]} == {}
    assert len(made["triggers"]) > 100 and len(made["kpm_indicator"]) > 10


def test_a_made_schema_has_no_migration_to_come(db):
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_a_schema_that_is_there_is_migrated_and_keeps_its_rows(db, family, monkeypatch):
    monkeypatch.setattr(schema, "make", None)
    schema.bring_up_to_date()
    assert Household.objects.get() == family


@pytest.mark.parametrize("step", ["Context.install_pgh_attach_context_func", "emit_post_migrate_signal"])
def test_a_making_that_fails_leaves_an_empty_database(step, django_db_setup, django_db_blocker, monkeypatch):
    def fail(**_):
        raise psycopg.OperationalError("the disk is full")

    monkeypatch.setattr(f"pkh_casework.schema.{step}", fail)
    with django_db_blocker.unblock(), database.connected_to(database.copied("nothing", lambda: None)):
        with pytest.raises(psycopg.OperationalError):
            schema.bring_up_to_date()
        assert connection.introspection.table_names() == []
