"""Writing down what was done: once, whole, and with the trail of every later change."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from kpm.models import GoalStep, Household
from kpm.operations import finish_steps, refuse_if_corrected, reopen_steps, untick_step
from ledger.models import HeldEntry, Receipt
from ledger.operations import MonthLocked, OtherContent, hold_entry, open_month, take_receipt
from pkh_casework.ids import uuid7
from pkh_casework.media import keep_photos
from roles.models import Activity, ActivityHousehold, Postponement
from roles.models.activity import EDIT_DAYS

KIND_OF_ENTRY = "roles.activity"


@dataclass(frozen=True)
class Entry:
    """What a person filled in about one activity; the same fields whether it is new or corrected.

    `families` pairs each Household with whether it was met. `handed_over` are case numbers the author held once and
    holds no more; `dropped` are Households taken out of a corrected activity. `members` are Member rows concerned,
    `kept_promises` earlier ActivityHousehold rows whose next step this was, `goals` Goal rows served and `goal_steps`
    GoalStep rows finished by it, `partners` Partner rows spoken with. `sent` is the submission as typed: two submissions are the same entry when their
    `sent` are equal, whatever has happened to the families meanwhile. `seen` is the newest receipt when the form for a
    correction was opened (kpm.operations.refuse_if_corrected).
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
    handed_over: list = field(default_factory=list)
    dropped: list = field(default_factory=list)
    sent: dict = field(default_factory=dict)
    seen: str = ""


@dataclass(frozen=True)
class Recorded:
    """The answer to an entry: the Activity's id and its receipt, or what is held and why; `replay` on a resend."""

    activity_id: UUID | None
    receipt: Receipt | None
    replay: bool = False
    held: tuple = ()


def record_activity(*, by, op_id, entry):
    """Store `entry` as done by the pendamping `by`, exactly once for `op_id`; returns Recorded.

    What can't be taken is held, never lost: another content under the same `op_id`, a month already locked, families
    handed over meanwhile. All of it is one transaction, or none of it is stored.
    """
    try:
        with transaction.atomic():
            recorded = _store(by, op_id, entry)
            if entry.handed_over and not recorded.replay:
                reason = HeldEntry.Reason.HANDED_OVER
                held = _hold(by, op_id, entry, reason, by.wilayah_id, only=entry.handed_over)
                recorded = replace(recorded, held=(held,))
            return recorded
    except OtherContent as conflict:
        held = _hold(by, op_id, entry, HeldEntry.Reason.OTHER_CONTENT, by.wilayah_id)
        earlier = conflict.receipt if conflict.receipt.author_id == by.pk else None
        return Recorded(earlier and earlier.object_id, earlier, held=(held,))
    except MonthLocked as locked:
        held = _hold(by, op_id, entry, HeldEntry.Reason.MONTH_LOCKED, locked.wilayah_id)
        return Recorded(None, None, held=(held,))


@transaction.atomic
def record_held(*, by, op_id, entry, late=False):
    """Store an entry of `by` that was held, once a koordinator let it in; returns Recorded.

    With `late` its month may be locked and stays so: what was frozen of it holds no row of this. Raises MonthLocked,
    OtherContent.
    """
    return _store(by, op_id, entry, late=late)


def _store(by, op_id, entry, *, late=False):
    activity = Activity(op_id=op_id, pendamping=by, **_columns(entry, by))
    nothing_left = entry.handed_over and not entry.families
    receipt, is_new = take_receipt(
        op_id=op_id,
        author=by,
        kind=KIND_OF_ENTRY,
        content=entry.sent,
        object_id=None if nothing_left else activity.pk,
    )
    if not is_new:
        return Recorded(receipt.object_id, receipt, replay=True)
    if nothing_left:
        return Recorded(None, receipt)
    # Always in the same order: two writers who begin the same months must not wait for each other.
    for area in sorted({activity.wilayah_id} | {household.wilayah_id for household, _ in entry.families}):
        open_month(area, entry.occurred_on, late=late)
    activity.received_at = receipt.received_at
    activity.save(force_insert=True)
    rows = [_family_row(activity, household, met) for household, met in entry.families]
    ActivityHousehold.objects.bulk_create(rows)
    _set_members(rows, entry.members)
    if entry.partners:
        activity.partners.set(entry.partners)
    if entry.kind.counts_as_visit:
        _note_visit([household.pk for household, met in entry.families if met], entry.occurred_on)
    if entry.kept_promises:
        promises = ActivityHousehold.objects.filter(pk__in=[row.pk for row in entry.kept_promises])
        promises.filter(step_done_on=None).update(step_done_on=entry.occurred_on)
    if entry.goals or entry.goal_steps:
        finished = finish_steps([step.pk for step in entry.goal_steps], on=entry.occurred_on)
        _set_goals(rows, entry, finished)
    _check_keys_now()
    keep_photos(entry.photos, activity.photos)
    return Recorded(activity.pk, receipt)


