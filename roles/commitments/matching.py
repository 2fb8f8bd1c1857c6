"""Which children a school's file tells of, and what it says of each month that is not stored yet."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from kpm.models import Component, Member
from pkh_casework.days import months_after
from pkh_casework.fields import blind_indexes
from roles.models.commitment import percent_words

from .people import bound_by, components_in, with_stored
from .rules import percent_present, state_of_attendance
from .told import Told

NOT_FOUND = "Tidak ada anak dengan NIK atau NISN ini di keluarga dampingan Anda."
TWO_CHILDREN = "NIK dan NISN di baris ini milik dua anak yang berbeda."
TWICE = "Nomor ini tercatat pada dua anggota. Perbaiki dulu data anggotanya."
NO_NUMBER = "NIK dan NISN kosong."
MONTHS = 3


@dataclass
class OfMonth:
    """What a row says of one month: `told` (None: nothing), `percent` and `state` of it, what is stored, and a `trouble`
    that keeps the month from being stored.
    """

    month: date
    told: Told | None = None
    percent: Decimal | None = None
    state: str = ""
    is_same: bool = False
    trouble: str = ""

    @property
    def percent_words(self):
        return percent_words(self.percent)


@dataclass
class Match:
    """A row of the file (as school_file keeps it), the Member it tells of, or the `reasons` why it can't be stored."""

    pupil: dict
    member: Member | None = None
    reasons: list = field(default_factory=list)
    months: list = field(default_factory=list)

    @property
    def told(self):
        """The Told to store."""
        return [] if self.reasons else [one.told for one in self.months if one.told]

    @property
    def is_refused(self):
        return bool(self.reasons)

    @property
    def is_below(self):
        return any(one.state == "belum" for one in self.months)

    @property
    def is_same(self):
        """Whether it says no more than what is stored."""
        return not self.is_refused and all(one.is_same for one in self.months if one.told)

    @property
    def troubles(self):
        return [one.trouble for one in self.months if one.trouble]

    @property
    def other_name(self):
        """The name in the file where it shares no word with that of the member, "" else."""
        if self.member is None or not self.pupil["name"]:
            return ""
        words = set(self.pupil["name"].casefold().split()) & set(self.member.name.casefold().split())
        return "" if words else self.pupil["name"]


def match_pupils(content, first_month, user, today):
    """[Match] in the order of the file; `content` as operations.school_file keeps it. A fixed number of queries."""
    matches = [Match(pupil, reasons=list(pupil["faults"])) for pupil in content["pupils"]]
    by_nik, by_nisn = _members(user, content["pupils"], first_month)
    taken = {}
    for one in matches:
        if not one.reasons:
            _find(one, by_nik, by_nisn, taken)
    found = {one.member.pk for one in matches if one.member}
    for turn in range(MONTHS):
        month = months_after(first_month, turn)
        rows = components_in(user, month).filter(member__in=found)
        rows = rows.filter(component__category=Component.Category.EDUCATION)
        bound = {one.member.pk: one for one in with_stored(bound_by(rows, month), month)}
        for one in matches:
            if not one.reasons:
                effective = content["effective"][turn]
                marks = one.pupil["marks"][turn]
                one.months.append(_month(month, marks, effective, bound.get(one.member.pk), today))
    for one in matches:
        troubles = one.troubles
        if not one.reasons and not one.told:
            one.reasons = troubles or ["Tidak ada isi untuk ketiga bulan."]
    return matches


def _members(user, pupils, first_month):
    """({NIK: [Member]}, {NISN: [Member]}) of those that the pupils name, no more than `user` may open."""
    niks = {
        bytes(index): pupil["nik"]
        for pupil in pupils
        for index in blind_indexes(pupil["nik"], "nik")
        if pupil["nik"]
    }
    nisns = {pupil["nisn"] for pupil in pupils} - {""}
    rows = Member.objects.visible_to(user).filter(Q(nik_index__in=list(niks)) | Q(nisn__in=nisns))
    rows = rows.filter(Q(left_on=None) | Q(left_on__gt=first_month)).select_related("household")
    by_nik, by_nisn = {}, {}
    for member in rows.order_by("pk"):
        if member.nik_index is not None and (nik := niks.get(bytes(member.nik_index))):
            by_nik.setdefault(nik, []).append(member)
        if member.nisn in nisns:
            by_nisn.setdefault(member.nisn, []).append(member)
    return by_nik, by_nisn


def _find(one, by_nik, by_nisn, taken):
    """Say whom the row tells of, or why nobody can tell; `taken`: {id: line} of those found before."""
    nik, nisn = one.pupil["nik"], one.pupil["nisn"]
    named = [by_nik.get(nik, []), by_nisn.get(nisn, [])]
    found = [member for members in named for member in members]
    if not nik and not nisn:
        one.reasons = [NO_NUMBER]
    elif not found:
        one.reasons = [NOT_FOUND]
    elif any(len(members) > 1 for members in named):
        one.reasons = [TWICE]
    elif len({member.pk for member in found}) > 1:
        one.reasons = [TWO_CHILDREN]
    elif found[0].pk in taken:
        one.reasons = [f"Anak ini sudah ada di baris {taken[found[0].pk]}."]
    else:
        one.member = found[0]
        taken[one.member.pk] = one.pupil["line"]


def _month(month, marks, effective, bound, today):
    """The OfMonth of `marks`, [days away, with leave, ill, percent told]."""
    away, leave, ill, told = marks
    of_month = OfMonth(month)
    if all(value is None for value in marks):
        return of_month
    if month > today:
        of_month.trouble = "bulan ini belum berjalan"
    elif bound is None:
        of_month.trouble = "bukan komponen pendidikan"
    elif effective and (away, leave, ill) != (None, None, None):
        days = {"absent": away or 0, "leave": leave or 0, "ill": ill or 0}
        of_month.told = Told(bound, month, effective=effective, **days)
        of_month.percent = percent_present(bound.rule, effective, **days)
    elif told is not None:
        of_month.percent = Decimal(str(told)).quantize(Decimal("0.01"))
        of_month.told = Told(bound, month, told=of_month.percent)
    else:
        of_month.trouble = "hari efektif tidak ada di berkas"
    if of_month.told:
        said = of_month.told.said()
        of_month.state = state_of_attendance(bound.rule, of_month.percent)
        of_month.is_same = bool(bound.stored) and all(
            getattr(bound.stored, name) == value for name, value in said.items()
        )
    return of_month
