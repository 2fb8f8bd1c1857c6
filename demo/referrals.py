"""Referrals in every state, with the family's yes, the moves on the way and what partners answered by their link.

Rows come out as roles.operations would have written them, but for their receipts, whose numbers
follow the order of arrival and are long given out.
"""

from collections import defaultdict
from datetime import timedelta
from hashlib import sha256
from random import Random

from kpm.models import Consent, Goal, Score
from pkh_casework.ids import uuid7
from resources.models import PartnerLink, Referral, ReferralMove, Resource
from resources.operations.answer import LINK_DAYS
from resources.operations.referral import DATED, MOVES, PLAN_DAYS

from .families import local_moment
from .wording import texts

State = Referral.State
BY_LINK, LATE_NOTE, WRITTEN = 0.5, 0.08, 0.4


def fill_referrals(today, families):
    """Store the referrals that are part of `families`. Needs goals, levels and resources."""
    writer = ReferralWriter(today)
    for family in families:
        if family.part.referral:
            writer.of(family)
    for model, rows in (
        (Consent, writer.consents),
        (Referral, writer.referrals),
        (ReferralMove, writer.moves),
        (PartnerLink, writer.links),
    ):
        model.objects.bulk_create(rows)


class ReferralWriter:
    """Collects rows; all chance comes from one seeded generator."""

    def __init__(self, today):
        self.rng, self.today = Random("rujukan"), today  # noqa: S311  made-up stories need no secrecy
        self.texts = texts("rujukan")
        self.referrals, self.moves, self.consents, self.links = [], [], [], []

        self.resources, self.goals, self.levels = {}, defaultdict(list), defaultdict(list)
        for goal in Goal.objects.order_by("-started_on", "pk"):
            self.goals[goal.household_id].append(goal)
        for score in Score.objects.standing().filter(level__isnull=False).order_by("level", "code"):
            self.levels[score.household_id].append(score.code)

    def of(self, family):
        """The referral of a family, for its newest goal, else for what is lowest, that a resource of its area lifts."""
        row, moves = family.row, family.part.referral
        known = self.resources.setdefault(row.wilayah_id, self._resources_of(row.wilayah_id))
        goals = {goal.code: goal for goal in reversed(self.goals[row.pk])}
        wanted = [goal.code for goal in self.goals[row.pk]] + self.levels[row.pk]
        code = next(code for code in wanted if code in known)
        self._write(family, code, goals.get(code), self.rng.choice(known[code]), moves)

    def _resources_of(self, area):
        """{indicator: the resources that lift it}."""
        known = defaultdict(list)
        for resource in Resource.objects.for_area(area).active().order_by("name", "pk"):
            for code in resource.lifts:
                known[code].append(resource)
        return known

    def _write(self, family, code, goal, resource, moves):
        rng, household, worker = self.rng, family.row, family.row.pendamping
        (_, planned_on), *moves = moves
        at = self._moment(worker, planned_on)
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
            goal=goal if goal and goal.started_on <= planned_on else None,
            code=code,
            need=rng.choice(needs.get(code, needs["lain"])),
            planned_on=planned_on,
            due_on=planned_on + timedelta(days=PLAN_DAYS),
        )
        self.referrals.append(referral)
        self._move(referral, State.PLANNED, planned_on, worker, op_id=referral.op_id)
        for name, day in moves:
            self._take(referral, name, day, worker, family.people[0].row)
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
