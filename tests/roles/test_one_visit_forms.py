"""One visit on the forms: what is asked, what a queue sends in any order, and what the family's page says then."""

import re
from datetime import timedelta
from itertools import permutations

import pytest
from django.urls import reverse
from django.utils import timezone

from kpm.models import Assessment, Goal, Household
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, VisitAct
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory, assess
from tests.referrals import make_resource
from tests.walker import as_sent

TODAY = timezone.localdate
QUEUED = {"Accept": "application/json"}
LOG = reverse("roles:activity_create")


@pytest.fixture(autouse=True)
def friday():
    """These forms are asked on the day of the test."""


@pytest.fixture
def family(db):
    return HouseholdFactory(name="Euis Komariah", path="usaha")


@pytest.fixture
def signed_in(client, family):
    client.force_login(family.pendamping)
    return client


def opened(client, url):
    """What the form at `url` sends as it stands when it is opened."""
    return {name: value for name, value in as_sent(client.get(url)).items() if value not in ("", [])}


def talk(client, family, **said):
    """(address, fields) of an assessment in which the family chose 2 everywhere."""
    url = reverse("kpm:assessment_create", args=[family.case_number])
    sent = opened(client, url)
    codes = set(re.findall(r'name="([A-Z]\d)-family"', client.get(url).content.decode()))
    for code in codes:
        sent |= {f"{code}-family": "2", f"{code}-level": "sama"}
    return url, sent | {"op_id": str(uuid7())} | said


def visit(family, **said):
    sent = {"kpm": family.case_number, f"met-{family.case_number}": "ya", "kind": "kunjungan_rumah"}
    sent |= {"sub_role": "FAS-3", "notes": "Melihat warung.", "occurred_on": TODAY().isoformat()}
    return LOG, sent | {"op_id": str(uuid7())} | said


def goal(family, **said):
    url = reverse("kpm:goal_create", args=[family.case_number])
    sent = {"score": "B2", "wish": "Punya tabungan", "why": "Untuk sekolah", "keluarga_1": "Mengisi celengan"}
    sent |= {"pendamping_1": "Mencari celengan", "target_on": (TODAY() + timedelta(days=60)).isoformat()}
    return url, sent | {"op_id": str(uuid7()), "at_home": "on"} | said


def send(client, entry):
    url, sent = entry
    answer = client.post(url, sent, headers=QUEUED).json()
    assert answer["state"] == "stored", answer


def told(family):
    rows = ActivityHousehold.objects.filter(household=family).home_visits().select_related("activity")
    return [
        (row.occurred_on, row.activity.sub_role_id, sorted(act.kind_id for act in row.acts.all()))
        for row in rows.order_by("occurred_on")
    ]


def test_a_whole_assessment_as_its_form_opens_is_a_visit_and_the_familys_page_says_so(signed_in, family):
    url, sent = talk(signed_in, family)
    assert sent["at_home"] == "ya"

    page = signed_in.post(url, sent, follow=True).content.decode()

    assert "Tercatat pada kunjungan rumah." in page
    page = signed_in.get(family.get_absolute_url()).content.decode()
    assert "baru dikunjungi hari ini" in page
    page = signed_in.get(f"{family.get_absolute_url()}riwayat/").content.decode()
    assert page.count('<li class="event') == 1
    assert Household.objects.get().last_visited_on == TODAY()


def test_elsewhere_leaves_the_family_unvisited(signed_in, family):
    url, sent = talk(signed_in, family, at_home="tidak")
    assert "kunjungan rumah" not in signed_in.post(url, sent, follow=True).content.decode()
    assert not Activity.objects.exists()
    assert "belum pernah dikunjungi" in signed_in.get(family.get_absolute_url()).content.decode()


def test_a_form_opened_before_it_asked_says_nothing_of_a_visit(signed_in, family):
    url, sent = talk(signed_in, family)
    del sent["at_home"]
    send(signed_in, (url, sent))
    assert not Activity.objects.exists()


def test_a_correction_of_before_it_asked_leaves_the_visit_as_it_is(signed_in, family):
    send(signed_in, talk(signed_in, family))
    url = reverse("kpm:assessment_edit", args=[Assessment.objects.get().pk])
    sent = opened(signed_in, url)
    assert sent.pop("at_home") == "ya"
    send(signed_in, (url, sent | {"op_id": str(uuid7()), "notes": "Bersama ibunya."}))
    assert told(family) == [(TODAY(), "TEK-1", ["asesmen"])]

    sent = opened(signed_in, url)
    send(signed_in, (url, sent | {"op_id": str(uuid7()), "at_home": "tidak"}))
    assert told(family) == []
    assert opened(signed_in, url)["at_home"] == "tidak"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_a_queue_sends_is_one_visit_in_any_order(signed_in, family, order):
    """The goal speaks of an earlier assessment, so that each entry can come first."""
    assess(family, {"B2": 1}, on=TODAY() - timedelta(days=90))
    entries = [visit(family), talk(signed_in, family), goal(family)]
    for number in order:
        send(signed_in, entries[number])
        send_again(signed_in, entries[number])

    assert told(family) == [(TODAY(), "FAS-3", ["asesmen", "tujuan"])]
    assert Activity.objects.get().notes == "Melihat warung."


