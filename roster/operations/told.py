"""What a file of SIKS-NG and the families that are here disagree on, in one statement over whole sets.

Each row: whom it is about (household, member, wilayah), its `kind` and `subject`, what people see (`fields`), and the
values of both sides, of which the marks are made. Words are compared without signs, blanks and capitals: SIKS-NG writes
capitals only. A blank cell says nothing.
"""


def bare(value):
    """SQL: `value` as words are compared."""
    return f"regexp_replace(lower(coalesce({value}::text, '')), '[[:punct:][:space:]]+', '', 'g')"


# Families under way whose row in the file has no fault; `only` (ids) narrows it to some.
GOOD = """
good AS (
    SELECT f.id AS staged, f.wilayah_id AS to_wilayah, f.address AS to_address, f.rt AS to_rt, f.rw AS to_rw,
           f.dusun AS to_dusun, f.desil AS to_desil, f.group_name AS to_group, f.no_kk_index AS to_no_kk, h.*,
           h.status IN ('aktif', 'calon_graduasi') AS under_way,
           (SELECT count(*) FROM roster_stagedrow r WHERE r.batch_id = f.batch_id AND r.family = f.id) AS people
      FROM roster_stagedfamily f JOIN kpm_household h ON h.id = f.household_id AND h.merged_into_id IS NULL
     WHERE f.batch_id = %(batch)s AND f.faults = '[]' AND f.verdict <> 'hilang'
       AND (%(only)s::uuid[] IS NULL OR h.id = ANY(%(only)s))
), rows AS (
    SELECT r.*, g.id AS here, g.wilayah_id AS lives, g.staged FROM roster_stagedrow r JOIN good g ON g.staged = r.family
     WHERE r.batch_id = %(batch)s AND g.under_way
)"""

# Single values: which of them the file tells otherwise.
VALUES = f"""
said AS (
    SELECT g.id AS household_id, NULL::uuid AS member_id, g.wilayah_id, v.kind, '' AS subject, g.name, g.staged,
           NULL::uuid AS row, v.n, v.field, v.here, v.told, v.a, v.b
      FROM good g LEFT JOIN wilayah_wilayah w ON w.code = g.wilayah_id
      LEFT JOIN wilayah_wilayah tw ON tw.code = g.to_wilayah LEFT JOIN kpm_group k ON k.id = g.group_id
     CROSS JOIN LATERAL (VALUES
           ('pindah', 1, 'kelurahan', w.name, tw.name, g.wilayah_id::text,
            CASE WHEN %(has_place)s THEN g.to_wilayah END::text),
           ('pindah', 2, 'address', g.address, g.to_address, {bare("g.address")}, {bare("g.to_address")}),
           ('pindah', 3, 'dusun', g.dusun, g.to_dusun, {bare("g.dusun")}, {bare("g.to_dusun")}),
           ('pindah', 4, 'rt', g.rt::text, g.to_rt::text, g.rt::text, g.to_rt::text),
           ('pindah', 5, 'rw', g.rw::text, g.to_rw::text, g.rw::text, g.to_rw::text),
           ('desil', 1, 'desil', g.desil::text, g.to_desil::text, g.desil::text, g.to_desil::text),
           ('kelompok', 1, 'group', k.name, g.to_group, {bare("k.name")}, {bare("g.to_group")}),
           ('no_kk', 1, 'no_kk', NULL, NULL, encode(g.no_kk_index, 'hex'), encode(g.to_no_kk, 'hex'))
     ) AS v (kind, n, field, here, told, a, b)
     WHERE g.under_way
    UNION ALL
    SELECT r.here, m.id, r.lives, v.kind, m.id::text, m.name, r.staged, r.id, v.n, v.field, v.here, v.told, v.a, v.b
      FROM rows r JOIN kpm_member m ON m.id = r.member_id AND m.household_id = r.here AND m.left_on IS NULL
     CROSS JOIN LATERAL (VALUES
           ('nik', 1, 'nik', NULL, NULL, encode(m.nik_index, 'hex'), encode(r.nik_index, 'hex')),
           ('diri', 1, 'name', m.name, r.name, {bare("m.name")}, {bare("r.name")}),
           ('diri', 2, 'birth_date', m.birth_date::text, r.birth_date::text, m.birth_date::text, r.birth_date::text),
           ('diri', 3, 'sex', m.sex, r.sex, m.sex, r.sex),
           ('diri', 4, 'relation', m.relation, r.relation, m.relation, r.relation)
     ) AS v (kind, n, field, here, told, a, b)
)"""

FIELD = "jsonb_build_array('{field}', {here}, {told})"

