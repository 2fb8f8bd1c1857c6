"""Find photos that no row names: a process killed between writing a file and the end of its transaction leaves one."""

import posixpath
from datetime import timedelta

from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.db.models import FileField
from django.utils import timezone

# A younger file may belong to a transaction that is not over yet.
OLD = timedelta(days=1)


class Command(BaseCommand):
    help = "List stored photos, older than a day, that no row names; with --delete remove them."

    def add_arguments(self, parser):
        parser.add_argument("--delete", action="store_true")

    def handle(self, *, delete, **options):
        # The files first and the rows then: a row that comes in between clears its file.
        orphans = set(_old_files(timezone.now() - OLD)).difference(*map(_names, _file_fields()))
        for name in sorted(orphans):
            self.stdout.write(name)
            if delete:
                default_storage.delete(name)
        self.stdout.write(f"{len(orphans)} files that no row names{', deleted' if delete else ''}")


def _file_fields():
    """Every field of every model that names files, in the history of old versions, too."""
    return [
        field for model in apps.get_models() for field in model._meta.fields if isinstance(field, FileField)
    ]


def _names(field):
    return field.model._base_manager.values_list(field.name, flat=True).iterator()


def _old_files(before, folder=""):
    """Names of the stored files below `folder` written before the moment `before`."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    for name in (posixpath.join(folder, file) for file in files):
        if default_storage.get_modified_time(name) < before:
            yield name
    for inner in folders:
        yield from _old_files(before, posixpath.join(folder, inner))
