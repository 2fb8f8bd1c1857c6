"""Families of a file taken in, and taken back: each in one transaction, in statements over whole sets.

It writes what kpm.operations writes for one family (register_household, add_member, open_component, name_pengurus,
assign), row for row the same; a test holds the two against each other. The history sees every row, under one context.
"""

from typing import Any

import pghistory
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from entries.history import first_versions_by_hand, insert_with_history
from entries.operations import Refused, locked, operation
from kpm.models import Assignment, Group, Household, Member, MemberComponent, Pengurus
from kpm.operations import next_case_numbers
from pkh_casework.fields import blind_index, seal
from roster.models import Batch, StagedFamily, StagedRow, Suspect
from wilayah.clock import local_today

from .batch import STEPS, State, begin, change, totals_of
from .checking import COMPARED, check

WITH_HISTORY = (Member, MemberComponent, Pengurus)
FIRST_VERSIONS = (Group, Household, *WITH_HISTORY)  # kept in the statement that makes the rows
APART = "-"  # none of the twins
OWN_ROWS = (*WITH_HISTORY, Assignment)  # what a family that was taken in consists of
CHANGED = "Data keluarga berubah sejak berkas ini diperiksa. Tinjau sekali lagi, lalu masukkan."
Verdict, Choice = StagedFamily.Verdict, StagedFamily.Choice


# --- asking -----------------------------------------------------------------------------------------------------------


@operation(kind="roster.pilih", title="Pilihan pada berkas KPM", about=Batch)
def choose(batch, *, by, family, choice, joined=""):
    """Take `family` (a StagedFamily of the batch) in or leave it. `joined` is the case number of the one of its twins that
    it is, APART for none of them, "" for what it was. Raises Refused.
    """
    if locked(Batch.objects, batch.pk).state != State.READY:
        raise Refused("Berkas ini sudah berjalan terus. Muat ulang halamannya.")
    if joined:
        there = (
            Household.objects.visible_to(by).filter(case_number=joined, case_number__in=family.twins).first()
        )
        if joined != APART and there is None:
            raise Refused("Keluarga itu tidak ada di antara yang mirip. Muat ulang halamannya.")
        family.joined = there
    family.choice = choice
    family.save(update_fields=["choice", "joined"])
    if joined:
        check(batch)
        Batch.objects.filter(pk=batch.pk).update(totals=totals_of(batch))
    return batch


@operation(kind="roster.masuk", title="Keluarga dari berkas", about=Batch)
def ask_to_apply(batch, *, by):
    """Take in what was chosen, now or by a worker. Raises Refused."""
    return _ask(batch, by, State.READY, State.APPLYING)


@operation(kind="roster.urung", title="Berkas KPM diurungkan", about=Batch)
def ask_to_undo(batch, *, by):
    """Take back what came of the batch, as far as nobody worked with it, now or by a worker. Raises Refused."""
    return _ask(batch, by, State.APPLIED, State.UNDOING)


def _ask(batch, by, before, after):
    stored = locked(Batch.objects, batch.pk)
    if stored.state != before:
        raise Refused("Berkas ini sudah berjalan terus. Muat ulang halamannya.")
    stored.state, stored.applied_by, stored.words = after, by, ""
    stored.starts, stored.changed_at = 0, timezone.now()
    stored.save(update_fields=["state", "applied_by", "words", "starts", "changed_at"])
    begin(stored)
    return stored


# --- taking in --------------------------------------------------------------------------------------------------------


