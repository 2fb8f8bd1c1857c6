from django.core.management.base import BaseCommand, CommandError

from reports.rollups import differences, months_to_keep, roll_up


class Command(BaseCommand):
    help = "Count the figures of past months, which dashboards and reports read. Nightly; safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument(
            "--verify",
            action="store_true",
            help="change nothing; fail when the counts differ from the rows",
        )

    def handle(self, *, verify, **options):
        if not verify:
            self.stdout.write(f"{roll_up()} months counted")
            return
        wrong = {month: places for month in months_to_keep() if (places := differences(month))}
        if wrong:
            told = ", ".join(f"{month:%Y-%m} ({len(places)})" for month, places in wrong.items())
            raise CommandError(f"roll-up and rows differ, places by month: {told}. Run roll_up_months.")
        self.stdout.write("roll-up and rows agree")
