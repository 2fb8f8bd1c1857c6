"""Dated master data: readable CSV files under each app's data/, kept in step with the tables.

An app names its files in its AppConfig: `master_data = [(file, model name, natural key fields), ...]`; `csv_rows` says
how they are written. An empty `valid_to` leaves an end that was given meanwhile, by a newer sum filled in on screen.
"""

from collections import namedtuple
from pathlib import Path

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction

from .csv_rows import each_row, values_of

# How many rows of one file were created, changed and found as they are.
Loaded = namedtuple("Loaded", "created changed unchanged")


@transaction.atomic
def load_all():
    """Load the files of all installed apps, lowest floor first; a dict of path in the project to `Loaded`.

    Rows are created or changed, never deleted: what has ended gets its `valid_to`. All or nothing: raises
    csv_rows.BadFile at the first file with a fault.
    """
    return {
        f"{app.label}/data/{file_name}": load_file(
            Path(app.path, "data", file_name), app.get_model(model_name), key
        )
        for app in apps.get_app_configs()
        for file_name, model_name, key in getattr(app, "master_data", [])
    }


@transaction.atomic
def load_file(path, model, key):
    """Bring the rows of `model` that the CSV file `path` names, matched by the fields `key`, up to it.

    Returns a `Loaded`. Raises csv_rows.BadFile with all the faults of the file.
    """
    key = [model._meta.get_field(name).attname for name in key]
    stored = {tuple(getattr(row, name) for name in key): row for row in model._default_manager.all()}
    lines = {}

    def take(line, cells):
        values = values_of(model, cells)
        identity = tuple(values.get(name) for name in key)
        if identity in lines:
            raise ValidationError(f"the same {', '.join(key)} as on line {lines[identity]}")
        lines[identity] = line
        row = stored.get(identity)
        if row is None:
            row = model(**values)
            row.full_clean()
            row.save(force_insert=True)
            return "created"
        different = {
            name: value
            for name, value in values.items()
            if getattr(row, name) != value and (name, value) != ("valid_to", None)
        }
        if not different:
            return "unchanged"
        for name, value in different.items():
            setattr(row, name, value)
        row.full_clean()
        row.save(update_fields=list(different))
        return "changed"

    taken = each_row(path, take)
    return Loaded(*(taken[answer] for answer in Loaded._fields))
