"""What a family went through as a family, told line by line: status, pengurus, address, and people who came and went."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from .models import FamilyChange, Household, MemberMove

Kind = FamilyChange.Kind
ICONS = {
    Kind.INACTIVE: "x",
    Kind.ACTIVE_AGAIN: "refresh-cw",
    Kind.PENGURUS: "user-round-check",
    Kind.HOME: "house",
}


@dataclass(frozen=True)
class Line:
    """One line: its day, what happened, why, who wrote it down, and the other family when the asker may open it."""

    on: date
    icon: str
    words: str
    why: str
    by: str
    other: Household | None = None


def changes_of(household, user) -> list[Line]:
    """The Lines of a family that `user` may open, the newest first: three queries."""
    changes = FamilyChange.objects.filter(household=household)
    lines = [
        line_of_change(one)
        for one in changes.select_related("reason", "by", "member", "successor", "to_wilayah")
    ]
    moves = MemberMove.objects.filter(Q(household=household) | Q(target=household))
    moves = list(moves.select_related("reason", "by", "member", "household", "target"))
    others = {one.target_id if one.household_id == household.pk else one.household_id for one in moves}
    open_to = Household.objects.visible_to(user).in_bulk(others - {None}) if others else {}
    lines += [_line_of(move, household, open_to) for move in moves if _is_told(move, household)]
    return sorted(lines, key=lambda line: line.on, reverse=True)


def line_of_change(one) -> Line:
    """The Line of a FamilyChange."""
    return Line(one.changed_on, ICONS[one.kind], _words(one), _why(one), one.by.name)


def _is_told(move, household):
    """What came to nothing is of the family left alone, and there only while it waits."""
    return move.state == MemberMove.State.DONE or move.is_waiting


def _line_of(move, household, open_to):
    leaves = move.household_id == household.pk
    other = move.asked_case if leaves else move.household.case_number
    if move.is_waiting:
        words = f"{move.member.name} diusulkan pindah {'ke' if leaves else 'dari'} {other}"
    elif leaves:
        words = f"{move.member.name} pindah ke {'keluarga baru' if move.founds else 'keluarga'} {other}"
    else:
        words = f"{move.member.name} datang dari keluarga {other}"
    found = open_to.get(move.target_id if leaves else move.household_id)
    icon = "clock" if move.is_waiting else "arrow-right" if leaves else "arrow-left"
    return Line(move.moved_on, icon, words, _why(move), move.by.name, found)


def _words(change):
    if change.kind == Kind.PENGURUS:
        was = f" menggantikan {change.member.name}" if change.member else ""
        return f"{change.successor.name} menjadi pengurus{was}"
    if change.kind == Kind.HOME:
        return f"Pindah ke {change.to_wilayah.name} dari {change.former}"
    return change.get_kind_display()


def _why(row):
    return f"{row.reason.name}: {row.words}" if row.words else row.reason.name


def moves_for(user) -> int:
    """How many people are to come or go, asked for by others, and wait for an answer that `user` may give. One query."""
    return MemberMove.objects.visible_to(user).waiting().exclude(by=user).count()
