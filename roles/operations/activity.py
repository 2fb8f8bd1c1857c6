"""Writing down what was done: once, whole, and with the trail of every later change."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from entries.months import open_month
from entries.operations import check_keys_now, operation, refuse_if_corrected
from kpm.models import GoalStep, Household
from kpm.operations import finish_steps, reopen_steps
from pkh_casework.ids import uuid7
from pkh_casework.media import keep_photos
from roles.models import Activity, ActivityHousehold, Postponement
from roles.models.activity import EDIT_DAYS
from roles.operations.quality import record, record_again

from .last_visit import hold_families, note_visit, refresh_last_visit
from .visit import let_go, take_over

# Logging an activity, also with the roll call of a meeting or a training, is one kind of entry.
KIND_OF_ENTRY = "roles.activity"
logging = operation(
    kind=KIND_OF_ENTRY,
    title="Catatan kegiatan",
    makes=Activity,
    again=lambda receipt, *_: Activity.objects.filter(pk=receipt.object_id).first(),  # None: taken back since
    checks_keys=False,
)
correcting = operation(kind="roles.change", title="Perubahan kegiatan", about=Activity, checks_keys=False)


@dataclass(frozen=True)
class Entry:
    """What a person filled in about one activity; the same fields whether it is new or corrected.

    `families` pairs each Household with whether it was met; `dropped` are Households taken out of a corrected activity.
    `members` are Member rows concerned, `kept_promises` earlier ActivityHousehold rows whose next step this was, `goals`
    Goal rows served and `goal_steps` GoalStep rows finished by it, `partners` Partner rows spoken with. `seen` is the
    newest receipt when the form for a correction was opened (entries.operations.refuse_if_corrected).
    """

    occurred_on: date
    kind: object
    sub_role: object
    notes: str
    outcome: str = ""
    next_step: str = ""
    next_step_on: date | None = None
    place: str = ""
    group: object = None
    families: list = field(default_factory=list)
    members: list = field(default_factory=list)
    kept_promises: list = field(default_factory=list)
    goals: list = field(default_factory=list)
    goal_steps: list = field(default_factory=list)
    partners: list = field(default_factory=list)
    photos: list = field(default_factory=list)
    dropped: list = field(default_factory=list)
    seen: str = ""


@logging
def record_activity(*, by, pk, op_id, receipt, entry) -> Activity:
    """Store `entry` as done by the pendamping `by`. Raises MonthLocked, OtherContent."""
    return store(by=by, pk=pk, op_id=op_id, receipt=receipt, entry=entry)


def store(*, by, pk, op_id, receipt, entry) -> Activity:
    """Store a new activity `pk` with all that hangs on it, within the operation that took `receipt`. Raises MonthLocked."""
    activity = Activity(id=pk, op_id=op_id, pendamping=by, **_columns(entry, by))
    if entry.kind.counts_as_visit:  # holds the families, and families are held before months
        note_visit([household.pk for household, met in entry.families if met], entry.occurred_on)
    # Always in the same order: two writers who begin the same months must not wait for each other.
    for area in sorted({activity.wilayah_id} | {household.wilayah_id for household, _ in entry.families}):
        open_month(area, entry.occurred_on)
    activity.received_at = receipt.received_at
    activity.save(force_insert=True)
    rows = [_family_row(activity, household, met) for household, met in entry.families]
    ActivityHousehold.objects.bulk_create(rows)
    _set_members(rows, entry.members)
    if entry.partners:
        activity.partners.set(entry.partners)
    if entry.kind.counts_as_visit:
        take_over(activity, rows)
    if entry.kept_promises:
        promises = ActivityHousehold.objects.filter(pk__in=[row.pk for row in entry.kept_promises])
        promises.filter(step_done_on=None).update(step_done_on=entry.occurred_on)
    if entry.goals or entry.goal_steps:
        finished = finish_steps([step.pk for step in entry.goal_steps], on=entry.occurred_on)
        _set_goals(rows, entry, finished)
    record(activity)
    check_keys_now()
    keep_photos(entry.photos, activity.photos)
    return activity


def add_families(activity, families):
    """Let `activity` have reached `families` (Households) as well, where it had not yet. Raises MonthLocked."""
    there = set(activity.families.values_list("household", flat=True))
    families = [household for household in families if household.pk not in there]
    for area in sorted({household.wilayah_id for household in families}):
        open_month(area, activity.occurred_on)
    ActivityHousehold.objects.bulk_create(
        _family_row(activity, household, met=True) for household in families
    )


@correcting
def change_activity(activity, *, by, op_id, entry) -> Activity:
    """Correct an activity within its editing time; the old version stays in the trail. See `correct`."""
    return correct(activity, op_id=op_id, entry=entry)


def correct(activity, *, op_id, entry) -> Activity:
    """Write `entry` over an activity and all that hangs on it, within the operation of the tap `op_id`.

    Families named in `entry.dropped` (a slip of the finger) lose their row; families handed over meanwhile keep it.
    Another next step, or another day for it, is a new promise and open again. A visit that acts told is the author's own
    word from now on. Raises MonthLocked when the old or the new month is closed, ChangedMeanwhile when it was corrected since.
    """
    hold_families(activity.families.values("household"))
    activity = Activity.objects.select_for_update(of=["self"]).get(pk=activity.pk)
    refuse_if_corrected(activity, entry.seen, op_id)
    rows = {row.household_id: row for row in activity.families.select_for_update(of=["self"])}
    for area in sorted({activity.wilayah_id} | {row.wilayah_id for row in rows.values()}):
        for day in sorted({activity.occurred_on, entry.occurred_on}):
            open_month(area, day)
    promised = activity.next_step, activity.next_step_on
    columns = _columns(entry, activity.pendamping, wilayah_id=activity.wilayah_id, group=activity.group)
    columns["from_acts"] = False
    moves = activity.occurred_on != entry.occurred_on
    for name, value in columns.items():
        setattr(activity, name, value)
    activity.save(update_fields=list(columns))
    activity.partners.set(entry.partners)

    met_by_family = {household.pk: met for household, met in entry.families}
    # Another change may have taken a family out while this one waited.
    dropped = {rows[household.pk].pk for household in entry.dropped if household.pk in rows}
    finished = _finish_again(rows.values(), entry, met_by_family, dropped)
    kept = [row for row in rows.values() if row.pk not in dropped]
    for row in kept:
        row.occurred_on, row.is_visit = entry.occurred_on, entry.kind.counts_as_visit
        row.is_call = entry.kind.is_call
        row.met = met_by_family.get(row.household_id, row.met)
        row.step_due_on = entry.next_step_on
        if (entry.next_step, entry.next_step_on) != promised:
            row.step_done_on = None
    let_go([*dropped, *(row.pk for row in kept if moves or not (row.is_visit and row.met))])
    ActivityHousehold.objects.filter(pk__in=dropped).delete()
    ActivityHousehold.objects.bulk_update(
        kept, ["occurred_on", "is_visit", "is_call", "met", "step_due_on", "step_done_on"], batch_size=200
    )
    offered = [row for row in kept if row.household_id in met_by_family]
    ActivityHousehold.members.through.objects.filter(activityhousehold__in=offered).delete()
    _set_members(kept, entry.members)
    for link in (ActivityHousehold.goals.through, ActivityHousehold.goal_steps.through):
        link.objects.filter(activityhousehold__in=offered).delete()
    _set_goals(offered, entry, finished)
    refresh_last_visit(list(rows))
    take_over(activity, kept)
    record_again(activity)
    check_keys_now()
    keep_photos(entry.photos, activity.photos)
    return activity


@operation(kind="roles.kegiatan_buka", title="Kegiatan dibuka lagi", about=Activity)
def reopen_activity(activity, *, by, days=EDIT_DAYS):
    """Give the author `days` more days to correct an old entry. The field history keeps who allowed it."""
    activity.reopened_until = timezone.now() + timedelta(days=days)
    activity.save(update_fields=["reopened_until"])


@operation(
    kind="roles.step_done",
    title="Janji ditepati",
    about=ActivityHousehold,
    again=lambda receipt, _: receipt,
)
def mark_step_done(row, *, by, receipt, on):
    """Tick a family's next step (an ActivityHousehold) as done on `on`; returns the Receipt. The first tick counts.

    Raises OtherContent.
    """
    ActivityHousehold.objects.filter(pk=row.pk, step_done_on=None).update(step_done_on=on)
    return receipt


@operation(
    kind="kpm_langkah_batal",
    title="Langkah tujuan dibuka lagi",
    about=GoalStep,
    again=lambda receipt, _: receipt,
)
def reopen_goal_step(row, *, by, receipt):
    """Open a step of a goal again that was ticked by mistake: no visit finished it then; returns the Receipt.

    The visit still served the goal. Raises OtherContent.
    """
    reopen_steps([row.pk])
    ActivityHousehold.goal_steps.through.objects.filter(goalstep=row.pk).delete()
    return receipt


@operation(
    kind="roles.postponement",
    title="Tundaan keluarga",
    about=Household,
    again=lambda receipt, _: receipt,
)
def postpone(household, *, by, op_id, receipt, until_on, reason):
    """Take a family off the worklist until `until_on`; returns the Receipt. A resend of `op_id` changes nothing.

    The newest one of a family counts, so that one until today ends an earlier one. Raises OtherContent.
    """
    Postponement.objects.create(
        op_id=op_id, household=household, pendamping=by, until_on=until_on, reason=reason
    )
    return receipt


def _columns(entry, by, *, wilayah_id=None, group=None):
    first = entry.families[0][0].wilayah_id if entry.families else by.wilayah_id
    return {
        "wilayah_id": wilayah_id or first,
        "occurred_on": entry.occurred_on,
        "kind": entry.kind,
        "sub_role": entry.sub_role,
        "group": entry.group or group,
        "place": entry.place,
        "notes": entry.notes,
        "outcome": entry.outcome,
        "next_step": entry.next_step,
        "next_step_on": entry.next_step_on,
    }


def _family_row(activity, household, met):
    return ActivityHousehold(
        id=uuid7(),
        activity=activity,
        household=household,
        pendamping_id=activity.pendamping_id,
        wilayah_id=household.wilayah_id,
        occurred_on=activity.occurred_on,
        is_visit=activity.kind.counts_as_visit,
        is_call=activity.kind.is_call,
        met=met,
        step_due_on=activity.next_step_on,
    )


def _set_members(rows, members):
    by_household = {row.household_id: row.pk for row in rows}
    link = ActivityHousehold.members.through
    link.objects.bulk_create(
        [
            link(activityhousehold_id=by_household[member.household_id], member_id=member.pk)
            for member in members
            if member.household_id in by_household
        ]
    )


def _set_goals(rows, entry, finished):
    """Link each row to the goals it served, and to those of its steps that it finished (`finished`, ids)."""
    by_household = {row.household_id: row.pk for row in rows}
    steps = [step for step in entry.goal_steps if step.household_id in by_household]
    goals = {goal.pk: goal.household_id for goal in entry.goals if goal.household_id in by_household}
    goals |= {step.goal_id: step.household_id for step in steps}
    link = ActivityHousehold.goals.through
    link.objects.bulk_create(
        [link(activityhousehold_id=by_household[family], goal_id=pk) for pk, family in goals.items()]
    )
    finishing = ActivityHousehold.goal_steps.through
    finishing.objects.bulk_create(
        [
            finishing(activityhousehold_id=by_household[step.household_id], goalstep_id=step.pk)
            for step in steps
            if step.pk in finished
        ]
    )


def _finish_again(rows, entry, offered, dropped):
    """Bring the steps that a corrected activity finishes up to what it says now; the ids of them all.

    `offered` are the households on the form, `dropped` the rows that it loses. What it finished before and does not
    any more is open again; the rest moves with its day.
    """
    link = ActivityHousehold.goal_steps.through
    before = dict(
        link.objects.filter(activityhousehold__in=[row.pk for row in rows]).values_list(
            "goalstep", "activityhousehold"
        )
    )
    said = {step.pk for step in entry.goal_steps}
    asked = {row.pk for row in rows if row.household_id in offered}
    gone = {step for step, row in before.items() if row in dropped or (row in asked and step not in said)}
    if gone:
        reopen_steps(gone)
    stay, new = before.keys() - gone, said - before.keys()
    if stay:
        GoalStep.objects.filter(pk__in=stay).update(done_on=entry.occurred_on)
    return stay | (finish_steps(new, on=entry.occurred_on) if new else set())
