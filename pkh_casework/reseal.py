"""Bringing stored identity numbers to the current keys, after `make_keys --add`."""

from dataclasses import dataclass, field

import pgtrigger
from django.apps import apps
from django.db import transaction

from .fields import BlindIndexField, IdentityNumberField, NumberUnreadable, blind_index, identity_keys

BATCH = 500


@dataclass
class Resealed:
    """What became of one column: how many rows were read and written, and the numbers that no known key opens."""

    read: int = 0
    written: int = 0
    unreadable: list[str] = field(default_factory=list)


def columns_with_numbers():
    """(model, field of the number, field of its blind index) of every table, those of the field history included."""
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        indexes = {index.of: index for index in fields if isinstance(index, BlindIndexField)}
        for number in fields:
            if isinstance(number, IdentityNumberField):
                yield model, number, indexes[number.name]


def reseal(model, number, index):
    """Seal and index the numbers of one column with the current keys; returns Resealed.

    One transaction for each BATCH of rows, so people go on working. What is current already is passed over, so after
    a stop it is simply begun again.
    """
    done, last = Resealed(), None
    while rows := _reseal_batch(model, number, index, last, done):
        last = rows[-1].pk
    return done


@transaction.atomic
def _reseal_batch(model, number, index, last, done):
    sealed_for = getattr(model, "pgh_tracked_model", model)._meta.pk.name
    rows = model._base_manager.order_by("pk").only(sealed_for, number.name, index.name)
    rows = rows.select_for_update(of=["self"], no_key=True)
    rows = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])
    stale = [row for row in rows if _renew(row, number, index, done)]
    if stale:
        # The number is no other: the history gets no new version, and its own rows may be written for once.
        triggers = [f"{model._meta.label}:{trigger.name}" for trigger in model._meta.triggers]
        with pgtrigger.ignore(*triggers):
            model._base_manager.bulk_update(stale, [number.name, index.name])
    done.read += len(rows)
    done.written += len(stale)
    return rows


def _renew(row, number, index, done):
    """Give `row` its number under the current keys; whether it had it under others."""
    sealed = getattr(row, number.attname)
    if sealed is None:
        return False
    try:
        digits = sealed.reveal()
    except NumberUnreadable as error:
        done.unreadable.append(str(error))
        return False
    found_by = blind_index(digits, number.name)
    is_current = sealed.key_id == identity_keys()["current"]["encryption"]
    if is_current and bytes(getattr(row, index.attname)) == found_by:
        return False
    setattr(row, number.attname, digits)
    setattr(row, index.attname, found_by)
    return True