TOLD = f"""
CREATE TEMP TABLE told AS
WITH {GOOD}, {VALUES}, term AS (
    SELECT p.household_id, p.member_id, m.name FROM kpm_pengurus p JOIN kpm_member m ON m.id = p.member_id
     WHERE p.to_on IS NULL AND p.household_id IN (SELECT id FROM good)
), differing AS (
    SELECT household_id, member_id, wilayah_id, kind, subject, name, staged, row,
           jsonb_agg(jsonb_build_array(field, here, told) ORDER BY n) AS fields,
           jsonb_agg(jsonb_build_array(field, a) ORDER BY n) AS ours,
           jsonb_agg(jsonb_build_array(field, b) ORDER BY n) AS theirs
      FROM said WHERE b <> '' AND a IS DISTINCT FROM b GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    UNION ALL
    SELECT NULL, NULL, f.wilayah_id, 'masuk', encode(f.no_kk_index, 'hex'), f.name, f.id, NULL,
           jsonb_build_array(jsonb_build_array('name', NULL, f.name), jsonb_build_array('address', NULL, f.address),
               jsonb_build_array('rt', NULL, f.rt::text), jsonb_build_array('rw', NULL, f.rw::text)),
           f.twins, jsonb_build_array(f.name, f.wilayah_id, {bare("f.address")}, f.rt, f.rw,
               (SELECT jsonb_agg(jsonb_build_array(r.name, encode(r.nik_index, 'hex')) ORDER BY r.name, r.nik_index)
                  FROM roster_stagedrow r WHERE r.batch_id = f.batch_id AND r.family = f.id))
      FROM roster_stagedfamily f
     WHERE f.batch_id = %(batch)s AND f.faults = '[]' AND f.household_id IS NULL AND f.verdict <> 'hilang'
       AND f.wilayah_id LIKE %(within)s AND %(only)s::uuid[] IS NULL
       AND NOT EXISTS (SELECT FROM kpm_household h WHERE h.no_kk_index = f.no_kk_index AND h.merged_into_id IS NULL)
    UNION ALL
    SELECT h.id, NULL, h.wilayah_id, 'keluar', '', h.name, NULL, NULL,
           jsonb_build_array(jsonb_build_array('status', h.status, NULL)), '["ada"]', '[]'
      FROM kpm_household h
     WHERE h.status IN ('aktif', 'calon_graduasi') AND h.merged_into_id IS NULL AND h.wilayah_id = ANY(%(covered)s)
       AND (%(only)s::uuid[] IS NULL OR h.id = ANY(%(only)s))
       AND NOT EXISTS (SELECT FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s AND f.verdict <> 'hilang'
                          AND (f.household_id = h.id OR f.no_kk_index = h.no_kk_index
                               OR f.household_id IS NULL AND f.twins ? h.case_number))
    UNION ALL
    SELECT g.id, NULL, g.wilayah_id, 'status', '', g.name, g.staged, NULL,
           jsonb_build_array(jsonb_build_array('status', g.status, NULL)), to_jsonb(g.status), '["penerima"]'
      FROM good g WHERE NOT g.under_way
    UNION ALL
    SELECT r.here, r.member_id, r.lives, 'pengurus', '', t.name, r.staged, r.id,
           jsonb_build_array(jsonb_build_array('pengurus_name', t.name, r.name)), jsonb_build_array(t.member_id),
           jsonb_build_array(coalesce(r.member_id::text, encode(r.nik_index, 'hex'), {bare("r.name")}))
      FROM rows r JOIN term t ON t.household_id = r.here
     WHERE %(has_pengurus)s AND r.is_pengurus AND r.name <> '' AND r.member_id IS DISTINCT FROM t.member_id
    UNION ALL
    (SELECT DISTINCT ON (r.here, coalesce(gone.id::text, encode(r.nik_index, 'hex'), md5({bare("r.name")})))
           r.here, gone.id, r.lives, 'anggota', coalesce(gone.id::text, encode(r.nik_index, 'hex'), md5({bare("r.name")})),
           r.name, r.staged, r.id,
           jsonb_build_array(jsonb_build_array('name', NULL, r.name),
               jsonb_build_array('birth_date', NULL, r.birth_date::text),
               jsonb_build_array('relation', NULL, r.relation), jsonb_build_array('nik', NULL, NULL)),
           jsonb_build_array(gone.left_on),
           jsonb_build_array({bare("r.name")}, r.birth_date, encode(r.nik_index, 'hex'))
      FROM rows r LEFT JOIN LATERAL (
           SELECT m.id, m.left_on FROM kpm_member m WHERE m.nik_index = r.nik_index AND (m.household_id = r.here OR EXISTS (
                  SELECT FROM kpm_membermove v WHERE v.member_id = m.id AND v.household_id = r.here AND v.state = 'pindah'))
            ORDER BY m.id LIMIT 1) gone ON true
     WHERE r.member_id IS NULL AND r.name <> '' AND NOT (%(has_pengurus)s AND r.is_pengurus)
     ORDER BY 1, 5, r.line, r.id)
    UNION ALL
    SELECT g.id, m.id, g.wilayah_id, 'pergi', m.id::text, m.name, g.staged, NULL,
           jsonb_build_array(jsonb_build_array('name', m.name, NULL)), '["ada"]', '[]'
      FROM good g JOIN kpm_member m ON m.household_id = g.id AND m.left_on IS NULL
     WHERE g.under_way AND g.people > 1 AND NOT EXISTS (
           SELECT FROM roster_stagedrow r WHERE r.batch_id = %(batch)s AND r.family = g.staged AND r.member_id = m.id)
    UNION ALL
    SELECT r.here, m.id, r.lives, 'komponen', m.id::text, m.name, r.staged, r.id,
           jsonb_build_array(jsonb_build_array('component', string_agg(c.component_id, ',' ORDER BY c.component_id),
               r.component)),
           coalesce(jsonb_agg(c.component_id ORDER BY c.component_id) FILTER (WHERE c.id IS NOT NULL), '[]'),
           jsonb_build_array(r.component)
      FROM rows r JOIN kpm_member m ON m.id = r.member_id AND m.household_id = r.here AND m.left_on IS NULL
      LEFT JOIN kpm_membercomponent c ON c.member_id = m.id AND c.to_on IS NULL
     WHERE r.component <> '' GROUP BY r.here, m.id, r.lives, m.name, r.staged, r.id, r.component
    HAVING NOT coalesce(bool_or(c.component_id = r.component), false)
)
SELECT DISTINCT ON (household_id, kind, subject) household_id, member_id, wilayah_id, kind::varchar(10) AS kind,
       subject, left(coalesce(name, ''), 120) AS name, staged, row, fields, md5(ours::text) AS ours,
       md5(theirs::text) AS theirs
  FROM differing ORDER BY household_id, kind, subject, staged, row
"""
