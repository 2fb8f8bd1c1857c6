import time
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import loading
from demo.script import FEWEST
from kpm.models import Component, Household
from roles.models import ActivityKind, SubRole
from wilayah.clock import local_today
from wilayah.models import Wilayah

CITY = "3273"


class Command(BaseCommand):
    help = "Fill an empty demo database with made-up families and one year of activities up to yesterday."

    def add_arguments(self, parser):
        parser.add_argument(
            "--families",
            type=int,
            default=loading.FAMILIES,
            metavar="N",
            help=f"families for each of the four pendamping (default: %(default)s); below {FEWEST} some scenes are missing",
        )

        parser.add_argument(
            "--day",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the day on whose morning the story stands (default: today)",
        )

        parser.add_argument(
            "--first", action="store_true", help="only what the first pages show; `--rest` makes the rest"
        )
        parser.add_argument(
            "--rest",
            action="store_true",
            help="months that are over, roll-ups and files, where they are missing",
        )

    def handle(self, *, families, day, first, rest, verbosity, **options):
        if settings.PKH_MODE not in {"demo", "test"}:
            raise CommandError("demo families belong in a demo: this database runs with PKH_MODE=real")
        today = day or local_today(CITY)
        if rest:
            if not loading.is_finished():
                loading.finish(
                    today, say=lambda step: self._say(f"  in the background: {step} ...", verbosity)
                )
                self._say("  in the background: done", verbosity)
            return
        if Household.objects.exists():
            self._say("There are families already; nothing to do.", verbosity)
            return
        if families < 10:
            raise CommandError("--families: at least 10, so that every kelompok has members")
        for model, command in (
            (Wilayah, "load_wilayah"),
            (Component, "load_master"),
            (ActivityKind, "load_master"),
            (SubRole, "load_master"),
        ):
            if not model.objects.exists():
                raise CommandError(f"no {model._meta.verbose_name} yet: run `manage.py {command}` first")
        start = time.perf_counter()
        (loading.begin if first else loading.load)(today, families=families)
        self._say(
            f"{Household.objects.count()} families loaded in {time.perf_counter() - start:.1f} s", verbosity
        )

    def _say(self, text, verbosity):
        if verbosity:
            self.stdout.write(text)
