"""A held entry of an activity, read back from what was sent, so that it can still be stored."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from kpm.models import Goal, GoalStep, Group, Household, Member
from kpm.operations import Refused
from ledger.models import HeldEntry, HeldFile, Receipt
from pkh_casework.ids import uuid7
from pkh_casework.images import CleanPhoto
from resources.models import Partner
from roles.models import ActivityHousehold, ActivityKind, Attendance, GroupSession, SubRole, Training

from .activity import KIND_OF_ENTRY, Entry, Recorded, record_held
from .meeting import hold_session
from .roll import Row, told_by
from .training import hold_training

State = Attendance.State
ROLL = "daftar_hadir"  # names the meeting or training that an activity was sent with the roll call of
# What a field of the form for logging is called in what was sent; repeated ones.
FIELDS = {
    "occurred_on": "tanggal",
    "kind": "jenis",
    "sub_role": "peran",
    "notes": "catatan",
    "outcome": "hasil",
    "next_step": "langkah",
    "next_step_on": "tanggal_langkah",
    "place": "tempat",
    "group": "kelompok",
}
ROWS = {
    "member": "anggota",
    "janji": "janji_selesai",
    "tujuan": "tujuan",
    "langkah_tujuan": "langkah_tujuan",
    "mitra": "mitra",
}
NO_ACTIVITY = "Kiriman ini bukan catatan kegiatan. Buka kembali bulannya, lalu minta pengirim mengirim lagi."
UNREADABLE = "Isi kiriman ini tidak dapat dibaca lagi: {}. Minta pengirim mencatatnya lagi."


def entry_of(held: HeldEntry) -> Entry:
    """The Entry that `held` was sent as, its families as they are known now. Raises Refused, in words."""
    said = held.payload
    if held.kind != KIND_OF_ENTRY:
        raise Refused(NO_ACTIVITY)
    kind = ActivityKind.objects.filter(pk=said.get("jenis")).first()
    sub_role = SubRole.objects.filter(pk=said.get("peran")).first()
    occurred_on = _day(said.get("tanggal"))
    for name, value in (("jenis kegiatan", kind), ("peran", sub_role), ("tanggal", occurred_on)):
        if value is None:
            raise Refused(UNREADABLE.format(name))
    cases = said.get("kpm", [])
    households = list(Household.objects.filter(case_number__in=cases).order_by("case_number"))
    if len(households) != len(set(cases)):
        raise Refused(UNREADABLE.format("keluarga"))
    not_met = set(said.get("tidak_bertemu", []))
    ids = {
        name: _ids(said.get(name, [])) for name in ("anggota", "janji_selesai", "tujuan", "langkah_tujuan")
    }
    group, partners = (
        str(said.get("kelompok") or ""),
        [one for one in said.get("mitra", []) if str(one).isdecimal()],
    )
    of_these = {"household__in": households}
    return Entry(
        occurred_on=occurred_on,
        kind=kind,
        sub_role=sub_role,
        notes=said.get("catatan", ""),
        outcome=said.get("hasil", ""),
        next_step=said.get("langkah", ""),
        next_step_on=_day(said.get("tanggal_langkah")) if said.get("langkah") else None,
        place=said.get("tempat", ""),
        group=Group.objects.filter(pk=group).first() if group.isdecimal() else None,
        families=[(household, household.case_number not in not_met) for household in households],
        members=list(Member.objects.filter(pk__in=ids["anggota"], **of_these)),
        kept_promises=list(ActivityHousehold.objects.filter(pk__in=ids["janji_selesai"], **of_these)),
        goals=list(Goal.objects.filter(pk__in=ids["tujuan"], **of_these)),
        goal_steps=list(GoalStep.objects.filter(pk__in=ids["langkah_tujuan"], **of_these)),
        partners=list(Partner.objects.filter(pk__in=partners)),
        photos=[_photo(file) for file in HeldFile.objects.filter(held_entry=held)],
        sent=said,
    )


def store_late(held: HeldEntry) -> tuple[Entry, Recorded]:
    """Store what `held` was sent as, with its roll call where it is one, though its month is locked.

    Raises Refused when it can't be read any more or another roll call came first; OtherContent.
    """
    entry = entry_of(held)
    return _stored(held, entry, held.op_id, partial(record_held, late=True))


def store_again(held: HeldEntry, *, family: Household | None = None) -> Recorded:
    """Store what `held` was sent as, for the families it names or for `family` alone, in the name of its author; under
    an id of its own where the tap was taken already with other words or for other families.

    Raises Refused as store_late does, MonthLocked.
    """
    entry = entry_of(held)
    if family is not None:
        met = next((met for _, met in entry.families), True)
        of_others = {"members": [], "kept_promises": [], "goals": [], "goal_steps": [], "group": None}
        sent = {**entry.sent, "kpm": [family.case_number], ROLL: ""}
        entry = replace(entry, families=[(family, met)], sent=sent, **of_others)
    op_id = uuid7() if Receipt.objects.filter(op_id=held.op_id).exists() else held.op_id
    return _stored(held, entry, op_id, record_held)[1]


def _stored(held, entry, op_id, record):
    sent_by = {"by": held.author, "op_id": op_id}
    if not entry.sent.get(ROLL):
        return entry, record(entry=entry, **sent_by)
    rows = _rows_of(held.payload, entry)
    entry = replace(entry, **told_by(rows))
    about = _ids([held.payload[ROLL]])
    if meeting := GroupSession.objects.filter(pk__in=about).first():
        facilitator = held.payload.get("pengisi", "")
        entry = replace(entry, group=meeting.group)
        return entry, hold_session(
            meeting, entry=entry, rows=rows, facilitator=facilitator, record=record, **sent_by
        )
    if training := Training.objects.filter(pk__in=about).first():
        return entry, hold_training(training, entry=entry, rows=rows, record=record, **sent_by)
    raise Refused(UNREADABLE.format("pertemuan"))


def fields_of(held: HeldEntry) -> dict:
    """The fields of the form for logging, {name: [text]}, as `held` was sent in them; {} for what is no activity."""
    said = held.payload
    if held.kind != KIND_OF_ENTRY or said.get(ROLL):
        return {}
    cases, not_met = said.get("kpm", []), set(said.get("tidak_bertemu", []))
    return {
        "op_id": [str(uuid7())],
        "kpm": cases,
        **{f"met-{case}": ["tidak" if case in not_met else "ya"] for case in cases},
        **{name: [str(said.get(word) or "")] for name, word in FIELDS.items()},
        **{name: said.get(word, []) for name, word in ROWS.items()},
    }


def _rows_of(said, entry):
    """The answers of a roll call as they were sent, a Row for each family."""
    excused = set(said.get("izin", []))
    who, notes = (dict(pair.split("=", 1) for pair in said.get(name, [])) for name in ("diwakili", "alasan"))
    households = [household for household, _ in entry.families]
    people = {
        (member.household_id, str(member.pk)): member
        for member in Member.objects.filter(pk__in=_ids(who.values()), household__in=households)
    }
    rows = []
    for household, is_present in entry.families:
        case = household.case_number
        absent = State.EXCUSED if case in excused else State.ABSENT
        rows.append(
            Row(
                household,
                state=State.PRESENT if is_present else absent,
                who=people.get((household.pk, who.get(case))),
                note=notes.get(case, ""),
            )
        )
    return rows


def _day(text):
    with suppress(TypeError, ValueError):
        return date.fromisoformat(text)
    return None


def _ids(texts):
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(str(text)))
    return found


def _photo(file):
    with file.file.open("rb") as stored:
        return CleanPhoto(stored.read(), file.width, file.height, file.sha256)
