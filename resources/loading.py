"""Resources from a readable file into the table: what is missing is added, what is there stays as people left it."""

from collections import namedtuple

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from pkh_casework.csv_rows import each_row, values_of

from .models import Partner, Resource, Service

LISTS = {"services", "lifts"}  # codes with spaces between
LoadedResources = namedtuple("LoadedResources", "added known partners")


@transaction.atomic
def load_resources(path):
    """Add the resources in the CSV file `path` that are not there yet, by name and area; a LoadedResources.

    Columns are fields of Resource; `partner` names a partner, made where it is
    missing. Nothing counts as checked: that is for people. All or nothing: raises csv_rows.BadFile with every fault.
    """
    known = set(Resource.objects.values_list("wilayah", "name"))
    partners = {(row.wilayah_id, row.name): row for row in Partner.objects.all()}
    services = Service.objects.in_bulk()
    made = len(partners)

    def take(line, cells):
        if (cells.get("wilayah"), cells.get("name")) in known:
            return "known"
        _add(cells, partners, services)
        return "added"

    with pghistory.context(command="load_resources"):
        taken = each_row(path, take)
    return LoadedResources(taken["added"], taken["known"], len(partners) - made)


def _add(cells, partners, services):
    """Store one resource; an empty cell leaves what the model begins with. Raises ValidationError."""
    lists = {name: cells.pop(name, "").split() for name in LISTS}
    unknown = [code for code in lists["services"] if code not in services]
    if unknown:
        raise ValidationError({"services": f"no such service: {', '.join(unknown)}"})
    partner = cells.pop("partner", "")
    filled = {name: text for name, text in cells.items() if text}
    resource = Resource(lifts=lists["lifts"], **values_of(Resource, filled))
    _check(resource)
    if partner:
        resource.partner = _partner(partner, resource, partners)
    resource.save()
    resource.services.set([services[code] for code in lists["services"]])


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
