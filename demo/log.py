"""Turns what happened into rows of `roles` and receipts of `entries`, as the app itself would have written them."""

from datetime import timedelta

from django.urls import reverse

from entries.models import Receipt
from entries.operations import content_hash
from pkh_casework.ids import uuid7
from pkh_casework.templatetags.formats import tanggal
from roles.models import Activity, ActivityHousehold
from roles.operations.activity import KIND_OF_ENTRY

from .families import local_moment
from .story import CALL, VISIT

NEXT_MORNING = 0.07


def sent_form(*, day, kind, sub_role, notes, outcome="", step="", due=None, place="", families=(), people=()):
    """The fields that the log form would have sent, {name: [text]}; `families` are (Family, met, done), `people` Persons."""
    cases = [(family.row.case_number, met) for family, met, _ in families]
    fields = {
        "kpm": [case for case, _ in cases],
        **{f"met-{case}": ["ya" if met else "tidak"] for case, met in cases},
        "member": [str(person.row.pk) for person in people],
        "occurred_on": [day.isoformat()],
        "kind": [kind],
        "sub_role": [sub_role],
        "notes": [notes],
        "outcome": [outcome],
        "next_step": [step],
        "next_step_on": [due.isoformat() if due else ""],
        "place": [place],
    }
    return {name: values for name, values in fields.items() if any(values)}


def held_visit(fields, day):
    """The payload of a visit that is held, of the `fields` (sent_form) that it was sent in on the day `day`."""
    return {
        "path": reverse("roles:activity_create"),
        "fields": fields,
        "title": "Catat kegiatan",
        "facts": [
            ("Keluarga", ", ".join(fields["kpm"])),
            ("Tanggal", tanggal(day)),
            ("Apa yang dilakukan", fields["notes"][0]),
            *([("Hasil", fields["outcome"][0])] if "outcome" in fields else []),
        ],
        "files": [],
    }


class Log:
    """Collects activities with their families and receipts; `today` bounds the moments of receipt."""

    def __init__(self, rng, today):
        self.rng, self.today = rng, today
        self.activities, self.rows, self.concerned, self.receipts = [], [], [], []

    def add(self, worker, *, families=(), people=(), group=None, wilayah=None, **entry):
        """Record one activity of `worker` (arguments as for `sent_form`); returns the Activity."""
        day, area = entry["day"], wilayah or worker.wilayah
        received_at = self.received(area.code, day)
        activity = Activity(
            id=self.id_at(received_at),
            op_id=self.op_id(received_at),
            pendamping_id=worker.pk,
            wilayah_id=area.code,
            occurred_on=day,
            kind_id=entry["kind"],
            sub_role_id=entry["sub_role"],
            group=group,
            place=entry.get("place", ""),
            notes=entry["notes"],
            outcome=entry.get("outcome", ""),
            next_step=entry.get("step", ""),
            next_step_on=entry.get("due"),
            received_at=received_at,
        )
        self.activities.append(activity)
        for family, met, done in families:
            self._family_row(activity, family, met, done, people)
        content = {"sent": str(activity.op_id)}
        self.receipt(worker.pk, KIND_OF_ENTRY, content, received_at, op_id=activity.op_id, about=activity.pk)
        return activity

    def op_id(self, received_at):
        """The id that a phone made a little before the server received the entry."""
        return self.id_at(received_at - timedelta(seconds=self.rng.randint(40, 400)))

    def receipt(self, author_id, kind, content, received_at, *, op_id, about):
        """The server's word for one entry; `content` is what its operation hashes, `about` the id of its object."""
        self.receipts.append(
            Receipt(
                op_id=op_id,
                author_id=author_id,
                kind=kind,
                content_hash=content_hash(content),
                received_at=received_at,
                object_id=about,
            )
        )

    def _family_row(self, activity, family, met, done, people):
        is_visit = activity.kind_id == VISIT
        row = ActivityHousehold(
            id=self.id_at(activity.received_at),
            activity_id=activity.pk,
            household_id=family.row.pk,
            pendamping_id=activity.pendamping_id,
            wilayah_id=family.row.wilayah_id,
            occurred_on=activity.occurred_on,
            is_visit=is_visit,
            is_call=activity.kind_id == CALL,
            met=met,
            step_due_on=activity.next_step_on,
            step_done_on=done,
        )
        self.rows.append(row)
        link = ActivityHousehold.members.through
        self.concerned += [
            link(activityhousehold_id=row.pk, member_id=person.row.pk)
            for person in people
            if person.row.household_id == family.row.pk
        ]
        if is_visit and met:
            family.row.last_visited_on = max(family.row.last_visited_on or row.occurred_on, row.occurred_on)

    def received(self, code, day):
        """The evening of the day, now and then the next morning; never later than yesterday."""
        rng = self.rng
        tomorrow = day + timedelta(days=1)
        if tomorrow < self.today and rng.random() < NEXT_MORNING:
            return local_moment(code, tomorrow, 7, rng.randint(0, 59))
        return local_moment(code, day, rng.randint(15, 20), rng.randint(0, 59))

    def id_at(self, moment):
        return uuid7(int(moment.timestamp() * 1000) + self.rng.randint(0, 59_999), self.rng.randbytes)
