"""The database's tables: an empty database gets them, one that holds data gets the migrations that are missing."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

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
    """Apply the migrations that are missing. Raises CommandError for a database to carry over; the demo's is, at once."""
    if is_of_older_release():
        if settings.PKH_MODE != "demo":
            raise CommandError(CARRY_OVER)
        call_command("carry_over", verbosity=0)
    call_command("migrate", verbosity=0, interactive=False)
