"""The database's tables: an empty database gets them from the models, in seconds; one that holds data is migrated.

Django keeps a picture of all models while it migrates and draws it anew at each step, which takes most of a minute
for the whole history. What models can't say (extensions, a sequence) stands in the migrations and is read from there.
"""

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import CreateExtension
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pghistory.models import Context


def bring_up_to_date():
    """Make the schema where there is none, else apply the migrations that are missing."""
    if connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
    else:
        make()


@transaction.atomic
def make():
    """Make the schema of this release in an empty database and mark every migration as applied. All or nothing."""
    history = MigrationLoader(connection)
    with connection.schema_editor() as editor:
        _run(CreateExtension, history, editor)
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        _run(RunSQL, history, editor)
        Context.install_pgh_attach_context_func(using=connection.alias)
    pgtrigger.install()
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
