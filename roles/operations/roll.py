"""The answers of a roll call: who of a list of families came, who came for them, why they stayed away."""

from dataclasses import dataclass, field

from kpm.models import Household, Member
from roles.models import Attendance


@dataclass
class RollRow:
    """One family on the list. `people` are those who may have come for it, the pengurus first; `who` is one of them,
    `note` why the family did not come.
    """

    household: Household
    people: list = field(default_factory=list)
    state: str = ""
    who: Member | None = None
    note: str = ""
    error: str = ""

    @property
    def is_present(self):
        return self.state == Attendance.State.PRESENT


def said_of(row):
    """The columns that a RollRow fills: who came stands only beside who was there, a reason only beside who was not."""
    if row.is_present:
        return {"state": row.state, "who": row.who, "note": ""}
    return {"state": row.state, "who": None, "note": row.note}


def told_by(rows):
    """The fields of an activity's Entry that `rows` fill."""
    present = [row for row in rows if row.is_present]
    return {
        "outcome": f"{len(present)} dari {len(rows)} keluarga hadir.",
        "families": [(row.household, row.is_present) for row in rows],
        "members": [row.who for row in present if row.who],
    }


def roll_in_words(rows):
    """Who is on a list that is stored, for who filled in another version of it; `rows` are Attendance or TrainingPlace."""
    names = {}
    for row in rows.select_related("household").order_by("household__name"):
        names.setdefault(row.get_state_display(), []).append(row.household.name)
    return " ".join(f"{state}: {', '.join(who)}." for state, who in names.items())
