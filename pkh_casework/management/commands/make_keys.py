from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pkh_casework.keys import add_keys, write_key_ring


class Command(BaseCommand):
    help = "Make the key file of identity numbers (NIK, No KK) at PKH_KEYS_FILE; never drops a key."
    requires_system_checks = []  # they ask for the very file that is made here

    def add_arguments(self, parser):
        parser.add_argument(
            "--add",
            action="store_true",
            help="add a new key of each kind to the file and make it the current one",
        )

    def handle(self, *, add, **options):
        path = settings.IDENTITY_KEYS_FILE
        try:
            if add:
                add_keys(path)
            else:
                write_key_ring(path)
        except FileExistsError:
            raise CommandError(
                f"{path} exists already; without it the stored numbers can't be read"
            ) from None
        except OSError as error:
            raise CommandError(f"can't write {path}: {error.strerror}") from error
        self.stdout.write(f"{path} {'has new current keys' if add else 'made'}.")
        self.stdout.write("Keep a copy apart from the database's backups: lost keys can't be replaced.")
