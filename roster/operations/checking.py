"""What the families of a file are to those that are there: new, changed, the same, perhaps the same, refused, gone.

All of it in statements over whole sets; no row comes to Python. A number that stands outside the importer's area says
only that a koordinator above must look (contract C4).
"""

from django.db import connection, transaction

from kpm.duplicates import SAME_NAME
from kpm.names import SAME, SOUNDS, compare

# What the file may change of a family that is there. A blank cell says nothing and changes nothing.
COMPARED = ("address", "rt", "rw", "dusun", "phone", "wilayah_id", "desil")
ELSEWHERE = "No KK ini sudah tercatat di luar wilayah Anda. Minta koordinator di atas Anda memeriksanya."
NIK_ELSEWHERE = "NIK ini sudah tercatat di luar wilayah Anda. Minta koordinator di atas Anda memeriksanya."
NO_PLACE = "Kelurahannya belum diketahui. Tambahkan kolomnya, atau pilih satu kelurahan untuk semua baris."
NO_HOLDER = "Pendampingnya belum diketahui. Tambahkan kolomnya, atau pilih satu pendamping untuk semua baris."
NOT_TWICE = "No KK ini sudah dipakai dua keluarga. Periksa dulu di halaman keluarganya."
NIK_TWICE = "NIK ini dipakai dua orang di berkas ini, baris "