@transaction.atomic
def change_activity(activity, *, by, op_id, entry):
    """Correct an activity within its editing time, once for `op_id`; the old version stays in the trail.

    Families named in `entry.dropped` (a slip of the finger) lose their row; families handed over meanwhile keep it.
    Another next step, or another day for it, is a new promise and open again.
    Raises MonthLocked when the old or the new month is closed, OtherContent when `op_id` was used for another change.
    """
    _, is_new = take_receipt(
        op_id=op_id, author=by, kind="roles.change", content=entry.sent, object_id=activity.pk
    )
    if not is_new:
        return activity
    activity = Activity.objects.select_for_update(of=["self"]).get(pk=activity.pk)
    refuse_if_corrected(activity, entry.seen, op_id)
    rows = {row.household_id: row for row in activity.families.select_for_update(of=["self"])}
    for area in sorted({activity.wilayah_id} | {row.wilayah_id for row in rows.values()}):
        for day in sorted({activity.occurred_on, entry.occurred_on}):
            open_month(area, day)
    promised = activity.next_step, activity.next_step_on
    columns = _columns(entry, activity.pendamping, wilayah_id=activity.wilayah_id, group=activity.group)
    for name, value in columns.items():
        setattr(activity, name, value)
    activity.save(update_fields=list(columns))
    activity.partners.set(entry.partners)

    met_by_family = {household.pk: met for household, met in entry.families}
    # Another change may have taken a family out while this one waited.
    dropped = {rows[household.pk].pk for household in entry.dropped if household.pk in rows}
    finished = _finish_again(rows.values(), entry, met_by_family, dropped)
    ActivityHousehold.objects.filter(pk__in=dropped).delete()
    kept = [row for row in rows.values() if row.pk not in dropped]
    for row in kept:
        row.occurred_on, row.is_visit = entry.occurred_on, entry.kind.counts_as_visit
        row.met = met_by_family.get(row.household_id, row.met)
        row.step_due_on = entry.next_step_on
        if (entry.next_step, entry.next_step_on) != promised:
            row.step_done_on = None
    ActivityHousehold.objects.bulk_update(
        kept, ["occurred_on", "is_visit", "met", "step_due_on", "step_done_on"], batch_size=200
    )
    offered = [row for row in kept if row.household_id in met_by_family]
    ActivityHousehold.members.through.objects.filter(activityhousehold__in=offered).delete()
    _set_members(kept, entry.members)
    for link in (ActivityHousehold.goals.through, ActivityHousehold.goal_steps.through):
        link.objects.filter(activityhousehold__in=offered).delete()
    _set_goals(offered, entry, finished)
    refresh_last_visit(list(rows))
    keep_photos(entry.photos, activity.photos)
    return activity


def reopen_activity(activity, *, days=EDIT_DAYS):
    """Give the author `days` more days to correct an old entry. The trail keeps who allowed it (request context)."""
    activity.reopened_until = timezone.now() + timedelta(days=days)
    activity.save(update_fields=["reopened_until"])


def _note_visit(household_ids, day):
    """Move `last_visited_on` forward to `day`: the maximum of the rows, when one row is added. One statement, so two
    visits at once can't overwrite each other.
    """
    Household.objects.filter(pk__in=household_ids).update(last_visited_on=Greatest("last_visited_on", day))


def refresh_last_visit(household_ids):
    """Set `last_visited_on` of these families to their latest home visit at which they were met, or to nothing."""
    families = Household.objects.filter(pk__in=household_ids)
    # Two visits at once would each miss the other's row: the second waits here, and its next statement sees both.
    list(families.order_by("pk").select_for_update(of=["self"], no_key=True).values_list("pk"))
    latest = (
        ActivityHousehold.objects.filter(household=OuterRef("pk"))
        .home_visits()
        .order_by("-occurred_on", "-pk")
    )
    families.update(last_visited_on=Subquery(latest.values("occurred_on")[:1]))


@transaction.atomic
def mark_step_done(row, *, by, op_id, on):
    """Tick a family's next step (an ActivityHousehold) as done on `on`; returns the Receipt. The first tick counts.

    Raises OtherContent.
    """
    receipt, _ = take_receipt(
        op_id=op_id, author=by, kind="roles.step_done", content={"row": str(row.pk)}, object_id=row.pk
    )
    ActivityHousehold.objects.filter(pk=row.pk, step_done_on=None).update(step_done_on=on)
    return receipt


@transaction.atomic
def reopen_goal_step(row, *, by, op_id):
    """Open a step of a goal again that was ticked by mistake: no visit finished it then; returns the Receipt.

    The visit still served the goal. Raises OtherContent.
    """
    receipt, is_new = untick_step(row, by=by, op_id=op_id)
    if is_new:
        ActivityHousehold.goal_steps.through.objects.filter(goalstep=row.pk).delete()
    return receipt


@transaction.atomic
def postpone(household, *, by, op_id, until_on, reason):
    """Take a family off the worklist until `until_on`; returns the Receipt. A resend of `op_id` changes nothing.

    The newest one of a family counts, so that one until today ends an earlier one. Raises OtherContent.
    """
    receipt, is_new = take_receipt(
        op_id=op_id,
        author=by,
        kind="roles.postponement",
        content={"household": str(household.pk), "until_on": str(until_on), "reason": reason},
        object_id=household.pk,
    )
    if is_new:
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
    link = ActivityHousehold.goal_steps.through
    link.objects.bulk_create(
        [
            link(activityhousehold_id=by_household[step.household_id], goalstep_id=step.pk)
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


def _check_keys_now():
    """Foreign keys are deferred to COMMIT; a bad id must be an error here, not a 500 that a phone repeats for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@transaction.atomic
def _hold(by, op_id, entry, reason, wilayah_id, *, only=None):
    payload = entry.sent
    if only:
        not_met = [case for case in entry.sent.get("tidak_bertemu", ()) if case in only]
        payload = {**entry.sent, "kpm": sorted(only), "tidak_bertemu": not_met}
    return hold_entry(
        op_id=op_id,
        author=by,
        kind=KIND_OF_ENTRY,
        payload=payload,
        reason=reason,
        wilayah_id=wilayah_id,
        files=entry.photos,
    )
