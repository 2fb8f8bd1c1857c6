"""How the first migrations say what stands in the database: all tables of an app in one step, each with its rules.

Django draws every model that is related to a new one again for each step of a migration; one step an app draws them
once. A table whose history is kept costs its own lines only: the table of its versions and the triggers that fill it
follow from its columns. All of it is made of what stands in the migration, never of a model, so that a migration goes
on meaning the same when models change; a test compares what comes of it with the models of today.
"""

from dataclasses import dataclass
from hashlib import sha1

from django.db import models
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from pgtrigger import compiler

REFUSED = "RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;"
# Which row a history keeps at which operation: (name of the trigger, operation, label, row).
NEW_VERSIONS = (("insert_insert", "INSERT", "insert", "NEW"), ("update_update", "UPDATE", "update", "NEW"))
OLD_VERSIONS = (
    ("before_change_update", "UPDATE", "before_change", "OLD"),
    ("before_delete_delete", "DELETE", "before_delete", "OLD"),
)


@dataclass(frozen=True)
class Trigger:
    """A trigger for each row of the table that it is written at."""

    name: str
    operation: str
    func: str
    when: str = "BEFORE"
    condition: str = ""

    def of(self, app_label, name, table):
        """The trigger of the model `name`, as pgtrigger compiles it."""
        named = sha1(f"{app_label}.{name}:{self.name}".encode(), usedforsecurity=False).hexdigest()[:5]
        sql = compiler.UpsertTriggerSql(
            pgid=f"pgtrigger_{self.name}_{named}".lower(),
            table=table,
            when=self.when,
            operation=self.operation,
            condition=self.condition,
            func=self.func,
        )
        return compiler.Trigger(name=self.name, sql=sql)


def insert_only(name="insert_only"):
    """The Trigger of a table whose rows are never changed again."""
    return Trigger(name, "UPDATE OR DELETE", REFUSED)


def numbered():
    """The key that Django gives to a model without one."""
    return models.BigAutoField(verbose_name="ID", primary_key=True, serialize=False, auto_created=True)


@dataclass(frozen=True)
class Table:
    """A table by the name of its model, with fields and options as CreateModel takes them.

    `events` make its history, of the fields without those in `but`, when one of the fields `at` changes (none: any).
    """

    name: str
    fields: dict
    options: dict
    events: tuple = ()
    but: tuple = ()
    at: tuple = ()

    def creations(self, app_label):
        """The CreateModel of the table and, where its history is kept, that of the table of versions."""
        table = f"{app_label}_{self.name.lower()}"
        triggers = [
            *self.options.get("triggers", []),
            *(self._filling(*event, table) for event in self.events),
        ]
        yield _creation(app_label, self.name, self.fields, {**self.options, "triggers": triggers})
        if self.events:
            unchanged = {"abstract": False, "triggers": [insert_only("append_only")]}
            yield _creation(app_label, f"{self.name}Event", self._versions(app_label), unchanged)

    @property
    def _kept(self):
        """The fields of which the history keeps the values."""
        fields = self.fields.items()
        return {name: one for name, one in fields if not one.many_to_many and name not in self.but}

    def _filling(self, trigger, operation, label, row, table):
        """The Trigger that writes a version."""
        columns = {name: _column(name, kept) for name, kept in self._kept.items()}
        values = {column: f'{row}."{column}"' for column in columns.values()}
        key = next(columns[name] for name, kept in self._kept.items() if kept.primary_key)
        values |= {"pgh_created_at": "NOW()", "pgh_label": f"'{label}'", "pgh_obj_id": f'{row}."{key}"'}
        values |= {"pgh_context_id": "_pgh_attach_context()"}
        names = ", ".join(f'"{column}"' for column in sorted(values))
        said = ", ".join(values[column] for column in sorted(values))
        func = f'INSERT INTO "{table}event" ({names}) VALUES ({said}); RETURN NULL;'  # noqa: S608
        changed = self._changed(columns) if operation == "UPDATE" else ""
        return Trigger(trigger, operation, func, when="AFTER", condition=changed)

    def _changed(self, columns):
        """The condition of a version: something of what counts is other than before."""
        if not self.at and not self.but:
            return "WHEN (OLD.* IS DISTINCT FROM NEW.*)"
        looked_at = [columns[name] for name in sorted(self.at or columns)]
        return f"WHEN ({' OR '.join(f'OLD."{one}" IS DISTINCT FROM (NEW."{one}")' for one in looked_at)})"

    def _versions(self, app_label):
        """The fields of the table of versions: which row, when and by whom, and what is kept, without its rules."""
        loose = {"on_delete": models.DO_NOTHING, "db_constraint": False}
        row = f"{app_label}.{self.name.lower()}"
        return {
            "pgh_id": models.AutoField(primary_key=True, serialize=False),
            "pgh_created_at": models.DateTimeField(auto_now_add=True),
            "pgh_label": models.TextField(help_text="The event label."),
            **{name: _without_rules(kept) for name, kept in self._kept.items()},
            "pgh_obj": models.ForeignKey(row, related_name="events", **loose),
            "pgh_context": models.ForeignKey("pghistory.context", null=True, related_name="+", **loose),
        }


def table(name, /, *, options=None, **fields):
    """A Table of which no history is kept."""
    return Table(name, fields, options or {})


def with_history(name, /, *, but=(), options=None, **fields):
    """A Table of which each new and each changed version of a row is kept (pghistory.track), without the fields `but`."""
    return Table(name, fields, options or {}, NEW_VERSIONS, but=but)


def with_old_versions(name, /, *, at=(), options=None, **fields):
    """A Table of which each version of a row is kept before it changes (entries.history.keep_old_versions), or before
    one of the fields `at` does.
    """
    return Table(name, fields, options or {}, OLD_VERSIONS, at=at)


class CreateTables(Operation):
    """Make all tables of an app, in one step: they may refer to each other in any order."""

    reduces_to_sql = reversible = True

    def __init__(self, *tables):
        self.tables = tables

    def state_forwards(self, app_label, state):
        """Add the tables to the picture of all models."""
        state.__dict__.pop("apps", None)  # drawn anew when it is looked at, for all tables at once
        for creation in self._creations(app_label):
            creation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Make the tables with their constraints, indexes and triggers."""
        for creation in self._creations(app_label):
            creation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Remove the tables."""
        for creation in reversed(self._creations(app_label)):
            creation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        """What `migrate --plan` says."""
        return "Create " + ", ".join(one.name for one in self.tables)

    def _creations(self, app_label):
        return [creation for one in self.tables for creation in one.creations(app_label)]


def _creation(app_label, name, fields, options):
    table = f"{app_label}_{name.lower()}"
    triggers = [trigger.of(app_label, name, table) for trigger in options["triggers"]]
    return CreateModel(name, list(fields.items()), {**options, "triggers": triggers})


def _column(name, kept):
    return kept.db_column or (f"{name}_id" if kept.remote_field else name)


def _without_rules(kept):
    """A field that holds the same values and keeps no rule: nothing unique, no key to another table, no numbering."""
    if isinstance(kept, models.BigAutoField):
        return models.BigIntegerField()
    _, _, args, said = kept.deconstruct()
    kind = type(kept)
    said |= {"primary_key": False, "unique": False, "db_index": False}
    if kept.remote_field:
        kind = models.ForeignKey
        said |= {"on_delete": models.DO_NOTHING, "db_constraint": False, "db_index": True}
        said |= {"related_name": "+", "related_query_name": "+"}
    elif isinstance(kept, models.FileField):
        del said["primary_key"]
    return kind(*args, **said)
