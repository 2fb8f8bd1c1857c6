import os
import sys

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from pkh_casework import schema
from pkh_casework.children import spawn

DEMO_NAMES = [login.username for login in DEMO_LOGINS]


class Command(BaseCommand):
    help = "Serve a real installation, after making sure that it is one (docs/operations.md)."
    requires_system_checks = []  # run below, once there is something to check

    def add_arguments(self, parser):
        parser.add_argument(
            "--without-worker",
            action="store_true",
            help="the worker (manage.py work) is a service of its own",
        )

    def handle(self, *, without_worker, **options):
        faults = list(missing_settings()) or list(unready_database())
        if faults:
            raise CommandError("\n".join(["not ready to serve:", *faults]))
        self.check(include_deployment_checks=True, fail_level=checks.WARNING)
        if not without_worker:  # it ends with this process, whatever program runs in it
            spawn([sys.executable, "manage.py", "work"], cwd=settings.BASE_DIR)
        # In place of this process, so that signals of the service manager reach the server itself.
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:pkh_casework.gunicorn"])  # noqa: S606


def missing_settings():
    """What the environment of a real installation still lacks, one line each."""
    if not settings.REAL:
        yield f"PKH_MODE is {settings.PKH_MODE}, not real: use `make serve`"
    if "dummy" in settings.DATABASES["default"]["ENGINE"]:
        yield "DATABASE_URL is not set"
    try:
        settings.SECRET_KEY  # noqa: B018  Django refuses to give an empty one
    except ImproperlyConfigured:
        yield "SECRET_KEY is not set"
    if not settings.IDENTITY_KEYS:
        yield f"{settings.IDENTITY_KEYS_FILE} does not exist: set PKH_KEYS_FILE, then `manage.py make_keys`"
    if not settings.ALLOWED_HOSTS:
        yield "PKH_HOSTS is not set: the host names people type, separated by commas"


def unready_database():
    """Why the database can't serve real people yet, one line each."""
    executor = MigrationExecutor(connection)
    if schema.is_of_older_release():
        yield schema.CARRY_OVER
    elif executor.migration_plan(executor.loader.graph.leaf_nodes()) or not settings.STATIC_ROOT.exists():
        yield "database or static files are older than this release: run `manage.py prepare`"
    elif any(map(is_demo_account, get_user_model().objects.filter(username__in=DEMO_NAMES))):
        yield "the database holds demo accounts, whose password is public: use another database"


def is_demo_account(user):
    """A real admin may well be called `admin`; the other names exist in the demo only."""
    return user.username != "admin" or user.check_password(DEMO_PASSWORD)
