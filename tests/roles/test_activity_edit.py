"""An activity is corrected by its author: for seven days, its own families only, with the old version kept."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from entries.models import HeldEntry
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold
from tests.factories import HouseholdFactory, MemberFactory, UserFactory

LOG = "/kegiatan/catat/"


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


@pytest.mark.parametrize("name", ["member", "janji"])
def test_an_id_that_is_none_is_ignored_where_the_entry_is_held_and_where_it_is_corrected(
    name, signed_in, family, filled
):
    data = filled(**{name: ["\x00", "' OR 1=1 --"]})
    signed_in.post(LOG, data)
    edit = reverse("roles:activity_edit", args=[Activity.objects.get().pk])

    assert signed_in.post(edit, {**data, "op_id": str(uuid7()), "notes": "Dikoreksi."}).status_code == 302
    assert signed_in.post(LOG, {**data, "notes": "Isi lain."}).status_code == 302

    held = HeldEntry.objects.get()
    assert held.payload["fields"][name] == ["", "' OR 1=1 --"]
    assert "Isi lain." in signed_in.get(f"/kiriman/{held.pk}/").content.decode()
    assert Activity.objects.get().notes == "Dikoreksi."


def test_an_own_family_outside_the_activity_is_named_beside_the_families(
    signed_in, pendamping, koordinator, family, filled
):
    signed_in.post(LOG, filled())
    activity = Activity.objects.get()
    edit = reverse("roles:activity_edit", args=[activity.pk])
    once = HouseholdFactory(pendamping=pendamping)
    assign(once, to=UserFactory(), by=koordinator, on=timezone.localdate())

    for other in (HouseholdFactory(pendamping=pendamping), once, HouseholdFactory()):
        data = filled(kpm=[family.case_number, other.case_number], notes="Dikoreksi.")
        page = signed_in.post(edit, {**data, f"met-{other.case_number}": "ya"}).content.decode()

        words = f"Keluarga {other.case_number} tidak ada di kegiatan ini."
        assert words in page[page.index('id="families-title"') : page.index("kind-picker")]
        assert "Dikoreksi." in page

    assert Activity.objects.get().notes != "Dikoreksi."


def test_a_family_of_the_activity_handed_over_meanwhile_stays_in_a_correction(
    signed_in, pendamping, koordinator, family, filled
):
    other = HouseholdFactory(pendamping=pendamping)
    both = {"kpm": [family.case_number, other.case_number], f"met-{other.case_number}": "ya"}
    signed_in.post(LOG, filled(**both))
    activity = Activity.objects.get()
    assign(other, to=UserFactory(), by=koordinator, on=timezone.localdate())

    signed_in.post(reverse("roles:activity_edit", args=[activity.pk]), filled(**both, notes="Dikoreksi."))

    activity.refresh_from_db()
    assert activity.notes == "Dikoreksi."
    assert {row.household for row in activity.families.all()} == {family, other}


def test_correcting_an_activity_keeps_the_members_of_each_family(signed_in, pendamping, family, filled):
    other = HouseholdFactory(pendamping=pendamping)
    children = [MemberFactory(household=one) for one in (family, other)]
    both = {
        "kpm": [family.case_number, other.case_number],
        f"met-{other.case_number}": "ya",
        "member": [str(child.pk) for child in children],
    }
    signed_in.post(LOG, filled(**both))
    url = reverse("roles:activity_edit", args=[Activity.objects.get().pk])
    page = signed_in.get(url).content.decode()
    assert all(f'value="{child.pk}" checked' in page for child in children)

    signed_in.post(url, filled(**both, notes="Dikoreksi."))

    rows = ActivityHousehold.objects.order_by("household__case_number")
    assert {member for row in rows for member in row.members.all()} == set(children)


def test_an_activity_whose_only_family_was_handed_over_says_why_it_is_closed(
    signed_in, koordinator, family, filled
):
    signed_in.post(LOG, filled())
    assign(family, to=UserFactory(), by=koordinator, on=timezone.localdate())

    page = signed_in.get(reverse("roles:activity_edit", args=[Activity.objects.get().pk])).content.decode()

    assert "Keluarga sudah dialihkan" in page


def test_the_author_edits_within_seven_days_and_the_old_version_stays_readable(signed_in, family, filled):
    signed_in.post(LOG, filled())
    activity = Activity.objects.get()
    url = reverse("roles:activity_edit", args=[activity.pk])
    assert "Melihat warung" in signed_in.get(url).content.decode()

    signed_in.post(url, filled(notes="Warung tutup, anak sakit."))

    page = signed_in.get(activity.get_absolute_url()).content.decode()
    assert "Warung tutup, anak sakit." in page
    assert "Riwayat perubahan" in page
    assert "Melihat warung dan buku tabungan." in page


def test_after_seven_days_only_a_koordinator_can_open_it_again(
    client, signed_in, pendamping, koordinator, filled
):
    signed_in.post(LOG, filled())
    Activity.objects.update(received_at=timezone.now() - timedelta(days=8))
    activity = Activity.objects.get()
    edit = reverse("roles:activity_edit", args=[activity.pk])
    reopen = reverse("roles:activity_reopen", args=[activity.pk])

    assert "Masa ubah sudah lewat" in signed_in.get(edit).content.decode()
    page = signed_in.post(edit, filled(notes="Terlambat."), follow=True).content.decode()
    assert "Waktu untuk mengubahnya sudah lewat" in page and "Terlambat." in page
    assert signed_in.post(reopen, {"reason": "boleh?"}).status_code == 404
    assert Activity.objects.get().notes != "Terlambat."

    client.force_login(koordinator)
    assert "Tulis alasannya" in client.post(reopen, {"reason": ""}).content.decode()
    client.post(reopen, {"reason": "Salah tanggal, sudah dibicarakan."})
    client.force_login(pendamping)
    client.post(edit, filled(notes="Dikoreksi."))
    assert Activity.objects.get().notes == "Dikoreksi."
