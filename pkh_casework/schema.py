"""The database's tables: an empty database gets them, one that holds data gets the migrations that are missing."""

from django.core.management import call_command


def bring_up_to_date():
    """Apply the migrations that are missing."""
    call_command("migrate", verbosity=0, interactive=False)
