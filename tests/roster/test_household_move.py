"""A family moves: the address and the area change that day, past months keep theirs, and who works there takes it over."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import FamilyChange
from reports.figures import FIGURES, Lens
from reports.figures.values import values_of
from roster.models import Handover, HandoverFamily
from tests.factories import (
    BABAKAN_SURABAYA,
    BANDUNG,
    KEBON_JAYANTI,
    KIARACONDONG,
    ActivityFactory,
    HouseholdFactory,
    UserFactory,
)
from tests.kpm.pages import as_shown
from wilayah.models import Wilayah

pytestmark = pytest.mark.django_db


@pytest.fixture
def pendamping(client):
    pendamping = UserFactory(name="Sri Lestari")
    client.force_login(pendamping)
    return pendamping


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(
        pendamping=pendamping, name="Sari Rahayu", address="Gang Kenanga 4", latitude=-6.9, longitude=107.6
    )


@pytest.fixture
def elsewhere():
    """A kelurahan of another kecamatan of the same kota."""
    kota = Wilayah.objects.get(pk=BANDUNG)
    kecamatan = Wilayah(code="327399", name="Kecamatan Uji", level=3, parent=kota, search_name="kecamatanuji")
    kecamatan.save()
    return Wilayah.objects.create(
        code="3273991001", name="Sukamaju Uji", level=4, parent=kecamatan, search_name="sukamajuuji"
    )


def url(family, area=""):
    return reverse("roster:household_move", args=[family.case_number]) + (f"?ke={area}" if area else "")


def moved(client, family, area, **changes):
    said = {"address": "Jalan Baru 9", "rt": "1", "rw": "7", "on": "2026-11-05", "wilayah": area}
    said |= {"reason": "rumah-kontrak"}
    return client.post(url(family, area), as_shown(client, url(family, area), **{**said, **changes}))


def test_a_move_within_the_own_area_is_one_act_without_a_handover(client, family):
    response = moved(client, family, BABAKAN_SURABAYA, rt="1", rw="7")

    assert response.url == family.get_absolute_url()
    family.refresh_from_db()
    assert (family.address, family.rt, family.rw, family.wilayah_id) == (
        "Jalan Baru 9",
        1,
        7,
        BABAKAN_SURABAYA,
    )
    assert family.latitude is None
    change = FamilyChange.objects.get()
    assert (change.wilayah_id, change.to_wilayah_id) == (KEBON_JAYANTI, BABAKAN_SURABAYA)
    assert "Gang Kenanga 4" in change.former
    assert not Handover.objects.exists()
    assertContains(
        client.get(f"{family.get_absolute_url()}keluarga/"), "Pindah ke Babakan Surabaya dari Gang Kenanga 4"
    )


def test_beyond_the_kecamatan_it_is_offered_and_held_until_it_is_taken(client, family, pendamping, elsewhere):
    receiver = UserFactory(name="Tuti Wahyuni", wilayah_id=elsewhere.pk)
    assertContains(client.get(url(family) + "?cari=sukamaju"), f"?ke={elsewhere.pk}")

    response = moved(client, family, elsewhere.pk, rt="-", rw="-", receiver=str(receiver.pk), checked="x")

    assert response.status_code == 302, response.context["form"].errors
    family.refresh_from_db()
    assert (family.wilayah_id, family.pendamping) == (elsewhere.pk, pendamping)
    row = HandoverFamily.objects.get()
    assert row.is_waiting

    client.force_login(receiver)
    page = client.get(row.handover.get_absolute_url())
    answer = {"op_id": page.context["form"].op_id, "decision": "terima_semua"}
    choices = [code for code, _ in page.context["form"].fields["decision"].choices]
    answer["decision"] = next(code for code in choices if code.startswith("terima"))
    client.post(row.handover.get_absolute_url(), answer | {"rows": [str(row.pk)]})

    family.refresh_from_db()
    assert family.pendamping == receiver
    terms = list(family.assignments.order_by("from_on").values_list("pendamping", "to_on"))
    assert terms == [(pendamping.pk, date(2026, 11, 18)), (receiver.pk, None)]
    assertContains(client.get(f"{family.get_absolute_url()}keluarga/"), "Gang Kenanga 4")
    client.force_login(pendamping)
    assert client.get(family.get_absolute_url()).status_code == 404


def test_without_a_receiver_the_koordinator_there_is_asked_to_choose(client, family, elsewhere):
    moved(client, family, elsewhere.pk, rt="3", rw="2")

    client.force_login(UserFactory(koordinator=True, wilayah_id="327399"))
    assertContains(client.get(reverse("roster:handover_list")), f"?kpm={family.case_number}")
    client.force_login(UserFactory(koordinator=True))
    assertNotContains(client.get(reverse("roster:handover_list")), family.case_number)


def test_figures_of_a_month_stay_where_the_family_lived(client, family, pendamping, elsewhere):
    ActivityFactory(pendamping=pendamping, families=[family], occurred_on=date(2026, 10, 6))
    here = Lens(UserFactory(koordinator=True), date(2026, 11, 18), date(2026, 10, 1))
    there = Lens(UserFactory(koordinator=True, wilayah_id="327399"), date(2026, 11, 18), date(2026, 10, 1))
    slugs = ["kunjungan", "kpm-dikunjungi", "kpm-aktif"]
    assert values_of(slugs, here) == {"kunjungan": 1, "kpm-dikunjungi": 1, "kpm-aktif": 1}

    moved(client, family, elsewhere.pk, rt="3", rw="2")

    assert FIGURES["kunjungan"].rows(here).count() == 1
    assert values_of(slugs, here) == {"kunjungan": 1, "kpm-dikunjungi": 1, "kpm-aktif": 0}
    assert values_of(slugs, there) == {"kunjungan": 0, "kpm-dikunjungi": 0, "kpm-aktif": 1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": ""}, "address"),
        ({"reason": ""}, "reason"),
        ({"reason": "rumah-lainnya"}, "words"),
        ({"on": "2020-01-01"}, "on"),
        ({"on": "2999-01-01"}, "on"),
        ({"wilayah": KIARACONDONG}, "wilayah"),
        ({"rt": "0x"}, "rt"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client, family, changes, field):
    response = moved(client, family, BABAKAN_SURABAYA, **changes)

    assert list(response.context["form"].errors) == [field]
    family.refresh_from_db()
    assert family.wilayah_id == KEBON_JAYANTI


def test_what_is_no_move_is_told(client, family):
    response = client.post(
        url(family), as_shown(client, url(family), address=family.address, rt="2", rw="5",
        wilayah=family.wilayah_id, reason="rumah-kontrak"),
    )  # fmt: skip

    assert list(response.context["form"].errors) == ["address"]


def test_a_place_of_nowhere_leads_to_inactive_and_a_foreign_family_to_nothing(client, family):
    page = client.get(url(family) + "?cari=Kuala Lumpur")

    assertContains(page, reverse("kpm:household_status", args=[family.case_number]))
    assert client.get(url(family, "99")).status_code == 200
    assert client.get(url(HouseholdFactory())).status_code == 404


def test_a_family_that_is_offered_already_is_moved_without_a_second_offer(
    client, family, pendamping, elsewhere
):
    handover = Handover.objects.create(
        op_id=family.pk, holder=pendamping, receiver=UserFactory(), by=UserFactory(koordinator=True),
        kind="pindah", offered_on=date(2026, 11, 1),
    )  # fmt: skip
    HandoverFamily.objects.create(handover=handover, household=family)
    receiver = UserFactory(wilayah_id=elsewhere.pk)

    response = moved(client, family, elsewhere.pk, rt="3", rw="2", receiver=str(receiver.pk))

    assert list(response.context["form"].errors) == ["receiver"]
    family.refresh_from_db()
    assert family.wilayah_id == KEBON_JAYANTI
