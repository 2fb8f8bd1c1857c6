from django.core.management.base import BaseCommand

from reports.files.operations.export import resume_exports


class Command(BaseCommand):
    help = "Begin anew the files that a worker left half made. The worker itself does so every minute."

    def handle(self, *, verbosity, **options):
        number = resume_exports()
        if verbosity:
            self.stdout.write(f"{number} files given to the workers again")
