"""Referrals in every state, with the family's yes, the moves on the way and what partners answered by their link.

Rows come out as roles.operations would have written them, but for their receipts, whose numbers
follow the order of arrival and are long given out.
"""

from datetime import timedelta
from hashlib import sha256
from random import Random

from kpm.models import Assignment, Consent, Goal, Household, Member
from pkh_casework.ids import uuid7
from resources.models import Resource
from roles.models import PartnerLink, Referral, ReferralMove
from roles.operations.answer import LINK_DAYS
from roles.operations.referral import DATED, MOVES, PLAN_DAYS

from .calendar import workday
from .families import local_moment
from .wording import texts

State = Referral.State
# What each pendamping has: the moves taken, how many of them, and since how many days the last one (least, most).
# Past the move's own days an open referral is overdue.
STORIES = (
    ((), 3, (0, 5)),
    ((), 1, (9, 20)),
    (("ajukan",), 4, (1, 12)),
    (("ajukan",), 2, (16, 34)),
    (("ajukan", "terima"), 3, (0, 6)),
    (("ajukan", "terima"), 1, (10, 16)),
    (("ajukan", "terima", "mulai"), 3, (3, 28)),
    (("ajukan", "terima", "mulai"), 1, (33, 50)),
    (("ajukan", "terima", "mulai", "selesai"), 8, (10, 240)),
    (("ajukan", "terima", "selesai"), 4, (10, 240)),
    (("ajukan", "tolak"), 4, (5, 240)),
    (("ajukan", "terima", "gagal"), 2, (10, 200)),
    (("batalkan",), 1, (5, 100)),
    (("ajukan", "batalkan"), 1, (5, 60)),
)
PAUSES = {"ajukan": (1, 8), "terima": (1, 16), "tolak": (2, 20), "mulai": (3, 14), "selesai": (14, 60)}
OTHER_PAUSE = (3, 20)
BY_LINK, LATE_NOTE, WRITTEN = 0.5, 0.08, 0.4


def fill_referrals(today, workers):
    """Store the referrals of all families held by `workers`. Needs goals and resources."""
    writer = Writer(today)
    for worker in sorted(workers, key=lambda user: user.username):
        writer.of(worker)
    for model, rows in (
        (Consent, writer.consents),
        (Referral, writer.referrals),
        (ReferralMove, writer.moves),
        (PartnerLink, writer.links),
    ):
        model.objects.bulk_create(rows)


