from django.core.management.base import BaseCommand

from roster.operations.batch import resume_batches


class Command(BaseCommand):
    help = (
        "Go on with files of families that a worker left half done. The worker itself does so every minute."
    )

    def handle(self, **options):
        resume_batches()
