"""Hari ini: which families are due, why, and where they live."""

from dataclasses import dataclass, field
from datetime import timedelta

from kpm.models import Household
from pkh_casework.templatetags.formats import tanggal
from reports.figures import Lens, values_of
from roles.models import ActivityHousehold, Postponement

# The project's own rhythm, no rule of PKH: a family that was not visited for so long is due.
VISIT_EVERY = timedelta(days=30)
LOOK_AHEAD = timedelta(days=1)


@dataclass
class Due:
    """One family on the list. `reasons` are (kind, words) pairs, kind one of late, soon, visit."""

    household: object
    reasons: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    postponement: object = None
    rank: int = 0


@dataclass
class Place:
    """One RW with its due families, grouped by RT: `by_rt` is [(rt, [Due, …]), …]."""

    rw: int
    by_rt: list
    promises: int

    @property
    def count(self):
        return sum(len(dues) for _, dues in self.by_rt)


@dataclass
class Worklist:
    """`places` in walking order; `today` are the Dues with a promise for this very day, which come first of all."""

    places: list
    today: list
    count: int
    promises: int
    postponed: int


def due_by_place(user, day, *, with_postponed=False):
    """The Worklist of a pendamping on `day`; three queries, whatever the number of families.

    Due is a family with a promise up to tomorrow, or one not visited for VISIT_EVERY. Promises come first within a
    place; places are in walking order, RW then RT.
    """
    dues = {}
    families = Household.objects.visible_to(user).active()
    for household in families.not_visited_since(day - VISIT_EVERY + timedelta(days=1)).select_related(
        "group"
    ):
        dues[household.pk] = Due(household, [("visit", _visit_words(household, day))], rank=1)
    promises = 0
    rows = ActivityHousehold.objects.visible_to(user).open_steps().filter(step_due_on__lte=day + LOOK_AHEAD)
    for row in rows.select_related("household__group", "activity").order_by("step_due_on", "id"):
        if row.household.status in {Household.Status.GRADUASI, Household.Status.NONAKTIF}:
            continue
        due = dues.setdefault(row.household_id, Due(row.household))
        due.steps.append(row)
        due.reasons.insert(len(due.steps) - 1, _promise_words(row, day))
        due.rank = 0
        promises += 1
    postponed = {row.household_id: row for row in Postponement.objects.visible_to(user).hiding_on(day)}
    hidden = [pk for pk in dues if pk in postponed]
    for pk in hidden:
        dues[pk].postponement = postponed[pk]
        if not with_postponed:
            promises -= len(dues.pop(pk).steps)
    today = [due for due in dues.values() if any(row.step_due_on == day for row in due.steps)]
    return Worklist(_places(dues.values()), today, len(dues), promises, len(hidden))


def _visit_words(household, day):
    if household.last_visited_on is None:
        return "belum pernah dikunjungi"
    return f"{(day - household.last_visited_on).days} hari belum dikunjungi"


def _promise_words(row, day):
    days = (row.step_due_on - day).days
    when = {0: "hari ini", 1: "besok"}.get(days)
    if when:
        return ("soon", f"janji {when}: {row.activity.next_step}")
    return ("late", f"janji {tanggal(row.step_due_on)}: {row.activity.next_step}")


def _places(dues):
    by_rw = {}
    for due in sorted(
        dues, key=lambda due: (due.household.rw, due.household.rt, due.rank, due.household.name)
    ):
        by_rw.setdefault(due.household.rw, {}).setdefault(due.household.rt, []).append(due)
    return [
        Place(rw, list(by_rt.items()), sum(len(due.steps) for dues in by_rt.values() for due in dues))
        for rw, by_rt in by_rw.items()
    ]


def month_progress(user, day):
    """The values of the figures behind the meter on top of Hari ini, by slug: the same the koordinator sees."""
    return values_of(("kpm-dikunjungi", "kpm-aktif"), Lens(user, day, day.replace(day=1)))
