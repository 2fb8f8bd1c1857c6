"""What is so here and what SIKS-NG does not know yet: gathered from what changed, ticked off, closed by the next file.

What changed is read from the history of families, people and pengurus since the newest file that speaks of their
kelurahan; where no file ever did, from the changes of the last tahap that people wrote down with a reason. What came of
a decision on the desk, or of a file that was taken in, the government knows.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from entries.operations import Refused, locked, operation
from roster.models import SiksFile, ToType

FIRST_LOOK = timedelta(days=92)  # a tahap, where there is no file to begin with
NOT_ARRIVED = "Sudah diketik, tetapi berkas berikutnya masih berbeda"
State = ToType.State


# --- what people do ---------------------------------------------------------------------------------------------------


@operation(kind="roster.ketik", title="Diketik ke SIKS-NG", about=ToType)
def tick_off(row, *, by, on):
    """Write down that `row` was typed into SIKS-NG on the day `on`. Raises Refused."""
    stored = locked(ToType.objects, row.pk)
    if stored.state != State.WAITING:
        raise Refused(f"Baris ini {stored.get_state_display().lower()}. Muat ulang halaman ini.")
    _save(stored, state=State.TYPED, typed_on=on, typed_by=by, known=newest_rank(stored.wilayah_id), why="")
    ToType.objects.filter(pk=stored.pk).update(at=Greatest(F("at"), Now()))
    return stored


@operation(kind="roster.ketik_batal", title="Batal diketik ke SIKS-NG", about=ToType)
def untick(row, *, by):
    """It was not typed after all. Raises Refused."""
    stored = locked(ToType.objects, row.pk)
    if stored.state != State.TYPED:
        raise Refused(f"Baris ini {stored.get_state_display().lower()}. Muat ulang halaman ini.")
    again = ToType.objects.waiting().filter(
        household=stored.household_id, kind=stored.kind, subject=stored.subject
    )
    if again.exists():
        raise Refused("Perubahan yang lebih baru sudah menunggu diketik. Baris ini cukup dibiarkan.")
    _save(stored, state=State.WAITING, typed_on=None, typed_by=None)
    return stored


def _save(row, **changes):
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=changes)


def newest_rank(wilayah):
    """The rank (SiksFile.rank) of the newest file that speaks of a kelurahan (code); 0 without one."""
    known = SiksFile.objects.filter(compared_at__isnull=False, covered__contains=[wilayah])
    newest = known.select_related("stage").order_by("-compared_at").first()
    return newest.rank if newest else 0


# --- what the desk decided --------------------------------------------------------------------------------------------


def keep_ours(difference, note):
    """Our value was right: it is to be typed."""
    key = {"household": difference.household, "kind": difference.kind, "subject": difference.subject}
    row = ToType.objects.waiting().filter(**key).first() or ToType(
        **key, member=difference.member, wilayah_id=difference.wilayah_id
    )
    row.name = "" if difference.household_id else difference.name
    row.note, row.why, row.at = note, "", Now()
    row.save()


def no_more(difference):
    """It is not to be typed after all."""
    key = {"household": difference.household, "kind": difference.kind, "subject": difference.subject}
    for row in ToType.objects.waiting().filter(**key):
        _save(row, state=State.OVER)


def history_now():
    """How far the history is, for `settle`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT max(pgh_id) FROM kpm_householdevent), 0),"
            " coalesce((SELECT max(pgh_id) FROM kpm_memberevent), 0),"
            " coalesce((SELECT max(pgh_id) FROM kpm_pengurusevent), 0)"
        )
        return dict(zip(("families", "members", "pengurus"), cursor.fetchone(), strict=True))


def settle(households, since):
    """What changed of `households` (ids) since (history_now) is as the file has it: it is not to be typed."""
    values = {"only": list(households), **since}
    covers = COVERS_OF_SOME
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE heard AS {_heard(covers, everywhere=False)}", values)
        for statement in SETTLED:
            cursor.execute(statement, values)
        cursor.execute("DROP TABLE heard")


# --- gathering --------------------------------------------------------------------------------------------------------


def gather(area):
    """Bring the list of an area (a wilayah code) up to date with what changed here; doing it twice adds nothing."""
    values = {"area": f"{area}%", "only": None, "start": timezone.now() - FIRST_LOOK}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE heard AS {_heard(COVERS, everywhere=True)}", values)
        for statement in GATHERED:
            cursor.execute(statement, values)
        cursor.execute("DROP TABLE heard")


