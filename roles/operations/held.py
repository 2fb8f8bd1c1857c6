"""A held entry of an activity, read back from what was sent, so that it can still be stored."""

from contextlib import suppress
from datetime import date
from uuid import UUID

from kpm.models import Goal, GoalStep, Group, Household, Member
from kpm.operations import Refused
from ledger.models import HeldEntry, HeldFile
from pkh_casework.images import CleanPhoto
from resources.models import Partner
from roles.models import ActivityHousehold, ActivityKind, SubRole

from .activity import KIND_OF_ENTRY, Entry

ROLL = (
    "daftar_hadir"  # what an activity was sent with when it has an attendance, which is no part of an Entry
)
A_ROLL = (
    "Kiriman ini daftar hadir, jadi tidak dapat diterima sendirian. Buka kembali bulannya, lalu minta pengirim "
    "mengisi daftar hadirnya."
)
NO_ACTIVITY = "Kiriman ini bukan catatan kegiatan. Buka kembali bulannya, lalu minta pengirim mengirim lagi."
UNREADABLE = "Isi kiriman ini tidak dapat dibaca lagi: {}. Minta pengirim mencatatnya lagi."


def entry_of(held: HeldEntry) -> Entry:
    """The Entry that `held` was sent as, its families as they are known now. Raises Refused, in words."""
    said = held.payload
    if held.kind != KIND_OF_ENTRY:
        raise Refused(NO_ACTIVITY)
    if said.get(ROLL):
        raise Refused(A_ROLL)
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
