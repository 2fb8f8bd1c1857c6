"""Finding the families that may be one: in statements over a whole area, by indexes, never each with each.

The two spellings of a name meet in its keys (kpm.names), which are made here for everybody in the area and forgotten
again. What counts how much, and from where on somebody must look, is master data (kpm.models.DuplicateRule).
"""

from django.db import connection, transaction

from kpm.duplicates import SAME_NAME, rules_on
from kpm.models import DuplicateRule
from kpm.names import canonical, sound

ADDRESS_LIKE = 0.85  # the same street and house, with a slip


def find_suspects(area, today):
    """Compare the families of `area` (a code, "" for all) with each other; how many pairs wait for a decision there.

    Pairs that are found no more go, unless somebody was asked or decided; one that was decided comes back only when what
    is known of the two families has changed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('roster.suspects'))")
        values = weighing(cursor, today) | {"area": f"{area}%", "like": SAME_NAME, "street": ADDRESS_LIKE}
        name_people(cursor, values)
        for statement in (PEOPLE, *INDEXES, *FINDING, WEIGHED, KEPT, GONE):
            cursor.execute(statement, values)
        cursor.execute(WAITING, values)
        (number,) = cursor.fetchone()
        cursor.execute("DROP TABLE named, person, evidence, weight, weighed")
        return number


def weighing(cursor, today):
    """Put the points in force on `today` into the table `weight`; the two thresholds by name."""
    rules = rules_on(today)
    cursor.execute("CREATE TEMP TABLE weight (code text, points int, most int) ON COMMIT DROP")
    cursor.execute(
        "INSERT INTO weight SELECT * FROM unnest(%s::text[], %s::int[], %s::int[])",
        [list(rules), [one.points for one in rules.values()], [one.most for one in rules.values()]],
    )
    return {
        "certain": rules[DuplicateRule.CERTAIN].points,
        "look": rules[DuplicateRule.LOOK].points,
    }


def name_people(cursor, values):
    """Fill the table `named` with the keys of the names of everybody on a card in the area."""
    cursor.execute("CREATE TEMP TABLE named (name text PRIMARY KEY, key text, sound text) ON COMMIT DROP")
    cursor.execute(NAMES, values)
    names = [name for (name,) in cursor.fetchall()]
    with cursor.copy("COPY named (name, key, sound) FROM STDIN") as copy:
        for name in names:
            copy.write_row((name, canonical(name), sound(name)))
    cursor.execute("ANALYZE named")


STANDING = "m.left_on IS NULL AND h.merged_into_id IS NULL AND h.wilayah_id LIKE %(area)s"

NAMES = (
    f"SELECT DISTINCT m.name FROM kpm_member m JOIN kpm_household h ON h.id = m.household_id WHERE {STANDING}"
)

PEOPLE = f"""
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT m.id, m.household_id AS family, n.key, n.sound, m.birth_date AS born, m.nik_index AS nik, h.wilayah_id AS place,
       h.rw, h.rt, EXISTS (SELECT FROM kpm_pengurus p WHERE p.member_id = m.id AND p.to_on IS NULL) AS answers
  FROM kpm_member m JOIN kpm_household h ON h.id = m.household_id JOIN named n ON n.name = m.name WHERE {STANDING}
"""

INDEXES = (
    "CREATE INDEX ON person (born, sound)",
    "CREATE INDEX ON person (born, place)",
    "CREATE INDEX ON person (nik)",
    "CREATE INDEX ON person (place, sound) WHERE answers",
    "CREATE INDEX ON person (place, rw, rt) WHERE answers",
    "CREATE INDEX ON person (family)",
    "ANALYZE person",
    "CREATE TEMP TABLE evidence (first uuid, second uuid, code text) ON COMMIT DROP",
)

PAIR = "least(a.family, b.family), greatest(a.family, b.family)"

FINDING = (
    """
INSERT INTO evidence SELECT a.id, b.id, 'no_kk' FROM kpm_household a JOIN kpm_household b ON b.no_kk_index = a.no_kk_index
   AND a.id < b.id WHERE a.merged_into_id IS NULL AND b.merged_into_id IS NULL AND a.wilayah_id LIKE %(area)s
   AND b.wilayah_id LIKE %(area)s
""",
    f"INSERT INTO evidence SELECT {PAIR}, 'nik' FROM person a JOIN person b ON b.nik = a.nik AND a.family < b.family",
    f"""
INSERT INTO evidence SELECT {PAIR}, CASE WHEN a.answers OR b.answers THEN 'pengurus_lahir' ELSE 'anggota_lahir' END
  FROM person a JOIN person b ON b.born = a.born AND b.sound = a.sound AND a.family < b.family
""",
    f"""
INSERT INTO evidence SELECT {PAIR}, CASE WHEN a.answers OR b.answers THEN 'pengurus_mirip' ELSE 'anggota_mirip' END
  FROM person a JOIN person b ON b.born = a.born AND b.place = a.place AND a.family < b.family AND b.sound <> a.sound
   AND similarity(a.key, b.key) >= %(like)s
""",
    f"""