# The newest file that speaks of each kelurahan, and how far the history was then.
COVERS = """
SELECT DISTINCT ON (c.code) c.code, (s.seen->>'families')::bigint AS families, (s.seen->>'members')::bigint AS members,
       (s.seen->>'pengurus')::bigint AS pengurus
  FROM roster_siksfile s CROSS JOIN LATERAL jsonb_array_elements_text(s.covered) AS c (code)
 WHERE s.compared_at IS NOT NULL AND c.code LIKE %(area)s ORDER BY c.code, s.compared_at DESC
"""
COVERS_OF_SOME = """
SELECT DISTINCT wilayah_id AS code, %(families)s::bigint AS families, %(members)s::bigint AS members,
       %(pengurus)s::bigint AS pengurus
  FROM kpm_household WHERE id = ANY(%(only)s)
"""
UNDER_WAY = "('aktif', 'calon_graduasi')"
SOME = "(%(only)s::uuid[] IS NULL OR h.id = ANY(%(only)s))"
NOT_BY_FILE = "NOT EXISTS (SELECT FROM roster_batch b WHERE b.context = e.pgh_context_id)"
HOME = ("address", "dusun", "rt", "rw", "wilayah_id")
PERSON = ("name", "birth_date", "sex", "relation")


def _other(names):
    return " OR ".join(f"e.{name} IS DISTINCT FROM p.{name}" for name in names)


def _heard(covers, *, everywhere):
    """SQL: (household_id, member_id, kind, subject, at) of what changed since; `everywhere` also where no file was."""
    return f"""
WITH covers AS ({covers}), family AS (
    SELECT h.id AS household_id, h.status IN {UNDER_WAY} AS under_way, e.pgh_label, e.pgh_created_at AS at,
           p.pgh_id IS NOT NULL AS was_there, e.status IN {UNDER_WAY} AS active, p.status IN {UNDER_WAY} AS was_active,
           {_other(HOME)} AS moved, e.no_kk_index IS DISTINCT FROM p.no_kk_index AS renumbered
      FROM kpm_householdevent e JOIN kpm_household h ON h.id = e.pgh_obj_id AND h.merged_into_id IS NULL AND {SOME}
      JOIN covers c ON c.code = h.wilayah_id AND e.pgh_id > c.families
      LEFT JOIN LATERAL (SELECT * FROM kpm_householdevent o WHERE o.pgh_obj_id = e.pgh_obj_id AND o.pgh_id < e.pgh_id
                          ORDER BY o.pgh_id DESC LIMIT 1) p ON true
     WHERE e.pgh_id > (SELECT min(families) FROM covers) AND {NOT_BY_FILE}
), person AS (
    SELECT h.id AS household_id, m.id AS member_id, e.pgh_label, e.pgh_created_at AS at, e.household_id AS at_family,
           p.household_id AS was_at, p.pgh_id IS NOT NULL AS was_there, e.left_on, p.left_on AS was_left_on,
           e.nik_index IS DISTINCT FROM p.nik_index AS renumbered, {_other(PERSON)} AS corrected
      FROM kpm_memberevent e JOIN kpm_member m ON m.id = e.pgh_obj_id
      LEFT JOIN LATERAL (SELECT * FROM kpm_memberevent o WHERE o.pgh_obj_id = e.pgh_obj_id AND o.pgh_id < e.pgh_id
                          ORDER BY o.pgh_id DESC LIMIT 1) p ON true
      JOIN kpm_household h ON h.id IN (e.household_id, p.household_id) AND h.merged_into_id IS NULL AND {SOME}
      JOIN covers c ON c.code = h.wilayah_id AND e.pgh_id > c.members
     WHERE e.pgh_id > (SELECT min(members) FROM covers) AND {NOT_BY_FILE}
), changes AS (
    SELECT household_id, NULL::uuid AS member_id, 'keluar' AS kind, at FROM family
     WHERE pgh_label = 'insert' OR was_there AND active AND NOT was_active
    UNION ALL SELECT household_id, NULL, 'status', at FROM family WHERE was_there AND was_active AND NOT active
    UNION ALL SELECT household_id, NULL, 'pindah', at FROM family WHERE was_there AND moved
    UNION ALL SELECT household_id, NULL, 'no_kk', at FROM family WHERE was_there AND renumbered
    UNION ALL SELECT household_id, member_id, 'pergi', at FROM person WHERE household_id = at_family AND (
           pgh_label = 'insert' OR was_at <> at_family OR was_there AND was_left_on IS NOT NULL AND left_on IS NULL)
    UNION ALL SELECT household_id, member_id, 'anggota', at FROM person WHERE was_there AND (
           household_id = was_at AND was_at <> at_family
           OR household_id = at_family AND was_left_on IS NULL AND left_on IS NOT NULL)
    UNION ALL SELECT household_id, member_id, 'nik', at FROM person
     WHERE was_there AND renumbered AND household_id = at_family
    UNION ALL SELECT household_id, member_id, 'diri', at FROM person
     WHERE was_there AND corrected AND was_at = at_family AND household_id = at_family
    UNION ALL SELECT h.id, NULL, 'pengurus', e.pgh_created_at
      FROM kpm_pengurusevent e JOIN kpm_household h ON h.id = e.household_id AND h.merged_into_id IS NULL AND {SOME}
      JOIN covers c ON c.code = h.wilayah_id AND e.pgh_id > c.pengurus
     WHERE e.pgh_id > (SELECT min(pengurus) FROM covers) AND e.pgh_label = 'insert' AND {NOT_BY_FILE} AND EXISTS (
           SELECT FROM kpm_pengurus o WHERE o.household_id = e.household_id AND o.id < e.id)
    {WITHOUT_FILE if everywhere else ""}
)
SELECT household_id, (array_agg(member_id))[1] AS member_id, kind::varchar(10) AS kind,
       coalesce(member_id::text, '') AS subject, max(at) AS at
  FROM changes GROUP BY household_id, kind, coalesce(member_id::text, '')
"""


