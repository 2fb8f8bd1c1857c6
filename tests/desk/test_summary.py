"""What was done on a day: by the figures that reports count, each opens its rows, and a koordinator sees the same."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine

from roles.models import ActivityHousehold
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory
from tests.queries import count_queries
from tests.referrals import make_referral

DAY = date(2026, 11, 20)
PAGE = "/hari-ini/ringkasan/"
NUMBER = re.compile(
    r'class="stat"\s+href="([^"]+)"><span class="stat__num">(\d+)</span>\s*<span class="stat__label">([^<]+)<'
)


@pytest.fixture(autouse=True)
def in_the_evening():
    with time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def day(db):
    """Sri met two families and missed one; kept a promise, began a referral. Yesterday and a colleague are others' days."""
    sri = UserFactory(name="Sri Wahyuni")
    families = [HouseholdFactory(pendamping=sri, name=f"Keluarga {number}") for number in range(3)]

    def visit(family, on=DAY):
        return ActivityFactory(pendamping=family.pendamping, families=[family], occurred_on=on)

    for family in families:
        visit(family)
    ActivityHousehold.objects.filter(household=families[2]).update(met=False)
    early = visit(families[0], DAY - timedelta(days=1))
    early.families.update(step_due_on=DAY, step_done_on=DAY)
    make_referral(families[1], "direncanakan", on=DAY)
    visit(HouseholdFactory(pendamping=UserFactory()))
    return sri, families


def numbers(page):
    return {words: (unescape(url), int(value)) for url, value, words in NUMBER.findall(page)}


def test_each_number_opens_its_rows_and_the_koordinator_sees_the_same(client, day):
    sri, _ = day
    client.force_login(sri)
    own = client.get(PAGE).content.decode()
    found = numbers(own)
    assert {words: value for words, (_, value) in found.items()} == {
        "bertemu": 2,
        "tidak bertemu": 1,
        "janji ditepati": 1,
        "rujukan dimulai": 1,
        "P2K2": 0,
        "kegiatan": 3,
    }
    assert "3 rumah, 2 bertemu, 1 tidak bertemu, 1 janji ditepati, 1 rujukan dimulai, 3 kegiatan" in own
    for words, (url, value) in found.items():
        page = client.get(url)
        assert (page.context["value"], len(page.context["rows"])) == (value, value), words
        assert "20 Nov 2026" in page.content.decode()

    client.force_login(UserFactory(koordinator=True))
    theirs = client.get(PAGE, {"pendamping": sri.pk}).content.decode()
    assert {words: value for words, (_, value) in numbers(theirs).items()} == {
        words: value for words, (_, value) in found.items()
    }
    for words, (url, value) in numbers(theirs).items():
        assert len(client.get(url).context["rows"]) == value, words


def test_another_day_is_in_the_address_and_one_to_come_is_today(client, day):
    client.force_login(day[0])
    assert numbers(client.get(PAGE, {"tanggal": "2026-11-19"}).content.decode())["bertemu"][1] == 1
    for odd in ("2026-11-21", "2026-02-31", "besok", ""):
        assert numbers(client.get(PAGE, {"tanggal": odd}).content.decode())["bertemu"][1] == 2, odd


def test_nobody_looks_at_the_day_of_one_who_is_not_theirs(client, day):
    sri, _ = day
    client.force_login(UserFactory())
    assert client.get(PAGE, {"pendamping": sri.pk}).status_code == 404
    client.force_login(UserFactory(koordinator=True, wilayah_id="3274"))
    assert client.get(PAGE, {"pendamping": sri.pk}).status_code == 404
    assert client.get(PAGE).url == "/laporan/siapa/"  # whose day it is has to be chosen first
    client.force_login(UserFactory(kelurahan=True))
    assert client.get(PAGE).status_code == 404


def test_a_day_without_anything_says_what_to_do(client, db):
    client.force_login(UserFactory())
    page = client.get(PAGE).content.decode()
    assert "Belum ada yang dicatat pada hari ini." in page and "/kegiatan/catat/" in page


def test_the_day_takes_as_many_statements_for_ten_houses_as_for_three(client, day):
    sri, _ = day
    client.force_login(sri)

    def queries():
        client.get(PAGE)
        with count_queries() as counted:
            client.get(PAGE)
        return len(counted)

    few = queries()
    for _ in range(7):
        ActivityFactory(pendamping=sri, families=[HouseholdFactory(pendamping=sri)], occurred_on=DAY)
    assert queries() == few <= 14, few


def test_the_meter_counts_families_met_at_home_this_month_beside_active_ones(client, db):
    sri = UserFactory()
    seen, gone = HouseholdFactory(pendamping=sri), HouseholdFactory(pendamping=sri, status="graduasi")
    HouseholdFactory(pendamping=sri)
    for family in (seen, seen, gone):
        ActivityFactory(pendamping=sri, families=[family], occurred_on=DAY - timedelta(days=2))
    client.force_login(sri)

    summary = client.get(PAGE).context["summary"]

    assert (summary.visited, summary.active) == (2, 2)
