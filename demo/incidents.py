"""Kasus of each pendamping, one in every state, as data/kasus.toml tells them; the notes to them are sealed.

Rows come out as roles.operations would have written them, but for their receipts, whose numbers follow the order of
arrival and are long given out.
"""

import random
from datetime import timedelta

from kpm.models import Assignment
from pkh_casework.access import KOORDINATOR
from pkh_casework.ids import uuid7
from roles.models import Incident, IncidentKind, IncidentMove, IncidentNote, IncidentStep
from roles.operations.incident import MOVES

from .copying import store
from .families import local_moment
from .script import SEED
from .wording import texts

EVERY = 9  # the families that have one lie so many apart
State = Incident.State


def fill_incidents(today, users, workers):
    """Store the kasus of the `workers` (pendamping) as of `today`; needs families and who holds them."""
    teller = _Teller(today, users["koordinator.kiaracondong"])
    stories = texts("kasus")["kasus"]
    longest = today - timedelta(days=max(story["ago"] for story in stories) + 1)
    for worker in workers:
        held = Assignment.objects.filter(pendamping=worker, to_on=None, from_on__lte=longest)
        held = held.filter(household__status="aktif").select_related("household").order_by("household")
        families = [term.household for term in held[: EVERY * len(stories)]]
        apart = max(1, len(families) // len(stories))
        for story, family in zip(stories, families[::apart], strict=False):
            teller.tell(family, worker, story)
    for model, rows in (
        (Incident, teller.incidents),
        (IncidentMove, teller.moves),
        (IncidentStep, teller.steps),
        (IncidentNote, teller.notes),
    ):
        store(model, rows)


class _Teller:
    """Collects rows; all chance comes from one seeded generator."""

    def __init__(self, today, koordinator):
        self.today, self.koordinator = today, koordinator
        self.rng = random.Random(SEED)  # noqa: S311  made-up stories need no secrecy
        self.kinds = IncidentKind.objects.in_bulk()
        self.incidents, self.moves, self.steps, self.notes = [], [], [], []

    def tell(self, family, worker, story):
        """One kasus of `family` with all that hangs on it."""
        kind, reported_on = self.kinds[story["kind"]], self._ago(story["ago"])
        at = self._moment(worker, reported_on)
        incident = Incident(
            id=self._id(at),
            op_id=self._id(at),
            household=family,
            wilayah_id=family.wilayah_id,
            pendamping=worker,
            kind=kind,
            what=story["what"],
            reported_by=story["reported_by"],
            happened_on=reported_on,
            reported_on=reported_on,
            due_on=reported_on + timedelta(days=kind.days),
            state=State.NEW,
        )
        self.incidents.append(incident)
        self._move(incident, reported_on, worker, op_id=incident.op_id)
        for name, ago, words in story["moves"]:
            self._take(incident, name, self._ago(ago), worker, words, story)
        for text, whom, ago, done in story["steps"]:
            due_on = self._ago(ago)
            self.steps.append(
                IncidentStep(
                    id=self._id(at),
                    op_id=self._id(at),
                    incident=incident,
                    household=family,
                    text=text,
                    whom=whom,
                    due_on=due_on,
                    done_on=due_on if done else None,
                )
            )
        if words := story.get("note"):
            note = IncidentNote(
                id=self._id(at), op_id=self._id(at), incident=incident, household=family, by=worker, at=at
            )
            note.write(words)
            self.notes.append(note)

    def _take(self, incident, name, day, worker, words, story):
        move = MOVES[name]
        by = self.koordinator if move.whose == KOORDINATOR else worker
        incident.state = move.target
        incident.waits_for = story["waits_for"] if name == "tunggu" else ""
        incident.waits_since = day if name == "tunggu" else None
        if name in {"putuskan", "tetapkan"}:
            incident.decision, incident.decided_on, incident.decided_with = words, day, by
            incident.decided_by = story.get("decided_by", by.name)
            incident.due_on = day + timedelta(days=incident.kind.tell_days)
        elif name == "selesai":
            incident.told_on = day
        elif name == "keberatan":
            incident.appealed_on, incident.appeal_reason, incident.told_on = day, words, None
            incident.due_on = day + timedelta(days=incident.kind.appeal_days)
        elif name == "tutup":
            incident.decided_with = by
        incident.ended_on = None if incident.is_open else day
        self._move(incident, day, by, words=words)

    def _move(self, incident, day, by, *, words="", op_id=None):
        at = self._moment(incident.pendamping, day)
        told = {
            State.WAITING: f"{incident.get_waits_for_display()}: {words}",
            State.DECIDED: words if by == self.koordinator else f"{incident.decided_by}: {words}",
        }
        self.moves.append(
            IncidentMove(
                op_id=op_id or self._id(at),
                incident=incident,
                household=incident.household,
                to_state=incident.state,
                happened_on=day,
                by=by,
                reason=told.get(incident.state, words),
                at=at + timedelta(seconds=len(self.moves) % 3600),
            )
        )

    def _ago(self, days):
        return self.today - timedelta(days=days)

    def _moment(self, worker, day):
        return local_moment(worker.wilayah_id, day, self.rng.randint(8, 15), self.rng.randint(0, 59))

    def _id(self, moment):
        return uuid7(int(moment.timestamp() * 1000), self.rng.randbytes)