WITHOUT_FILE = """
    UNION ALL SELECT h.id, NULL, CASE f.kind WHEN 'nonaktif' THEN 'status' WHEN 'aktif_lagi' THEN 'keluar'
           WHEN 'pindah_rumah' THEN 'pindah' ELSE 'pengurus' END, f.created_at
      FROM kpm_familychange f JOIN kpm_household h ON h.id = f.household_id AND h.merged_into_id IS NULL
     WHERE f.created_at > %(start)s AND h.wilayah_id LIKE %(area)s
       AND NOT EXISTS (SELECT FROM covers c WHERE c.code = h.wilayah_id)
    UNION ALL SELECT h.id, v.member_id, CASE WHEN h.id = v.household_id THEN 'anggota' ELSE 'pergi' END, v.created_at
      FROM kpm_membermove v JOIN kpm_household h ON h.id IN (v.household_id, v.target_id) AND h.merged_into_id IS NULL
     WHERE v.state = 'pindah' AND v.created_at > %(start)s AND h.wilayah_id LIKE %(area)s
       AND NOT (v.founds AND h.id = v.target_id)
       AND NOT EXISTS (SELECT FROM covers c WHERE c.code = h.wilayah_id)
    UNION ALL SELECT h.id, NULL, 'keluar', v.created_at
      FROM kpm_membermove v JOIN kpm_household h ON h.id = v.target_id AND h.merged_into_id IS NULL
     WHERE v.state = 'pindah' AND v.founds AND v.created_at > %(start)s AND h.wilayah_id LIKE %(area)s
       AND NOT EXISTS (SELECT FROM covers c WHERE c.code = h.wilayah_id)
"""

SAME_KEY = "t.household_id = s.household_id AND t.kind = s.kind AND t.subject = s.subject"
OPPOSITE = """EXISTS (SELECT FROM roster_totype t WHERE t.household_id = s.household_id AND t.subject = s.subject
    AND t.state = 'menunggu' AND t.at <= s.at AND t.kind = CASE s.kind WHEN 'anggota' THEN 'pergi' WHEN 'pergi' THEN 'anggota'
        WHEN 'status' THEN 'keluar' WHEN 'keluar' THEN 'status' END)"""
