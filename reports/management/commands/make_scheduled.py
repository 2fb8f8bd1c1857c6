from django.core.management.base import BaseCommand

from reports.files.operations.recap import make_scheduled


class Command(BaseCommand):
    help = (
        "Ask for the monthly recaps whose day has come. The worker itself does so every hour; safe to repeat."
    )

    def handle(self, *, verbosity, **options):
        number = make_scheduled()
        if verbosity:
            self.stdout.write(f"{number} recaps asked for")