class Writer:
    """Collects rows; all chance comes from one seeded generator."""

    def __init__(self, today):
        self.rng, self.today = Random("rujukan"), today  # noqa: S311  made-up stories need no secrecy
        self.texts = texts("rujukan")
        self.referrals, self.moves, self.consents, self.links = [], [], [], []

    def of(self, worker):
        """A pendamping's referrals, each of another family, most of them for a goal of it."""
        rng, taken = self.rng, set()
        goals = Goal.objects.filter(
            household__in=Household.objects.active().filter(pendamping=worker), started_on__lt=self.today
        ).select_related("household")
        goals = list(goals.order_by("-started_on", "pk"))
        rng.shuffle(goals)
        since = dict(
            Assignment.objects.filter(pendamping=worker, to_on=None).values_list("household", "from_on")
        )
        givers = {
            member.household_id: member
            for member in Member.objects.filter(household__pendamping=worker, pengurus_terms__to_on=None)
        }
        resources = list(Resource.objects.for_area(worker.wilayah_id).active().order_by("name", "pk"))
        for way, count, ago in STORIES:
            for _ in range(count):
                days = self._days(way, ago)
                goal, resource = self._chosen(goals, resources, taken, since, days[0])
                if goal is None:
                    return
                taken.add(goal.household_id)
                self._write(worker, goal, resource, givers[goal.household_id], way, days)

    def _days(self, way, ago):
        """The day of the plan and of each move, the last one some days `ago`."""
        rng = self.rng
        days = [workday(rng, self.today - timedelta(days=rng.randint(*ago)))]
        for name in reversed(way):
            days.insert(
                0, workday(rng, days[0] - timedelta(days=rng.randint(*PAUSES.get(name, OTHER_PAUSE))))
            )
        return days

    def _chosen(self, goals, resources, taken, since, day):
        """(Goal, Resource) of a family that was held on `day` and has none of these yet."""
        for goal in goals:
            family = goal.household_id
            fitting = [resource for resource in resources if goal.code in resource.lifts]
            if fitting and family not in taken and since.get(family, self.today) <= day:
                return goal, self.rng.choice(fitting)
        return None, None

    def _write(self, worker, goal, resource, giver, way, days):
        rng, household, at = self.rng, goal.household, self._moment(worker, days[0])
        needs = self.texts["kebutuhan"]
        referral = Referral(
            id=self._id(at),
            op_id=self._id(at),
            household=household,
            wilayah_id=household.wilayah_id,
            pendamping=worker,
            resource=resource,
            partner_id=resource.partner_id,
            # An earlier plan than the goal was for the same need, before it was written down.
            goal=goal if goal.started_on <= days[0] else None,
            code=goal.code,
            need=rng.choice(needs.get(goal.code, needs["lain"])),
            planned_on=days[0],
            due_on=days[0] + timedelta(days=PLAN_DAYS),
        )
        self.referrals.append(referral)
        self._move(referral, State.PLANNED, days[0], worker, op_id=referral.op_id)
        for name, day in zip(way, days[1:], strict=True):
            self._take(referral, name, day, worker, giver)
        if referral.state == State.SENT:
            self._link(referral, worker)

    def _take(self, referral, name, day, worker, giver):
        rng, move = self.rng, MOVES[name]
        if name == "ajukan":
            referral.consent = self._consent(referral, worker, giver, day)
        withdrawn = name == "batalkan" and referral.consent is not None
        note = rng.choice(self.texts["kata"]["tarik" if withdrawn else name])
        if withdrawn:
            referral.consent.withdrawn_on = day
        by_link = move.by_partner and rng.random() < BY_LINK
        self._move(referral, move.target, day, None if by_link else worker, note=note)
        if by_link:
            self._link(referral, worker, answered_on=day)
        if move.by_partner and not by_link and rng.random() < LATE_NOTE:
            late = rng.choice(self.texts["kata"]["terlambat"])
            self._move(referral, move.target, day, None, note=late, counts=False)
        referral.state = move.target
        referral.due_on = day + timedelta(days=move.due_days) if move.due_days else None
        referral.ended_on = None if move.due_days else day
        if column := DATED.get(move.target):
            setattr(referral, column, day)
        if move.target == State.DONE:
            referral.outcome = note

    def _consent(self, referral, worker, giver, day):
        how = Consent.How.WRITTEN if self.rng.random() < WRITTEN else Consent.How.SPOKEN
        consent = Consent(
            op_id=self._id(self._moment(worker, day)),
            household=referral.household,
            wilayah_id=referral.wilayah_id,
            text_id="rujukan-1",
            given_by=giver,
            how=how,
            given_on=day,
            taken_by=worker,
        )
        self.consents.append(consent)
        return consent

    def _move(self, referral, state, day, by, *, note="", counts=True, op_id=None):
        at = self._moment(referral.pendamping, day)
        self.moves.append(
            ReferralMove(
                op_id=op_id or self._id(at),
                referral=referral,
                household=referral.household,
                to_state=state,
                happened_on=day,
                by=by,
                answered_by="" if by else self.rng.choice(self.texts["kata"]["mitra"]),
                reason=note,
                counts=counts,
                at=at + timedelta(seconds=len(self.moves) % 3600),
            )
        )

    def _link(self, referral, worker, *, answered_on=None):
        """The link by which the partner answered on `answered_on`, or still may."""
        made_at = self._moment(worker, referral.sent_on)
        opened = answered_on is not None or self.rng.random() < 0.5
        answered_at = self._moment(worker, answered_on) if answered_on else None
        self.links.append(
            PartnerLink(
                referral=referral,
                secret_hash=sha256(self.rng.randbytes(32)).hexdigest(),
                made_by=worker,
                made_at=answered_at - timedelta(days=1) if answered_at else made_at,
                expires_at=(answered_at or made_at) + timedelta(days=LINK_DAYS),
                opened_at=answered_at or (made_at + timedelta(hours=2) if opened else None),
                answered_at=answered_at,
            )
        )

    def _moment(self, worker, day):
        return local_moment(worker.wilayah_id, day, self.rng.randint(8, 15), self.rng.randint(0, 59))

    def _id(self, moment):
        return uuid7(int(moment.timestamp() * 1000), self.rng.randbytes)
