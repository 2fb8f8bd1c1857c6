"""Three months of verified commitments: most children in class, some below the limit, a few babies not weighed."""

import random
from decimal import ROUND_DOWN, Decimal

from kpm.models import Component
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from roles.commitments.people import bound_by, components_in
from roles.models import Commitment

from .calendar import last_workday, workday
from .copying import store
from .families import local_moment
from .script import SEED

MONTHS = 3
DAYS = (19, 23)  # school days of a month
BELOW, STAYED_AWAY, NOT_TOLD = 0.04, 0.03, 0.1
LEAST = 85  # the limit, below which BELOW of the pupils fall
State = Commitment.State


def fill_commitments(today, workers):
    """Store what was verified of the families of `workers` (pendamping) in the last whole months, the newest yesterday."""
    rng = random.Random(SEED)  # noqa: S311  made-up people need no secrecy
    rows = []
    for turn in range(MONTHS, 0, -1):
        month = months_after(today.replace(day=1), -turn)
        told_on = last_workday(today) if turn == 1 else workday(rng, months_after(month, 1).replace(day=9))
        effective = rng.randint(*DAYS)
        for worker in workers:
            people = bound_by(components_in(worker, month), month)
            people.sort(key=lambda one: (one.member.pk, one.rule.kind_id))
            moment = local_moment(worker.wilayah_id, told_on, 15, 30)
            for one in people:
                if one.rule.kind.category != Component.Category.WELFARE and rng.random() >= NOT_TOLD:
                    rows.append(_row(rng, one, worker, month, told_on, moment, effective))
    store(Commitment, rows)


def _row(rng, one, worker, month, told_on, moment, effective):
    said = _attendance(rng, effective) if one.rule.least_percent else _check(rng, one.rule)
    milliseconds = int(moment.timestamp() * 1000)
    return Commitment(
        id=uuid7(milliseconds, rng.randbytes),
        household=one.household,
        member=one.member,
        wilayah_id=one.household.wilayah_id,
        pendamping=worker,
        kind_id=one.rule.kind_id,
        component_id=one.rule.component_id,
        month=month,
        place=one.place,
        source=Commitment.Source.TYPED,
        by=worker,
        op_id=uuid7(milliseconds, rng.randbytes),
        recorded_on=told_on,
        **said,
    )


def _attendance(rng, effective):
    missed = rng.randint(4, 8) if rng.random() < BELOW else rng.choice((0, 0, 0, 1, 1, 2))
    ill = rng.randint(0, missed)
    leave = rng.randint(0, missed - ill)
    percent = (Decimal(100 * (effective - missed)) / effective).quantize(Decimal("0.01"), ROUND_DOWN)
    return {
        "effective_days": effective,
        "absent": missed - ill - leave,
        "leave": leave,
        "ill": ill,
        "percent": percent,
        "state": State.KEPT if percent >= LEAST else State.NOT_KEPT,
    }


def _check(rng, rule):
    came = rng.random() >= STAYED_AWAY
    late = State.NOT_KEPT if rule.within_months == 1 else State.OPEN
    return {"came": came, "state": State.KEPT if came else late}