INSERT INTO evidence SELECT {PAIR}, 'pengurus_nama' FROM person a JOIN person b ON b.place = a.place AND b.sound = a.sound
   AND a.family < b.family WHERE a.answers AND b.answers AND (a.born = b.born) IS NOT TRUE
""",
    f"""
INSERT INTO evidence SELECT {PAIR}, 'pengurus_dekat' FROM person a JOIN person b ON b.place = a.place
   AND b.rw = a.rw AND b.rt = a.rt AND a.family < b.family AND b.sound <> a.sound
   AND (b.born <> a.born) IS NOT FALSE AND similarity(a.key, b.key) >= %(like)s WHERE a.answers AND b.answers
""",
    # What speaks for it or against it besides, for the pairs that something was found of.
    """
WITH pair AS (SELECT DISTINCT first, second FROM evidence), both_sides AS (
    SELECT p.first, p.second, a.wilayah_id = b.wilayah_id AS kelurahan, a.rt = b.rt AND a.rw = b.rw AS rt, a.rw = b.rw AS rw,
           similarity(lower(a.address), lower(b.address)) >= %(street)s AS street
      FROM pair p JOIN kpm_household a ON a.id = p.first JOIN kpm_household b ON b.id = p.second
), heads AS (
    SELECT p.first, p.second, a.born <> b.born AND (a.sound = b.sound OR similarity(a.key, b.key) >= %(like)s) AS born,
           a.nik <> b.nik AND a.sound = b.sound AS nik
      FROM pair p JOIN person a ON a.family = p.first AND a.answers JOIN person b ON b.family = p.second AND b.answers
)
INSERT INTO evidence
SELECT first, second, 'se_rt' FROM both_sides WHERE kelurahan AND rt
 UNION ALL SELECT first, second, 'se_rw' FROM both_sides WHERE kelurahan AND rw AND rt IS NOT TRUE
 UNION ALL SELECT first, second, 'se_alamat' FROM both_sides WHERE kelurahan AND street
 UNION ALL SELECT first, second, 'lahir_lain' FROM heads WHERE born
 UNION ALL SELECT first, second, 'nik_lain' FROM heads WHERE nik
""",
    "ANALYZE evidence",
)

WEIGHED = """
CREATE TEMP TABLE weighed ON COMMIT DROP AS
WITH counted AS (
    SELECT e.first, e.second, e.code, least(count(*), w.most)::int AS times, w.points FROM evidence e
      JOIN weight w ON w.code = e.code GROUP BY e.first, e.second, e.code, w.most, w.points
), summed AS (
    SELECT first, second, sum(times * points)::int AS score, jsonb_object_agg(code, times) AS reasons
      FROM counted GROUP BY first, second HAVING sum(times * points) >= %(look)s
), said AS (
    SELECT p.family, string_agg(concat_ws('|', p.key, p.born, encode(p.nik, 'hex'), p.answers), ';' ORDER BY p.id) AS people
      FROM person p WHERE p.family IN (SELECT first FROM summed UNION SELECT second FROM summed) GROUP BY p.family
)
SELECT s.*, s.score >= %(certain)s AS is_certain, md5(concat_ws('#', x.people, y.people, encode(a.no_kk_index, 'hex'),
       encode(b.no_kk_index, 'hex'), a.wilayah_id, b.wilayah_id, a.rw, b.rw, a.rt, b.rt, a.address, b.address)) AS data_mark
  FROM summed s JOIN kpm_household a ON a.id = s.first JOIN kpm_household b ON b.id = s.second
  LEFT JOIN said x ON x.family = s.first LEFT JOIN said y ON y.family = s.second
"""

KEPT = """
INSERT INTO roster_suspect AS s (id, first_id, second_id, score, reasons, is_certain, data_mark, state, note, answer, found_at)
SELECT gen_random_uuid(), first, second, score, reasons, is_certain, data_mark, 'terbuka', '', '', now() FROM weighed
 ORDER BY first, second
ON CONFLICT (first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons,
   is_certain = excluded.is_certain, data_mark = excluded.data_mark, found_at = now(),
   state = CASE WHEN s.state = 'bukan' THEN 'terbuka' ELSE s.state END
 WHERE s.data_mark <> excluded.data_mark OR s.score <> excluded.score AND s.state <> 'bukan'
"""

GONE = """
DELETE FROM roster_suspect s USING kpm_household a, kpm_household b
 WHERE a.id = s.first_id AND b.id = s.second_id AND s.state = 'terbuka' AND s.note = '' AND a.wilayah_id LIKE %(area)s
   AND b.wilayah_id LIKE %(area)s AND NOT EXISTS (
       SELECT FROM weighed w WHERE w.first = s.first_id AND w.second = s.second_id)
"""

WAITING = """
SELECT count(*) FROM roster_suspect s JOIN kpm_household a ON a.id = s.first_id JOIN kpm_household b ON b.id = s.second_id
 WHERE s.state IN ('terbuka', 'ditanya') AND a.wilayah_id LIKE %(area)s AND b.wilayah_id LIKE %(area)s
   AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
"""
