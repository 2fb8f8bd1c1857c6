"""Whatever the order of sending, resending, handing over, locking and correcting: nothing twice and nothing lost."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import pytest
from django.db import transaction
from django.db.models import Max
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from entries.models import HeldEntry, Period, Receipt
from kpm.models import Household
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold
from tests.factories import KEBON_JAYANTI, HouseholdFactory, UserFactory
from tests.held import visit_to

TODAY = date(2026, 11, 20)
# The last one is refused beside its field.
DAYS = [date(2026, 9, 29), date(2026, 10, 31), date(2026, 11, 1), TODAY, TODAY + timedelta(days=1)]
LOG = reverse("roles:activity_create")
ACTS = ["send", "send", "send_other", "resend", "resend", "correct", "hand_over", "hand_over", "lock"]

STEPS = st.fixed_dictionaries(
    {
        "act": st.sampled_from(ACTS),
        "pick": st.integers(0, 99),  # which of the earlier submissions
        "author": st.sampled_from(["holder", "holder", "holder", 0, 1]),
        "day": st.sampled_from(DAYS),
        # which of the three families, and whether each was met
        "met": st.dictionaries(st.integers(0, 2), st.booleans(), min_size=1, max_size=2),
    }
)


@dataclass(frozen=True)
class Submission:
    """One tap on Simpan: by which author, to which address, what was typed (the notes are those of no other tap)."""

    author: int
    address: str
    fields: dict
    accepted: bool


class Fieldwork:
    """Two pendamping with three families that pass between them; every submission goes through the real pages."""

    def __init__(self, authors, koordinator, families):
        self.authors, self.koordinator, self.families = authors, koordinator, families
        self.clients = [Client(), Client()]
        for client, author in zip(self.clients, authors, strict=True):
            client.force_login(author)
        self.numbers, self.mornings = count(1), count(1)
        self.submissions, self.seen = [], Counter()

    def do(self, step):
        """One step of somebody; those that need an earlier submission begin with a first one."""
        act = step["act"]
        self.seen[act] += 1
        earlier = self.submissions[step["pick"] % len(self.submissions)] if self.submissions else None
        if act == "hand_over":
            self._hand_over(next(iter(step["met"])))
        elif act == "lock":
            self._lock(step["day"])
        elif act == "send" or earlier is None:
            self._submit(step, LOG, uuid7())
        elif act == "send_other":
            self._submit(step, LOG, earlier.fields["op_id"])
        elif act == "resend":
            self._resend(earlier)
        elif activity := Activity.objects.filter(op_id=earlier.fields["op_id"]).first():
            author = self.authors.index(activity.pendamping)
            self._submit(step, reverse("roles:activity_edit", args=[activity.pk]), uuid7(), author=author)

    def _submit(self, step, address, op_id, *, author=None):
        cases = {self.families[number].case_number: met for number, met in step["met"].items()}
        if author is None and step["author"] == "holder":
            holder = Household.objects.get(case_number=next(iter(cases))).pendamping
            author = self.authors.index(holder)
        elif author is None:
            author = step["author"]
        fields = {
            "op_id": str(op_id),
            "kpm": list(cases),
            **{f"met-{case}": "ya" if met else "tidak" for case, met in cases.items()},
            "occurred_on": step["day"].isoformat(),
            "kind": "kunjungan_rumah",
            "sub_role": "FAS-1",
            "notes": f"Melihat warung, kata-{next(self.numbers)}.",
        }
        accepted = self._post(author, address, fields)
        self.submissions.append(Submission(author, address, fields, accepted))
        if accepted and address == LOG:
            assert self._families_kept(fields) == set(cases.items())

    def _resend(self, submission):
        before = self._stored()
        self._post(submission.author, submission.address, submission.fields)
        if submission.accepted:
            assert self._stored() == before

    def _post(self, author, address, fields):
        """Whether the entry was accepted; when not, the page still shows what was typed."""
        response = self.clients[author].post(address, fields)
        if response.status_code == 302:
            return True
        assert response.status_code == 200
        assert fields["notes"] in response.content.decode()
        return False

    def _hand_over(self, number):
        household = Household.objects.get(pk=self.families[number].pk)
        other = self.authors[1 - self.authors.index(household.pendamping)]
        assign(household, to=other, by=self.koordinator, on=TODAY + timedelta(days=next(self.mornings)))

    def _lock(self, day):
        Period.objects.update_or_create(
            wilayah_id=KEBON_JAYANTI, month=day.replace(day=1), defaults={"state": Period.State.LOCKED}
        )

    def _stored(self):
        models = (Activity, Activity.pgh_event_model, ActivityHousehold, Receipt, HeldEntry)
        return [sorted(map(str, model.objects.values_list())) for model in models]

    def _families_kept(self, fields):
        """{(case number, met)} of a new submission, stored or held."""
        rows = ActivityHousehold.objects.filter(
            activity__op_id=fields["op_id"], activity__notes=fields["notes"]
        )
        kept = set(rows.values_list("household__case_number", "met"))
        held = HeldEntry.objects.filter(op_id=fields["op_id"], payload__fields__notes__0=fields["notes"])
        for sent in held.values_list("payload__fields", flat=True):
            kept |= {(case, sent[f"met-{case}"] == ["ya"]) for case in sent["kpm"]}
        return kept

    # --- what must hold after every step ---------------------------------------------------------------------------

    def check(self):
        self._each_id_is_taken_once()
        self._whatever_was_accepted_is_kept()
        self._the_last_visit_is_the_latest_row()

    def _each_id_is_taken_once(self):
        sent = {submission.fields["op_id"] for submission in self.submissions}
        for model in (Activity, Receipt):
            taken = Counter(str(op_id) for op_id in model.objects.values_list("op_id", flat=True))
            assert set(taken.values()) <= {1} and taken.keys() <= sent
        rows = Counter(ActivityHousehold.objects.values_list("activity", "household"))
        assert set(rows.values()) <= {1}

    def _whatever_was_accepted_is_kept(self):
        kept = {
            *Activity.objects.values_list("notes", flat=True),
            *Activity.pgh_event_model.objects.values_list("notes", flat=True),
            *HeldEntry.objects.values_list("payload__fields__notes__0", flat=True),
        }
        for submission in self.submissions:
            assert submission.fields["notes"] in kept or not submission.accepted, submission

    def _the_last_visit_is_the_latest_row(self):
        visits = ActivityHousehold.objects.home_visits().values_list("household")
        latest = dict(visits.annotate(Max("occurred_on")))
        for pk, last in Household.objects.values_list("pk", "last_visited_on"):
            assert last == latest.get(pk)


@pytest.fixture
def today(monkeypatch):
    for module in ("roles.forms.activity", "roles.views.activity", "desk.views"):
        monkeypatch.setattr(f"{module}.local_today", lambda code=None: TODAY)


def test_in_any_order_nothing_is_stored_twice_and_nothing_is_lost(db, today):
    first, second = UserFactory.create_batch(2)
    koordinator = UserFactory(koordinator=True)
    families = [HouseholdFactory(pendamping=author) for author in (first, first, second)]
    seen = Counter()

    @settings(
        max_examples=15,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(STEPS, min_size=10, max_size=16))
    def run(steps):
        with transaction.atomic():
            fieldwork = Fieldwork([first, second], koordinator, families)
            for step in steps:
                fieldwork.do(step)
                fieldwork.check()
            seen.update(fieldwork.seen)
            seen.update(HeldEntry.objects.values_list("reason", flat=True))
            seen["accepted"] += sum(submission.accepted for submission in fieldwork.submissions)
            transaction.set_rollback(True)  # each run starts from the same rows

    run()

    print(f"\n{dict(seen)}")
    # The steps met all that can happen, so that the checks were about something.
    elsewhere = {HeldEntry.Reason.TOO_LATE, HeldEntry.Reason.BACKUP}
    assert set(ACTS) | set(HeldEntry.Reason) - elsewhere <= set(seen)


def test_a_resend_that_no_longer_passes_the_form_is_still_what_was_taken(client, db, today, monkeypatch):
    family = HouseholdFactory()
    client.force_login(family.pendamping)
    fields = visit_to(family, on=TODAY)
    assert client.post(LOG, fields).status_code == 302
    monkeypatch.setattr("roles.forms.activity.local_today", lambda code=None: TODAY + timedelta(days=400))

    again, other = client.post(LOG, fields), client.post(LOG, {**fields, "notes": "Warung tutup."})

    assert again.status_code == 302
    assert other.status_code == 200
    assert "Warung tutup." in other.content.decode()
    assert (Activity.objects.count(), HeldEntry.objects.count()) == (1, 0)