def check(batch, *, for_desk=False):
    """Compare what was staged of `batch` with the families that are there; each StagedFamily gets its verdict.

    For the SIKS-NG desk (`for_desk`) a family is also known by the NIK of its pengurus, its people in whatever spelling,
    and a new one needs no holder yet.
    """
    values = {
        "batch": batch.pk,
        "area": f"{batch.wilayah_id}%",
        "holder": batch.default_pendamping_id,
        "likeness": SAME_NAME,
        "elsewhere": ELSEWHERE,
        "nik_elsewhere": NIK_ELSEWHERE,
        "no_place": NO_PLACE,
        "no_holder": NO_HOLDER,
        "not_twice": NOT_TWICE,
        "nik_twice": NIK_TWICE,
        "for_desk": for_desk,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE roster_stagedrow, roster_stagedfamily")
        cursor.execute("CREATE TEMP TABLE alike (family uuid, household uuid) ON COMMIT DROP")
        for statement in BEFORE:
            cursor.execute(statement, values)
        _name_alike(cursor, values)
        _name_joined(cursor, values)
        for statement in AFTER:
            cursor.execute(statement, values)
        cursor.execute("DROP TABLE alike")


def _name_alike(cursor, values):
    """Families in which somebody who answers for a new one may be: born on the same day, in whatever spelling."""
    cursor.execute(BORN_THERE, values)
    same = [row[:2] for row in cursor.fetchall() if compare(row[2], row[3]) in {SAME, SOUNDS}]
    with cursor.copy("COPY alike (family, household) FROM STDIN") as copy:
        for row in same:
            copy.write_row(row)


def _name_joined(cursor, values):
    """The people of a family that a person joined to one that is there: who is on both cards under another spelling."""
    cursor.execute(OF_JOINED, values)
    taken = set()
    for row, member, told, stored, born, was_born in cursor.fetchall():
        fit = compare(told, stored)
        if row in taken or member in taken or not fit or (fit not in {SAME, SOUNDS} and born != was_born):
            continue
        if born and was_born and born != was_born:
            continue
        taken |= {row, member}
        cursor.execute("UPDATE roster_stagedrow SET member_id = %s WHERE id = %s", [member, row])


def _fault(field, words, line="f.line"):
    return f"jsonb_build_array(jsonb_build_object('line', {line}, 'field', '{field}', 'words', {words}, 'checked', true))"


# Twice the same check gives the same: what an earlier one said goes first.
BEGIN = """
WITH gone AS (DELETE FROM roster_stagedfamily WHERE batch_id = %(batch)s AND verdict = 'hilang')
UPDATE roster_stagedfamily SET household_id = NULL, changes = '{}', twins = '[]', verdict = 'baru',
       faults = (SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements(faults) one WHERE NOT one ? 'checked')
 WHERE batch_id = %(batch)s AND verdict <> 'hilang' AND (household_id IS NOT NULL OR changes <> '{}' OR twins <> '[]'
   OR verdict <> 'baru' OR faults @> '[{"checked": true}]')
"""

# The pengurus whom a row only names, where another row of the family is hers.
NAMED_TWICE = """
WITH named AS (
    SELECT named.id AS extra, own.id AS own FROM roster_stagedrow named
      JOIN roster_stagedrow own ON own.batch_id = named.batch_id AND own.family = named.family AND own.id <> named.id
       AND own.nik_index = named.nik_index AND (own.relation <> '' OR own.birth_date IS NOT NULL)
     WHERE named.batch_id = %(batch)s AND named.is_pengurus AND named.relation = '' AND named.birth_date IS NULL
       AND named.faults = '[]'
), marked AS (
    UPDATE roster_stagedrow r SET is_pengurus = true FROM named WHERE named.own = r.id
)
DELETE FROM roster_stagedrow r USING named WHERE named.extra = r.id
"""

# The pengurus: who is marked so, whom the rows name, else the wife, the head, the first woman, the first row.
PENGURUS = """
WITH ranked AS (
    SELECT id, family, name, row_number() OVER (PARTITION BY family ORDER BY is_pengurus DESC,
           CASE relation WHEN 'pasangan' THEN 1 WHEN 'kepala' THEN 2 ELSE 3 END, sex DESC, line, id) AS place
      FROM roster_stagedrow WHERE batch_id = %(batch)s AND name <> ''
), marked AS (
    UPDATE roster_stagedrow r SET is_pengurus = (ranked.place = 1) FROM ranked
     WHERE ranked.id = r.id AND r.is_pengurus <> (ranked.place = 1)
)
UPDATE roster_stagedfamily f SET name = ranked.name FROM ranked
 WHERE ranked.family = f.id AND ranked.place = 1 AND f.batch_id = %(batch)s
"""

KNOWN = f"""
WITH there AS (
    SELECT f.id, f.line, min(h.id::text) FILTER (WHERE h.wilayah_id LIKE %(area)s)::uuid AS household,
           count(DISTINCT h.id) FILTER (WHERE h.wilayah_id LIKE %(area)s) AS inside
      FROM roster_stagedfamily f JOIN kpm_household k ON k.no_kk_index = f.no_kk_index
      JOIN kpm_household h ON h.id = coalesce(k.merged_into_id, k.id)
     WHERE f.batch_id = %(batch)s GROUP BY f.id
)
UPDATE roster_stagedfamily f SET household_id = CASE WHEN inside = 1 THEN there.household END,
       faults = f.faults || CASE WHEN inside > 1 THEN {_fault("no_kk", "%(not_twice)s::text")} WHEN inside = 0 THEN
                {_fault("no_kk", "%(elsewhere)s::text")} ELSE '[]'::jsonb END
  FROM there WHERE there.id = f.id
"""

# On the desk: a family with another No KK, of whose pengurus (by NIK) there is only one.
BY_PENGURUS = """
WITH found AS (
    SELECT f.id, min(h.id::text)::uuid AS household FROM roster_stagedfamily f
      JOIN roster_stagedrow r ON r.family = f.id AND r.batch_id = f.batch_id AND r.is_pengurus
      JOIN kpm_member m ON m.nik_index = r.nik_index AND m.left_on IS NULL
      JOIN kpm_household h ON h.id = m.household_id AND h.merged_into_id IS NULL AND h.wilayah_id LIKE %(area)s
      JOIN kpm_pengurus p ON p.household_id = h.id AND p.member_id = m.id AND p.to_on IS NULL
     WHERE %(for_desk)s AND f.batch_id = %(batch)s AND f.household_id IS NULL AND f.joined_id IS NULL
       AND f.no_kk_index IS NOT NULL AND f.faults = '[]'
       AND NOT EXISTS (SELECT FROM roster_stagedfamily o WHERE o.batch_id = f.batch_id AND o.household_id = h.id)
     GROUP BY f.id HAVING count(DISTINCT h.id) = 1
), alone AS (
    SELECT household, min(id::text)::uuid AS id FROM found GROUP BY household HAVING count(*) = 1
)
UPDATE roster_stagedfamily f SET joined_id = alone.household FROM alone WHERE alone.id = f.id
"""

# A family that a person said to be one that is there, whatever its number.
JOINED = """
UPDATE roster_stagedfamily f SET household_id = h.id FROM kpm_household h
 WHERE f.batch_id = %(batch)s AND f.household_id IS NULL AND h.id = f.joined_id AND h.merged_into_id IS NULL
   AND h.wilayah_id LIKE %(area)s
"""

# A family that is there keeps its holder; a new one gets the one of the file, of its kelompok, of its kelurahan.
HOLDER = """
WITH alone AS (
    SELECT wilayah_id, min(id) AS id FROM accounts_user
     WHERE duty = 'pendamping' AND is_active AND wilayah_id LIKE %(area)s GROUP BY wilayah_id HAVING count(*) = 1
), kelompok AS (
    SELECT lower(g.name) AS name, g.wilayah_id, min(g.pendamping_id) AS pendamping_id FROM kpm_group g
      JOIN accounts_user u ON u.id = g.pendamping_id AND u.is_active
     GROUP BY lower(g.name), g.wilayah_id HAVING count(DISTINCT g.pendamping_id) = 1
)
UPDATE roster_stagedfamily f SET pendamping_id = coalesce(
       (SELECT pendamping_id FROM kelompok k WHERE k.name = lower(f.group_name) AND k.wilayah_id = f.wilayah_id),
       %(holder)s::bigint, (SELECT id FROM alone a WHERE a.wilayah_id = f.wilayah_id))
 WHERE f.batch_id = %(batch)s AND f.pendamping_id IS NULL AND f.household_id IS NULL
"""

# The same person by NIK, else by name (whose NIK changed then), among those who are on the card now.
PEOPLE = """
UPDATE roster_stagedrow r SET member_id = found.member FROM (
    SELECT DISTINCT ON (r.id) r.id, m.id AS member
      FROM roster_stagedrow r JOIN roster_stagedfamily f ON f.id = r.family
      JOIN kpm_member m ON m.household_id = f.household_id AND m.left_on IS NULL
       AND (m.nik_index = r.nik_index OR lower(m.name) = lower(r.name))
     WHERE r.batch_id = %(batch)s AND f.batch_id = %(batch)s
     ORDER BY r.id, (m.nik_index = r.nik_index) DESC NULLS LAST, m.id
) found WHERE found.id = r.id
"""

NIK_TWICE_IN_FILE = f"""
WITH double AS (
    SELECT nik_index, array_agg(id) AS ids, string_agg(line::text, ', ' ORDER BY line) AS lines
      FROM roster_stagedrow WHERE batch_id = %(batch)s AND nik_index IS NOT NULL
     GROUP BY nik_index HAVING count(DISTINCT family) > 1
)
UPDATE roster_stagedfamily f SET faults = f.faults ||
       {_fault("nik", "%(nik_twice)s::text || left(double.lines, 60) || '.'", "r.line")}
  FROM double JOIN roster_stagedrow r ON r.id = ANY(double.ids)
 WHERE f.id = r.family AND f.batch_id = %(batch)s
"""

COMPARE = f"""
UPDATE roster_stagedfamily f SET changes = (
    SELECT coalesce(jsonb_object_agg(name, jsonb_build_array(stored, told)), '{{}}') FROM (VALUES
           {", ".join(f"('{name}', to_jsonb(h.{name}), to_jsonb(f.{name}))" for name in COMPARED)}
    ) AS both_sides (name, stored, told)
     WHERE told IS NOT NULL AND told <> 'null' AND told <> '""' AND told IS DISTINCT FROM stored)
  FROM kpm_household h WHERE h.id = f.household_id AND f.batch_id = %(batch)s
"""

PEOPLE_CHANGED = (
    """
UPDATE roster_stagedrow r SET changes = (
    SELECT coalesce(jsonb_object_agg(name, jsonb_build_array(stored, told)), '{}') FROM (VALUES
           ('name', to_jsonb(m.name), to_jsonb(r.name)),
           ('birth_date', to_jsonb(m.birth_date), to_jsonb(r.birth_date)),
           ('sex', to_jsonb(m.sex), to_jsonb(r.sex)),
           ('relation', to_jsonb(m.relation), to_jsonb(r.relation)),
           ('nik', to_jsonb(encode(m.nik_index, 'hex')), to_jsonb(encode(r.nik_index, 'hex')))
    ) AS both_sides (name, stored, told)
     WHERE told IS NOT NULL AND told <> 'null' AND told <> '""' AND told IS DISTINCT FROM stored)
  FROM kpm_member m WHERE m.id = r.member_id AND r.batch_id = %(batch)s
""",
    # A component that is not open yet for a person who is there.
    """
UPDATE roster_stagedrow r SET changes = r.changes || jsonb_build_object('component', jsonb_build_array(NULL, r.component))
 WHERE r.batch_id = %(batch)s AND r.member_id IS NOT NULL AND r.component <> '' AND NOT EXISTS (
       SELECT FROM kpm_membercomponent c WHERE c.member_id = r.member_id AND c.component_id = r.component
          AND c.to_on IS NULL)
""",
)

# What a family can't be taken in without; the faults of its rows are its own.
FAULTS = f"""
WITH of_rows AS (
    SELECT r.family, jsonb_agg(one || '{{"checked": true}}') AS told
      FROM roster_stagedrow r, jsonb_array_elements(r.faults) one
     WHERE r.batch_id = %(batch)s AND r.faults <> '[]' GROUP BY r.family
), found AS (
    SELECT f.id, CASE WHEN f.wilayah_id IS NULL AND f.household_id IS NULL THEN {_fault("kelurahan", "%(no_place)s::text")}
                      ELSE '[]'::jsonb END
       || CASE WHEN f.pendamping_id IS NULL AND f.household_id IS NULL AND NOT %(for_desk)s
               THEN {_fault("pendamping", "%(no_holder)s::text")}
               ELSE '[]'::jsonb END
       || coalesce(of_rows.told, '[]') AS told
      FROM roster_stagedfamily f LEFT JOIN of_rows ON of_rows.family = f.id WHERE f.batch_id = %(batch)s
)
UPDATE roster_stagedfamily f SET faults = f.faults || found.told FROM found WHERE found.id = f.id AND found.told <> '[]'
"""

# Families that a new one may be already: a NIK of its people stands there, or nearly its name in the same RT.
TWINS = f"""
WITH by_nik AS (
    SELECT r.family, h.id, h.case_number, h.wilayah_id, r.line FROM roster_stagedrow r
      JOIN kpm_member m ON m.nik_index = r.nik_index AND m.left_on IS NULL JOIN kpm_household h ON h.id = m.household_id
       AND h.merged_into_id IS NULL
     WHERE r.batch_id = %(batch)s
), by_name AS (
    SELECT f.id AS family, h.id, h.case_number, h.wilayah_id, f.line FROM roster_stagedfamily f
      JOIN kpm_household h ON h.wilayah_id = f.wilayah_id AND h.merged_into_id IS NULL AND h.rw IS NOT DISTINCT FROM f.rw
       AND h.rt IS NOT DISTINCT FROM f.rt AND similarity(h.name, f.name) >= %(likeness)s
     WHERE f.batch_id = %(batch)s AND f.household_id IS NULL
), by_birth AS (
    SELECT a.family, h.id, h.case_number, h.wilayah_id, f.line FROM alike a JOIN roster_stagedfamily f ON f.id = a.family
      JOIN kpm_household h ON h.id = a.household WHERE f.household_id IS NULL
), found AS (
    SELECT f.id, jsonb_agg(DISTINCT n.case_number) FILTER (WHERE n.wilayah_id LIKE %(area)s) AS twins,
           min(n.line) FILTER (WHERE n.wilayah_id NOT LIKE %(area)s) AS outside
      FROM roster_stagedfamily f JOIN (TABLE by_nik UNION ALL TABLE by_name UNION ALL TABLE by_birth) n ON n.family = f.id
     WHERE f.batch_id = %(batch)s AND n.id IS DISTINCT FROM f.household_id GROUP BY f.id
)
UPDATE roster_stagedfamily f SET twins = coalesce(found.twins, '[]'), faults = f.faults || CASE WHEN found.outside
       IS NOT NULL THEN {_fault("nik", "%(nik_elsewhere)s::text", "found.outside")} ELSE '[]'::jsonb END
  FROM found WHERE found.id = f.id
"""

VERDICTS = """
WITH found AS (
    SELECT f.id, CASE WHEN faults <> '[]' THEN 'ditolak'
       WHEN household_id IS NULL AND twins <> '[]' THEN 'ragu' WHEN household_id IS NULL THEN 'baru'
       WHEN changes <> '{}' OR EXISTS (SELECT FROM roster_stagedrow r WHERE r.family = f.id AND r.batch_id = %(batch)s
            AND (r.member_id IS NULL OR r.changes <> '{}')) THEN 'berubah' ELSE 'sama' END AS verdict
      FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s
)
UPDATE roster_stagedfamily f SET verdict = found.verdict FROM found WHERE found.id = f.id AND found.verdict <> f.verdict
"""

# Families under way in the kelurahan of the file, of whom it says nothing.
VANISHED = """
INSERT INTO roster_stagedfamily (id, batch_id, line, name, address, rt, rw, dusun, phone, wilayah_id, group_name,
       pendamping_id, verdict, choice, household_id, twins, changes, faults, notes, is_done)
SELECT gen_random_uuid(), %(batch)s, 0, h.name, h.address, h.rt, h.rw, h.dusun, '', h.wilayah_id, '', h.pendamping_id,
       'hilang', 'lewati', h.id, '[]', '{}', '[]', '[]', false
  FROM kpm_household h
 WHERE h.status IN ('aktif', 'calon_graduasi') AND h.merged_into_id IS NULL AND h.wilayah_id LIKE %(area)s
   AND h.wilayah_id IN (SELECT wilayah_id FROM roster_stagedfamily WHERE batch_id = %(batch)s AND faults = '[]')
   AND NOT EXISTS (SELECT FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s AND
                   (f.household_id = h.id OR f.twins ? h.case_number))
"""

BORN_THERE = """
SELECT f.id, m.household_id, r.name, m.name FROM roster_stagedfamily f
  JOIN roster_stagedrow r ON r.family = f.id AND r.batch_id = f.batch_id AND r.is_pengurus AND r.birth_date IS NOT NULL
  JOIN kpm_member m ON m.birth_date = r.birth_date AND m.left_on IS NULL
  JOIN kpm_household h ON h.id = m.household_id AND h.wilayah_id = f.wilayah_id AND h.merged_into_id IS NULL
 WHERE f.batch_id = %(batch)s AND f.household_id IS NULL
"""

OF_JOINED = """
SELECT r.id, m.id, r.name, m.name, r.birth_date, m.birth_date FROM roster_stagedfamily f
  JOIN roster_stagedrow r ON r.family = f.id AND r.batch_id = f.batch_id AND r.member_id IS NULL
  JOIN kpm_member m ON m.household_id = f.household_id AND m.left_on IS NULL
 WHERE f.batch_id = %(batch)s AND (f.joined_id IS NOT NULL OR %(for_desk)s) AND NOT EXISTS (
       SELECT FROM roster_stagedrow o WHERE o.batch_id = f.batch_id AND o.member_id = m.id)
 ORDER BY r.line, r.id, m.id
"""

BEFORE = (
    BEGIN,
    NAMED_TWICE,
    PENGURUS,
    KNOWN,
    BY_PENGURUS,
    JOINED,
    HOLDER,
    PEOPLE,
)
AFTER = (
    NIK_TWICE_IN_FILE,
    COMPARE,
    *PEOPLE_CHANGED,
    FAULTS,
    TWINS,
    VERDICTS,
    VANISHED,
)
