"""Which rows of the whole house point at a family or a person, what of two families can't be side by side, and rows as
text, so that what a merge did can be put back.

Rooms above are not known here: the models are asked, so that a room that comes later is part of it by itself.
"""

from collections import defaultdict
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q

from kpm.models import Household

# Columns that are reckoned from other rows, also later on: of a row that moved they tell no work.
RECKONED = {
    "kpm.Score": ("until_on",),
    "kpm.Assessment": ("mean", "lowest", "lacking", "is_ready", "compared", "steps"),
}
# What stays with the number under which it was written, and why. All else that points at a family goes along.
STAYS = {
    "kpm.Assignment": "who held which number on which day",
    "kpm.Pengurus": "one family has one pengurus a day; that of the family that stands counts",
    "reports.FrozenRow": "a month that is locked says what it said",
    "roster.StagedFamily": "what a file said",
    "roster.StagedRow": "what a file said",
    "roster.Suspect": "a pair of two numbers",
    "roster.Merge": "the act itself",
}


# What rows are called on the pages, by model; others are "catatan lain".
NAMES = {
    "kpm.Member": "anggota",
    "kpm.MemberComponent": "komponen",
    "kpm.Assessment": "asesmen",
    "kpm.Score": "jawaban asesmen",
    "kpm.Goal": "tujuan",
    "kpm.GoalStep": "langkah tujuan",
    "kpm.GraduationCase": "usulan graduasi",
    "kpm.Consent": "persetujuan",
    "roster.HandoverFamily": "serah terima",
    "roster.Difference": "beda dengan SIKS-NG",
    "roster.ToType": "perlu diketik ke SIKS-NG",
    "resources.Referral": "rujukan",
    "roles.ActivityHousehold": "kegiatan",
    "roles.Attendance": "kehadiran P2K2",
    "roles.TrainingPlace": "tempat pelatihan",
    "sinergi.Enrolment": "keikutsertaan program",
}


def row_words(numbers: dict[str, int]) -> list[tuple[str, int]]:
    """[(what rows are called, how many)] of {label of a model: how many}."""
    said: dict[str, int] = defaultdict(int)
    for label, number in numbers.items():
        said[NAMES.get(label, "catatan lain")] += number
    return sorted(said.items(), key=lambda one: (one[0] == "catatan lain", one[0]))


def pointing_at(target: Any) -> list[tuple[Any, Any]]:
    """(model, foreign key) for each key of the house to `target` whose rows go along with it; histories stay as they are."""
    return [(model, field) for model, field in _keys_to(target) if model._meta.label not in STAYS]


def _keys_to(target):
    return [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not hasattr(model, "pgh_tracked_model")
        for field in model._meta.concrete_fields
        if field.related_model is target
    ]


def family_models() -> list[Any]:
    """The models whose rows belong to a family, each once, those that others need first."""
    found = list(dict.fromkeys(model for model, _ in pointing_at(Household) if model is not Household))
    ordered: list[Any] = []
    while len(ordered) < len(found):
        for model in found:  # keys between these models never go in a circle
            needs = {own.related_model for own in _parents(model)} & set(found) - {model}
            if model not in ordered and needs <= set(ordered):
                ordered.append(model)
    return ordered


def _parents(model):
    """The keys of a model to rows of a family without which its own row is nothing."""
    return [
        own
        for own in model._meta.concrete_fields
        if own.remote_field and not own.null and _is_of_family(own.related_model)
    ]


def _is_of_family(model):
    return model is not Household and any(
        own.related_model is Household for own in model._meta.concrete_fields
    )


def clashes(model: Any, field: Any, rows: Any, now: Any) -> tuple[Any, Any]:
    """(rows, rows) of the queryset `rows` that can't point at `now` by `field`, since it has their like: those of which
    there can only be one at a time, and those that say the same as one that is there.
    """
    at_a_time, alike = Q(pk__in=[]), Q(pk__in=[])
    unique = [
        (one.fields, one.condition)
        for one in model._meta.constraints
        if isinstance(one, models.UniqueConstraint)
    ]
    unique += [(fields, None) for fields in model._meta.unique_together]
    unique += [((field.name,), None)] if field.unique else []
    for fields, condition in unique:
        if field.name not in fields:
            continue
        others = {name: OuterRef(name) for name in fields if name != field.name}
        there = Q(Exists(model._base_manager.filter(condition or Q(), **{field.name: now}, **others)))
        if condition:
            at_a_time |= condition & there
        else:
            alike |= there
    return rows.filter(at_a_time), rows.filter(alike)


