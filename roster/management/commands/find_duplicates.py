from django.core.management.base import BaseCommand

from roster.operations.finding import find_suspects
from roster.operations.merge import follow_strays
from wilayah.clock import local_today


class Command(BaseCommand):
    help = (
        "Compare families with each other and list those that may be one, for koordinators to decide. The worker does so"
        " every night."
    )

    def add_arguments(self, parser):
        parser.add_argument("--area", default="", help="a wilayah code, such as 3273; all areas without")

    def handle(self, *, area, **options):
        follow_strays()
        number = find_suspects(area, local_today(area or None))
        if options["verbosity"]:
            self.stdout.write(f"{number} pairs wait for a decision")
