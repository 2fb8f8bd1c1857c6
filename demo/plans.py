"""What the families chose to change: goals born from low indicators, their steps, and what has to wait.

Rows come out as kpm.operations.plan would have written them.
"""

from datetime import timedelta

from kpm.models import MOST_GOALS, Deferral, Goal, GoalStep, Level
from roles.models import ActivityHousehold

from .calendar import workday
from .wording import fill, texts

KIND_GOAL, KIND_CLOSED, KIND_NOT_YET = "kpm_tujuan", "kpm_tujuan_tutup", "kpm_belum"
FROM_LOWEST, FROM_LOW, DEFERRED = 0.5, 0.1, 0.85
GIVEN_UP = 0.12
LONGEST_GOAL = 240  # days after which a goal that leads nowhere is closed
LATE, TICKED_NEAR = 0.04, 24
Whose, State = GoalStep.Whose, Goal.State


class Planner:
    """Writes the plans of families; `goals`, `steps`, `deferrals` and the two links are all rows to be stored."""

    def __init__(self, rng, log, today):
        self.rng, self.log, self.today = rng, log, today
        self.goals, self.steps, self.deferrals = [], [], []
        self.served, self.ticked = [], []
        self.open = {}

    def after(self, course, assessment):
        """What family and pendamping agree on at the end of an assessment."""
        part, running = course.family.part, self.open.setdefault(course.family.row.pk, [])
        if part.late_step and assessment.assessed_on != part.assessed[-1]:
            return
        for goal in list(running):
            self._review(course, goal, assessment.assessed_on)
        taken = {goal.code for goal in running}
        low = [score for score in course.standing.values() if score.level and score.code not in taken]
        for score in sorted(low, key=lambda score: (score.level, score.code)):
            if part.late_step and not running:
                self._set(course, score, assessment)
            elif score.level == Level.RENTAN:
                if len(running) < MOST_GOALS and self.rng.random() < FROM_LOWEST:
                    self._set(course, score, assessment)
                elif self.rng.random() < DEFERRED:
                    self._defer(course, score, assessment)
            elif score.level == Level.BERTAHAN and len(running) < 2 and self.rng.random() < FROM_LOW:
                self._set(course, score, assessment)
        course.helped = {goal.code for goal in running}

    def _set(self, course, score, assessment):
        rng, family, day = self.rng, course.family, assessment.assessed_on
        words, slots = texts("kemandirian")[score.code], course.slots
        running, late_step = self.open[family.row.pk], family.part.late_step
        at = self._a_little_later(assessment)
        goal = Goal(
            id=self.log.id_at(at),
            op_id=self.log.op_id(at),
            household_id=family.row.pk,
            wilayah_id=family.row.wilayah_id,
            pendamping_id=assessment.pendamping_id,
            indicator_id=score.indicator_id,
            code=score.code,
            from_level=score.level,
            slot=min(set(range(1, MOST_GOALS + 1)) - {other.slot for other in running}),
            wish=fill(rng.choice(words["ingin"]), slots, rng),
            why=fill(rng.choice(words["mengapa"]), slots, rng),
            started_on=day,
            target_on=max(day + timedelta(days=rng.choice([90, 120, 120, 180])), late_step or day),
            created_at=at,
        )
        self.goals.append(goal)
        running.append(goal)
        self._receipt(goal.pendamping_id, KIND_GOAL, goal.wish, at, op_id=goal.op_id, about=goal.pk)
        texts_of = [
            *((Whose.FAMILY, text) for text in rng.sample(words["keluarga"], rng.randint(1, 2))),
            (Whose.PENDAMPING, rng.choice(words["pendamping"])),
        ]
        share = (goal.target_on - day).days // (len(texts_of) + 1)
        for turn, (whose, text) in enumerate(texts_of, 1):
            due_on = workday(rng, day + timedelta(days=turn * share + rng.randint(-6, 6)))
            if late_step:  # nobody has come since to tick it
                due_on = max(due_on, late_step) if turn > 1 else late_step
            self.steps.append(
                GoalStep(
                    id=self.log.id_at(at),
                    goal_id=goal.pk,
                    household_id=family.row.pk,
                    whose=whose,
                    text=fill(text, slots, rng),
                    due_on=due_on,
                )
            )
        self._walk(course, goal, self.steps[-len(texts_of) :])

    def _walk(self, course, goal, steps):
        """Tick steps at visits near their day, and name the goal at some of the visits."""
        rng = self.rng
        later = [row for row in course.visits if row.occurred_on > goal.started_on]
        for row in later:
            if row.occurred_on <= goal.target_on and rng.random() < 0.3:
                self._serve(row, goal)
        for step in steps:
            near = [row for row in later if row.occurred_on >= step.due_on - timedelta(days=TICKED_NEAR)]
            if near and near[0].occurred_on >= step.due_on + timedelta(days=60):
                near = []
            if near and rng.random() > LATE:
                step.done_on = near[0].occurred_on
                self._serve(near[0], goal)
                self.ticked.append(
                    ActivityHousehold.goal_steps.through(activityhousehold_id=near[0].pk, goalstep_id=step.pk)
                )
            elif step.due_on < self.today - timedelta(days=14) and rng.random() > LATE:
                step.done_on = step.due_on

    def _serve(self, row, goal):
        link = ActivityHousehold.goals.through(activityhousehold_id=row.pk, goal_id=goal.pk)
        if all((one.activityhousehold_id, one.goal_id) != (row.pk, goal.pk) for one in self.served[-8:]):
            self.served.append(link)

    def _review(self, course, goal, day):
        """Close a goal whose indicator has risen, and some of those that lead nowhere."""
        rng, score = self.rng, course.standing.get(goal.code)
        if score.level and score.level > goal.from_level and score.assessed_on == day:
            state, pool = State.REACHED, "tercapai"
        elif (day - goal.started_on).days > LONGEST_GOAL or rng.random() < GIVEN_UP:
            state, pool = rng.choice([(State.CHANGED, "diganti"), (State.DROPPED, "dihentikan")])
        else:
            return
        goal.state, goal.closed_on = state, day
        goal.closed_reason = rng.choice(texts("kemandirian")["umum"][pool])
        self.open[goal.household_id].remove(goal)
        at = self._a_little_later(course.assessments[-1])
        by = course.assessments[-1].pendamping_id
        self._receipt(by, KIND_CLOSED, goal.closed_reason, at, op_id=self.log.op_id(at), about=goal.pk)

    def _defer(self, course, score, assessment):
        known = {(one.assessment_id, one.code) for one in self.deferrals[-40:]}
        if (score.assessment_id, score.code) in known:
            return
        at = self._a_little_later(assessment)
        deferral = Deferral(
            op_id=self.log.op_id(at),
            household_id=score.household_id,
            wilayah_id=course.family.row.wilayah_id,
            pendamping_id=assessment.pendamping_id,
            assessment_id=score.assessment_id,
            code=score.code,
            reason=fill(self.rng.choice(texts("kemandirian")[score.code]["belum"]), course.slots, self.rng),
            written_on=assessment.assessed_on,
        )
        self.deferrals.append(deferral)
        self._receipt(
            deferral.pendamping_id,
            KIND_NOT_YET,
            deferral.reason,
            at,
            op_id=deferral.op_id,
            about=deferral.household_id,
        )

    def _a_little_later(self, assessment):
        return assessment.received_at + timedelta(minutes=self.rng.randint(2, 25))

    def _receipt(self, author_id, kind, sent, at, *, op_id, about):
        self.log.receipt(author_id, kind, {"sent": sent}, at, op_id=op_id, about=about)
