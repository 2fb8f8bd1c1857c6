from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from pkh_casework.csv_rows import BadFile
from resources.loading import load_resources


class Command(BaseCommand):
    help = (
        "Add resources and their partners from a CSV file, such as resources/data/bandung.csv. They are marked as to be"
        " checked; what is there already stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, verbosity, **options):
        try:
            loaded = load_resources(file)
        except BadFile as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self.stdout.write(
                f"resources: {loaded.added} added, {loaded.known} there already; {loaded.partners} partners added"
            )
