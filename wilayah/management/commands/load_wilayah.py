import time

from django.core.management.base import BaseCommand, CommandError

from wilayah.loading import load_areas, province_codes


class Command(BaseCommand):
    help = (
        "Load administrative areas: all provinces and kabupaten/kota, and the kecamatan and kelurahan of the whole "
        "country or of the provinces named. Safe to repeat; areas are never deleted."
    )

    def add_arguments(self, parser):
        reach = parser.add_mutually_exclusive_group()
        reach.add_argument(
            "--province",
            action="append",
            metavar="CODE",
            help="two digits, e.g. 32 for Jawa Barat; may be repeated",
        )
        reach.add_argument("--all", action="store_true", help="every province; the default")

    def handle(self, *, province, verbosity, **options):
        unknown = set(province or []) - set(province_codes())
        if unknown:
            raise CommandError(f"no province has the code {', '.join(sorted(unknown))}")
        start = time.perf_counter()
        loaded = load_areas(under=province)
        if verbosity:
            unchanged = loaded.areas - loaded.created - loaded.changed
            self.stdout.write(
                f"{loaded.areas} areas: {loaded.created} created, {loaded.changed} changed, {unchanged} unchanged"
                f" in {time.perf_counter() - start:.1f} s"
            )
