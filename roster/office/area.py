"""Which rows go along: all of an installation, or what one koordinator answers for.

Of an area the rows that its koordinator sees (`visible_to`) go along, with what hangs on them and what they point to: the
accounts of authors elsewhere, the kelompok, the activity in which a family of the area was met. Never a family of another
area: where a row points to one, it points to nothing, or stays when it can't.
"""

from contextlib import suppress

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import UUIDField
from pghistory.models import Context

from accounts.models import User
from entries.models import HeldEntry, Receipt
from kpm.models import Household
from wilayah.models import Wilayah

from .tables import office_tables


class Everything:
    """All rows of an installation."""

    code = ""

    def where(self, table):
        """The condition of the rows of `table` (OfficeTable) that go along, as SQL; "" for all of them."""
        return ""

    def value(self, field):
        """What is written of a column, as SQL."""
        return f'"{field.column}"'


class OfArea(Everything):
    """The rows of the area of the koordinator `user`. Lives in one transaction: their keys rest in tables that go with it."""

    def __init__(self, user):
        self.user, self.code = user, user.wilayah_id
        tables = [table for table in office_tables() if not table.is_master]
        self.kept = {table.model: f"kantor_{number}" for number, table in enumerate(tables)}
        waiting = list(tables)
        while waiting:
            ready = [table for table in waiting if not self._before(table) & {one.model for one in waiting}]
            for table in ready:
                self._begin(table)
            waiting = [table for table in waiting if table not in ready]
        changed = True
        while changed:
            changed = sum(self._settle(table) for table in tables) > 0
        for table in tables:
            if table.tracked:
                self._add(Context, f'SELECT "pgh_context_id" FROM "{table.name}" WHERE {self.where(table)}')

    def where(self, table):
        return "" if table.is_master else self._within(table.model._meta.pk)

    def value(self, field):
        named = f'"{field.column}"'
        if field is Receipt._meta.get_field("object_id"):
            return f"CASE WHEN {self._is_kept(named)} THEN {named} END AS {named}"
        if not (field.remote_field and field.null and self._stays_out(field)):
            return named
        return f"CASE WHEN {self._within(field)} THEN {named} END AS {named}"

    def _within(self, field):
        """Whether what a column holds is among the rows that go along, as SQL."""
        of = field.related_model if field.remote_field else field.model
        return f'"{field.column}" IN (SELECT key FROM {self.kept[of]})'

    def _is_kept(self, named):
        """Whether a row of whatever table that has this id goes along, as SQL: a receipt keeps no key of what it is for."""
        kept = [table for model, table in self.kept.items() if isinstance(model._meta.pk, UUIDField)]
        return " OR ".join(f"{named} IN (SELECT key FROM {table})" for table in kept)

    def _stays_out(self, field):
        return (
            field.db_constraint
            and field.related_model in self.kept
            and not self._may_be_added(field.related_model)
        )

    def _parents(self, table):
        """The required keys to rows that must go along themselves."""
        return [field for field in table.keys if not field.null and field.related_model in self.kept]

    def _before(self, table):
        """The models whose rows are chosen before those of `table`."""
        if table.tracked:
            return {table.tracked}
        if _has_door(table.model):
            return set()
        return {field.related_model for field in self._parents(table)} - {table.model}

    def _begin(self, table):
        """Choose the rows of `table` that the area is asked for, before what they point to is looked at."""
        params = ()
        if _has_door(table.model):
            rows = table.model._default_manager.visible_to(self.user).order_by().values("pk").distinct()
            chosen = f'SELECT "{table.model._meta.pk.column}" FROM "{table.name}" WHERE false'
            with suppress(EmptyResultSet):  # a door that shows the asker none asks the database for none
                chosen, params = rows.query.sql_with_params()
        else:
            chosen = (
                f'SELECT "{table.model._meta.pk.column}" FROM "{table.name}" WHERE {self._hanging_on(table)}'
            )
        with connection.cursor() as cursor:
            kept = self.kept[table.model]
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{kept}")
            cursor.execute(f"CREATE TEMP TABLE {kept} (key) ON COMMIT DROP AS {chosen}", params)
            cursor.execute(f"ALTER TABLE {kept} ADD PRIMARY KEY (key)")
            cursor.execute(f"ANALYZE {kept}")

    def _hanging_on(self, table):
        if table.model is Context:
            return "false"
        if table.tracked:
            return f'"pgh_obj_id" IN (SELECT key FROM {self.kept[table.tracked]})'
        parents = self._parents(table)
        if others := [field for field in parents if field.related_model is not User]:
            return " AND ".join(map(self._within, others))
        places = [field for field in table.keys if field.related_model is Wilayah and not field.null]
        if places:
            return f"\"{places[0].column}\" LIKE '{int(self.code)}%%'"
        return " AND ".join(map(self._within, parents))

    def _settle(self, table):
        """Take along what chosen rows of `table` point to, leave rows that can't do without what stays; whether any."""
        changed = False
        for field in table.keys:
            if field.related_model not in self.kept:
                continue
            rows = f'FROM "{table.name}" WHERE {self.where(table)} AND NOT {self._within(field)}'
            if self._may_be_added(field.related_model):
                changed |= self._add(field.related_model, f'SELECT "{field.column}" {rows}')
            elif not field.null:
                key = table.model._meta.pk.column
                with connection.cursor() as cursor:
                    cursor.execute(
                        f'DELETE FROM {self.kept[table.model]} WHERE key IN (SELECT "{key}" {rows})'
                    )
                    changed |= cursor.rowcount > 0
        return changed

    def _add(self, model, keys):
        kept = self.kept[model]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {kept} SELECT * FROM ({keys}) AS more (key) WHERE key IS NOT NULL ON CONFLICT DO NOTHING"
            )
            return cursor.rowcount > 0

    def _may_be_added(self, model):
        """Whether rows of `model` tell of no family by themselves, nor need a row that does."""
        if model in {Household, HeldEntry} or hasattr(model, "pgh_tracked_model"):
            return False
        keys = [field for field in model._meta.concrete_fields if field.remote_field]
        if any(field.related_model is Household for field in keys):
            return False
        needed = {field.related_model for field in keys if not field.null} & self.kept.keys() - {model}
        return all(map(self._may_be_added, needed))


def _has_door(model):
    return hasattr(model._default_manager.none(), "visible_to") and not hasattr(model, "pgh_tracked_model")
