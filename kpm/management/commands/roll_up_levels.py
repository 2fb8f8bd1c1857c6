from django.core.management.base import BaseCommand, CommandError

from kpm.levels import differences, months_to_keep, roll_up


class Command(BaseCommand):
    help = "Count the levels of past months, for the look back on the dashboard. Nightly; safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument(
            "--verify",
            action="store_true",
            help="change nothing; fail when the counts differ from the answers",
        )

    def handle(self, *, verify, **options):
        if not verify:
            self.stdout.write(f"{roll_up()} months counted")
            return
        wrong = {month: cells for month in months_to_keep() if (cells := differences(month))}
        if wrong:
            told = ", ".join(f"{month:%Y-%m} ({cells})" for month, cells in wrong.items())
            raise CommandError(f"roll-up and answers differ, cells by month: {told}. Run roll_up_levels.")
        self.stdout.write("roll-up and answers agree")
