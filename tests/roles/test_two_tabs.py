"""The same record corrected in two tabs: the second sees both versions before the first is overwritten."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kpm.models import Assessment
from pkh_casework.ids import uuid7
from roles.models import Activity, Attendance, GroupSession
from tests.factories import GroupFactory, HouseholdFactory, MemberFactory, plan_session
from tests.walker import as_sent

MEANWHILE = "sudah dikoreksi di tempat lain"
LOG = reverse("roles:activity_create")


@pytest.fixture
def family(db):
    family = HouseholdFactory(name="Euis Komariah")
    MemberFactory(household=family)
    return family


@pytest.fixture
def tab(client, family):
    """Open the address of a form: what it would send, to be changed and sent."""
    client.force_login(family.pendamping)
    return lambda url: filled_in(client.get(url)) | {"op_id": str(uuid7())}


def filled_in(page):
    return {name: value for name, value in as_sent(page).items() if value not in ("", [])}


def in_two_tabs(client, tab, url, first, second):
    """Open `url` twice, send both; the page of the second, and the way of who insists."""
    tabs = [tab(url) | first, tab(url) | second]
    assert client.post(url, tabs[0]).status_code == 302
    page = client.post(url, tabs[1])
    again = filled_in(page) | {name: value for name, value in tabs[1].items() if name != "version"}
    return page.content.decode(), lambda: client.post(url, again)


def test_of_an_activity(client, tab, family):
    case = family.case_number
    rows = {"kpm": case, f"met-{case}": "ya", "kind": "kunjungan_rumah", "sub_role": "FAS-1"}
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    client.force_login(family.pendamping)
    client.post(LOG, rows | {"op_id": str(uuid7()), "occurred_on": yesterday, "notes": "Melihat warung."})
    url = reverse("roles:activity_edit", args=[Activity.objects.get().pk])

    page, insist = in_two_tabs(
        client, tab, url, rows | {"notes": "Warung tutup."}, rows | {"notes": "Warung ramai."}
    )

    assert MEANWHILE in page and "Warung tutup." in page and "Warung ramai." in page
    assert Activity.objects.get().notes == "Warung tutup."
    assert insist().status_code == 302
    assert Activity.objects.get().notes == "Warung ramai."


def test_of_an_attendance_list(client, tab, family):
    group = GroupFactory(pendamping=family.pendamping)
    family.group = group
    family.save(update_fields=["group"])
    meeting = plan_session(group, on=timezone.localdate())
    case = family.case_number
    hold = reverse("roles:meeting_hold", args=[meeting.pk])
    client.post(hold, tab(hold) | {"kpm": case, f"hadir-{case}": "hadir"})
    url = reverse("roles:meeting_edit", args=[meeting.pk])

    page, insist = in_two_tabs(
        client,
        tab,
        url,
        {"kpm": case, f"hadir-{case}": "izin"},
        {"kpm": case, f"hadir-{case}": "tidak_hadir"},
    )

    assert GroupSession.objects.get().activity and MEANWHILE in page and "Izin: Euis Komariah." in page
    assert Attendance.objects.get().state == "izin"
    assert insist().status_code == 302
    assert Attendance.objects.get().state == "tidak_hadir"


def test_of_an_assessment(client, tab, family):
    create = reverse("kpm:assessment_create", args=[family.case_number])
    sent = tab(create)
    answers = {name: "2" for name in as_sent(client.get(create)) if name.endswith("-family")}
    answers |= {name.replace("-family", "-level"): "sama" for name in answers}
    client.post(create, sent | answers)
    url = reverse("kpm:assessment_edit", args=[Assessment.objects.get().pk])

    page, insist = in_two_tabs(
        client, tab, url, answers | {"notes": "Sudah dicek."}, answers | {"notes": "Belum dicek."}
    )

    assert MEANWHILE in page and "Sudah dicek." in page and "Belum dicek." in page
    assert insist().status_code == 302
    assert Assessment.objects.get().notes == "Belum dicek."
