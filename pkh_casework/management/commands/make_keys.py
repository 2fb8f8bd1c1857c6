from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pkh_casework.keys import write_key_ring


class Command(BaseCommand):
    help = "Make the key file of identity numbers (NIK, No KK) at PKH_KEYS_FILE; never replaces one."
    requires_system_checks = []  # they ask for the very file that is made here

    def handle(self, **options):
        path = settings.IDENTITY_KEYS_FILE
        try:
            write_key_ring(path)
        except FileExistsError:
            raise CommandError(
                f"{path} exists already; without it the stored numbers can't be read"
            ) from None
        except OSError as error:
            raise CommandError(f"can't write {path}: {error.strerror}") from error
        self.stdout.write(
            f"{path} made. Keep a copy apart from the database's backups: lost keys can't be replaced."
        )
