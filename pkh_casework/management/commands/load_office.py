from getpass import getpass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from pkh_casework.keys import keep_case_key
from roster.office import OfficeFault
from roster.office.loading import load
from roster.office.locked import unlock


class Command(BaseCommand):
    help = (
        "Read a package of `take_office` into a new installation: all of it, each table with the same rows and"
        " checksum, or nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--passphrase-file", type=Path, help="else it is asked for")
        parser.add_argument(
            "--only-open", type=Path, metavar="ZIP", help="write the package unsealed to ZIP and load nothing"
        )

    def handle(self, *, file, passphrase_file, only_open, verbosity, **options):
        if not file.is_file():
            raise CommandError(f"no file {file}")
        passphrase = passphrase_file.read_text() if passphrase_file else getpass("Passphrase: ")
        try:
            if only_open:
                only_open.touch(mode=0o600, exist_ok=False)
                unlock(file, only_open, passphrase)
                self.stdout.write(f"{only_open} holds identity numbers in the clear: remove it after use.")
                return
            manifest = load(file, passphrase, keep_case_key=self._keep_case_key)
        except FileExistsError as error:
            raise CommandError(f"{only_open} is there already") from error
        except OfficeFault as fault:
            raise CommandError(str(fault)) from fault
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        for told in manifest["tables"]:
            self.stdout.write(f"  {told['rows']:>9}  {told['sha256'][:16]}  {told['table']}")
        self.stdout.write(
            f"{sum(told['rows'] for told in manifest['tables'])} rows of {len(manifest['tables'])} tables stand here as"
            " they stood there: the same numbers, the same checksums."
        )
        call_command("roll_up", all=True, stdout=self.stdout)
        self.stdout.write(
            "Next: restart the servers, `create_admin`, and give every account a code to come in."
        )

    def _keep_case_key(self, key):
        """Case numbers and receipts go on as they are: the key that shuffles them comes along."""
        if settings.IDENTITY_KEYS["case"] != key:
            keep_case_key(settings.IDENTITY_KEYS_FILE, key)
            settings.IDENTITY_KEYS["case"] = key
