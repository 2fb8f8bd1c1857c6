import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


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
        self._do("database schema", "migrate")
        self._do("areas", "load_wilayah", province=province)
        self._do("master data", "load_master")
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        self._do("static files", "collectstatic", interactive=False)
        if demo:
            self._do("demo families", "load_demo", **({"families": families} if families else {}))

    def _do(self, step, command, **options):
        start = time.monotonic()
        self.stdout.write(f"  {step} ...", ending="")
        self.stdout.flush()
        call_command(command, verbosity=0, **options)
        self.stdout.write(f" {time.monotonic() - start:.1f} s")
