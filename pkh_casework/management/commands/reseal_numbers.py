from django.core.management.base import BaseCommand, CommandError

from entries.holding import reseal_held
from entries.models import HeldEntry
from phone.models import Phone
from phone.operations import reseal_phones
from pkh_casework.fields import identity_keys
from pkh_casework.reseal import columns_with_numbers, reseal
from roles.models import IncidentNote, SchoolFile
from roles.operations.incident import reseal_notes
from roles.operations.school_file import reseal_school_files


class Command(BaseCommand):
    help = (
        "Seal every stored NIK and No KK, and the keys of phones, with the current keys (see `make_keys --add`). "
        "Safe to stop and to repeat."
    )

    def handle(self, **options):
        unreadable = []
        for model, number, index in columns_with_numbers():
            done = reseal(model, number, index)
            unreadable += done.unreadable
            self.stdout.write(f"  {model._meta.label}: {done.read} rows read, {done.written} resealed")
        read, written = reseal_held()
        self.stdout.write(f"  {HeldEntry._meta.label}: {read} forms read, {written} resealed")
        read, written = reseal_phones()
        self.stdout.write(f"  {Phone._meta.label}: {read} keys read, {written} resealed")
        read, written = reseal_school_files()
        self.stdout.write(f"  {SchoolFile._meta.label}: {read} files read, {written} resealed")
        read, written = reseal_notes()
        self.stdout.write(f"  {IncidentNote._meta.label}: {read} notes read, {written} resealed")
        if unreadable:
            raise CommandError("no known key opens " + ", ".join(unreadable))
        current = identity_keys()["current"]
        self.stdout.write(
            f"All numbers are sealed with encryption key {current['encryption']} and found by index key "
            f"{current['index']}."
        )