def _apply(batch):
    """Take the chosen families in; what is no more as it was looked at is looked at again first."""
    with transaction.atomic(), pghistory.context(user=batch.applied_by_id) as context:
        known = StagedFamily.objects.filter(batch=batch).exclude(household=None)
        list(
            Household.objects.filter(pk__in=known.values("household"))
            .order_by("pk")
            .select_for_update(of=["self"], no_key=True)
            .values_list("pk")
        )
        seen = _seen(batch)
        check(batch)
        if _seen(batch) != seen:
            change(batch, state=State.READY, words=CHANGED, totals=totals_of(batch))
            return
        now = take_in(batch, by=batch.applied_by_id)
        change(
            batch,
            state=State.APPLIED,
            applied_at=now,
            context=context.id,
            totals={
                **totals_of(batch),
                "masuk": StagedFamily.objects.filter(batch=batch, is_done=True).count(),
            },
        )


def take_in(batch, *, by):
    """Take in what was chosen of `batch` and was not before, in the name of `by` (an id); the moment. Inside a transaction."""
    values = {"batch": batch.pk, "by": by, "today": local_today(batch.wilayah_id), "now": timezone.now()}
    with connection.cursor() as cursor:
        _number_families(cursor, batch)
        with first_versions_by_hand(*FIRST_VERSIONS):
            for statement in TAKING_IN:
                cursor.execute(statement, values)
        cursor.execute("DROP TABLE numbered")
    _seal_changed_numbers(batch)
    StagedFamily.objects.filter(**_taken(batch)).update(is_done=True)
    return values["now"]


def _taken(batch):
    return {
        "batch": batch,
        "choice": Choice.TAKE,
        "is_done": False,
        "verdict__in": [Verdict.NEW, Verdict.DOUBTED, Verdict.CHANGED],
    }


def _seen(batch):
    """Stands for what a person saw of the batch before taking it in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(md5(row(f.id, verdict, household_id, twins, changes, pendamping_id)::text), ''"
            " ORDER BY f.id)) FROM roster_stagedfamily f WHERE batch_id = %s AND verdict <> 'hilang'",
            [batch.pk],
        )
        return cursor.fetchone()


def _number_families(cursor, batch):
    """A case number for each new family, in a table of this transaction."""
    new = StagedFamily.objects.filter(**_taken(batch)).filter(household=None).order_by("line", "pk")
    ids = list(new.values_list("pk", flat=True))
    numbers = next_case_numbers(len(ids))  # before the COPY: it has the connection for itself
    cursor.execute("CREATE TEMP TABLE numbered (family uuid PRIMARY KEY, case_number text) ON COMMIT DROP")
    with cursor.copy("COPY numbered (family, case_number) FROM STDIN") as copy:
        for row in zip(ids, numbers, strict=True):
            copy.write_row(row)


TAKE = "f.batch_id = %(batch)s AND NOT f.is_done AND f.choice = 'masuk' AND f.verdict IN ('baru', 'ragu', 'berubah')"

# Who outgrows a component is a child of the house.
GROWS_OUT = "EXISTS (SELECT FROM kpm_componentspan s WHERE s.component_id = r.component AND s.ends_at_age IS NOT NULL)"

TAKING_IN = (
    # A kelompok that a pendamping does not have yet.
    insert_with_history(
        Group,
        f"""
INSERT INTO kpm_group (name, wilayah_id, pendamping_id)
SELECT DISTINCT ON (f.pendamping_id, f.group_name) f.group_name, f.wilayah_id, f.pendamping_id FROM roster_stagedfamily f
  JOIN numbered ON numbered.family = f.id WHERE {TAKE} AND f.group_name <> '' AND NOT EXISTS (
       SELECT FROM kpm_group g WHERE g.pendamping_id = f.pendamping_id AND lower(g.name) = lower(f.group_name))
 ORDER BY f.pendamping_id, f.group_name, f.line
""",
    ),
    # kpm.operations.register_household
    insert_with_history(
        Household,
        f"""
INSERT INTO kpm_household (id, case_number, name, no_kk, no_kk_index, address, rt, rw, dusun, phone, wilayah_id, group_id,
       pendamping_id, status, path, desil, joined_on, notes, created_at)
