"""CSV files that people keep: read, their cells made values of a model, and all faults told at once by line and field.

In a file, lines that start with # are comments (the source), columns are field names, an empty cell is no value, and
yes and no are `ya` and `tidak`; a foreign key column holds the key of the other row.
"""

import csv
import gzip
from collections import Counter

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models

YES_NO = {"ya": True, "tidak": False}


class BadFile(Exception):
    """A file that can't be loaded; the text names file, line and field of every fault, one a line."""


def read_rows(path):
    """(line number, dict of cells) of each data row of the file at `path` (a Path), which may be packed (.gz).

    Raises BadFile for what is no CSV file. It reads as it goes: a file may be larger than the memory.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(
            path, "rt", encoding="utf-8-sig", newline=""
        ) as file:
            yield from rows_in(file)
    except OSError as error:
        raise BadFile(f"{path}: {error}") from error
    except BadFile as bad:
        raise BadFile(f"{path}{bad}") from bad


def rows_in(lines, *, delimiter=","):
    """(line number, dict of cells) of each data row of `lines` of text. Raises BadFile, its text without a file."""
    number = 0

    def data():
        nonlocal number
        for number, text in enumerate(lines, 1):  # noqa: B007 - the loop's own number is what is told
            if is_data(text):
                yield text

    try:
        for cells in csv.DictReader(data(), delimiter=delimiter, strict=True):
            yield number, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{f' line {number}' if number else ''}: {error}") from error


def is_data(text):
    """Whether a line is no comment and not blank."""
    return bool(text.strip()) and not text.startswith("#")


def each_row(path, take):
    """Call `take(line, cells)` for each data row; a Counter of what it answered.

    What it refuses by ValidationError is gathered: raises BadFile with the faults of all rows.
    """
    taken, faults = Counter(), []
    for line, cells in read_rows(path):
        try:
            if None in cells or None in cells.values():
                raise ValidationError("more or fewer cells than columns")
            taken[take(line, {name: text.strip() for name, text in cells.items()})] += 1
        except ValidationError as error:
            faults += [f"{path} line {line}, {field}: {text}" for field, text in _faults(error)]
    if faults:
        raise BadFile("\n".join(faults))
    return taken


def values_of(model, cells):
    """The model's values by attribute name. Raises ValidationError by field name."""
    values, faults = {}, {}
    for name, text in cells.items():
        try:
            field = model._meta.get_field(name)
            values[field.attname] = _value(field, text)
        except FieldDoesNotExist:
            faults[name] = "no such field"
        except ValidationError as error:
            faults[name] = error.messages
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
