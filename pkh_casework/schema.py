"""The database's tables: an empty database gets them from the models, in seconds; one that holds data gets the migrations
that are missing.

Django draws all models anew at each step of a migration, so that the steps of a year take most of a minute. What models
can't say (extensions, a sequence) stands in the migrations and is read from there.
"""

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import CreateExtension
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pghistory.models import Context

# The last migration of an app that is no more: a database that knows it was made by the release before this one.
RELEASED = ("ledger", "0004_decisions_on_held_entries")
CARRY_OVER = (
    "this database was made by an older release: make a backup, then run `manage.py carry_over` once "
    "(docs/operations.md, Updating)"
)


def is_of_older_release():
    """Whether the database was made before the first migrations were written anew, so that it is to be carried over."""
    return RELEASED in MigrationRecorder(connection).applied_migrations()


def bring_up_to_date():
    """Make the tables where there are none, else apply the migrations that are missing. Raises CommandError for a database
    to carry over; the demo's is, at once.
    """
    if not connection.introspection.table_names():
        make()
        return
    if is_of_older_release():
        if settings.PKH_MODE != "demo":
            raise CommandError(CARRY_OVER)
        call_command("carry_over", verbosity=0)
    call_command("migrate", verbosity=0, interactive=False)


@transaction.atomic
def make():
    """Make the tables of this release in an empty database, and mark every migration as applied. All or nothing."""
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


def _run(kind, history, editor):
    """Run the operations of `kind` in the project's own migrations, in their order."""
    for app, name in history.graph.nodes:
        if app in settings.HOUSE_APPS:
            for operation in history.disk_migrations[app, name].operations:
                if isinstance(operation, kind):
                    operation.database_forwards(app, editor, None, None)
