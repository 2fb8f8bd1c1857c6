"""Activities that were held in the words of the release before, rewritten as the form that they were sent in."""

import json
from datetime import date

from django.db import connection
from django.urls import reverse
from psycopg.types.json import Jsonb

from pkh_casework.templatetags.formats import tanggal

KIND = "roles.activity"  # of what was not kept as a form by then already
ROLL = "daftar_hadir"  # names the meeting or training whose roll call was sent
HELD = ["entries_heldentry", "entries_heldentryevent"]
# What a field of the form was called in what was held: (before, field, its label).
WORDS = [
    ("tanggal", "occurred_on", "Tanggal"),
    ("jenis", "kind", "Jenis kegiatan"),
    ("peran", "sub_role", "Peran"),
    ("catatan", "notes", "Apa yang dilakukan"),
    ("hasil", "outcome", "Hasil"),
    ("langkah", "next_step", "Janji"),
    ("tanggal_langkah", "next_step_on", "Tanggal janji"),
    ("tempat", "place", "Tempat"),
    ("pengisi", "facilitator", "Pengisi"),
]
HIDDEN = [("kelompok", "group")]
ROWS = [
    ("anggota", "member", "Anggota"),
    ("janji_selesai", "janji", "Janji yang selesai"),
    ("tujuan", "tujuan", "Tujuan"),
    ("langkah_tujuan", "langkah_tujuan", "Langkah tujuan"),
    ("mitra", "mitra", "Mitra"),
]
DAYS = {"occurred_on", "next_step_on"}
# What stands for a row in the words for people: the column of a table that it is the id of.
NAMED = {
    "kind": ("roles_activitykind", "code", "name"),
    "sub_role": ("roles_subrole", "code", "name"),
    "member": ("kpm_member", "id", "name"),
    "tujuan": ("kpm_goal", "id", "wish"),
    "langkah_tujuan": ("kpm_goalstep", "id", "text"),
    "mitra": ("resources_partner", "id", "name"),
}


def rewrite_held():
    """Rewrite the held activities and their history, then drop the column that told them apart; how many were held."""
    rewritten = 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come can't be altered
        for table in HELD:
            key = "pgh_id" if table.endswith("event") else "id"
            cursor.execute(f"SELECT {key}, id, payload FROM {table} WHERE kind = %s", [KIND])  # noqa: S608
            for pk, held, said in cursor.fetchall():
                payload = as_form(json.loads(said)) | {"files": _files(held)}
                cursor.execute(f"UPDATE {table} SET payload = %s WHERE {key} = %s", [Jsonb(payload), pk])  # noqa: S608
                rewritten += table == HELD[0]
            cursor.execute(f"ALTER TABLE {table} DROP COLUMN kind")
    return rewritten


def as_form(said):
    """The payload of a held form, without its files (see entries.holding.hold_entry), of an activity held before."""
    path, title = _page(said.get(ROLL))
    cases, not_met = said.get("kpm", []), set(said.get("tidak_bertemu", []))
    fields, facts = {"kpm": cases}, [("Keluarga", ", ".join(cases))]
    if said.get(ROLL):
        more, told = _roll(said, cases, not_met)
    else:
        more = {f"met-{case}": ["tidak" if case in not_met else "ya"] for case in cases}
        told = [
            ("Bertemu", ", ".join(case for case in cases if case not in not_met)),
            ("Tidak bertemu", ", ".join(case for case in cases if case in not_met)),
        ]
    fields |= more
    facts += told
    for before, name, label in WORDS:
        fields[name] = [str(said.get(before) or "")]
        facts.append((label, _in_words(name, fields[name][0])))
    for before, name in HIDDEN:
        fields[name] = [str(said.get(before) or "")]
    for before, name, label in ROWS:
        fields[name] = [str(one) for one in said.get(before, [])]
        facts.append((label, ", ".join(_in_words(name, one) for one in fields[name])))
    return {
        "path": path,
        "fields": {name: values for name, values in fields.items() if any(values)},
        "title": title,
        "facts": [(label, words) for label, words in facts if words],
    }


def _page(roll):
    """(address, title) of the form: that of the meeting or training with the id `roll`, else that of any activity."""
    if not roll:
        return reverse("roles:activity_create"), "Catat kegiatan"
    if title := _looked_up("roles_training", "id", "title", roll):
        return reverse("roles:training_hold", args=[roll]), f"Daftar hadir {title}"
    group = _looked_up("roles_groupsession", "id", "group_id", roll)
    name = _looked_up("kpm_group", "id", "name", group)
    return reverse("roles:meeting_hold", args=[roll]), f"Daftar hadir {name}".strip()


def _roll(said, cases, not_met):
    """(fields, facts) of the answers of a roll call."""
    excused = set(said.get("izin", []))
    came, reasons = (
        dict(pair.split("=", 1) for pair in said.get(name, [])) for name in ("diwakili", "alasan")
    )
    fields, facts = {}, []
    for case in cases:
        state = "hadir" if case not in not_met else "izin" if case in excused else "tidak_hadir"
        fields[f"hadir-{case}"] = [state]
        facts.append(({"hadir": "Hadir", "izin": "Izin"}.get(state, "Tidak hadir"), case))
        if case in came:
            fields[f"oleh-{case}"] = [came[case]]
            facts.append((f"Yang datang dari {case}", _in_words("member", came[case])))
        if case in reasons:
            fields[f"alasan-{case}"] = [reasons[case]]
            facts.append((f"Alasan {case}", reasons[case]))
    return fields, facts


def _in_words(name, value):
    if name in DAYS:
        try:
            return tanggal(date.fromisoformat(value))
        except ValueError:
            return value
    return str(_looked_up(*NAMED[name], value) or value) if name in NAMED else value


def _looked_up(table, key, column, value):
    """What stands in `column` of the row with this key, "" when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {key}::text = %s", [str(value)])  # noqa: S608
        return (cursor.fetchone() or [""])[0]


def _files(held):
    """The photos of a held activity: they were all sent in the same field."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM entries_heldfile WHERE held_entry_id = %s ORDER BY id", [held])
        return [("photos", sha256) for (sha256,) in cursor.fetchall()]
