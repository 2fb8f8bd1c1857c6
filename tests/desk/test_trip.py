"""The sheet of one walk through an RT: who is due, who will be soon, what to ask for at the door; on paper too."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse

from entries.models import AccessLog
from tests.factories import HouseholdFactory, UserFactory
from tests.incidents import make_incident
from tests.queries import count_queries

DAY = date(2026, 11, 20)
PAGE, PAPER = "/hari-ini/jalan/", "/hari-ini/jalan/cetak/"
HERE = {"rw": 5, "rt": 3}


@pytest.fixture(autouse=True)
def on_the_day():
    with time_machine.travel(datetime(2026, 11, 20, 3, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def sri(client, db):
    user = UserFactory(name="Sri Wahyuni")
    client.force_login(user)
    return user


def family(user, days, **fields):
    place = {"rw": 5, "rt": 3, "latitude": "-6.92", "longitude": "107.64", "phone": "081234567890"}
    return HouseholdFactory(pendamping=user, last_visited_on=DAY - timedelta(days=days), **(place | fields))


def sheet(client, **asked):
    trip = client.get(PAGE, asked or HERE).context["trip"]
    return [{house.family.name: house for house in part} for part in (trip.due, trip.soon, trip.others)]


def test_the_rts_are_offered_with_how_many_are_due_and_each_opens_as_many(client, sri):
    family(sri, 40)
    family(sri, 50)
    family(sri, 40, rt=1)
    family(sri, 40, rw=None, rt=None, dusun="Sari")
    family(sri, 3, rt=9)

    page = client.get(PAGE)

    assert page.context["places"] == [((5, 1), 1), ((5, 3), 2), ((0, 0), 1)]
    for (rw, rt), number in page.context["places"]:
        assert f'href="?rw={rw}&amp;rt={rt}"' in page.content.decode()
        assert len(sheet(client, rw=rw, rt=rt)[0]) == number


def test_neighbours_who_are_due_soon_and_what_is_missing_stand_on_the_sheet(client, sri):
    family(sri, 40, name="Lama")
    family(sri, 25, name="Sebentar lagi")
    family(sri, 2, name="Lengkap")
    family(sri, 2, name="Tanpa HP", phone="")
    family(sri, 2, name="Tanpa titik", latitude=None, longitude=None)
    family(sri, 25, name="RT lain", rt=4)
    family(UserFactory(), 40, name="Orang lain")

    due, soon, others = sheet(client)

    assert list(due) == ["Lama"] and due["Lama"].line == "40 hari belum dikunjungi"
    assert list(soon) == ["Sebentar lagi"]
    assert "Orang lain" not in {**due, **soon, **others} and "RT lain" not in {**due, **soon, **others}
    assert "nomor HP" in others["Tanpa HP"].missing and "titik rumah" in others["Tanpa titik"].missing
    assert "nomor HP" not in others["Tanpa titik"].missing


def test_the_paper_names_no_kasus_and_is_kept_in_the_trail(client, sri, monkeypatch):
    home = family(sri, 40, name="Lama")
    make_incident(home, kind="bansos", on=DAY - timedelta(days=30))
    printed = []
    monkeypatch.setattr("desk.views.pdf_response", lambda *paper: printed.append(paper) or _answer())

    assert "kasus lewat" in client.get(PAGE, HERE).content.decode()
    client.get(PAPER, HERE)

    (_, data, name) = printed[0]
    assert data["parts"][0]["houses"][0]["why"] == "40 hari, perlu bicara berdua"
    assert "kasus" not in str(data) and name == "lembar-jalan-2026-11-20.pdf"
    assert AccessLog.objects.get().fields == ["lembar jalan RT 03, RW 05"]


def _answer():
    return HttpResponse()


def test_the_paper_is_a_pdf_and_asks_for_an_rt(client, sri):
    family(sri, 40)
    assert client.get(PAPER, HERE).content.startswith(b"%PDF")
    assert client.get(PAPER)["Location"] == "/hari-ini/jalan/"


def test_the_sheet_takes_as_many_statements_for_thirty_houses_as_for_one(client, sri):
    def queries():
        client.get(PAGE, HERE)
        with count_queries() as counted:
            client.get(PAGE, HERE)
        return len(counted)

    family(sri, 40)
    few = queries()
    for number in range(30):
        family(sri, 20 + number, phone="")
    assert queries() == few
