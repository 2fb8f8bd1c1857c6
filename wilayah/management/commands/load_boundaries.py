from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from wilayah.boundaries import METRES, BadBoundaries, load_boundaries


class Command(BaseCommand):
    help = (
        "Load indicative outlines of areas for the map from a GeoJSON FeatureCollection (WGS84; property `kode`: the"
        " Kemendagri code), simplified. Safe to repeat; areas without an outline stay a name on the map."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--source", default="", help="whose outlines these are, with licence; or in the file"
        )
        parser.add_argument("--date", type=date.fromisoformat, help="of when, as 2026-08-20; or in the file")

        parser.add_argument(
            "--metres", type=int, default=METRES, help=f"how far a line may move when simplified; {METRES}"
        )

    def handle(self, *, file, source, date, metres, verbosity, **options):
        try:
            loaded = load_boundaries(file, source=source, dated=date, metres=metres)
        except BadBoundaries as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self.stdout.write(
                f"outlines: {loaded.created} created, {loaded.changed} changed, {loaded.unchanged} unchanged; simplified to {metres} m"
            )
