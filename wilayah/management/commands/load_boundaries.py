from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from wilayah.boundaries import BadBoundaries, load_boundaries


class Command(BaseCommand):
    help = (
        "Load indicative outlines of areas for the map from a GeoJSON FeatureCollection (WGS84, simplified; property"
        " `kode`: the Kemendagri code). Safe to repeat; areas without an outline stay a dot on the map."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--source", default="", help="whose outlines these are, with licence; or in the file"
        )
        parser.add_argument("--date", type=date.fromisoformat, help="of when, as 2026-08-20; or in the file")

    def handle(self, *, file, source, date, verbosity, **options):
        try:
            loaded = load_boundaries(file, source=source, dated=date)
        except BadBoundaries as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self.stdout.write(
                f"outlines: {loaded.created} created, {loaded.changed} changed, {loaded.unchanged} unchanged"
            )
