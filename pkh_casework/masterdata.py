"""Dated master data: readable CSV files under each app's data/, kept in step with the tables.

An app names its files in its AppConfig: `master_data = [(file, model name, natural key fields), ...]`. In a file,
lines that start with # are comments (the source), columns are field names, an empty cell is no value, and yes and no
are `ya` and `tidak`; a foreign key column holds the key of the other row. An empty `valid_to` leaves an end that was
given meanwhile, by a newer sum filled in on screen.
"""

import csv
from collections import namedtuple
from pathlib import Path

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction

YES_NO = {"ya": True, "tidak": False}

# How many rows of one file were created, changed and found as they are.
Loaded = namedtuple("Loaded", "created changed unchanged")


class BadMasterData(Exception):
    """A file that can't be loaded; the text names file, line and field of every fault."""


@transaction.atomic
def load_all():
    """Load the files of all installed apps, lowest floor first; a dict of path in the project to `Loaded`.

    Rows are created or changed, never deleted: what has ended gets its `valid_to`. All or nothing: raises
    BadMasterData at the first file with a fault.
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

    Returns a `Loaded`. Raises BadMasterData with all the faults of the file.
    """
    key = [model._meta.get_field(name).attname for name in key]
    stored = {tuple(getattr(row, name) for name in key): row for row in model._default_manager.all()}
    lines, faults = {}, []
    created = changed = 0
    for line, cells in _lines(path):
        try:
            values = _values(model, cells)
            identity = tuple(values.get(name) for name in key)
            if identity in lines:
                raise ValidationError(f"the same {', '.join(key)} as on line {lines[identity]}")
            lines[identity] = line
            new = identity not in stored
            row = model(**values) if new else stored[identity]
            different = [
                name
                for name, value in values.items()
                if getattr(row, name) != value and (name, value) != ("valid_to", None)
            ]
            if new or different:
                for name in different:
                    setattr(row, name, values[name])
                row.full_clean()
                row.save(**({"force_insert": True} if new else {"update_fields": different}))
            created += new
            changed += bool(different)
        except ValidationError as error:
            faults += [f"{path} line {line}, {field}: {text}" for field, text in _faults(error)]
    if faults:
        raise BadMasterData("\n".join(faults))
    return Loaded(created, changed, len(lines) - created - changed)


def _lines(path):
    """(line number, dict of cells) of each data row; a comment or an empty line is none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        numbered = [
            (number, text) for number, text in enumerate(file, 1) if text.strip() and not text.startswith("#")
        ]
    reader = csv.DictReader((text for _, text in numbered), strict=True)
    try:
        for cells in reader:
            yield numbered[reader.line_num - 1][0], cells
    except csv.Error as error:
        raise BadMasterData(f"{path} line {numbered[reader.reader.line_num - 1][0]}: {error}") from error


def _values(model, cells):
    """The model's values by attribute name. Raises ValidationError by field name."""
    values, faults = {}, {}
    for name, text in cells.items():
        try:
            if name is None or text is None:
                raise ValidationError("more or fewer cells than columns")
            field = model._meta.get_field(name)
            values[field.attname] = _value(field, text.strip())
        except FieldDoesNotExist:
            faults[name] = "no such field"
        except ValidationError as error:
            faults[name or "row"] = error.messages
    if faults:
        raise ValidationError(faults)
    return values


def _value(field, text):
    if isinstance(field, models.BooleanField):
        if text not in YES_NO:
            raise ValidationError(f"ya or tidak, not {text!r}")
        return YES_NO[text]
    if not text and field.null:
        return None
    return field.to_python(text)


def _faults(error):
    """(field name, text) pairs of a ValidationError; a fault of the whole row goes by `row`."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"row": error.messages}
    for name, texts in by_field.items():
        for text in texts:
            yield ("row" if name == "__all__" else name), text
