"""Make the first admin of an installation, without a password: the printed code opens the account once."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import operations
from accounts.models import User
from pkh_casework.access import ADMIN


class Command(BaseCommand):
    help = "Create an admin account and print its activation code; for an existing admin print a new code."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True)

    def handle(self, *, username, name, **options):
        existing = User.objects.filter(username=username).first()
        if existing is None:
            try:
                User(username=username, name=name, duty=ADMIN).full_clean(exclude=["password"])
            except ValidationError as refused:
                raise CommandError(" ".join(refused.messages)) from refused
            _, code = operations.create_account(by=None, username=username, name=name, duty=ADMIN)
        elif existing.duty == ADMIN and existing.is_active:
            code = operations.issue_code(existing, by=existing, life=operations.FIRST_CODE_LIFE)
        else:
            raise CommandError(f"{username} is already taken by an account that is no active admin")
        hours = operations.FIRST_CODE_LIFE.total_seconds() // 3600
        self.stdout.write(f"Activation code of {username}, good for {hours:.0f} hours: {code}")
        self.stdout.write("Open /akun/aktivasi/ and set a password with it.")