def send_again(client, entry):
    url, sent = entry
    assert client.post(url, sent, headers=QUEUED).json()["state"] == "duplicate"


def test_an_act_without_a_day_is_of_the_day_on_which_it_was_typed(signed_in, family):
    """Typed yesterday without signal, sent today: the visit is of yesterday, and joins the one logged then."""
    assess(family, {"B2": 1}, on=TODAY() - timedelta(days=90))
    yesterday = TODAY() - timedelta(days=1)
    typed = timezone.now() - timedelta(days=1)
    send(signed_in, goal(family, op_id=str(uuid7(int(typed.timestamp() * 1000)))))
    send(signed_in, visit(family, occurred_on=yesterday.isoformat()))

    assert told(family) == [(yesterday, "FAS-3", ["tujuan"])]
    assert VisitAct.objects.get().goal == Goal.objects.get()


def test_the_tick_stands_where_the_family_was_visited_today(signed_in, family):
    resource = make_resource()
    url = f"{reverse('resources:referral_create')}?kpm={family.case_number}&sumber={resource.pk}"
    assert "at_home" not in opened(signed_in, url)

    ActivityFactory(pendamping=family.pendamping, families=[family], occurred_on=TODAY())
    Household.objects.update(last_visited_on=TODAY())
    sent = opened(signed_in, url)
    assert sent["at_home"] is True
    signed_in.post(url, sent | {"op_id": str(uuid7()), "at_home": "on", "need": "Modal jualan"})

    assert [act.kind_id for act in VisitAct.objects.all()] == ["rujukan"]
    page = signed_in.get(Activity.objects.get().get_absolute_url()).content.decode()
    assert "Dikerjakan saat kunjungan ini" in page and resource.name in page


def test_a_family_handed_over_meanwhile_waits_with_its_visit(signed_in, family):

    entry = talk(signed_in, family)
    assign(family, to=UserFactory(), by=UserFactory(koordinator=True), on=TODAY())
    url, sent = entry
    assert signed_in.post(url, sent, headers=QUEUED).json()["state"] == "held"
    assert not Activity.objects.exists()


# --- a call is no visit -------------------------------------------------------------------------------------------------


def test_a_call_is_answered_and_not_met(signed_in, family):
    send(signed_in, visit(family, kind="komunikasi"))

    page = signed_in.get(family.get_absolute_url()).content.decode()
    assert "terakhir ditelepon" in page and "belum pernah dikunjungi" in page
    row = ActivityHousehold.objects.get()
    assert row.is_call and not row.is_visit and row.contact == "tersambung"
    page = signed_in.get(row.activity.get_absolute_url()).content.decode()
    assert "Tersambung" in page and "Bertemu" not in page
    assert not ActivityHousehold.objects.in_person().exists()


def test_a_call_that_was_not_answered_is_told_as_one(signed_in, family):
    send(signed_in, visit(family, kind="komunikasi", **{f"met-{family.case_number}": "tidak"}))
    page = signed_in.get(f"{family.get_absolute_url()}riwayat/").content.decode()
    assert "tidak tersambung" in page and "tidak bertemu" not in page
    assert "terakhir ditelepon" not in signed_in.get(family.get_absolute_url()).content.decode()


def test_the_form_of_a_call_asks_whether_it_was_answered(signed_in, family):
    page = signed_in.get(f"{LOG}?kpm={family.case_number}&jenis=komunikasi").content.decode()
    assert "<span data-reached>Tersambung</span>" in page
    page = signed_in.get(f"{LOG}?kpm={family.case_number}").content.decode()
    assert "<span data-reached>Bertemu</span>" in page


def test_a_visit_corrected_to_a_call_is_a_call(signed_in, family):
    send(signed_in, visit(family))
    url = reverse("roles:activity_edit", args=[Activity.objects.get().pk])
    send(signed_in, (url, visit(family, kind="komunikasi")[1]))
    row = ActivityHousehold.objects.get()
    assert row.is_call and Household.objects.get().last_visited_on is None
