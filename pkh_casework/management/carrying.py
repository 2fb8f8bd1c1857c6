"""A database made by the release before, taken over table by table: what stands in it keeps its rows under new names.

Where a table has gone follows from the tables that the first migrations make today: what is missing there has the name
of its model in common with one that nothing asks for any more.
"""

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

FIRST = "0001_first_tables"
# All that the release before had applied; nothing else is carried over.
RELEASED = {
    "accounts": ["0001_first_tables", "0002_reset_by_two"],
    "kpm": [
        "0001_first_tables",
        "0002_independence",
        "0003_goal_phrases",
        "0004_anchor_sums",
        "0005_consent",
        "0006_graduation_states_and_near",
        "0007_standing_scores_with_level",
        "0008_level_month_by_month",
    ],
    "ledger": [
        "0001_first_tables",
        "0002_held_files",
        "0003_late_writes",
        "0004_decisions_on_held_entries",
    ],
    "reports": [
        "0001_rhk_and_monthly_reports",
        "0002_monthly_reports_and_locks",
        "0003_month_counts",
        "0004_exports",
        "0005_month_counts_name_their_figures",
    ],
    "resources": ["0001_first_tables"],
    "roles": [
        "0001_first_tables",
        "0002_goals_served",
        "0003_newest_activities",
        "0004_referrals_and_sessions",
        "0005_late_moves_and_knocks",
        "0006_places_of_trainings",
    ],
    "sinergi": ["0001_first_tables"],
    "wilayah": ["0001_first_tables", "0002_boundaries"],
}
RELATIONS = {"i": "ALTER INDEX {} RENAME TO {}", "S": "ALTER SEQUENCE {} RENAME TO {}"}


class OtherState(Exception):
    """The database is not as the release before left it; the text says in what."""


def is_to_carry():
    """Whether the database is as the release before left it; False for one of this release. Raises OtherState."""
    applied = MigrationRecorder(connection).applied_migrations()
    if not connection.introspection.table_names():
        raise OtherState("it is empty; `manage.py prepare` makes its tables")
    if not any(app == "ledger" for app, _ in applied):
        if ("entries", FIRST) in applied:
            return False
        raise OtherState("no release made it")
    missing = [
        f"{app}.{name}" for app, names in RELEASED.items() for name in names if (app, name) not in applied
    ]
    if missing:
        raise OtherState(
            f"it is older than the release before: first update to that one ({', '.join(missing)})"
        )
    return True


