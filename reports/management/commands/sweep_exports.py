from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.files.operations.export import sweep_exports


class Command(BaseCommand):
    help = "Remove the files that nobody took within 24 hours. The worker itself does so every ten minutes."

    def handle(self, *, verbosity, **options):
        number = sweep_exports(timezone.now())
        if verbosity:
            self.stdout.write(f"{number} files removed")
