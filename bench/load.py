"""A loader for measuring: a million families and ten million activities in minutes, by SQL alone.

Rows go into tables without indexes, foreign keys and triggers; those are then built again from their own
definitions, so that the tables end exactly as the migrations made them.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

from pkh_casework.fields import CROCKFORD

from .assessing import assessing

PER_PENDAMPING = 300
PER_FAMILY = 10  # activities
VISITS = 8  # pendamping who write during the runs; number 0 only reads, so that its caseload stays as loaded
BATCH = 250_000
SESSIONS = 2

# What grows, and is filled without its indexes. The plain project's tables live in schema `peer`.
APP_TABLES = [
    "accounts_user",
    "kpm_group",
    "kpm_household",
    "kpm_assignment",
    "kpm_member",
    "kpm_pengurus",
    "kpm_membercomponent",
    "roles_activity",
    "roles_activityhousehold",
    "kpm_assessment",
    "kpm_score",
    "entries_receipt",
]
PEER_TABLES = ["auth_user", "plain_group", "plain_household", "plain_visit"]
PEER_VISITS = 1_000_000  # a plain visit costs the same at any size, so more would only cost time and disk

# Family number k: the holder is k modulo the number of pendamping, so that the 300 rows of a caseload lie
# scattered over the whole table, as after years of changes. Activity number t, 0 the latest, of family k:
DAY = "CURRENT_DATE - 1 - ({t} * 60 + {k} % 60)::int"
IS_VISIT = "({k} * 7 + {t}) % 10 < 8"
IS_MET = "({k} + {t}) % 10 < 9"


def _shape(text):
    return text.replace("<DAY>", DAY).replace("<IS_VISIT>", IS_VISIT).replace("<IS_MET>", IS_MET)


def _at(text, k, t):
    return text.replace("{k}", k).replace("{t}", t)


PEOPLE = [
    "CREATE SCHEMA bench",
    # Names of the country's most common kind, some 45 x 40 of them.
    """CREATE TABLE bench.word AS SELECT
        regexp_split_to_array('Siti Sri Dewi Nur Ani Rina Yuni Wati Lilis Imas Euis Cucu Neneng Ai Tati Entin
            Iis Elis Popon Oom Nining Rukmini Suryati Kartini Lina Maya Ratna Rini Eni Nani Heni Yati
            Titin Ida Enok Mimin Oneng Aisah Halimah Maryam Fatimah Zubaedah Romlah Juju Icih Uun', '\\s+') AS first,
        regexp_split_to_array('Aminah Rahayu Lestari Hayati Suryani Wulandari Handayani Permata Kurniasih
            Maryani Sulastri Setiawati Puspita Anggraeni Nuraeni Komalasari Rohaeti Sumiati Mulyani Herawati
            Nurhayati Kusmiati Suhartini Rosita Yulianti Supriatin Karyati Juhaeriah Rostini Kurniawati
            Hasanah Masitoh Solihat Rohmah Sukaesih Maesaroh Sopiah Hotimah Jubaedah', '\\s+') AS last""",
    """CREATE TABLE bench.area AS
        SELECT row_number() OVER (ORDER BY code) - 1 AS n, code
        FROM wilayah_wilayah WHERE level = 4 AND starts_with(code, {area})""",
    """INSERT INTO accounts_user
            (username, password, name, duty, nip, phone, is_active, created_at, wilayah_id)
        SELECT 'bench' || h, '!', 'Pendamping ' || h, 'pendamping', '', '', true, now(), area.code
        FROM generate_series(0, {holders} - 1) h
        JOIN bench.area ON area.n = h * (SELECT count(*) FROM bench.area) / {holders}""",
    """CREATE TABLE bench.holder AS
        SELECT substr(username, 6)::int AS n, id, wilayah_id
        FROM accounts_user WHERE username LIKE 'bench%'""",
    """INSERT INTO kpm_group (name, pendamping_id, wilayah_id)
        SELECT 'Kelompok ' || place, id, wilayah_id FROM bench.holder, generate_series(0, 9) place""",
    """CREATE TABLE bench.family AS
        SELECT k, uuidv7(make_interval(days => -700)) AS id, uuidv7(make_interval(days => -700)) AS mother,
            uuidv7(make_interval(days => -700)) AS child, holder.id AS pendamping_id, holder.wilayah_id,
            kpm_group.id AS group_id,
            first[1 + k * 31 % cardinality(first)] || ' ' || last[1 + k / 7 * 13 % cardinality(last)] AS name
        FROM bench.word, generate_series(0::bigint, {families} - 1) k
        JOIN bench.holder ON holder.n = k % {holders}
        JOIN kpm_group ON kpm_group.pendamping_id = holder.id
            AND kpm_group.name = 'Kelompok ' || k / {holders} % 10
        ORDER BY k""",
    "CREATE UNIQUE INDEX ON bench.family (k)",
    "ANALYZE bench.family",
]

# Sealed numbers are 46 random bytes here. Nobody opens them, except those of the families whose pages are
# read, which bench.inside seals afterwards.
FAMILIES = [
    _shape(text)
    for text in [
        """INSERT INTO kpm_household (id, case_number, name, no_kk, no_kk_index, address, rt, rw, wilayah_id,
            group_id, pendamping_id, status, path, desil, joined_on, notes, dusun, phone,
            last_visited_on, created_at)
        SELECT id, 'PKH-' || (
                SELECT string_agg(
                    substr({crockford}, 1 + (k * 7368787 % 33554432 >> 5 * place & 31)::int, 1), ''
                )
                FROM generate_series(0, 4) place
            ), name, '\\x0101'::bytea || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                || substr(uuid_send(gen_random_uuid()), 1, 12), uuid_send(gen_random_uuid()),
            'Jl. Kiaracondong Gg. ' || k % 40 || ' No. ' || k % 97, 1 + k / 13 % 9, 1 + k / 5 % 12,
            wilayah_id, group_id, pendamping_id, (ARRAY['aktif', 'aktif', 'aktif', 'calon_graduasi'])[1 + k % 4],
            (ARRAY['usaha', 'kerja', 'perlindungan'])[1 + k % 3], 1 + k % 4, CURRENT_DATE - 700, '', '', '',
            (SELECT <DAY> FROM generate_series(0, {per_family} - 1) t
                WHERE <IS_VISIT> AND <IS_MET> ORDER BY t LIMIT 1),
            now() - interval '700 days'
        FROM bench.family WHERE k >= {start} AND k < {stop}""",
        """INSERT INTO kpm_assignment (household_id, pendamping_id, from_on, by_id, reason)
        SELECT id, pendamping_id, CURRENT_DATE - 700, pendamping_id, ''
        FROM bench.family WHERE k >= {start} AND k < {stop}""",
        """INSERT INTO kpm_member
            (id, household_id, name, nik, nik_index, birth_date, sex, relation, left_reason)
        SELECT person.id, family.id, person.name, '\\x0101'::bytea || uuid_send(gen_random_uuid())
                || uuid_send(gen_random_uuid()) || substr(uuid_send(gen_random_uuid()), 1, 12),
            uuid_send(gen_random_uuid()), CURRENT_DATE - person.age * 365 - (k % 365)::int, 'P',
            person.relation, ''
        FROM bench.family CROSS JOIN LATERAL (
            VALUES (mother, name, 38, 'pasangan'), (child, split_part(name, ' ', 2), 9, 'anak')
        ) person(id, name, age, relation)
        WHERE k >= {start} AND k < {stop}""",
        """INSERT INTO kpm_pengurus (household_id, member_id, from_on)
        SELECT id, mother, CURRENT_DATE - 700 FROM bench.family WHERE k >= {start} AND k < {stop}""",
        """INSERT INTO kpm_membercomponent (household_id, member_id, component_id, place, from_on)
        SELECT id, child, 'sd', 'SDN 1', CURRENT_DATE - 500
        FROM bench.family WHERE k >= {start} AND k < {stop}""",
    ]
]
FAMILIES = [_at(text, "k", "t") for text in FAMILIES]

# One activity of every family in the batch: what one visit writes, in one statement.
ACTIVITIES = _at(
    _shape(
        """WITH source AS MATERIALIZED (
        SELECT k, family.id AS household_id, pendamping_id, wilayah_id, <DAY> AS occurred_on,
            <IS_VISIT> AS is_visit, <IS_MET> AS met, (k + {t}) % 10 = 0 AS has_step,
            uuidv7(make_interval(days => -1 - {t} * 60)) AS id,
            uuidv7(make_interval(days => -1 - {t} * 60)) AS op_id
        FROM bench.family WHERE k >= {start} AND k < {stop}
    ), activity AS (
        INSERT INTO roles_activity (id, op_id, pendamping_id, wilayah_id, occurred_on, kind_id, sub_role_id,
            place, notes, outcome, next_step, next_step_on, received_at)
        SELECT id, op_id, pendamping_id, wilayah_id, occurred_on,
            CASE WHEN is_visit THEN 'kunjungan_rumah' ELSE 'komunikasi' END,
            ({sub_roles}::text[])[1 + (k + {t} * 3) % cardinality({sub_roles}::text[])], '',
            'Membicarakan tabungan dan sekolah anak; buku catatan belanja sudah diisi sampai minggu lalu.',
            'Sepakat menabung tiap minggu.', CASE WHEN has_step THEN 'Membawa rapor anak' ELSE '' END,
            CASE WHEN has_step THEN occurred_on + 14 END, occurred_on + interval '10 hours'
        FROM source
    ), family AS (
        INSERT INTO roles_activityhousehold (id, activity_id, household_id, pendamping_id, wilayah_id,
            occurred_on, is_visit, met, step_due_on, step_done_on)
        SELECT uuidv7(make_interval(days => -1 - {t} * 60)), id, household_id, pendamping_id, wilayah_id,
            occurred_on, is_visit, met, CASE WHEN has_step THEN occurred_on + 14 END,
            CASE WHEN has_step AND {t} > 0 THEN occurred_on + 20 END
        FROM source
    )
    INSERT INTO entries_receipt (op_id, author_id, kind, content_hash, received_at, object_id)
    SELECT op_id, pendamping_id, 'roles.activity', rpad(op_id::text, 64, '0'),
        occurred_on + interval '10 hours', id
    FROM source"""
    ),
    "k",
    "{t}",
)

PEERS = [
    """INSERT INTO peer.auth_user
        (username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined)
    SELECT 'bench' || n, '!', 'Pendamping ' || n, '', '', false, false, true, now() FROM bench.holder""",
    """INSERT INTO peer.plain_group (id, name) SELECT id, name FROM kpm_group""",
    """INSERT INTO peer.plain_household (id, case_number, name, family_card, address, rt, rw, village_id,
        group_id, worker_id, status, path, decile, joined_on, notes, last_visited_on)
    SELECT k, case_number, household.name, lpad(k::text, 16, '0'), address, rt, rw, household.wilayah_id,
        household.group_id, worker.id, status, path, desil, joined_on, notes, last_visited_on
    FROM bench.family JOIN kpm_household household USING (id)
    JOIN bench.holder ON holder.id = family.pendamping_id
    JOIN peer.auth_user worker ON worker.username = 'bench' || holder.n""",
    """INSERT INTO peer.plain_visit (household_id, worker_id, province_id, regency_id, district_id,
        village_id, kind_id, role_id, sub_role_id, group_id, occurred_on, notes, outcome, next_step, created_at)
    SELECT household.id, worker_id, left(village_id, 2), left(village_id, 4), left(village_id, 6), village_id,
        'kunjungan_rumah', sub_role.role_id, sub_role.code, group_id,
        CURRENT_DATE - 1 - (t * 60 + household.id % 60)::int,
        'Membicarakan tabungan dan sekolah anak; buku catatan belanja sudah diisi sampai minggu lalu.',
        'Sepakat menabung tiap minggu.', '', now()
    FROM generate_series(0, 9) t, peer.plain_household household
    JOIN roles_subrole sub_role
        ON sub_role.code = ({sub_roles}::text[])[1 + household.id % cardinality({sub_roles}::text[])]
    LIMIT {peer_visits}""",
]
PEER_MASTER = [
    "INSERT INTO peer.plain_province SELECT code, name FROM wilayah_wilayah WHERE level = 1",
    "INSERT INTO peer.plain_regency SELECT code, name, parent_id FROM wilayah_wilayah WHERE level = 2",
    "INSERT INTO peer.plain_district SELECT code, name, parent_id FROM wilayah_wilayah WHERE level = 3",
    "INSERT INTO peer.plain_village SELECT code, name, parent_id FROM wilayah_wilayah WHERE level = 4",
    "INSERT INTO peer.plain_kind SELECT code, name FROM roles_activitykind",
    "INSERT INTO peer.plain_role SELECT code, name FROM roles_role",
    "INSERT INTO peer.plain_subrole SELECT code, name, role_id FROM roles_subrole",
]
# For pgbench, which draws a number: the families of the pendamping who write.
LIMIT = [
    """CREATE TABLE bench.target AS
        SELECT row_number() OVER (ORDER BY k) AS n, id AS household_id, pendamping_id, wilayah_id
        FROM bench.family WHERE k % {holders} BETWEEN 1 AND {visits}""",
    "CREATE UNIQUE INDEX ON bench.target (n)",
]


@dataclass(frozen=True)
class Setting:
    """Definitions put aside while a table is filled: SQL to drop them and to make them again."""

    drop: list
    keys: list
    indexes: list
    foreign_keys: list


def load(url, families, *, area, assessments):
    """Fill the migrated, empty database at `url` with `families` families (a multiple of 300) all over `area`, each
    assessed `assessments` times; those who were have no plain project beside them.

    Returns {step: seconds of this database's load}. The plain project's tables must exist in schema `peer`.
    """
    steps = _Steps()
    with psycopg.connect(url, autocommit=True) as connection:
        sub_roles = [code for (code,) in connection.execute("SELECT code FROM roles_subrole ORDER BY code")]
        values = {
            "holders": families // PER_PENDAMPING,
            "families": families,
            "per_family": PER_FAMILY,
            "crockford": CROCKFORD,
            "sub_roles": sub_roles,
            "peer_visits": PEER_VISITS,
            "visits": VISITS,
            "area": area,
        }
        setting = _set_aside(connection)
        for statement in setting.drop:
            connection.execute(statement)
        steps.done("set indexes, keys and triggers aside")
        _run(connection, [*PEOPLE, *PEER_MASTER], values)
        ranges = [{"start": start, "stop": start + BATCH} for start in range(0, families, BATCH)]
        _share_out(url, [(text, values | part) for text in FAMILIES for part in ranges])
        steps.done(f"{families:,} families with members, components, assignments")
        _share_out(
            url,
            [(ACTIVITIES, values | part | {"t": t}) for t in reversed(range(PER_FAMILY)) for part in ranges],
        )
        steps.done(f"{families * PER_FAMILY:,} activities with family rows and receipts")
        if assessments:
            _share_out(url, assessing(families, assessments))
            steps.done(f"{families * assessments:,} assessments with scores")
        else:
            _run(connection, [*PEERS, *LIMIT], values)
            steps.done("the plain project's rows")
        connection.execute("SET maintenance_work_mem = '512MB'")
        for statement in setting.keys:
            connection.execute(statement)
        steps.done("primary keys and constraints")
        _share_out(url, [(statement, {}) for statement in setting.indexes])
        steps.done("indexes")
        # Two of them would wait for each other's locks, so first they are made, then checked.
        for statement in setting.foreign_keys:
            connection.execute(statement + " NOT VALID")
        _share_out(url, [(statement, {}) for statement in _validations(connection)])
        for table in _tables():
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
        steps.done("foreign keys")
        _share_out(url, [(sql.SQL("VACUUM (FREEZE, ANALYZE) {}").format(table), {}) for table in _tables()])
        steps.done("vacuum, analyze")
    return steps.seconds


class _Steps:
    """Wall seconds between one step and the next, by name."""

    def __init__(self):
        self.last, self.seconds = time.monotonic(), {}

    def done(self, step):
        now = time.monotonic()
        self.seconds[step] = round(now - self.last, 1)
        print(f"    {step}: {self.seconds[step]} s", flush=True)
        self.last = now


def _run(connection, texts, values):
    for text in texts:
        connection.execute(_statement(text, values))


def _statement(text, values):
    """SQL of `text` with its named values; `text` may be ready SQL."""
    if isinstance(text, sql.Composable):
        return text
    if not values:
        return text
    literals = {name: sql.Literal(value) for name, value in values.items()}
    return sql.SQL(text).format(**literals)


def _share_out(url, work):
    """Execute (text, values) pairs from a few sessions at once; the first error ends it."""

    def one(item):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET maintenance_work_mem = '512MB'")
            connection.execute("SET work_mem = '256MB'")
            connection.execute("SET max_parallel_maintenance_workers = 0")
            connection.execute(_statement(*item))

    with ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(one, work))