SELECT f.id, n.case_number, f.name, f.no_kk, f.no_kk_index, f.address, f.rt, f.rw, f.dusun, f.phone, f.wilayah_id,
       (SELECT min(g.id) FROM kpm_group g WHERE g.pendamping_id = f.pendamping_id AND lower(g.name) = lower(f.group_name)),
       f.pendamping_id, 'aktif', 'usaha', f.desil, coalesce(f.joined_on, %(today)s), '', %(now)s
  FROM roster_stagedfamily f JOIN numbered n ON n.family = f.id WHERE {TAKE} ORDER BY f.id
""",
    ),
    # A change of what is there; a blank cell changes nothing.
    f"""
UPDATE kpm_household h SET
       {", ".join(f"{name} = CASE WHEN f.changes ? '{name}' THEN f.{name} ELSE h.{name} END" for name in COMPARED)}
  FROM roster_stagedfamily f WHERE {TAKE} AND f.household_id = h.id AND f.changes <> '{{}}'
""",
    # kpm.operations.add_member
    insert_with_history(
        Member,
        f"""
INSERT INTO kpm_member (id, household_id, name, nik, nik_index, birth_date, sex, relation, left_reason)
SELECT r.id, coalesce(f.household_id, f.id), r.name, r.nik, r.nik_index, r.birth_date,
       CASE WHEN r.sex <> '' THEN r.sex ELSE 'P' END,
       CASE WHEN r.relation <> '' THEN r.relation WHEN r.is_pengurus AND r.sex = 'L' THEN 'kepala' WHEN r.is_pengurus
            THEN 'pasangan' WHEN {GROWS_OUT} THEN 'anak' ELSE 'lainnya' END, ''
  FROM roster_stagedrow r JOIN roster_stagedfamily f ON f.id = r.family
 WHERE {TAKE} AND r.batch_id = %(batch)s AND r.member_id IS NULL AND r.name <> '' ORDER BY r.id
""",
    ),
    # kpm.operations.change_member
    f"""
UPDATE kpm_member m SET name = CASE WHEN r.changes ? 'name' THEN r.name ELSE m.name END,
       birth_date = CASE WHEN r.changes ? 'birth_date' THEN r.birth_date ELSE m.birth_date END,
       sex = CASE WHEN r.changes ? 'sex' THEN r.sex ELSE m.sex END,
       relation = CASE WHEN r.changes ? 'relation' THEN r.relation ELSE m.relation END
  FROM roster_stagedrow r JOIN roster_stagedfamily f ON f.id = r.family
 WHERE {TAKE} AND r.batch_id = %(batch)s AND r.member_id = m.id AND r.changes - 'nik' - 'component' <> '{{}}'
""",
    f"""
UPDATE kpm_household h SET name = m.name FROM kpm_pengurus p JOIN kpm_member m ON m.id = p.member_id
  JOIN roster_stagedrow r ON r.member_id = m.id JOIN roster_stagedfamily f ON f.id = r.family
 WHERE {TAKE} AND r.batch_id = %(batch)s AND p.to_on IS NULL AND p.household_id = h.id AND h.name <> m.name
""",
    # kpm.operations.open_component
    insert_with_history(
        MemberComponent,
        f"""
INSERT INTO kpm_membercomponent (member_id, household_id, component_id, place, from_on)
SELECT coalesce(r.member_id, r.id), coalesce(f.household_id, f.id), r.component, r.place,
       CASE WHEN f.household_id IS NULL THEN coalesce(f.joined_on, %(today)s) ELSE %(today)s END
  FROM roster_stagedrow r JOIN roster_stagedfamily f ON f.id = r.family
 WHERE {TAKE} AND r.batch_id = %(batch)s AND r.component <> '' AND (r.member_id IS NULL OR r.changes ? 'component')
""",
    ),
    # kpm.operations.name_pengurus and assign
    insert_with_history(
        Pengurus,
        f"""
