"""A family's goals: chosen, changed, worked on step by step, closed; and the written *belum*.

Whoever makes or closes a goal holds the family's row, so that two at once can't take the same place.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.models import User
from entries.models import Receipt
from entries.operations import Refused, locked, operation
from kpm.at_home import done_at_home
from kpm.models import MOST_GOALS, Deferral, Goal, GoalStep, Household, Score

CLOSED_ALREADY = "Tujuan ini sudah ditutup. Muat ulang halamannya untuk melihat alasannya."
ALL_TAKEN = "Sudah ada tiga tujuan yang berjalan: {}. Tutup salah satu dulu, baru buat yang baru."


@dataclass(frozen=True)
class Step:
    """A step as it was typed: `whose` of GoalStep.Whose, what, and until when."""

    whose: str
    text: str
    due_on: date


@operation(kind="kpm_tujuan", title="Tujuan keluarga", makes=Goal)
def set_goal(
    household: Household,
    *,
    by: User,
    pk: UUID,
    op_id: UUID,
    today: date,
    score: Score,
    wish: str,
    why: str,
    target_on: date,
    steps: list[Step],
    visited_on: date | None = None,
) -> Goal:
    """A new goal of the family, born from the indicator and level of `score`, in the first free place; `visited_on` as for
    done_at_home.

    Raises Refused when all places are taken or the indicator has an open goal already, OtherContent.
    """
    goal = Goal(
        id=pk,
        op_id=op_id,
        household=household,
        pendamping=by,
        indicator_id=score.indicator_id,
        code=score.code,
        from_level=score.level,
        wish=wish,
        why=why,
        started_on=today,
        target_on=target_on,
    )
    stored = locked(Household.objects, household.pk)
    running = list(Goal.objects.filter(household=stored).open().order_by("slot"))
    if any(other.code == goal.code for other in running):
        raise Refused("Sudah ada tujuan yang berjalan untuk hal ini.")
    if len(running) >= MOST_GOALS:
        raise Refused(ALL_TAKEN.format("; ".join(f"“{other.wish}”" for other in running)))
    goal.slot = min(set(range(1, MOST_GOALS + 1)) - {other.slot for other in running})
    goal.wilayah_id = stored.wilayah_id
    goal.save(force_insert=True)
    GoalStep.objects.bulk_create([_row(goal, step) for step in steps])
    if visited_on:
        done_at_home(goal, by=by, visited_on=visited_on)
    return goal


@operation(kind="kpm_tujuan_ubah", title="Perubahan tujuan", about=Goal)
def change_goal(goal: Goal, *, by: User, today: date, wish: str, why: str, target_on: date) -> Goal:
    """Other words or another day for an open goal. Raises Refused, OtherContent."""
    stored = _open_goal(goal.pk)
    stored.wish, stored.why, stored.target_on = wish, why, target_on
    stored.save(update_fields=["wish", "why", "target_on"])
    return stored


@operation(kind="kpm_tujuan_tutup", title="Penutupan tujuan", about=Goal)
def close_goal(goal: Goal, *, by: User, today: date, state: str, reason: str) -> Goal:
    """Close an open goal as reached, changed or dropped, with the reason; its place is free again.

    Raises Refused, OtherContent.
    """
    locked(Household.objects, goal.household_id)
    stored = _open_goal(goal.pk)
    stored.state, stored.closed_on, stored.closed_reason = state, today, reason
    stored.save(update_fields=["state", "closed_on", "closed_reason"])
    return stored


@operation(kind="kpm_langkah", title="Langkah tujuan", makes=GoalStep)
def add_step(
    goal: Goal, *, by: User, pk: UUID, today: date, step: Step, visited_on: date | None = None
) -> GoalStep:
    """One more step for an open goal; `visited_on` as for done_at_home. Raises Refused, OtherContent."""
    row = _row(goal, step)
    row.pk = pk
    if visited_on:  # a family is held before its goals
        locked(Household.objects, goal.household_id)
    _open_goal(goal.pk)
    row.save(force_insert=True)
    if visited_on:
        done_at_home(row, by=by, visited_on=visited_on)
    return row


@operation(kind="kpm_langkah_ubah", title="Perubahan langkah tujuan", about=GoalStep)
def change_step(row: GoalStep, *, by: User, today: date, step: Step) -> GoalStep:
    """Other words or another day for a step of an open goal. Raises Refused, OtherContent."""
    _open_goal(row.goal_id)
    stored = locked(GoalStep.objects, row.pk)
    stored.whose, stored.text, stored.due_on = step.whose, step.text, step.due_on
    stored.save(update_fields=["whose", "text", "due_on"])
    return stored


@operation(
    kind="kpm_langkah_selesai",
    title="Langkah tujuan selesai",
    about=GoalStep,
    again=lambda receipt, _: receipt,
)
def tick_step(row: GoalStep, *, by: User, receipt: Receipt, on: date) -> Receipt:
    """Tick a step as done on `on`. The first tick counts. Raises OtherContent."""
    GoalStep.objects.filter(pk=row.pk, done_on=None).update(done_on=on)
    return receipt


def finish_steps(ids, *, on: date) -> set[UUID]:
    """Tick those of the steps `ids` that are still open as done on `on`; the ids of these. For a write that carries
    its own receipt, such as a visit.
    """
    rows = GoalStep.objects.filter(pk__in=ids, done_on=None)
    ticked = set(rows.order_by("pk").select_for_update(of=["self"], no_key=True).values_list("pk", flat=True))
    GoalStep.objects.filter(pk__in=ticked).update(done_on=on)
    return ticked


def reopen_steps(ids) -> None:
    """Take back what finish_steps did."""
    GoalStep.objects.filter(pk__in=ids).update(done_on=None)


def _deferred(receipt, household):
    return Deferral.objects.filter(op_id=receipt.op_id).first()


@operation(kind="kpm_belum", title="Alasan belum ada tujuan", about=Household, again=_deferred)
def defer(
    household: Household, *, by: User, op_id: UUID, today: date, score: Score, reason: str
) -> Deferral | None:
    """Write down why the indicator of `score` gets no goal yet. Raises Refused, OtherContent."""
    stored = locked(Household.objects, household.pk)
    if Deferral.objects.filter(assessment=score.assessment_id, code=score.code).exists():
        raise Refused("Alasan untuk hal ini sudah ditulis.")
    return Deferral.objects.create(
        op_id=op_id,
        household=stored,
        wilayah_id=stored.wilayah_id,
        pendamping=by,
        assessment_id=score.assessment_id,
        code=score.code,
        reason=reason,
        written_on=today,
    )


def _row(goal, step):
    return GoalStep(
        goal=goal, household_id=goal.household_id, whose=step.whose, text=step.text, due_on=step.due_on
    )


def _open_goal(pk):
    """The goal `pk`, held until the end of the transaction. Raises Refused when it is closed."""
    goal = locked(Goal.objects, pk)
    if not goal.is_open:
        raise Refused(CLOSED_ALREADY)
    return goal
