import re
from datetime import timedelta

import pytest

from entries.models import Receipt
from pkh_casework.ids import uuid7
from roles.models import ActivityHousehold, Postponement
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory

from .conftest import DAY


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


@pytest.fixture
def promise(pendamping, family):
    activity = ActivityFactory(
        pendamping=pendamping, families=[family], next_step="Bawa KK baru", next_step_on=DAY
    )
    activity.families.update(step_due_on=DAY)
    return activity.families.get()


def tick(client, row, **data):
    return client.post(f"/kegiatan/langkah/{row.pk}/selesai/", data, follow=True).content.decode()


def tunda(family, what=""):
    return f"/kegiatan/tunda/{family.case_number}/{what}"


def put_off(**changes):
    return {"op_id": str(uuid7()), "until_on": DAY + timedelta(days=9), "reason": "Mudik"} | changes


def test_a_tick_is_answered_with_its_receipt(signed_in, promise):
    page = tick(signed_in, promise, op_id=str(uuid7()))

    assert f"Janji ditandai selesai. Kode tanda terima {Receipt.objects.get().code}." in page


@pytest.mark.parametrize("op_id", [{}, {"op_id": "bukan-uuid"}, {"op_id": "taken"}])
def test_a_tick_under_no_id_or_a_used_one_is_told_and_changes_nothing(op_id, signed_in, promise, family):
    used = put_off()
    signed_in.post(tunda(family), used)
    if op_id.get("op_id") == "taken":
        op_id = {"op_id": used["op_id"]}

    page = tick(signed_in, promise, **op_id)

    assert "Belum tersimpan. Muat ulang halaman ini" in page
    assert ActivityHousehold.objects.get().step_done_on is None


def test_putting_off_is_answered_with_its_receipt(signed_in, family):
    page = signed_in.post(tunda(family), put_off(), follow=True).content.decode()

    assert f"Kode tanda terima {Receipt.objects.get().code}." in page


def test_putting_off_under_a_used_id_keeps_what_was_typed_and_works_the_next_time(signed_in, family):
    earlier = put_off(reason="Mudik ke Garut")
    signed_in.post(tunda(family), earlier)
    sent = put_off(reason="Sakit", op_id=earlier["op_id"])

    response = signed_in.post(tunda(family), sent)
    page = response.content.decode()

    assert response.status_code == 200
    assert "sudah tersimpan sebelumnya dengan isi lain" in page
    assert 'value="Sakit"' in page
    assert Postponement.objects.count() == 1
    fresh = re.search(r'name="op_id" value="([^"]+)"', page)[1]
    assert signed_in.post(tunda(family), sent | {"op_id": fresh}).status_code == 302
    assert Postponement.objects.latest("created_at").reason == "Sakit"


@pytest.mark.parametrize("op_id", ["bukan-uuid", ""])
def test_putting_off_under_no_id_is_stored_under_a_new_one(op_id, signed_in, family):
    assert signed_in.post(tunda(family), put_off(reason="Sakit", op_id=op_id)).status_code == 302
    assert Postponement.objects.get().reason == "Sakit"


def test_other_faults_are_told_beside_the_field_only(signed_in, family):
    page = signed_in.post(tunda(family), put_off(until_on=DAY)).content.decode()

    assert "Pilih tanggal sesudah hari ini." in page
    assert "kiriman lain" not in page


def test_a_family_put_off_shows_why_and_is_taken_up_again(signed_in, family, monkeypatch):
    monkeypatch.setattr("desk.views.local_today", lambda code=None: DAY)
    signed_in.post(tunda(family), put_off(reason="Mudik ke Garut"))
    assert family.name not in signed_in.get("/").content.decode().partition('id="rencana"')[2]

    page = signed_in.get("/hari-ini/menunggu/", {"ditunda": 1}).content.decode()
    assert family.name in page and "sampai 29 Nov 2026: Mudik ke Garut" in page
    assert f'action="{tunda(family, "batal/")}"' in page

    op_id = re.search(r'batal/">.*?name="op_id" value="([^"]+)"', page, re.DOTALL)[1]
    for _ in range(2):
        page = signed_in.post(tunda(family, "batal/"), {"op_id": op_id}, follow=True).content.decode()
        assert f"{family.name} tampil lagi di Hari ini. Kode tanda terima" in page
        assert "sedang ditunda" not in page
    assert Postponement.objects.count() == 2


def test_a_family_of_others_is_not_taken_up_again(client, family):
    client.force_login(UserFactory())

    assert client.post(tunda(family, "batal/"), {"op_id": str(uuid7())}).status_code == 404
    assert client.post(tunda(HouseholdFactory(), "batal/"), {"op_id": str(uuid7())}).status_code == 404
    assert not Postponement.objects.exists()
