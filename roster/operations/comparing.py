"""A file of SIKS-NG beside the families that are here: what differs is kept, a decision stands as long as both sides say
what they said, what differs no more is closed.

What becomes of a row follows from its last decision and from the values of the newest file alone, never from the order
in which files and decisions came. In statements over whole sets; no row comes to Python.
"""

import json

from django.db import connection, transaction

from roster.columns import ONE_OF
from roster.models import SiksFile

from .to_type import agree_with_file, gather
from .told import TOLD

ADDRESS = {"address", "rt", "rw", "rtrw", "dusun", "kelurahan"}
PERSON = {*ONE_OF, "birth_date", "sex", "relation"}
NAMES_PENGURUS = {"pengurus_name", "pengurus_nik", "is_pengurus"}
ALWAYS = {"masuk", "keluar", "status", "no_kk"}
FILE_CHANGED = "Berkas sekarang berkata lain daripada waktu diputus."
HERE_CHANGED = "Data di sini berubah sejak diputus."
TAKEN_AGAIN = "Sudah diterima, tetapi di sini masih atau kembali berbeda."


def compare(batch):
    """Keep what the file of `batch`, staged and checked, and the families that are here differ in."""
    siks = SiksFile.objects.select_related("stage").get(batch=batch)
    with transaction.atomic(), connection.cursor() as cursor:
        gather(siks.wilayah_id)  # what changed until now, before it is no more "since the newest file"
        cursor.execute(COVERED, {"batch": batch.pk, "within": f"{siks.wilayah_id}%"})
        siks.covered = sorted(code for (code,) in cursor.fetchall())
        cursor.execute(SEEN)
        siks.compared_at, seen = cursor.fetchone()
        siks.seen = json.loads(seen)
        siks.save(update_fields=["covered", "compared_at", "seen"])
        values = _values(batch, siks)
        _merge(cursor, values)
        agree_with_file(cursor, values)
        cursor.execute("DROP TABLE told")
    return siks


def look_again(batch, households):
    """Compare some families (ids) with the file of `batch` once more, as they are now."""
    siks = SiksFile.objects.select_related("stage").get(batch=batch)
    with transaction.atomic(), connection.cursor() as cursor:
        values = _values(batch, siks, only=list(households))
        cursor.execute(KNOWN_SINCE, values)
        _merge(cursor, values)
        cursor.execute("DROP TABLE told")


def _values(batch, siks, only=None):
    columns = {column["field"] for column in batch.columns if column["field"]}
    with connection.cursor() as cursor:
        cursor.execute(HAS_PEOPLE, {"batch": batch.pk})
        has_people = cursor.fetchone()[0]
    spoken = ALWAYS | ({"anggota", "pergi"} if has_people else set())
    spoken |= {"pindah"} if columns & ADDRESS else set()
    spoken |= {"nik"} if columns & {"nik", "pengurus_nik"} else set()
    spoken |= {"diri"} if columns & PERSON else set()
    has_pengurus = bool(columns & NAMES_PENGURUS) or not has_people
    spoken |= {"pengurus"} if has_pengurus else set()
    columns_of = {"component": "komponen", "desil": "desil", "group": "kelompok"}
    spoken |= {kind for column, kind in columns_of.items() if column in columns}
    return {
        "batch": batch.pk,
        "year": siks.year,
        "stage": siks.stage_id,
        "term": siks.term_name,
        "rank": siks.rank,
        "at": siks.compared_at,
        "within": f"{siks.wilayah_id}%",
        "covered": siks.covered,
        "only": only,
        "spoken": sorted(spoken),
        "has_place": "kelurahan" in columns,
        "has_pengurus": has_pengurus,
        "has_people": has_people,
        "file_changed": FILE_CHANGED,
        "here_changed": HERE_CHANGED,
        "taken_again": TAKEN_AGAIN,
    }


def _merge(cursor, values):
    for statement in (TOLD, INDEXED, *KNOWN, *NEW, CLOSED):
        cursor.execute(statement, values if "%(" in statement else None)


