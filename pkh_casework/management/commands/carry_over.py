from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from pkh_casework.management.carrying import Carrying, OtherState, is_to_carry
from pkh_casework.management.held_before import rewrite_held


class Command(BaseCommand):
    help = (
        "Carry a database of the release before over to this one, all of it or nothing. Make a backup first "
        "(docs/operations.md, Updating). Safe to repeat."
    )

    def handle(self, *, verbosity, **options):
        try:
            said = carry_over()
        except OtherState as other:
            raise CommandError(
                f"this database can't be carried over: {other}. Nothing was changed."
            ) from other
        if verbosity:
            self.stdout.write(said)


@transaction.atomic
def carry_over():
    """Take the database over to the tables of this release, in one transaction; returns what was done, in words."""
    if "django_migrations" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            # A second one at the same time waits, then has nothing to do.
            cursor.execute("LOCK TABLE django_migrations")
    if not is_to_carry():
        return "Nothing to do: the database is of this release already."
    carrying = Carrying()
    carrying.rename_tables()
    carrying.drop_triggers()
    rewritten = rewrite_held()
    carrying.install_triggers()
    carrying.rename_rows()
    carrying.refuse_what_differs()
    return (
        f"Carried over: {len(carrying.moved)} tables have new names, {rewritten} held activities were rewritten. "
        "Now run `manage.py prepare`."
    )