def _tables():
    return [sql.Identifier("public", name) for name in APP_TABLES] + [
        sql.Identifier("peer", name) for name in PEER_TABLES
    ]


def _set_aside(connection):
    """The Setting of all tables that are filled, read from the catalogue."""
    names = [f"public.{name}" for name in APP_TABLES] + [f"peer.{name}" for name in PEER_TABLES]
    cursor = connection.cursor(row_factory=namedtuple_row)
    constraints = cursor.execute(
        """SELECT conrelid::regclass AS table, conname AS name, contype AS type,
            pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE contype IN ('p', 'u', 'x') AND conrelid = ANY(%(names)s::regclass[])
            OR contype = 'f'
            AND (conrelid = ANY(%(names)s::regclass[]) OR confrelid = ANY(%(names)s::regclass[]))
        ORDER BY contype = 'f' DESC, contype = 'p' DESC, oid""",
        {"names": names},
    ).fetchall()
    indexes = cursor.execute(
        """SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
        FROM pg_index
        WHERE indrelid = ANY(%s::regclass[])
            AND NOT EXISTS (
                SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x')
            )""",
        [names],
    ).fetchall()
    add = {
        row: f'ALTER TABLE {row.table} ADD CONSTRAINT "{row.name}" {row.definition}' for row in constraints
    }
    return Setting(
        drop=[
            *(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in names),
            *(f'ALTER TABLE {row.table} DROP CONSTRAINT "{row.name}"' for row in constraints),
            *(f"DROP INDEX {row.name}" for row in indexes),
        ],
        keys=[text for row, text in add.items() if row.type != "f"],
        indexes=[row.definition for row in indexes],
        foreign_keys=[text for row, text in add.items() if row.type == "f"],
    )


def _validations(connection):
    rows = connection.execute(
        "SELECT format('ALTER TABLE %s VALIDATE CONSTRAINT %I', conrelid::regclass, conname)"
        " FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
    )
    return [text for (text,) in rows]
