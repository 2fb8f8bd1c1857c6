"""One visit, one record: what was done in a home visit hangs on it, and a visit that nobody wrote down is told by its acts.

The visit says what happened: an act that it no longer fits (another day, not met) is let go and stands by itself. Of one
day, worker and family a visit written down by hand takes the place of one that acts tell, whichever came first. Writers of
both hold the family's row, so that two at once see each other.
"""

from entries.months import open_month
from entries.operations import locked
from kpm.at_home import KEEPERS, Visits
from kpm.models import Household
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, ActivityKind, ActKind, VisitAct
from roles.models.visit import ACTS

from .last_visit import note_visit, refresh_last_visit

KINDS = {
    "assessment": "asesmen",
    "goal": "tujuan",
    "goal_step": "langkah",
    "referral": "rujukan",
    "payment_check": "penyaluran",
}


def keep(act, *, by, visited_on) -> None:
    """See kpm.at_home.done_at_home. Raises MonthLocked where a visit would come or go in a closed month."""
    name = ACTS[type(act)]
    household = locked(Household.objects, act.household_id)
    there = _link(act).select_related("row__activity").first()
    if there and there.row.occurred_on != visited_on:
        _leave(there)
        there = None
    if visited_on is None or there:
        return
    kind = ActKind.objects.valid_on(visited_on).get(pk=KINDS[name])
    row = _visit(household, by, visited_on) or _visit_of_acts(household, by, visited_on, kind)
    VisitAct.objects.create(row=row, kind=kind, **{name: act})
    if row.activity.from_acts:
        _tell(row)


def knows(act) -> bool:
    """Whether `act` hangs on a visit."""
    return _link(act).exists()


KEEPERS.append(Visits(keep, knows))


def take_over(activity, rows) -> None:
    """Let the visit `activity`, whose `rows` (ActivityHousehold) are written and whose families are held, take the place
    of those that acts alone tell of the same day.
    """
    own = {row.household_id: row for row in rows if row.is_visit and row.met}
    told = ActivityHousehold.objects.filter(
        activity__from_acts=True,
        household__in=own,
        pendamping=activity.pendamping_id,
        occurred_on=activity.occurred_on,
    )
    for row in told.exclude(activity=activity).select_related("activity"):
        open_month(row.wilayah_id, row.occurred_on)
        row.acts.update(row=own[row.household_id])
        _remove(row)


def let_go(rows) -> None:
    """Let go of what hangs on `rows`, home visits no more, or not of that day."""
    VisitAct.objects.filter(row__in=rows).delete()


def _link(act):
    return VisitAct.objects.filter(**{ACTS[type(act)]: act.pk})


def _visit(household, by, day):
    """The home visit of the day to which an act belongs: the newest written down by hand, else the one that acts tell."""
    visits = ActivityHousehold.objects.home_visits()
    visits = visits.filter(household=household, pendamping=by, occurred_on=day).select_related("activity")
    return visits.order_by("activity__from_acts", "-id").first()


def _visit_of_acts(household, by, day, kind):
    """A new home visit of which there is nothing yet but the act of `kind`."""
    open_month(household.wilayah_id, day)
    at = {"pendamping": by, "wilayah_id": household.wilayah_id, "occurred_on": day}
    visit = ActivityKind.objects.valid_on(day).filter(counts_as_visit=True).first()
    activity = Activity.objects.create(
        op_id=uuid7(), kind=visit, sub_role=kind.sub_role, notes=kind.sentence, from_acts=True, **at
    )
    row = ActivityHousehold.objects.create(
        activity=activity, household=household, is_visit=True, met=True, **at
    )
    note_visit([household.pk], day)
    return row


def _tell(row):
    """Say of a visit that nobody wrote down what was done in it."""
    activity = row.activity
    kinds = sorted({act.kind for act in row.acts.select_related("kind")}, key=lambda kind: kind.position)
    told = (kinds[0].sub_role_id, "\n".join(kind.sentence for kind in kinds))
    if told != (activity.sub_role_id, activity.notes):
        open_month(row.wilayah_id, row.occurred_on)
        activity.sub_role_id, activity.notes = told
        activity.save(update_fields=["sub_role", "notes"])


def _leave(link):
    """Take an act off its visit, which goes too when nothing else tells of it."""
    row = link.row
    link.delete()
    if not row.activity.from_acts:
        return
    if row.acts.exists():
        _tell(row)
    else:
        open_month(row.wilayah_id, row.occurred_on)
        _remove(row)
        refresh_last_visit([row.household_id])


def _remove(row):
    row.delete()
    row.activity.delete()
