"""The tables of master data, as every room names them for its files (AppConfig.master_data): what each is called, its
columns, its rows as text.

This room knows no room above it: it finds the tables through Django's registry. What may be changed on screen, and what
it is called there, each room says in `AppConfig.on_screen`, {model: title}. All else belongs together with the code that
reads it (the roles of the study, the instrument and its rule, the stages of a programme) and comes with a release.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from django.apps import apps
from django.db import models
from django.utils.text import capfirst

from pkh_casework.csv_rows import YES_NO, is_data
from pkh_casework.templatetags.formats import angka, tanggal

YES, NO = YES_NO
LAST_YEAR = 9999  # a number up to here may be a year, which has no points
FROM, TO = "valid_from", "valid_to"


@dataclass(frozen=True)
class Table:
    """One table: its model, the file that it is loaded from, and the fields by which a row is known (`natural`)."""

    model: type[models.Model]
    path: Path
    natural: tuple[str, ...]

    @property
    def key(self):
        """Names the table in addresses, as kpm.componentrate."""
        return self.model._meta.label_lower

    @property
    def title(self):
        return on_screen(self.model) or capfirst(self.model._meta.verbose_name)

    @property
    def can_change(self):
        return bool(on_screen(self.model))

    @property
    def never_ends(self):
        """Whether one of its rows must always hold (AppConfig.always_in_force): on screen none of them ends."""
        return self.model.__name__ in getattr(self.model._meta.app_config, "always_in_force", ())

    @cached_property
    def _lines(self):
        return self.path.read_text(encoding="utf-8-sig").splitlines()

    @cached_property
    def columns(self) -> list[str]:
        """The names of the fields in the order of the file."""
        return next(csv.reader(filter(is_data, self._lines)))

    @cached_property
    def note(self):
        """What the file says of itself: where it comes from."""
        return " ".join(line[1:].strip() for line in self._lines if line.startswith("#"))

    def label(self, field):
        """What people call a column: a key to another table by what that one's rows are called."""
        plain = field.verbose_name == field.name.replace(
            "_", " "
        )  # the name that Django makes of a field without one
        return field.related_model._meta.verbose_name if plain and field.many_to_one else field.verbose_name

    @property
    def labels(self):
        return [self.label(field) for field in self.fields]

    def field(self, name):
        return self.model._meta.get_field(name)

    @property
    def fields(self):
        return [self.field(name) for name in self.columns]

    @property
    def is_dated(self):
        """Whether its rows hold from one day to another."""
        return FROM in self.columns

    @property
    def subject(self):
        """The fields that say what a row is about, whenever it holds. Rows about the same never overlap."""
        return tuple(name for name in self.natural if name != FROM)

    def attnames(self, names):
        """The attributes of a row that hold the fields `names`."""
        return [self.field(name).attname for name in names]

    @property
    def has_versions(self):
        """Whether a row can be followed by another one about the same."""
        return FROM in self.natural

    def all_rows(self):
        """Every row there ever was, those about the same one after the other."""
        rows = self.model._default_manager.order_by(*self.subject, *([FROM] if self.is_dated else []))
        named = [field.name for field in self.fields if field.many_to_one]
        return rows.select_related(*named) if named else rows

    def rows_on(self, day: date):
        """The rows that hold on `day`; of a table without days all."""
        rows = self.all_rows()
        if not self.is_dated:
            return rows
        return rows.filter(models.Q(valid_to=None) | models.Q(valid_to__gt=day), valid_from__lte=day)

    def cells_of(self, row) -> dict[str, str]:
        """The row as a file holds it, {column: text}."""
        return {field.name: _cell(getattr(row, field.attname)) for field in self.fields}

    def told(self, row):
        """The row as people read it, [text of each column]."""
        return [_told(field, row) for field in self.fields]


def on_screen(model):
    """What a table is called that may be changed on screen; "" for one that comes with a release."""
    return getattr(model._meta.app_config, "on_screen", {}).get(model.__name__, "")


@cache
def tables() -> dict[str, Table]:
    """Every table by its key, in the order of the rooms."""
    return {
        table.key: table
        for app in apps.get_app_configs()
        for file_name, model_name, natural in getattr(app, "master_data", ())
        for table in [Table(app.get_model(model_name), Path(app.path, "data", file_name), tuple(natural))]
    }


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    return value.isoformat() if isinstance(value, date) else str(value)


def _told(field, row):
    value = getattr(row, field.attname)
    if value is None or value == "":
        return "–"
    if field.many_to_one:
        return str(getattr(row, field.name))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, date):
        return tanggal(value)
    if isinstance(field, models.IntegerField) and not isinstance(value, bool):
        return angka(value) if value > LAST_YEAR else str(value)
    return _cell(value)
