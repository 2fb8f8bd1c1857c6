import time

from django.core.management.base import BaseCommand, CommandError

from pkh_casework.csv_rows import BadFile
from pkh_casework.masterdata import load_all


class Command(BaseCommand):
    help = (
        "Bring the master data (each app's data/*.csv) into the database. Safe to repeat; nothing is deleted."
    )

    def handle(self, *, verbosity, **options):
        start = time.perf_counter()
        try:
            loaded = load_all()
        except BadFile as error:
            raise CommandError(str(error)) from error
        if verbosity:
            for name, rows in loaded.items():
                self.stdout.write(
                    f"{name}: {rows.created} created, {rows.changed} changed, {rows.unchanged} unchanged"
                )
            self.stdout.write(f"{len(loaded)} files in {time.perf_counter() - start:.1f} s")
