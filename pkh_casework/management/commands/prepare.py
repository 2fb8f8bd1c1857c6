import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from pkh_casework import release, schema, trouble


class Command(BaseCommand):
    help = "Bring database and static files up to this release: schema, master data, areas. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument(
            "--province", action="append", help="kelurahan of this province only, e.g. 32; default: all"
        )
        parser.add_argument(
            "--demo", action="store_true", help="add the demo's families, unless there are some"
        )
        parser.add_argument("--families", type=int, help="how many demo families for each pendamping")

    def handle(self, *, province, demo, families, **options):
        try:
            self._do("database schema", schema.bring_up_to_date)
            self._do("areas", call_command, "load_wilayah", province=province, verbosity=0)
            self._do("master data", call_command, "load_master", verbosity=0)
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
            self._do("static files", call_command, "collectstatic", interactive=False, verbosity=0)
            if demo:
                size = {"families": families} if families else {}
                self._do("demo families", call_command, "load_demo", **size, first=True, verbosity=0)
                release.note_prepared(connection)
        except OSError as error:
            raise CommandError(trouble.sentence(error, settings.PKH_HOME)) from error
        except OperationalError as error:
            if trouble.FULL_IN_POSTGRES in str(error):
                raise CommandError(trouble.no_space(settings.PKH_HOME)) from error
            raise

    def _do(self, step, work, *arguments, **options):
        start = time.monotonic()
        self.stdout.write(f"  {step} ...", ending="")
        self.stdout.flush()
        work(*arguments, **options)
        self.stdout.write(f" {time.monotonic() - start:.1f} s")
