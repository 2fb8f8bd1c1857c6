"""Resources from a readable file into the table: what is missing is added, what is there stays as people left it."""

import csv
from collections import namedtuple

import pghistory
from django.core.exceptions import ValidationError
from django.db import models, transaction

from pkh_casework.masterdata import YES_NO

from .models import Partner, Resource, Service

LISTS = {"services", "lifts"}  # codes with spaces between
LoadedResources = namedtuple("LoadedResources", "added known partners")


class BadResources(Exception):
    """A file that can't be loaded; the text names row and field of every fault."""


@transaction.atomic
def load_resources(path):
    """Add the resources in the CSV file `path` that are not there yet, by name and area; a LoadedResources.

    Lines that start with # are comments. Columns are fields of Resource; `partner` names a partner, made where it is
    missing. Nothing counts as checked: that is for people. All or nothing: raises BadResources with every fault.
    """
    known = set(Resource.objects.values_list("wilayah", "name"))
    partners = {(row.wilayah_id, row.name): row for row in Partner.objects.all()}
    services = Service.objects.in_bulk()
    added, found, made, faults = 0, 0, len(partners), []
    with pghistory.context(command="load_resources"):
        for number, cells in enumerate(_rows(path), 1):
            if (cells.get("wilayah"), cells.get("name")) in known:
                found += 1
                continue
            try:
                _add(cells, partners, services)
                added += 1
            except ValidationError as error:
                faults += [f"row {number}, {field}: {text}" for field, text in _faults(error)]
    if faults:
        raise BadResources("\n".join(faults))
    return LoadedResources(added, found, len(partners) - made)


def _rows(path):
    """Dicts of trimmed cells, comments and empty lines left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in file if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        raise BadResources(f"{path}: {error}") from error
    return [
        {name: text.strip() for name, text in cells.items() if name and text}
        for cells in csv.DictReader(lines)
    ]


def _add(cells, partners, services):
    """Store one resource. Raises ValidationError."""
    lists = {name: cells.pop(name, "").split() for name in LISTS}
    unknown = [code for code in lists["services"] if code not in services]
    if unknown:
        raise ValidationError({"services": f"no such service: {', '.join(unknown)}"})
    partner = cells.pop("partner", "")
    resource = Resource(lifts=lists["lifts"])
    for name, text in cells.items():
        field = next((one for one in Resource._meta.concrete_fields if one.name == name), None)
        if field is None:
            raise ValidationError({name: "no such field"})
        setattr(resource, field.attname, _value(field, text))
    _check(resource)
    if partner:
        resource.partner = _partner(partner, resource, partners)
    resource.save()
    resource.services.set([services[code] for code in lists["services"]])


def _value(field, text):
    if isinstance(field, models.BooleanField):
        if text not in YES_NO:
            raise ValidationError({field.name: f"ya or tidak, not {text!r}"})
        return YES_NO[text]
    try:
        return field.to_python(text) if not field.is_relation else text
    except ValidationError as error:
        raise ValidationError({field.name: error.messages}) from error


def _partner(name, resource, partners):
    """The partner of this name for the area of `resource` or one around it, made where there is none."""
    areas = [resource.wilayah_id[:length] for length in (10, 6, 4, 2)]
    row = next((partners[area, name] for area in areas if (area, name) in partners), None)
    if row is None:
        row = Partner(name=name, category_id=resource.category_id, wilayah_id=resource.wilayah_id)
        _check(row)
        row.save()
        partners[row.wilayah_id, name] = row
    return row


def _check(row):
    row.full_clean(exclude=["added_by", "checked_by"])


def _faults(error):
    for name, texts in error.message_dict.items():
        for text in texts:
            yield ("row" if name == "__all__" else name), text
