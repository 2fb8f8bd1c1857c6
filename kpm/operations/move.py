"""People who move from one family to another, or found one. The row of a person stays the same: its NIK is sealed for it.

What a person counts for goes along from the day of the move; what was counted before stays with the family left.
Goals are a family's and stay. Families are locked by id, then people.
"""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from entries.operations import Refused, operation
from kpm.models import CaseReason, Household, Member, MemberComponent, MemberMove, Pengurus

from .family import assign, name_pengurus, next_case_numbers
from .rows import in_turn, now, store

State = MemberMove.State
IS_PENGURUS = "{} pengurus keluarga ini. Ganti pengurusnya dulu, supaya keluarga ini tetap punya pengurus."
NOT_THERE = "{} sudah tidak ada di keluarga ini. Muat ulang halaman ini."
WAITS = "{} sudah diusulkan pindah dan menunggu jawaban."


@operation(kind="kpm_anggota_pindah", title="Anggota pindah keluarga", makes=MemberMove)
def move_member(
    member: Member,
    *,
    by: User,
    pk: UUID,
    today: date,
    asked_case: str,
    target: Household | None,
    at_once: bool,
    relation: str,
    on: date,
    reason: CaseReason,
    words: str = "",
) -> MemberMove:
    """Let `member` go to the family `target` from `on`: `at_once`, or as a proposal that its side answers.

    Raises Refused for a pengurus, for who is not on the card any more, and for days that do not fit.
    """
    families = _held(member.household_id, target.pk if target else None)
    source = families[member.household_id]
    person = _present(member, source)
    move = MemberMove(
        id=pk,
        member=person,
        household=source,
        target=target and families[target.pk],
        asked_case=asked_case,
        wilayah_id=source.wilayah_id,
        relation=relation,
        moved_on=on,
        reason=reason,
        words=words,
        by=by,
    )
    try:
        with transaction.atomic():
            move.save(force_insert=True)
    except IntegrityError as error:
        if "move_one_waiting_per_member" not in str(error):
            raise
        raise Refused(WAITS.format(person.name)) from error
    if at_once and move.target:
        _finish(move, by=by, today=today)
    return move


@operation(kind="kpm_anggota_pindah_jawab", title="Jawaban pindah keluarga", about=MemberMove)
def answer_move(
    move: MemberMove, *, by: User, today: date, decision: str, relation: str = "", words: str = ""
) -> MemberMove:
    """Take in (`terima`, with the `relation` in the new family), refuse (`tolak`, with `words`) or withdraw (`tarik`).

    Raises Refused when it does not wait any more or the person can't go.
    """
    families = _held(move.household_id, move.target_id)
    stored = now(move)
    if not stored.is_waiting:
        raise Refused("Usulan ini sudah dijawab. Muat ulang halaman ini.")
    if decision == "terima":
        if stored.target_id is None:
            raise Refused("Tidak ada keluarga dengan nomor itu. Tolak usulan ini dengan alasannya.")
        stored.household, stored.target = families[stored.household_id], families[stored.target_id]
        stored.member = _present(stored.member, stored.household)
        stored.relation = relation or stored.relation
        _finish(stored, by=by, today=today, answer=words)
        return stored
    state = State.REFUSED if decision == "tolak" else State.WITHDRAWN
    store(stored, {"state": state, "answer": words, "decided_by": by, "decided_on": today})
    return stored


@operation(kind="kpm_keluarga_dari_anggota", title="Keluarga baru dari anggota", makes=Household)
def found_family(
    member: Member,
    *,
    by: User,
    pk: UUID,
    today: date,
    relation: str,
    along: dict[Member, str],
    on: date,
    reason: CaseReason,
    words: str = "",
    **fields,
) -> Household:
    """A new family with `member` as its pengurus and those who come `along` ({Member: relation}), held by who holds the
    old one; `fields` are those of Household. Raises Refused.
    """
    source = _held(member.household_id)[member.household_id]
    group = now(fields.get("group"))
    if group and group.pendamping_id != source.pendamping_id:
        raise Refused("Kelompok ini baru saja dialihkan ke pendamping lain. Pilih lagi.", "group")
    people = {_present(one, source): said for one, said in {member: relation, **along}.items()}
    founder = next(iter(people))
    household = Household(id=pk, pendamping_id=source.pendamping_id, name=founder.name, **fields)
    household.case_number = next_case_numbers(1)[0]
    household.save(force_insert=True)
    assign(household, to=source.pendamping, by=by, on=today)
    for person, said in people.items():
        move = MemberMove.objects.create(
            member=person,
            household=source,
            target=household,
            asked_case=household.case_number,
            wilayah_id=source.wilayah_id,
            relation=said,
            moved_on=on,
            reason=reason,
            words=words,
            founds=True,
            by=by,
        )
        _finish(move, by=by, today=today)
    name_pengurus(household, member=founder, by=by, on=on)
    return household


def _held(*keys):
    """{id: Household} of the families `keys`, held in the order of their ids."""
    wanted = Household.objects.filter(pk__in=[key for key in keys if key])
    return {one.pk: one for one in in_turn(wanted)}


def _present(member, source):
    """`member` as it is stored now, on the card of `source` and not its pengurus. Raises Refused."""
    person = now(member)
    if person.household_id != source.pk or person.left_on:
        raise Refused(NOT_THERE.format(person.name))
    if Pengurus.objects.filter(household=source, member=person, to_on=None).exists():
        raise Refused(IS_PENGURUS.format(person.name))
    return person


def _finish(move, *, by, today, answer=""):
    """Let the person of a move, all held, change families."""
    person, source, target, on = move.member, move.household, move.target, move.moved_on
    if target.status == Household.Status.NONAKTIF:
        raise Refused("Keluarga tujuan nonaktif. Aktifkan dulu, atau pilih keluarga lain.")
    last = MemberMove.objects.filter(member=person, state=State.DONE).exclude(pk=move.pk)
    if last.filter(moved_on__gt=on).exists():
        raise Refused("Tanggal ini sebelum orang ini datang ke keluarga sekarang.", "on")
    for term in Pengurus.objects.filter(household=source, heir=person, to_on=None):
        store(term, {"heir": None})
    for period in MemberComponent.objects.filter(member=person, household=source):
        _carry(period, target, on)
    store(person, {"household": target, "relation": move.relation})
    said = {"relation": move.relation, "answer": answer, "decided_by": by, "decided_on": today}
    store(move, {"state": State.DONE, **said})


def _carry(period, target, on):
    """What a person counts for on `on` and later goes along to the family `target`."""
    if period.from_on >= on:
        store(period, {"household": target})
    elif period.to_on is None or period.to_on > on:
        to_on = period.to_on
        store(period, {"to_on": on})
        MemberComponent.objects.create(
            member_id=period.member_id,
            household=target,
            component_id=period.component_id,
            place=period.place,
            from_on=on,
            to_on=to_on,
        )
