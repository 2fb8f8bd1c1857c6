"""What was not kept: a hint on the family's page, and whom to go and see."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F

from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import MONTHS
from roles.models import Commitment

from .people import ENDED
from .rules import rules_in

FOLLOWED_UP = timedelta(days=30)  # so long it stays on the list of what to do
MONTHS_SHOWN = 4
State = Commitment.State


@dataclass
class OfMember:
    """What was verified of one kind for one member: the Commitment rows of the last months, the newest first."""

    member: object
    kind: object
    rows: list = field(default_factory=list)

    @property
    def hint(self):
        """What to say where the newest that is known was not kept, "" else."""
        newest = next((row for row in self.rows if row.state != State.OPEN), None)
        return words_of(newest) if newest and newest.state == State.NOT_KEPT else ""


def of_family(household, day):
    """The OfMember of a family in the months up to `day`, those with a hint first; one query."""
    since = months_after(day.replace(day=1), 1 - MONTHS_SHOWN)
    rows = Commitment.objects.filter(household=household, month__gte=since).select_related("member", "kind")
    found = {}
    for row in rows.order_by("member__birth_date", "member", "kind__position", "-month"):
        of_member = found.setdefault((row.member_id, row.kind_id), OfMember(row.member, row.kind))
        of_member.rows.append(row)
    return sorted(found.values(), key=lambda one: not one.hint)


def to_follow_up(user, day):
    """Commitments that were not kept, written down in the last FOLLOWED_UP, of families not visited since."""
    rows = Commitment.objects.visible_to(user).not_kept()
    rows = rows.filter(recorded_on__gt=day - FOLLOWED_UP, recorded_on__lte=day)
    rows = rows.exclude(household__status__in=ENDED)
    # A family never visited has no last visit; `exclude` keeps it.
    rows = rows.exclude(household__last_visited_on__gte=F("recorded_on"))
    return rows.select_related("household", "member", "kind").order_by("-month", "pk")


def month_words(month):
    """'Okt 2026'."""
    return f"{MONTHS[month.month - 1]} {month.year}"


def words_of(row):
    """A Commitment that was not kept, in words."""
    when = month_words(row.month)
    if row.percent is None:
        return f"{row.member.name} tidak datang {when}: {row.kind.name.lower()}"
    rule = next((one for one in rules_in(row.month) if one.component_id == row.component_id), None)
    least = f", di bawah {rule.least_percent}%" if rule and rule.least_percent else ""
    return f"{row.member.name} hadir {row.percent_words}% di sekolah {when}{least}"