COLUMNS = "(id, household_id, member_id, wilayah_id, kind, subject, name, note, at, state, why, known)"
GATHERED = (
    f"""
UPDATE roster_totype t SET at = s.at FROM heard s WHERE {SAME_KEY} AND t.state = 'menunggu' AND t.at < s.at
""",
    # What undoes something that was never typed is not typed either.
    f"""
INSERT INTO roster_totype {COLUMNS}
SELECT gen_random_uuid(), s.household_id, s.member_id, h.wilayah_id, s.kind, s.subject, '', '', s.at,
       CASE WHEN {OPPOSITE} THEN 'batal' ELSE 'menunggu' END, '', 0
  FROM heard s JOIN kpm_household h ON h.id = s.household_id
 WHERE NOT EXISTS (SELECT FROM roster_totype t WHERE {SAME_KEY} AND (t.at >= s.at OR t.state = 'menunggu'))
   AND (s.kind = 'keluar' OR NOT EXISTS (SELECT FROM heard o WHERE o.household_id = s.household_id AND o.kind = 'keluar')
        OR s.kind = 'status')
   AND (s.kind IN ('keluar', 'status') OR NOT EXISTS (SELECT FROM roster_totype t WHERE t.household_id = s.household_id
        AND t.kind = 'keluar' AND t.state <> 'batal' AND (t.state = 'menunggu' OR t.at >= s.at)))
 ORDER BY s.at
    ON CONFLICT DO NOTHING
""",
    # What is over by itself.
    f"""
UPDATE roster_totype t SET state = 'batal' FROM kpm_household h
 WHERE t.household_id = h.id AND t.state = 'menunggu' AND h.wilayah_id LIKE %(area)s AND (
       h.merged_into_id IS NOT NULL OR (t.kind = 'status') = (h.status IN {UNDER_WAY}))
""",
    """
UPDATE roster_totype t SET state = 'batal' FROM kpm_member m
 WHERE t.member_id = m.id AND t.state = 'menunggu' AND t.wilayah_id LIKE %(area)s
   AND (t.kind = 'anggota') = (m.household_id = t.household_id AND m.left_on IS NULL)
""",
)
SETTLED = (
    f"UPDATE roster_totype t SET state = 'sama', at = clock_timestamp() FROM heard s WHERE {SAME_KEY} AND t.state = 'menunggu'",
    f"""
INSERT INTO roster_totype {COLUMNS}
SELECT gen_random_uuid(), s.household_id, s.member_id, h.wilayah_id, s.kind, s.subject, '', '', clock_timestamp(), 'sama',
       '', 0
  FROM heard s JOIN kpm_household h ON h.id = s.household_id
""",
)


# --- the next file ----------------------------------------------------------------------------------------------------


def agree_with_file(cursor, values):
    """Close what the file that was just compared (comparing.compare, its table `told`) has as it is here, and open again
    what was typed before it and did not arrive.
    """
    for statement in (ARRIVED, NOT_THERE):
        cursor.execute(statement, {**values, "not_arrived": f"{NOT_ARRIVED} ({values['term']})."})


TOLD_OTHERWISE = """EXISTS (SELECT FROM told d WHERE d.kind = t.kind AND d.subject = t.subject
    AND d.household_id IS NOT DISTINCT FROM t.household_id)"""
GOOD_FAMILY = """EXISTS (SELECT FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s AND f.household_id = t.household_id
    AND f.verdict <> 'hilang' AND f.faults = '[]')"""
NOT_IN_FILE = """NOT EXISTS (SELECT FROM roster_stagedfamily f WHERE f.batch_id = %(batch)s AND f.verdict <> 'hilang'
    AND f.household_id = t.household_id)"""
PERSON_TOLD = """EXISTS (SELECT FROM roster_stagedrow r WHERE r.batch_id = %(batch)s AND r.member_id = t.member_id
    AND (t.kind <> 'nik' OR r.nik_index IS NOT NULL))"""
ARRIVED = f"""
UPDATE roster_totype t SET state = 'sama'
 WHERE t.state IN ('menunggu', 'diketik') AND t.kind = ANY(%(spoken)s) AND t.at <= %(at)s AND NOT {TOLD_OTHERWISE}
   AND CASE WHEN t.kind = 'status' THEN t.wilayah_id = ANY(%(covered)s) AND {NOT_IN_FILE}
            WHEN t.kind = 'masuk' THEN t.household_id IS NULL AND t.wilayah_id = ANY(%(covered)s)
            WHEN t.kind IN ('nik', 'diri', 'pergi', 'komponen') THEN {GOOD_FAMILY} AND {PERSON_TOLD}
            ELSE {GOOD_FAMILY} END
"""
NOT_THERE = f"""
UPDATE roster_totype t SET state = 'menunggu', why = %(not_arrived)s, typed_on = NULL, typed_by_id = NULL
 WHERE t.state = 'diketik' AND t.known < %(rank)s AND {TOLD_OTHERWISE}
   AND NOT EXISTS (SELECT FROM roster_totype o WHERE o.state = 'menunggu' AND o.kind = t.kind AND o.subject = t.subject
                      AND o.household_id IS NOT DISTINCT FROM t.household_id)
   AND NOT EXISTS (SELECT FROM roster_totype o WHERE o.state = 'diketik' AND o.kind = t.kind AND o.subject = t.subject
                      AND o.household_id IS NOT DISTINCT FROM t.household_id AND o.at > t.at)
"""