class Carrying:
    """One carrying over, inside a transaction. `moved`: {name of a table now: its name before}."""

    def __init__(self):
        history = MigrationLoader(None)
        first = [node for node in history.graph.nodes if node[1] == FIRST and node[0] in settings.HOUSE_APPS]
        models = history.project_state(first).apps.get_models(include_auto_created=True)
        models = {one._meta.db_table: one for one in models if one._meta.app_label in settings.HOUSE_APPS}
        there = {
            table
            for table in connection.introspection.table_names()
            if _app(table) in {*RELEASED, *settings.HOUSE_APPS}
        }
        left = {_name(table): table for table in there - models.keys()}
        missing = models.keys() - there
        self.moved = {table: left.pop(_name(table)) for table in missing if _name(table) in left}
        # An app that is new as a whole is made by its own migration, later.
        new = {_app(table) for table in missing - self.moved.keys()}
        self.models = {table: one for table, one in models.items() if _app(table) not in new}
        odd = [*left.values(), *(table for table in [*there, *self.moved] if _app(table) in new)]
        if odd:
            raise OtherState(f"tables that no release made: {', '.join(sorted(odd))}")

    def rename_tables(self):
        """Let every table that has moved go by its new name, with its keys, indexes and sequences."""
        with connection.schema_editor() as editor:
            names = self._names(editor)
        for table, before in self.moved.items():
            _execute("ALTER TABLE {} RENAME TO {}", before, table)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE connamespace = 'public'::regnamespace AND conrelid <> 0"
            )
            for table, name in cursor.fetchall():
                if (new := self._renamed(name, names)) != name:
                    _execute("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table, name, new)
            for kind, statement in RELATIONS.items():
                cursor.execute(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s",
                    [kind],
                )
                for (name,) in cursor.fetchall():
                    if (new := self._renamed(name, names)) != name:
                        _execute(statement, name, new)

    def _names(self, editor):
        """{name before: name now} of the keys and indexes that Django names after tables and columns."""
        names = {}
        for table, model in self.models.items():
            for field in model._meta.local_concrete_fields:
                ends = {"": "", "_like": "_like", "_uniq": "_uniq"}
                if field.remote_field:
                    to, column = field.remote_field.model._meta.db_table, field.target_field.column
                    ends[f"_fk_{self.moved.get(to, to)}_{column}"] = f"_fk_{to}_{column}"
                names |= self._pairs(editor, table, [field.column], ends)
            for together in model._meta.unique_together:
                columns = [model._meta.get_field(name).column for name in together]
                names |= self._pairs(editor, table, columns, {"_uniq": "_uniq"})
        return names

    def _pairs(self, editor, table, columns, ends):
        """{name before: name now} for these columns and each {end before: end now}."""
        named = editor._create_index_name
        before = self.moved.get(table, table)
        return {named(before, columns, old): named(table, columns, new) for old, new in ends.items()}

    def _renamed(self, name, names):
        """The name now of a key, index or sequence; PostgreSQL's own begin with the name of the table."""
        if name in names:
            return names[name]
        for table, before in self.moved.items():
            if name.startswith(f"{before}_"):
                return table + name.removeprefix(before)
        return name

    def drop_triggers(self):
        """Remove the triggers of another name or text than today's, so that rows can be written without a trace."""
        texts = {key: trigger.hash for key, trigger in self._wanted().items()}
        for table, name, function, text in self._triggers():
            if texts.get((table, name)) != text:
                _execute("DROP TRIGGER {} ON {}", name, table)
                _execute("DROP FUNCTION {}", function)

    def install_triggers(self):
        """Install the triggers that are missing."""
        there = {(table, name) for table, name, _, _ in self._triggers()}
        with connection.cursor() as cursor:
            for key, trigger in self._wanted().items():
                if key not in there:
                    cursor.execute(trigger.install_sql)

    def _wanted(self):
        """{(table, name): Trigger} of this release."""
        return {
            (table, trigger.sql.pgid): trigger
            for table, model in self.models.items()
            for trigger in getattr(model._meta, "triggers", [])
        }

    def _triggers(self):
        """(table, name, function, hash of the text) of each trigger that is there."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, tgname, proname, obj_description(pg_trigger.oid) FROM pg_trigger"
                " JOIN pg_class ON tgrelid = pg_class.oid JOIN pg_proc ON tgfoid = pg_proc.oid"
                " WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace"
            )
            return [row for row in cursor.fetchall() if row[0] in self.models]

    def rename_rows(self):
        """What Django keeps about models and migrations goes by the new names."""
        with connection.cursor() as cursor:
            for table, before in self.moved.items():
                named = [_app(table), _app(before), _name(before)]
                cursor.execute(
                    "UPDATE django_content_type SET app_label = %s WHERE (app_label, model) = (%s, %s)", named
                )
            for model in self.models.values():
                for action in model._meta.default_permissions:
                    said = [
                        f"Can {action} {model._meta.verbose_name_raw}",
                        f"{action}_{model._meta.model_name}",
                    ]
                    cursor.execute(
                        "UPDATE auth_permission SET name = %s WHERE codename = %s AND content_type_id IN (SELECT id"
                        " FROM django_content_type WHERE app_label = %s)",
                        [*said, model._meta.app_label],
                    )
        applied = MigrationRecorder(connection)
        applied.migration_qs.filter(app__in=RELEASED).delete()
        for app in sorted({model._meta.app_label for model in self.models.values()}):
            applied.record_applied(app, FIRST)

    def refuse_what_differs(self):
        """Raise OtherState when a table has other columns than this release's."""
        with connection.cursor() as cursor:
            for table, model in self.models.items():
                there = {one.name for one in connection.introspection.get_table_description(cursor, table)}
                odd = there ^ {field.column for field in model._meta.local_concrete_fields}
                if odd:
                    raise OtherState(f"{table} differs in its columns: {', '.join(sorted(odd))}")


def _app(table):
    return table.partition("_")[0]


def _name(table):
    return table.partition("_")[2]


def _execute(statement, *names):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
