"""What each kind of difference writes when the file's side is taken: by the same operations that a person uses.

Each taker gets (Difference, by, today, Terms) and raises Refused in words for the row.
"""

from entries.operations import Refused
from kpm.duplicates import holders_of
from kpm.models import Component, Group, Household, Member, MemberComponent, Pengurus
from kpm.operations import (
    add_member,
    change_household,
    change_member,
    change_pengurus,
    change_status,
    save_group,
)
from pkh_casework.ids import uuid7
from roster.models import Kind, StagedFamily, StagedRow

from .move import move_family

FILE_GONE = "Isi berkasnya sudah dihapus. Kirim berkas tahap ini sekali lagi."
NO_REASON = "Pilih alasannya."
USED = "Nomor ini sudah dipakai {}. Periksa dulu kedua keluarga."
USED_ELSEWHERE = "Nomor ini sudah dipakai di luar wilayah Anda. Minta koordinator di atas Anda memeriksanya."
HAS_LEFT = "Orang ini sekarang tercatat di keluarga lain. Pindahkan lewat halaman anggotanya."
LEFT_BY_FILE = "Tidak ada di berkas SIKS-NG"


def staged_of(row):
    """The StagedFamily behind a Difference. Raises Refused when the file is gone."""
    staged = StagedFamily.objects.filter(pk=row.staged).first()
    if staged is None:
        raise Refused(FILE_GONE)
    return staged


def _person_of(row):
    person = StagedRow.objects.filter(pk=row.row).select_related("member").first()
    if person is None:
        raise Refused(FILE_GONE)
    return person


def refuse_known_number(digits, by, kind, *, but=None):
    """A number of a `kind` (nik, no_kk) that another family than `but` has is looked at by a person first. Raises Refused."""
    holders = holders_of(digits, kinds=(kind,))
    holders = holders.exclude(pk=but) if but else holders
    if not holders.exists():
        return
    mine = holders.visible_to(by).order_by("case_number").first()
    raise Refused(USED.format(mine.case_number) if mine else USED_ELSEWHERE)


def _names(row):
    return {field for field, *_ in row.fields}


def _out(row, by, today, terms):
    _status(row, by, terms, Household.Status.NONAKTIF)


def _still_in(row, by, today, terms):
    _status(row, by, terms, Household.Status.AKTIF)


def _status(row, by, terms, to):
    said = {"reason": _reason(terms), "on": terms.on, "words": terms.words}
    change_status(row.household, by=by, op_id=uuid7(), to=to, **said)


def _reason(terms):
    if terms.reason is None:
        raise Refused(NO_REASON, "reason")
    return terms.reason


def _moved(row, by, today, terms):
    staged, household, names = staged_of(row), row.household, _names(row)
    home = {name: getattr(staged, name) for name in ("address", "dusun", "rt", "rw") if name in names}
    if "kelurahan" not in names:
        change_household(household, by=by, op_id=uuid7(), today=today, **home)
        return
    kept = {name: getattr(household, name) for name in ("address", "dusun", "rt", "rw")}
    said = {"reason": _reason(terms), "on": terms.on, "words": terms.words}
    home = {**kept, **home, "wilayah": staged.wilayah}
    move_family(household, by=by, op_id=uuid7(), today=today, home=home, **said)


def _pengurus(row, by, today, terms):
    person, household, reason = _person_of(row), row.household, _reason(terms)
    successor = person.member
    if successor is None or successor.household_id != household.pk or successor.left_on:
        successor = _add(household, person, by, today)
    said = {"successor": successor, "heir": None, "reason": reason, "on": terms.on, "words": terms.words}
    change_pengurus(household, by=by, op_id=uuid7(), **said)


def _add(household, person, by, today):
    """One more person on the card, as the file tells."""
    digits = person.nik.reveal() if person.nik else None
    if digits:
        refuse_known_number(digits, by, "nik")
    fields = {
        "name": person.name,
        "nik": digits,
        "birth_date": person.birth_date,
        "sex": person.sex or Member.Sex.FEMALE,
        "relation": person.relation or Member.Relation.OTHER,
    }
    component = Component.objects.filter(pk=person.component).first()
    if component:
        fields["opened"] = {"component": component, "from_on": today, "place": person.place}
    member = add_member(household, by=by, op_id=uuid7(), today=today, **fields)
    StagedRow.objects.filter(pk=person.pk).update(member=member)
    return member


def _no_kk(row, by, today, terms):
    digits = staged_of(row).no_kk.reveal()
    refuse_known_number(digits, by, "no_kk", but=row.household_id)
    change_household(row.household, by=by, op_id=uuid7(), today=today, no_kk=digits)


def _nik(row, by, today, terms):
    digits = _person_of(row).nik.reveal()
    refuse_known_number(digits, by, "nik", but=row.household_id)
    change_member(row.member, by=by, op_id=uuid7(), today=today, nik=digits)


def _person(row, by, today, terms):
    person = _person_of(row)
    change_member(
        row.member,
        by=by,
        op_id=uuid7(),
        today=today,
        **{name: getattr(person, name) for name in _names(row)},
    )


def _joined(row, by, today, terms):
    person = _person_of(row)
    if row.member is None:
        _add(row.household, person, by, today)
    elif row.member.household_id != row.household_id:
        raise Refused(HAS_LEFT)
    else:
        change_member(row.member, by=by, op_id=uuid7(), today=today, left_on=None, left_reason="")


def _left(row, by, today, terms):
    if Pengurus.objects.filter(member=row.member, to_on=None).exists():
        raise Refused("Orang ini pengurus keluarga. Putuskan dulu ganti pengurusnya.")
    gone = {"left_on": terms.on, "left_reason": LEFT_BY_FILE}
    change_member(row.member, by=by, op_id=uuid7(), today=today, **gone)


def _component(row, by, today, terms):
    person = _person_of(row)
    component = Component.objects.get(pk=person.component)
    open_now = MemberComponent.objects.filter(member=row.member, to_on=None).select_related("component")
    # A child that goes to the next school does not stay at the one before.
    ends = {
        one: today for one in open_now if one.component.category == component.category and one.from_on < today
    }
    opened = {"component": component, "from_on": today, "place": person.place}
    change_member(row.member, by=by, op_id=uuid7(), today=today, opened=opened, closed=ends)


def _desil(row, by, today, terms):
    change_household(row.household, by=by, op_id=uuid7(), today=today, desil=staged_of(row).desil)


def _group(row, by, today, terms):
    name, household = staged_of(row).group_name, row.household
    own = Group.objects.filter(pendamping=household.pendamping_id)
    group = own.filter(name__iexact=name).first() or save_group(
        None,
        by=by,
        op_id=uuid7(),
        today=today,
        name=name,
        wilayah=household.wilayah,
        pendamping=household.pendamping,
    )
    change_household(household, by=by, op_id=uuid7(), today=today, group=group)


TAKERS = {
    Kind.OUT: _out,
    Kind.STATUS: _still_in,
    Kind.MOVED: _moved,
    Kind.PENGURUS: _pengurus,
    Kind.NO_KK: _no_kk,
    Kind.NIK: _nik,
    Kind.PERSON: _person,
    Kind.JOINED: _joined,
    Kind.LEFT: _left,
    Kind.COMPONENT: _component,
    Kind.DESIL: _desil,
    Kind.GROUP: _group,
}