def staying_along(model: Any, rows: Any, stayed: dict) -> Any:
    """Those of `rows` that are nothing without a row that stays; `stayed` is {model: set of keys}."""
    bound = Q(pk__in=[])
    for own in _parents(model):
        if keys := stayed.get(own.related_model):
            bound |= Q(**{f"{own.name}__in": keys})
    return rows.filter(bound)


def unlocked() -> Any:
    """A context in which rows that are written once can follow their family."""
    triggers = [
        f"{model._meta.label}:{trigger.name}"
        for model, _ in pointing_at(Household)
        for trigger in getattr(model._meta, "triggers", ())
        if trigger.name.startswith("insert_only")
    ]
    return pgtrigger.ignore(*triggers)


# --- rows as text -----------------------------------------------------------------------------------------------------


def as_text(model: Any, keys: Any, columns: list[str] | None = None) -> dict[Any, dict[str, str | None]]:
    """{key: {column: what stands in it as text}} of the rows `keys`; of all columns unless some are named."""
    names = columns or [field.column for field in model._meta.concrete_fields]
    said = ", ".join(f'"{name}"::text' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{model._meta.pk.column}", {said} FROM "{model._meta.db_table}"'
            f' WHERE "{model._meta.pk.column}" = ANY(%s) ORDER BY 1',
            [list(keys)],
        )
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in cursor.fetchall()}


def marks(model: Any, keys: Any, *, but: Any = ()) -> dict[Any, str]:
    """{key: a mark of the row, without the columns `but`} of the rows `keys`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{model._meta.pk.column}", md5((to_jsonb(one) - %s::text[])::text)'
            f' FROM "{model._meta.db_table}" one WHERE "{model._meta.pk.column}" = ANY(%s)',
            [list(but), list(keys)],
        )
        return dict(cursor.fetchall())


def put_back(model: Any, key: Any, before: dict[str, str | None]) -> None:
    """Let the columns of a row hold what they held (`before`, as as_text gives it)."""
    kinds = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    said = ", ".join(f'"{name}" = %s::{_kind(kinds[name])}' for name in before)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {said} WHERE "{model._meta.pk.column}" = %s',
            [*before.values(), key],
        )


def _kind(db_type):
    return db_type.removesuffix(" GENERATED BY DEFAULT AS IDENTITY")


# --- what hangs together ----------------------------------------------------------------------------------------------


def bound_together(rows: dict[Any, set]) -> dict[tuple, tuple]:
    """{(model, key): the one row that stands for all that hang together with it} of `rows`, {model: keys}: rows that name
    each other go back together or not at all.
    """
    leader: dict[tuple, tuple] = {(model, key): (model, key) for model, keys in rows.items() for key in keys}

    def find(one):
        while leader[one] != one:
            leader[one] = one = leader[leader[one]]
        return one

    for model, keys in rows.items():
        for own in model._meta.concrete_fields:
            if own.remote_field and own.related_model in rows and own.related_model is not Household:
                named = model._base_manager.filter(
                    pk__in=keys, **{f"{own.name}__in": rows[own.related_model]}
                )
                for key, other in named.values_list("pk", own.attname):
                    leader[find((model, key))] = find((own.related_model, other))
    return {one: find(one) for one in leader}


def named_since(rows: dict[Any, set], survivor: Any) -> set[tuple]:
    """(model, key) of those of `rows` that a row of the family, written since and none of them, is about."""
    found = set()
    for target, keys in rows.items():
        if target is Household:
            continue
        for model, own in _keys_to(target):
            family = next(
                (one for one in model._meta.concrete_fields if one.related_model is Household), None
            )
            if family is None:
                continue
            since = model._base_manager.filter(**{f"{own.name}__in": keys, family.name: survivor})
            since = since.exclude(pk__in=rows.get(model, ()))
            found |= {(target, key) for key in since.values_list(own.attname, flat=True)}
    return found


def by_model(rows: Any) -> dict[Any, dict[str, Any]]:
    """{model: {key as text: MergedRow}} of the rows of a merge."""
    found: dict[Any, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        found[apps.get_model(row.model)][row.row] = row
    return found


def key_of(model: Any, text: str) -> Any:
    """The key of a row as its model has it."""
    return model._meta.pk.to_python(text)