INSERT INTO kpm_pengurus (household_id, member_id, from_on)
SELECT f.id, r.id, %(today)s FROM roster_stagedrow r JOIN roster_stagedfamily f ON f.id = r.family
  JOIN numbered ON numbered.family = f.id WHERE {TAKE} AND r.batch_id = %(batch)s AND r.is_pengurus
""",
    ),
    f"""
INSERT INTO kpm_assignment (household_id, pendamping_id, from_on, by_id, reason)
SELECT f.id, f.pendamping_id, %(today)s, %(by)s, '' FROM roster_stagedfamily f
  JOIN numbered ON numbered.family = f.id WHERE {TAKE}
""",
)


def _seal_changed_numbers(batch: Any) -> None:
    """A number is sealed for its row, so one that changed on a member who is there is sealed anew."""
    families = StagedFamily.objects.filter(**_taken(batch)).values("pk")
    rows = StagedRow.objects.filter(batch=batch, family__in=families, changes__has_key="nik")
    row: Any
    for row in rows:
        digits = row.nik.reveal()
        sealed = seal(digits, f"kpm.member:nik:{row.member_id}")
        Member.objects.filter(pk=row.member_id).update(nik=sealed, nik_index=blind_index(digits, "nik"))


# --- taking back ------------------------------------------------------------------------------------------------------


def _undo(batch):
    """Take back what came of the batch; a family with which somebody worked since stays, and is told."""
    with transaction.atomic(), pghistory.context(user=batch.applied_by_id):
        values = {"batch": batch.pk, "context": batch.context}
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE undone ON COMMIT DROP AS {DONE}", values)
            cursor.execute(
                "SELECT FROM kpm_household WHERE id IN (TABLE undone) ORDER BY id FOR NO KEY UPDATE"
            )
            for statement in _touched():
                cursor.execute(f"DELETE FROM undone WHERE id IN ({statement})", values)
            for statement in (*TAKING_BACK, _empty_groups()):
                cursor.execute(statement, values)
            cursor.execute("SELECT count(*) FROM undone")
            back = cursor.fetchone()[0]
        done = StagedFamily.objects.filter(batch=batch, is_done=True).count()
        change(batch, state=State.UNDONE, totals={**batch.totals, "kembali": back, "tinggal": done - back})


def _touched():
    """Statements that give the ids of families with which somebody worked since the batch."""
    tracked: tuple[Any, ...] = (Household, *WITH_HISTORY)
    for model in tracked:
        column = "pgh_obj_id" if model is Household else "household_id"
        yield (
            f"SELECT {column} FROM {model.pgh_event_model._meta.db_table} WHERE {column} IN (TABLE undone)"
            " AND pgh_context_id IS DISTINCT FROM %(context)s AND pgh_created_at > ("
            "SELECT created_at FROM pghistory_context WHERE id = %(context)s)"
        )
    for table, column in _pointing_at(Household):
        yield f"SELECT {column} FROM {table} WHERE {column} IN ({NEW_FAMILIES})"
    for table, column in _pointing_at(Member):
        yield (
            f"SELECT coalesce(f.household_id, f.id) FROM {table} t JOIN ({NEW_PEOPLE}) r ON t.{column} = r.id"
            " JOIN roster_stagedfamily f ON f.id = r.family"
        )
    yield (
        f"SELECT household_id FROM kpm_assignment WHERE household_id IN ({NEW_FAMILIES})"
        " GROUP BY household_id HAVING count(*) > 1"
    )


def _pointing_at(target):
    """(table, column) of each foreign key to `target` that is not of the rows of a family or of a file."""
    own = {*OWN_ROWS, StagedFamily, StagedRow, Suspect}
    for model in apps.get_models():
        if model not in own and not hasattr(model, "pgh_tracked_model"):
            for field in model._meta.concrete_fields:
                if field.related_model is target:
                    yield model._meta.db_table, field.column


def _empty_groups():
    """Remove the kelompok that the batch made and nobody uses."""
    used = " ".join(
        f"AND NOT EXISTS (SELECT FROM {table} t WHERE t.{column} = g.id)"
        for table, column in _pointing_at(Group)
    )
    return (
        "DELETE FROM kpm_group g USING kpm_groupevent e WHERE e.pgh_obj_id = g.id AND e.pgh_label = 'insert'"
        f" AND e.pgh_context_id = %(context)s {used}"
    )


DONE = (
    "SELECT coalesce(household_id, id) AS id FROM roster_stagedfamily WHERE batch_id = %(batch)s AND is_done"
)
NEW_FAMILIES = (
    "SELECT id FROM roster_stagedfamily WHERE batch_id = %(batch)s AND is_done AND household_id IS NULL"
)
NEW_PEOPLE = "SELECT id, family FROM roster_stagedrow WHERE batch_id = %(batch)s AND member_id IS NULL"
MADE = """
DELETE FROM {table} t USING {table}event e WHERE t.household_id IN (TABLE undone) AND e.pgh_obj_id = t.id
   AND e.pgh_label = 'insert' AND e.pgh_context_id = %(context)s
