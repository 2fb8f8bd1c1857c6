"""What an office takes along: every table of the house but those that an app leaves behind, each with its reason.

An app names them in its AppConfig: `left_behind = {"Model": reason, "Model.field": reason}`. A model that nobody named
goes along, so that none is forgotten.
"""

from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.conf import settings
from django.db import models
from pghistory.models import Context

from entries.holding import closed, opened
from entries.models import HeldEntry
from pkh_casework.fields import BlindIndexField, IdentityNumberField, blind_index, context_for, seal, unseal

NOT_OF_THE_HOUSE = (
    "of a library: sessions, throttles, jobs and names of tables, which each installation makes anew"
)


@dataclass(frozen=True)
class OfficeTable:
    """A table on its way. `fields` are its columns but those that are left behind, in their order."""

    model: type[models.Model]
    fields: tuple[models.Field, ...]
    is_master: bool

    @property
    def label(self):
        return self.model._meta.label

    @property
    def name(self):
        return self.model._meta.db_table

    @property
    def columns(self):
        return [field.column for field in self.fields]

    @property
    def keys(self):
        """The foreign keys that the database checks."""
        return [field for field in self.fields if field.remote_field and field.db_constraint]

    @property
    def tracked(self):
        """The model whose history this is, else None."""
        return getattr(self.model, "pgh_tracked_model", None)

    @cached_property
    def numbers(self):
        """The columns with an identity number."""
        return [field for field in self.fields if isinstance(field, IdentityNumberField)]

    @cached_property
    def holds_forms(self):
        return HeldEntry in {self.model, self.tracked}

    @property
    def files(self):
        """The columns that name stored files."""
        return [field for field in self.fields if isinstance(field, models.FileField)]

    @property
    def order(self):
        """The rows' order as SQL: the same in every installation, whatever its language."""
        key = self.model._meta.pk
        is_text = isinstance(key, models.CharField)
        return f'"{key.column}" COLLATE "C"' if is_text else f'"{key.column}"'

    def opened(self, row):
        """`row` ({column: value} as PostgreSQL says it in JSON) with its identity numbers in the clear.

        Raises NumberUnreadable.
        """
        for field in self.numbers:
            if sealed := row[field.column]:
                row[field.column] = unseal(
                    bytes.fromhex(sealed.removeprefix("\\x")), self._context(field, row)
                )
        if self.holds_forms:
            row["payload"] = opened(row["payload"], row["op_id"])
        return row

    def closed(self, row):
        """What `opened` gave, sealed and indexed with the keys of this installation."""
        for field in self.numbers:
            if digits := row[field.column]:
                row[field.column] = f"\\x{seal(digits, self._context(field, row)).hex()}"
                row[self.index_of(field)] = f"\\x{blind_index(digits, field.name).hex()}"
        if self.holds_forms:
            row["payload"] = closed(row["payload"], row["op_id"])
        return row

    @property
    def is_sealed(self):
        """Whether something in its rows is bound to the keys of an installation."""
        return bool(self.numbers) or self.holds_forms

    def index_of(self, field):
        """The column with the blind index of the number in `field`."""
        fields = self.model._meta.concrete_fields
        return next(one.column for one in fields if isinstance(one, BlindIndexField) and one.of == field.name)

    def _context(self, field, row):
        model = self.tracked or self.model
        return context_for(model, field, row[model._meta.pk.column])


def office_tables():
    """Every OfficeTable, lowest floor first."""
    return [
        OfficeTable(
            model,
            tuple(field for field in model._meta.concrete_fields if _goes_along(field)),
            _is_master(model),
        )
        for model in stored_models()
        if reason_to_stay(model) is None
    ]


def stored_models():
    """Every model with a table of its own, lowest floor first."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def reason_to_stay(model):
    """Why `model` is left behind; None when it goes along."""
    if model is Context:
        return None
    if model._meta.app_label not in settings.HOUSE_APPS:
        return NOT_OF_THE_HOUSE
    tracked = getattr(model, "pgh_tracked_model", model)
    return left_behind(model).get(tracked.__name__)


def left_behind(model):
    """{"Model" or "Model.field": reason} of the app of `model`."""
    return getattr(apps.get_app_config(model._meta.app_label), "left_behind", {})


def _goes_along(field):
    named = f"{field.model.__name__}.{field.name}"
    return not (field.generated or isinstance(field, BlindIndexField) or named in left_behind(field.model))


def _is_master(model):
    """Whether its rows are master data: loaded from files, and the same or newer in an office."""
    loaded = getattr(apps.get_app_config(model._meta.app_label), "master_data", ())
    return model.__name__ in {name for _, name, _ in loaded}


# --- the schema -------------------------------------------------------------------------------------------------------

KINDS = (
    (models.BooleanField, {"type": "boolean"}),
    (models.IntegerField, {"type": "integer"}),
    (models.DecimalField, {"type": "number"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.UUIDField, {"type": "string", "format": "uuid"}),
)


def schema():
    """The JSON Schema of a package: for each table what a row holds, in which form, and what it points to."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Paket kantor Langkah",
        "$defs": {table.label: _schema_of(table) for table in office_tables()},
    }


def _schema_of(table):
    personal = getattr(table.tracked or table.model, "personal_fields", frozenset())
    return {
        "type": "object",
        "title": str(table.model._meta.verbose_name),
        "description": " ".join((table.model.__doc__ or "").split()),
        "x-key": table.model._meta.pk.column,
        "x-master-data": table.is_master,
        "required": table.columns,
        "additionalProperties": False,
        "properties": {field.column: _property(field, personal) for field in table.fields},
    }


def _property(field, personal):
    stored = field.target_field if field.remote_field else field
    said = {"title": str(field.verbose_name), **_kind(stored)}
    if isinstance(field, IdentityNumberField):
        said |= {"pattern": "^[0-9]{16}$", "x-identity-number": field.name}
    elif field.choices:
        said |= {"enum": [value for value, _ in field.flatchoices], "x-words": dict(field.flatchoices)}
        if field.blank:
            said["enum"].append("")
    if field.max_length and said.get("type") == "string" and not said.keys() & {"format", "pattern"}:
        said["maxLength"] = field.max_length
    if field.remote_field:
        said["x-points-to"] = field.related_model._meta.label
    if field.name in personal:
        said["x-personal"] = True
    if field.null and "type" in said:
        said["type"] = [said["type"], "null"]
        if "enum" in said:
            said["enum"].append(None)
    return said


def _kind(field):
    if isinstance(field, models.JSONField):
        return {}  # whatever form the entry has
    if hasattr(field, "base_field"):
        return {"type": "array", "items": _kind(field.base_field)}
    return next((dict(kind) for of, kind in KINDS if isinstance(field, of)), {"type": "string"})
