"""Which families changed since a phone was last served, told by PostgreSQL itself: each row knows the transaction that
wrote it (`xmin`), so that no write has to say so anywhere.
"""

import re

from django.apps import apps
from django.db import connection
from django.db.models.functions import Lower

from kpm.models import (
    Assessment,
    Deferral,
    Goal,
    GoalStep,
    Group,
    Household,
    Member,
    MemberComponent,
    MemberMove,
    Pengurus,
)
from resources.models import Partner, Resource
from roles.models import ActivityHousehold, Commitment, GroupSession

# Every write of what `phone.ahead` shows of a family writes a row of one of these too: scores come and go with their
# assessment, the words of an activity change with its rows of families, and whoever takes a row out of an activity
# reckons the family's last visit anew.
ROWS_OF_A_FAMILY = (
    Member,
    MemberComponent,
    Pengurus,
    MemberMove,  # of the family left; the one that gets the person has the row of the person
    Goal,
    GoalStep,
    Assessment,
    Deferral,
    ActivityHousehold,
    Commitment,
)
MARK = re.compile(r"(?P<database>[0-9A-Za-z.]+)\.(?P<epoch>[0-9]{1,9})-(?P<xid>[0-9]{1,10})")
# The counter of transactions has 32 bits in a row and goes round. A mark this old says nothing any more.
OLDEST = 2**30
WRAP = 2**32
# age() counts back from now, so that the comparison holds also after the counter went round.
SINCE = "SELECT age(%s::text::xid) AS age"
WRITTEN_SINCE = "age(row.xmin) <= (SELECT age FROM since)"
READABLE = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')"


def mark():
    """Now, as text for `changed_since`: which database this is and the oldest transaction that is still writing, behind
    its `-` as an xid. Whatever commits later, was written by that one or after it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        epoch, xid = divmod(cursor.fetchone()[0], WRAP)
        return f"{_database(cursor)}.{epoch}-{xid}"


def changed_since(mark, user):
    """The ids of the families of `user` of which something that the phone shows was written at the moment of `mark` or
    later; None when that can't be said: an unreadable mark, a very old one, or one of another database.

    Names a few too many when somebody was writing for long at that moment, never one too few. A family that left the
    asker is not among them; one that came is, since its row says whose it is.
    """
    read = MARK.fullmatch(mark)
    with connection.cursor() as cursor:
        if not read or read["database"] != _database(cursor):
            return None
        written = int(read["epoch"]) * WRAP + int(read["xid"])
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        if not 0 <= cursor.fetchone()[0] - written < OLDEST:
            return None
        statement, parameters = _written_since(user, written % WRAP)
        cursor.execute(statement, parameters)
        return {family for (family,) in cursor.fetchall()}


def are_stale(mark, user):
    """Whether something that the pages of `user` show for all families alike (phone.shells) was written since `mark`, which
    is one of this database: master data, resources, partners, the own kelompok and their sessions. One statement.
    """
    everybody = [Resource, Partner]
    for room in apps.get_app_configs():
        everybody += [room.get_model(name) for _, name, _ in getattr(room, "master_data", ())]
    group = Group._meta.db_table
    where = {model._meta.db_table: "TRUE" for model in everybody}
    where[group] = "pendamping_id = %s"
    where[GroupSession._meta.db_table] = f"group_id IN (SELECT id FROM {group} WHERE pendamping_id = %s)"  # noqa: S608
    written = [
        f"EXISTS (SELECT 1 FROM {table} row WHERE {WRITTEN_SINCE} AND {rows})"  # noqa: S608  our own tables
        for table, rows in where.items()
    ]
    statement = f"WITH since AS ({SINCE}) SELECT {' OR '.join(written)}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [mark.rpartition("-")[2], user.pk, user.pk])
        return cursor.fetchone()[0]


def held_cases(user):
    """The case numbers of the families on the list of `user` (/kpm/ without any filter), in its order: one statement."""
    families = Household.objects.visible_to(user).active().annotate(folded_name=Lower("name"))
    return list(families.order_by("folded_name", "id").values_list("case_number", flat=True))


def _database(cursor):
    """What tells this database from any other, and from itself before it was restored from a backup: the identifier of
    its cluster and its timeline. Where the identifier is not for us to read, the number of the database.
    """
    cursor.execute(READABLE)
    readable = cursor.fetchone()[0]
    if readable:
        named = "(SELECT system_identifier::text FROM pg_control_system())"
    else:
        named = "(SELECT 'oid' || oid::text FROM pg_database WHERE datname = current_database())"
    timeline = "CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END"
    cursor.execute(f"SELECT {named} || '.' || {timeline}")
    return cursor.fetchone()[0]


def _written_since(user, xid):
    """(SQL, parameters) of the ids of families of `user` with a row written by `xid` or a later transaction."""
    own, parameters = Household.objects.visible_to(user).values("pk").query.sql_with_params()
    # An array goes into the index of each table at once; a join would rather read whole tables, also other people's.
    where = f"{{}} = ANY((SELECT ids FROM own)::uuid[]) AND {WRITTEN_SINCE}"  # noqa: S608
    family, group = Household._meta.db_table, Group._meta.db_table
    tables = {family: "row.id"} | {model._meta.db_table: "row.household_id" for model in ROWS_OF_A_FAMILY}
    written = [
        f"SELECT {key} FROM {table} row WHERE {where.format(key)}"  # noqa: S608  names of our own tables
        for table, key in tables.items()
    ]
    of_group = f"SELECT family.id FROM {family} family JOIN {group} row ON row.id = family.group_id"  # noqa: S608
    written.append(f"{of_group} WHERE {where.format('family.id')}")
    statement = (
        f"WITH own AS MATERIALIZED (SELECT array_agg(pk) AS ids FROM ({own}) held),"  # noqa: S608
        f" since AS ({SINCE}) {' UNION '.join(written)}"
    )
    return statement, [*parameters, str(xid)]
