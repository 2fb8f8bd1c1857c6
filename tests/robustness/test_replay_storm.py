"""Eight phones send the same 250 visits five times while worker processes are killed: each visit is stored once."""

import re
import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import count
from threading import Lock, Thread

import pytest
from django.db import connection
from django.db.models import Max

from entries.models import HeldEntry, Receipt
from kpm.models import Household
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold
from tests.factories import HouseholdFactory, UserFactory
from wilayah.clock import local_today

from .server import Browser, gunicorn, session_of

VISITS, TIMES, CLIENTS = 250, 5, 8
FAMILIES = 50  # few, so that visits to one family meet
KILLS, KILL_EVERY = 6, 175
TOLD = re.compile(r'data-op="([0-9a-f-]{36})".*?Kode tanda terima (\w{6})\.', re.DOTALL)


@pytest.fixture
def server(transactional_db, database_url, tmp_path):
    with gunicorn(database_url, tmp_path) as server:
        yield server


def visits_to(families):
    """What the phone sends for each visit; the days of one family's visits come in no order."""
    today = local_today(families[0].wilayah_id)
    for number in range(VISITS):
        family = families[number % FAMILIES]
        yield {
            "op_id": str(uuid7()),
            "kpm": family.case_number,
            f"met-{family.case_number}": "ya" if number % 7 else "tidak",
            "occurred_on": (today - timedelta(days=number * 13 % 40)).isoformat(),
            "kind": "kunjungan_rumah",
            "sub_role": "FAS-1",
            "notes": f"Kunjungan ke-{number}: melihat warung dan buku tabungan.",
        }


class Storm:
    """All deliveries, dealt out so that the five of one visit come from five phones at nearly the same time."""

    def __init__(self, server, visits, browsers):
        self.server, self.browsers = server, browsers
        deliveries = [visit for visit in visits for _ in range(TIMES)]
        self.shares = [deliveries[start::CLIENTS] for start in range(CLIENTS)]
        self.answers, self.kills, self.errors = [], 0, []
        self.lock, self.numbers = Lock(), count(1)

    def blow(self):
        threads = [
            Thread(target=self._send, args=pair) for pair in zip(self.browsers, self.shares, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, browser, share):
        try:
            for visit in share:
                answer = browser.post_until_answered("/kegiatan/catat/", visit)
                self._note(visit, answer)
        except Exception as error:  # noqa: BLE001  the test reads them
            self.errors.append(error)

    def _note(self, visit, answer):
        with self.lock:
            self.answers.append((visit["op_id"], visit["kpm"], answer.status, answer.place))
            if next(self.numbers) % KILL_EVERY == 0 and self.kills < KILLS:
                self.server.kill_a_worker()
                self.kills += 1


def codes_told(browsers):
    """{op_id: receipt codes}, from the messages that wait for each phone's next page."""
    told = {}
    for browser in browsers:
        page = browser.get("/lainnya/")
        assert page.status == 200
        for op_id, code in TOLD.findall(page.text):
            told.setdefault(op_id, []).append(code)
    return told


def test_a_storm_of_replays_and_killed_workers_stores_each_visit_once(server):
    pendamping = UserFactory()
    families = HouseholdFactory.create_batch(FAMILIES, pendamping=pendamping)
    visits = list(visits_to(families))
    with ExitStack() as phones:
        browsers = [
            phones.enter_context(closing(Browser(server.port, session=session_of(pendamping))))
            for _ in range(CLIENTS)
        ]
        for browser in browsers:
            assert browser.get("/kegiatan/catat/").status == 200
        connection.close()

        storm, begun = Storm(server, visits, browsers), time.monotonic()
        storm.blow()
        seconds = time.monotonic() - begun
        told = codes_told(browsers)

    statuses = Counter(status for _, _, status, _ in storm.answers)
    cut = sum(browser.cut for browser in browsers)
    print(
        f"\n{VISITS} visits x {TIMES} from {CLIENTS} clients in {seconds:.1f} s: answers {dict(statuses)}, "
        f"{storm.kills} workers killed, {cut} connections cut and repeated; stored {Activity.objects.count()} "
        f"activities, {ActivityHousehold.objects.count()} rows, {Receipt.objects.count()} receipts"
    )
    assert storm.errors == []
    assert storm.kills == KILLS
    assert statuses == {302: VISITS * TIMES}, server.log.read_text()[-4000:]
    assert all(place == f"/kpm/{case}/" for _, case, _, place in storm.answers)

    sent = {visit["op_id"] for visit in visits}
    for model in (Activity, Receipt):
        assert sorted(map(str, model.objects.values_list("op_id", flat=True))) == sorted(sent)
    assert ActivityHousehold.objects.count() == VISITS
    assert ActivityHousehold.objects.values("activity").distinct().count() == VISITS
    assert not HeldEntry.objects.exists()

    stored = {str(receipt.op_id): receipt.code for receipt in Receipt.objects.all()}
    assert {op_id: set(codes) for op_id, codes in told.items()} == {
        op_id: {code} for op_id, code in stored.items()
    }
    assert all(len(codes) >= TIMES for codes in told.values())

    latest = ActivityHousehold.objects.home_visits().values_list("household").annotate(Max("occurred_on"))
    assert dict(Household.objects.values_list("pk", "last_visited_on")) == dict(latest)
