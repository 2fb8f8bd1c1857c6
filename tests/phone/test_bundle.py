"""What a phone takes along: every page that works without signal, nothing of identity numbers, later only what changed."""

import json
from datetime import timedelta

import brotli
import pytest
from django.urls import reverse
from django.utils import timezone

from kpm.models import Household, Indicator
from phone import shells
from phone.bundle import WHOLE_AFTER, app_version
from phone.changes import are_stale, mark
from roles.models import Activity
from tests.answers import database_content
from tests.factories import (
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    ResourceFactory,
    UserFactory,
    assess,
    plan_session,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/hp/bekal/"
SENT = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def caseload(client):
    """A pendamping, logged in, with three families of a kelompok, one of them with a story."""
    pendamping = UserFactory()
    group = GroupFactory(pendamping=pendamping)
    families = HouseholdFactory.create_batch(3, pendamping=pendamping, group=group)
    for family in families:
        MemberComponentFactory(member=MemberFactory(household=family))
    levels = dict.fromkeys(Indicator.objects.values_list("code", flat=True)[:4], 1)
    assess(families[0], levels, on=timezone.localdate())
    plan_session(group)
    ResourceFactory()
    client.force_login(pendamping)
    return pendamping, families


def fetch(client, since=""):
    response = client.get(ADDRESS, {"sejak": since} if since else {}, headers=SENT)
    assert (response.status_code, response["X-Langkah"], response["Content-Encoding"]) == (200, "1", "br")
    return json.loads(brotli.decompress(response.content))


def test_a_first_bundle_holds_every_page_and_nothing_of_it_stays(client, caseload):
    _, families = caseload
    before = database_content()

    found = fetch(client)

    assert database_content() == before
    assert found["whole"] and {one["case"] for one in found["families"]} == {
        one.case_number for one in families
    }
    assert sorted(found["cases"]) == sorted(one.case_number for one in families)
    stand = found["stand_in"]["case"]
    pages = found["shells"]
    for wanted in (
        f"/kegiatan/catat/?kpm={stand}",
        f"/kegiatan/tunda/{stand}/",
        f"/kasus/baru/{stand}/",
        f"/asesmen/{stand}/?bentuk=lengkap&jalur=usaha",
        f"/tujuan/baru/{stand}/?indikator={found['stand_in']['score']}",
        f"/rujukan/baru/?kpm={stand}",
        f"/kpm/{stand}/ubah/",
        f"/kpm/{stand}/anggota/baru/",
        "/kiriman/",
        "/hp/buka/",
    ):
        assert "<form" in pages[wanted] or "<ul" in pages[wanted], wanted
    assert any(address.endswith("/hadir/") for address in found["meetings"])
    assert "Hari ini" in found["today"]
    assert {"/static/js/phone/page.js", "/static/css/base.css"} <= set(found["statics"])
    assert not Household.objects.filter(case_number=stand).exists()


def test_what_the_phone_replaces_stands_in_the_pages_as_it_looks_for_it(client, caseload):
    found = fetch(client)
    stand, pages = found["stand_in"], found["shells"]
    visit = pages[f"/kegiatan/catat/?kpm={stand['case']}"]

    assert stand["inside"]["goals"] in visit and stand["inside"]["members"] in visit
    assert f'<li class="row family" data-family="{stand["case"]}"' in visit
    assert '<ul class="rows family-list" data-family-list>' in pages["/kegiatan/catat/"]
    listed = pages[f"/kpm/?q={stand['case']}"]
    assert listed.count('<li class="row">') == 1 and "<strong>1 KPM</strong>" in listed
    goal = pages[f"/tujuan/baru/{stand['case']}/?indikator={stand['score']}"]
    assert f'name="score" value="{stand["score"]}"' in goal and stand["score_name"] in goal
    referral = pages[f"/rujukan/baru/?kpm={stand['case']}&sumber={stand['resource'][0]}"]
    assert stand["resource"][1] in referral
    for address, page in pages.items():
        assert "csrfmiddlewaretoken" not in page or 'name="csrfmiddlewaretoken" value=""' in page, address
    assert 'name="csrf-token" content=""' in visit


def test_no_identity_number_goes_along(client, caseload):
    _, families = caseload
    text = json.dumps(fetch(client))

    for family in families:
        assert family.no_kk.reveal() not in text
        for member in family.members.all():
            assert member.nik is None or member.nik.reveal() not in text


def test_later_only_what_changed_is_sent(client, caseload, monkeypatch):
    """What changed is proved in test_changes.py; here it is given, since all of a test is written by one transaction."""
    pendamping, families = caseload
    first = fetch(client)
    changed, stale = set(), []
    monkeypatch.setattr("phone.bundle.changed_since", lambda mark, user: changed)
    monkeypatch.setattr("phone.bundle.are_stale", lambda mark, user: bool(stale))

    nothing = fetch(client, first["mark"])
    assert not nothing["whole"] and nothing["families"] == [] and nothing["shells"] is None
    assert nothing["today"] is None and nothing["meetings"] == {}

    ActivityFactory(pendamping=pendamping, families=[families[1]])
    changed.add(families[1].pk)
    later = fetch(client, nothing["mark"])
    assert [one["case"] for one in later["families"]] == [families[1].case_number]
    assert later["today"] and later["shells"] is None

    ResourceFactory(name="Posyandu Melati")
    stale.append("resource")
    assert "Posyandu Melati" in json.dumps(fetch(client, later["mark"])["shells"])


def test_another_release_or_an_old_bundle_is_fetched_whole(client, caseload, monkeypatch):
    first = fetch(client)
    database, day, version = first["mark"].split("|")
    assert version == app_version()

    old = (timezone.localdate() - WHOLE_AFTER - timedelta(days=1)).isoformat()
    for earlier in (
        f"{database}|{day}|another",
        f"{database}|{old}|{version}",
        "x",
        "|||",
        f"{database}|9|{version}",
    ):
        found = fetch(client, earlier)
        assert found["whole"] and len(found["families"]) == 3, earlier


def test_a_family_handed_over_is_not_among_the_cases(client, caseload):
    _, families = caseload
    first = fetch(client)
    Household.objects.filter(pk=families[0].pk).update(pendamping=UserFactory(), group=None)

    later = fetch(client, first["mark"])

    assert families[0].case_number not in later["cases"] and len(later["cases"]) == 2
    assert families[0].case_number not in json.dumps(later["families"])


def test_a_case_number_that_is_taken_is_not_the_stand_ins(client, caseload):
    _, families = caseload
    Household.objects.filter(pk=families[0].pk).update(case_number=shells.CASES[0])

    assert fetch(client)["stand_in"]["case"] == shells.CASES[1]


def test_only_who_works_in_the_field_takes_families_along(client, koordinator):
    client.force_login(koordinator)
    assert client.get(ADDRESS).status_code == 404
    client.logout()
    assert client.get(ADDRESS)["Location"].startswith(reverse("accounts:login"))


def test_the_service_worker_is_another_after_a_release(client, monkeypatch):
    first = client.get("/sw.js")
    assert first["Content-Type"].startswith("text/javascript") and b"js/phone/worker.js" in first.content

    monkeypatch.setattr("phone.views.offline.app_version", lambda: "another")

    assert client.get("/sw.js").content != first.content


def test_a_phone_for_work_brings_its_scripts_along_and_others_do_not(client, caseload):
    assert "js/phone/page.js" not in client.get("/").text
    client.cookies["hp"] = "1"
    page = client.get("/").text
    assert "js/phone/page.js" in page and 'data-memory="kept"' in page
    assert not Activity.objects.exists()


def test_a_new_resource_or_kelompok_makes_the_pages_for_all_stale(caseload):
    pendamping, _ = caseload
    now = mark()
    assert are_stale(now, pendamping)  # all of this was written by the present transaction

    assert not are_stale(f"x-{int(now.rpartition('-')[2]) + 1000}", pendamping)
