"""What a database is made of, as PostgreSQL tells it, to compare two of them."""

import re

from django.db import connection

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
BRACKETS = r"::(character varying|text)(\[\])?|[()]"
OF_DJANGO, NUMBERS = ("django_", "auth_"), ["id", "content_type_id", "applied"]


def catalogs():
    """{catalog: its rows} of the database that is connected to."""
    found = {}
    with connection.cursor() as cursor:
        for name, question in CATALOGS.items():
            cursor.execute(question)
            found[name] = {row for row in cursor.fetchall() if row[0] not in APART}
    return found


def rows():
    """{table: its rows as text} of the database that is connected to, without the numbers Django gives to its own."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            left_out = [NUMBERS if table.startswith(OF_DJANGO) else []]
            cursor.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} t", left_out)  # noqa: S608
            found[table] = {row for (row,) in cursor.fetchall()}
    return found


def differences(one, other):
    """{part: rows that only one of the two has}, {} when they are the same."""
    assert set(one) == set(other)
    return {part: found ^ other[part] for part, found in one.items() if found != other[part]}


def as_a_dump_says(found):
    """The catalogs with conditions as they read in one database and in another that was filled from its dump:
    PostgreSQL puts other casts and brackets there.
    """
    read_again = {
        part: {
            tuple(re.sub(BRACKETS, "", text) if isinstance(text, str) else text for text in row)
            for row in rows
        }
        for part, rows in found.items()
        if part in {"constraints", "indexes"}
    }
    return found | read_again
