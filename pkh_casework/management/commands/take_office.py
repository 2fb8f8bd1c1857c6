from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from pkh_casework.access import KOORDINATOR
from roster.office import OfficeFault
from roster.office.locked import key_of, new_passphrase, new_salt
from roster.office.taking import take


class Command(BaseCommand):
    help = (
        "Take all data of this installation, or of a koordinator's area, as one package of CSV and JSON with a schema,"
        " sealed with a passphrase that is printed once. `load_office` reads it into a new installation."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--area-of", metavar="KOORDINATOR", help="only what this account answers for")
        parser.add_argument(
            "--without-files", action="store_true", help="list photos and files instead of taking them along"
        )

    def handle(self, *, file, area_of, without_files, **options):
        user = None
        if area_of and not (
            user := User.objects.filter(username=area_of, duty=KOORDINATOR).select_related("wilayah").first()
        ):
            raise CommandError(f"{area_of} is no koordinator")
        if file.exists():
            raise CommandError(f"{file} is there already")
        passphrase, salt = new_passphrase(), new_salt()
        file.touch(mode=0o600)
        try:
            manifest = take(
                file, key=key_of(passphrase, salt), salt=salt, user=user, with_files=not without_files
            )
        except BaseException as error:
            file.unlink()
            if isinstance(error, OfficeFault):
                raise CommandError(str(error)) from error
            raise
        for told in manifest["tables"]:
            self.stdout.write(f"  {told['rows']:>9}  {told['sha256'][:16]}  {told['table']}")
        files = manifest["files"]
        self.stdout.write(
            f"{sum(told['rows'] for told in manifest['tables'])} rows of {len(manifest['tables'])} tables, "
            f"{files['number']} files{'' if files['included'] else ' listed'}, {files['missing']} missing"
        )
        self.stdout.write(f"Passphrase, shown only now: {passphrase}")
