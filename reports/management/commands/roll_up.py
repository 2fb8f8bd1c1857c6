from django.core.management.base import BaseCommand, CommandError

from kpm.independence import levels
from reports.figures import rollups

ROLL_UPS = {"levels": levels, "figures": rollups}


class Command(BaseCommand):
    help = "Count the levels and figures of past months, which dashboards read. Nightly; safe to repeat."

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--all", action="store_true", help="every month anew, not only those that need it")
        what.add_argument(
            "--verify", action="store_true", help="change nothing; fail when the counts differ from the rows"
        )

    def handle(self, *, verify, all, **options):
        wrong = []
        for name, kept in ROLL_UPS.items():
            if not verify:
                self.stdout.write(f"{name}: {kept.roll_up(anew=all)} months counted")
                continue
            for month in kept.months_to_keep():
                if cells := kept.differences(month):
                    wrong.append(f"{name} {month:%Y-%m} ({len(cells)})")
        if wrong:
            raise CommandError(
                f"counts and rows differ, with the cells: {', '.join(wrong)}. Run roll_up --all."
            )
        if verify:
            self.stdout.write("counts and rows agree")