# The kelurahan of which the file says something, within its area.
COVERED = """
SELECT DISTINCT wilayah_id FROM roster_stagedfamily
 WHERE batch_id = %(batch)s AND faults = '[]' AND verdict <> 'hilang' AND wilayah_id LIKE %(within)s
"""
HAS_PEOPLE = """
SELECT EXISTS (SELECT FROM roster_stagedrow WHERE batch_id = %(batch)s GROUP BY family HAVING count(*) > 1)
"""
# When it was compared, and how far the history was.
SEEN = """
SELECT clock_timestamp(), jsonb_build_object(
       'families', coalesce((SELECT max(pgh_id) FROM kpm_householdevent), 0),
       'members', coalesce((SELECT max(pgh_id) FROM kpm_memberevent), 0),
       'pengurus', coalesce((SELECT max(pgh_id) FROM kpm_pengurusevent), 0))
"""
# Who came onto a card here since the file was checked.
KNOWN_SINCE = """
UPDATE roster_stagedrow r SET member_id = m.id FROM roster_stagedfamily f
  JOIN kpm_member m ON m.household_id = f.household_id AND m.left_on IS NULL
 WHERE r.batch_id = %(batch)s AND r.member_id IS NULL AND f.id = r.family AND f.household_id = ANY(%(only)s)
   AND (m.nik_index = r.nik_index OR lower(m.name) = lower(r.name))
   AND NOT EXISTS (SELECT FROM roster_stagedrow o WHERE o.batch_id = r.batch_id AND o.member_id = m.id)
"""
INDEXED = "CREATE INDEX ON told (kind, subject, household_id); ANALYZE told"

HOLDS = "d.decision IN ('ditolak', 'ditunda') AND d.decided_ours = t.ours AND d.decided_theirs = t.theirs"
SAME_ROW = (
    "d.kind = t.kind AND d.subject = t.subject AND d.household_id = t.household_id",
    "d.kind = t.kind AND d.subject = t.subject AND d.household_id IS NULL AND t.household_id IS NULL",
)
KNOWN = tuple(
    f"""
UPDATE roster_difference d SET batch_id = %(batch)s, year = %(year)s, stage_id = %(stage)s, compared_at = %(at)s,
       wilayah_id = t.wilayah_id, member_id = t.member_id, name = t.name, staged = t.staged, row = t.row,
       fields = t.fields, ours = t.ours, theirs = t.theirs, is_there = true,
       state = CASE WHEN {HOLDS} THEN d.decision ELSE 'terbuka' END,
       why = CASE WHEN d.decision = '' OR {HOLDS} THEN '' WHEN d.decision = 'diterima' THEN %(taken_again)s
             WHEN d.decided_theirs <> t.theirs THEN %(file_changed)s ELSE %(here_changed)s END,
       fault = CASE WHEN d.ours = t.ours AND d.theirs = t.theirs THEN d.fault ELSE '' END
  FROM told t WHERE {same}
"""
    for same in SAME_ROW
)
NEW = tuple(
    f"""
INSERT INTO roster_difference (id, batch_id, year, stage_id, compared_at, wilayah_id, household_id, member_id, kind, subject,
       name, staged, row, fields, ours, theirs, is_there, state, why, fault, decision, decided_ours, decided_theirs, note)
SELECT gen_random_uuid(), %(batch)s, %(year)s, %(stage)s, %(at)s, t.wilayah_id, t.household_id, t.member_id, t.kind,
       t.subject, t.name, t.staged, t.row, t.fields, t.ours, t.theirs, true, 'terbuka', '', '', '', '', '', ''
  FROM told t WHERE t.household_id IS {null} AND NOT EXISTS (SELECT FROM roster_difference d WHERE {same})
"""
    for null, same in zip(("NOT NULL", "NULL"), SAME_ROW, strict=True)
)

IN_FILE = """EXISTS (SELECT FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s AND f.verdict <> 'hilang'
                 AND f.household_id = {household} AND f.faults {faults} '[]')"""
CLOSED = f"""
UPDATE roster_difference d SET is_there = false, why = '', fault = '', batch_id = %(batch)s, compared_at = %(at)s,
       state = CASE WHEN d.decision = 'diterima' THEN 'diterima'
             WHEN {IN_FILE.format(household="d.household_id", faults="=")} THEN 'sama'
             WHEN d.kind = 'keluar' AND EXISTS (SELECT FROM kpm_household h WHERE h.id = d.household_id
                  AND h.status NOT IN ('aktif', 'calon_graduasi')) THEN 'sama'
             WHEN d.kind = 'masuk' AND EXISTS (SELECT FROM kpm_household h WHERE h.merged_into_id IS NULL
                  AND encode(h.no_kk_index, 'hex') = d.subject) THEN 'sama'
             ELSE 'hilang' END
 WHERE d.is_there AND d.kind = ANY(%(spoken)s)
   AND (d.wilayah_id = ANY(%(covered)s) OR {IN_FILE.format(household="d.household_id", faults="=")})
   AND NOT {IN_FILE.format(household="d.household_id", faults="<>")}
   AND (%(only)s::uuid[] IS NULL OR d.household_id = ANY(%(only)s))
   AND NOT EXISTS (SELECT FROM told t WHERE {SAME_ROW[0]})
   AND NOT (d.household_id IS NULL AND EXISTS (SELECT FROM told t WHERE {SAME_ROW[1]}))
"""
