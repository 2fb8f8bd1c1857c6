"""The field history of rows that are written once and rarely changed."""

from contextlib import contextmanager

import pghistory
from django.db import connection

RESTING = "SELECT set_config('pgtrigger.ignore', %s, true)"


def keep_old_versions(model):
    """Keep each version of a row before it changes. The row itself is its first version, so inserts cost nothing."""
    before = {"row": pghistory.Old}
    return pghistory.track(
        pghistory.UpdateEvent("before_change", **before), pghistory.DeleteEvent("before_delete", **before)
    )(model)


def insert_with_history(model, statement):
    """SQL that runs `statement`, an INSERT into the table of the tracked `model`, and keeps the first version of each of its
    rows in one go, as the trigger does row by row. To be run inside `first_versions_by_hand`.
    """
    event = model.pgh_event_model._meta
    columns = [f'"{field.column}"' for field in event.concrete_fields if not field.name.startswith("pgh_")]
    names = ", ".join(columns)
    return (
        f"WITH made AS ({statement} RETURNING *) INSERT INTO {event.db_table}"  # noqa: S608  names of our own tables
        f" (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, {names})"
        f" SELECT now(), 'insert', {model._meta.pk.column}, (SELECT _pgh_attach_context()), {names} FROM made"
    )


@contextmanager
def first_versions_by_hand(*models):
    """Inside the block, in a transaction, the triggers rest that keep the first version of new rows of `models`; those that
    keep later versions go on.
    """
    # Not pgtrigger.ignore, which can't go before a statement with named parameters.
    resting = [
        t.get_pgid(model) for model in models for t in model._meta.triggers if t.name == "insert_insert"
    ]
    with connection.cursor() as cursor:
        cursor.execute(RESTING, [f"{{{','.join(resting)}}}"])
        yield
        cursor.execute(RESTING, ["{}"])  # where the block failed, so did the transaction