"""
CASTS = {"rt": "::smallint", "rw": "::smallint", "desil": "::smallint", "birth_date": "::date"}


def _as_before(names, said):
    """SET of each of `names` to what `said`.changes tells that it was."""
    return ", ".join(
        f"{name} = CASE WHEN {said}.changes ? '{name}' THEN ({said}.changes->'{name}'->>0){CASTS.get(name, '')}"
        f" ELSE t.{name} END"
        for name in names
    )


TAKING_BACK = (
    MADE.format(table="kpm_membercomponent"),
    MADE.format(table="kpm_pengurus"),
    f"DELETE FROM kpm_assignment t WHERE t.household_id IN (TABLE undone) AND t.household_id IN ({NEW_FAMILIES})",
    f"""
UPDATE kpm_member t SET {_as_before(["name", "birth_date", "sex", "relation"], "r")}
  FROM roster_stagedrow r WHERE r.batch_id = %(batch)s AND r.member_id = t.id AND t.household_id IN (TABLE undone)
   AND r.changes - 'nik' - 'component' <> '{{}}'
""",
    """
UPDATE kpm_member t SET nik = e.nik, nik_index = e.nik_index FROM (
    SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id, nik, nik_index FROM kpm_memberevent
     WHERE pgh_context_id IS DISTINCT FROM %(context)s AND household_id IN (TABLE undone)
     ORDER BY pgh_obj_id, pgh_id DESC
) e JOIN roster_stagedrow r ON r.member_id = e.pgh_obj_id
 WHERE t.id = e.pgh_obj_id AND r.batch_id = %(batch)s AND r.changes ? 'nik'
""",
    f"""
UPDATE kpm_household t SET {_as_before(COMPARED, "f")}
  FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s AND f.is_done AND f.household_id = t.id
   AND t.id IN (TABLE undone) AND f.changes <> '{{}}'
""",
    """
UPDATE kpm_household t SET name = m.name FROM kpm_pengurus p JOIN kpm_member m ON m.id = p.member_id
 WHERE p.household_id = t.id AND p.to_on IS NULL AND t.id IN (TABLE undone) AND t.name <> m.name
""",
    f"DELETE FROM kpm_member t USING ({NEW_PEOPLE}) r WHERE r.id = t.id AND t.household_id IN (TABLE undone)",
    f"""
DELETE FROM roster_suspect WHERE first_id IN (TABLE undone) AND first_id IN ({NEW_FAMILIES})
    OR second_id IN (TABLE undone) AND second_id IN ({NEW_FAMILIES})
""",
    f"DELETE FROM kpm_household t WHERE t.id IN (TABLE undone) AND t.id IN ({NEW_FAMILIES})",
)


STEPS |= {State.APPLYING: _apply, State.UNDOING: _undo}
