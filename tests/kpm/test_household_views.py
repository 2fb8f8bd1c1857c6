"""Registering and changing a family: who may, and what is refused in words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from entries.models import AccessLog, Receipt
from kpm.models import Household, Member
from kpm.operations import assign, change_household
from pkh_casework.ids import uuid7
from tests.factories import (
    BABAKAN_SURABAYA,
    BANDUNG,
    KEBON_JAYANTI,
    KIARACONDONG,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    nik,
    no_kk,
)
from tests.kpm.pages import as_shown, hidden, new_family

pytestmark = pytest.mark.django_db

NEW = reverse("kpm:household_create")
NOT_FOUND = "Pilihan ini tidak ditemukan."


@pytest.fixture
def pendamping():
    return UserFactory(name="Sri Lestari")


@pytest.fixture
def koordinator():
    return UserFactory(koordinator=True)


def edit_url(household):
    return reverse("kpm:household_edit", args=[household.case_number])


# --- who may ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("duty", ["kelurahan", "admin"])
def test_staff_and_admin_cannot_register_or_change_a_family(client, duty):
    household = HouseholdFactory()
    client.force_login(UserFactory(**{duty: True}))

    for url in (NEW, edit_url(household)):
        assert client.get(url).status_code == client.post(url).status_code == 404


def test_a_colleagues_family_cannot_be_changed(client, pendamping):
    household = HouseholdFactory(address="Gang Asli")
    client.force_login(pendamping)

    assert client.get(edit_url(household)).status_code == 404
    assert client.post(edit_url(household), {"address": "Gang Lain"}).status_code == 404
    household.refresh_from_db()
    assert household.address == "Gang Asli"


def test_a_koordinator_of_another_area_finds_no_family(client):
    client.force_login(UserFactory(koordinator=True, wilayah_id=BABAKAN_SURABAYA))

    assert client.get(edit_url(HouseholdFactory())).status_code == 404


def test_strangers_are_led_to_the_login_page(client):
    for url in (NEW, edit_url(HouseholdFactory())):
        assert client.get(url).url.startswith("/masuk/")
        assertContains(client.post(url, new_family()), 'type="password"', status_code=401)
    assert Household.objects.count() == 1


def test_a_family_is_not_deleted_by_address(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    client.force_login(pendamping)

    assert client.delete(edit_url(household)).status_code == client.put(NEW).status_code == 405


# --- registering -------------------------------------------------------------------------------------------------


def test_a_pendamping_registers_a_family_and_hears_the_receipt_code(client, pendamping):
    client.force_login(pendamping)
    sent = new_family()

    response = client.post(NEW, sent, follow=True)

    household = Household.objects.get()
    assertRedirects(response, household.get_absolute_url())
    assertContains(response, Receipt.objects.get(op_id=sent["op_id"]).code)
    assert household.pendamping == pendamping
    assert household.no_kk.reveal() == "3273990101209001"
    assert household.members.get().nik.reveal() == nik(1)


def test_the_own_kelurahan_is_chosen_already(client, pendamping):
    client.force_login(pendamping)

    page = client.get(NEW)

    assert page.context["form"]["wilayah"].value() == KEBON_JAYANTI
    assertNotContains(page, "Babakan Surabaya")


def test_the_same_submission_twice_makes_one_family(client, pendamping):
    client.force_login(pendamping)
    sent = new_family()

    first, second = client.post(NEW, sent), client.post(NEW, sent)

    assert first.url == second.url
    assert Household.objects.count() == 1


def test_another_entry_under_a_used_id_is_shown_again_with_a_new_id(client, pendamping):
    client.force_login(pendamping)
    sent = new_family()
    client.post(NEW, sent)

    response = client.post(NEW, {**sent, "name": "Tuti Wulandari", "no_kk": no_kk(9002), "nik": ""})

    assertContains(response, "sudah tersimpan sebelumnya dengan isi lain")
    assertContains(response, "Tuti Wulandari")
    assert hidden(response, "op_id") != sent["op_id"]
    assert Household.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Wajib diisi."),
        ("name", "x" * 121, "Terlalu panjang"),
        ("address", "x" * 201, "Terlalu panjang"),
        ("notes", "x" * 1001, "Terlalu panjang"),
        ("no_kk", "", "Wajib diisi."),
        ("no_kk", "123", "ini 3 angka"),
        ("no_kk", "0073990101209001", "kode provinsi"),
        ("no_kk", "327399010120900a", "angka saja"),
        ("nik", "3273993213850001", "Angka ke-7 dan 8"),
        ("nik", "3273991213850001", "Angka ke-9 dan 10"),
        ("nik", "3273995203850000", "0000"),
        ("birth_date", "2999-01-01", "masa depan"),
        ("birth_date", "1815-03-12", "Terlalu lama"),
        ("birth_date", "kemarin", "tanggal yang benar"),
        ("joined_on", "", "Isi tanggalnya."),
        ("joined_on", "2999-01-01", "masa depan"),
        ("joined_on", "1999-01-01", "Terlalu lama"),
        ("rt", "1000", "1 sampai 999"),
        ("rt", "dua", "1 sampai 999"),
        ("rw", "99999", "1 sampai 999"),
        ("desil", "11", "1 sampai 10"),
        ("sex", "X", NOT_FOUND),
        ("status", "graduasi", NOT_FOUND),
        ("wilayah", "3201012001", NOT_FOUND),
        ("wilayah", "x", NOT_FOUND),
        ("group", "999999", NOT_FOUND),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_what_was_typed_stays(client, pendamping, field, value, words):
    client.force_login(pendamping)

    response = client.post(NEW, new_family(**{field: value}))

    assert response.status_code == 200
    assert any(words in error for error in response.context["form"].errors[field])
    assertContains(response, words)
    assertContains(response, "Gang Kenanga" if field != "address" else "Sari Rahayu")
    assert not Household.objects.exists()


def test_ids_of_others_in_the_form_are_not_found(client, pendamping):
    foreign = GroupFactory(name="Kelompok Rahasia")
    client.force_login(pendamping)

    response = client.post(NEW, new_family(group=foreign.pk, wilayah=BABAKAN_SURABAYA))

    assert response.context["form"].errors == {"group": [NOT_FOUND], "wilayah": [NOT_FOUND]}
    assertNotContains(response, "Kelompok Rahasia")


def test_a_pendamping_cannot_name_another_pendamping(client, pendamping):
    client.force_login(pendamping)

    client.post(NEW, new_family(pendamping=UserFactory().pk))

    assert Household.objects.get().pendamping == pendamping


def test_a_koordinator_chooses_the_pendamping_and_a_kelompok_of_that_pendamping(
    client, koordinator, pendamping
):
    own, other = GroupFactory(pendamping=pendamping), GroupFactory()
    client.force_login(koordinator)

    wrong = client.post(NEW, new_family(pendamping=pendamping.pk, group=other.pk))
    client.post(NEW, new_family(pendamping=pendamping.pk, group=own.pk))

    assert wrong.context["form"].errors == {"group": [NOT_FOUND]}
    household = Household.objects.get()
    assert (household.pendamping, household.group) == (pendamping, own)
    assert household.assignments.get().by == koordinator


@pytest.mark.parametrize("who", ["inactive", "elsewhere", "koordinator"])
def test_a_koordinator_cannot_give_a_family_to_just_anybody(client, koordinator, who):
    person = {
        "inactive": lambda: UserFactory(is_active=False),
        "elsewhere": lambda: UserFactory(wilayah_id="3201"),
        "koordinator": lambda: koordinator,
    }[who]()
    client.force_login(koordinator)

    response = client.post(NEW, new_family(pendamping=person.pk))

    assert response.context["form"].errors == {"pendamping": [NOT_FOUND]}


def test_the_koordinator_of_a_kota_chooses_the_kecamatan_first(client, pendamping):
    client.force_login(UserFactory(koordinator=True, wilayah_id=BANDUNG))

    assertContains(client.get(NEW), f"?di={KIARACONDONG}")
    assertContains(client.get(f"{NEW}?di={KIARACONDONG}"), "Babakan Surabaya")
    assert client.get(f"{NEW}?di=3201").status_code == 404
    assert client.get(f"{NEW}?di=327399").status_code == 404
    client.post(f"{NEW}?di={KIARACONDONG}", new_family(pendamping=pendamping.pk))
    assert Household.objects.get().pendamping == pendamping


# --- changing ------------------------------------------------------------------------------------------------------


def test_a_change_is_stored_and_the_number_stays_unless_a_new_one_is_typed(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping, no_kk=no_kk(8001))
    client.force_login(pendamping)

    client.post(
        edit_url(household),
        as_shown(client, edit_url(household), address="Gang Baru 1", status="calon_graduasi"),
    )
    household.refresh_from_db()
    assert (household.address, household.status) == ("Gang Baru 1", "calon_graduasi")
    assert household.no_kk.reveal() == no_kk(8001)

    client.post(edit_url(household), as_shown(client, edit_url(household), no_kk=no_kk(8002)))
    household.refresh_from_db()
    assert household.no_kk.reveal() == no_kk(8002)


def test_the_edit_page_shows_the_mask_and_never_the_digits(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping, no_kk=no_kk(8001))
    client.force_login(pendamping)

    page = client.get(edit_url(household))

    assertContains(page, "3273 •••• •••• ••••")
    assertNotContains(page, no_kk(8001))
    assertNotContains(page, no_kk(8001)[4:])


def test_two_people_at_one_family_see_each_others_values_and_nothing_is_overwritten(
    client, pendamping, koordinator
):
    household = HouseholdFactory(pendamping=pendamping, address="Gang Awal", rt=2)
    client.force_login(pendamping)
    sent = as_shown(client, edit_url(household), address="Gang Pendamping")
    change_household(
        household,
        by=koordinator,
        op_id=uuid7(),
        sent="",
        today=timezone.localdate(),
        address="Gang Koordinator",
        rt=7,
    )

    warned = client.post(edit_url(household), sent)

    assertContains(warned, "Data ini berubah oleh Rina Koordinator")
    assertContains(warned, "Sekarang tersimpan: Gang Koordinator")
    assertContains(warned, "Sekarang tersimpan: 7")
    assertContains(warned, "Gang Pendamping")
    household.refresh_from_db()
    assert household.address == "Gang Koordinator"

    client.post(edit_url(household), {**sent, "version": hidden(warned, "version")})
    household.refresh_from_db()
    assert household.address == "Gang Pendamping"


def test_a_resend_of_a_saved_change_is_no_conflict(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    client.force_login(pendamping)
    sent = as_shown(client, edit_url(household), address="Gang Baru")

    assert client.post(edit_url(household), sent).status_code == 302
    assert client.post(edit_url(household), sent).status_code == 302


def test_a_change_without_the_mark_of_what_was_seen_is_compared_first(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping, address="Gang Asli")
    client.force_login(pendamping)

    response = client.post(
        edit_url(household), as_shown(client, edit_url(household), address="Gang Lain", version="")
    )

    assertContains(response, "Sekarang tersimpan: Gang Asli")


def test_who_opens_the_data_of_anothers_family_is_kept_in_the_trail(client, koordinator, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    for user in (pendamping, koordinator):
        client.logout()
        client.force_login(user)
        client.get(edit_url(household))

    entry = AccessLog.objects.get(action="look")
    assert (entry.user, entry.subject) == (koordinator, household.case_number)


def test_a_family_changes_hands_by_its_own_act_alone(client, pendamping, koordinator):
    household = HouseholdFactory(pendamping=pendamping)
    for user, is_shown in ((pendamping, False), (koordinator, True)):
        client.force_login(user)
        page = client.get(edit_url(household)).content.decode()
        assert (f"/serah-terima/baru/?kpm={household.case_number}" in page) is is_shown
        client.post(
            edit_url(household), as_shown(client, edit_url(household), to=UserFactory().pk, reason="Malas")
        )

    household.refresh_from_db()
    assert household.pendamping == pendamping


def test_a_family_handed_over_while_the_form_was_open_is_closed_and_what_was_typed_is_held(
    client, pendamping, koordinator
):
    household = HouseholdFactory(pendamping=pendamping)
    client.force_login(pendamping)
    sent = as_shown(client, edit_url(household), address="Gang Baru")
    assign(household, to=UserFactory(), by=koordinator, on=timezone.localdate() + timedelta(days=1))

    page = client.post(edit_url(household), sent, follow=True).content.decode()

    assert client.get(edit_url(household)).status_code == 404
    assert "aman di Titipan" in page and "Gang Baru" in page
    household.refresh_from_db()
    assert household.address != "Gang Baru"


def test_a_kelompok_of_another_pendamping_is_not_found(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    client.force_login(pendamping)

    response = client.post(
        edit_url(household), as_shown(client, edit_url(household), group=GroupFactory().pk)
    )

    assert response.context["form"].errors == {"group": [NOT_FOUND]}


def test_a_case_number_in_another_case_opens_the_same_page(client, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    client.force_login(pendamping)

    assert client.get(f"/kpm/{household.case_number.lower()}/ubah/").status_code == 200


def test_nobody_becomes_a_member_by_registering_in_vain(client, pendamping):
    client.force_login(pendamping)

    client.post(NEW, new_family(no_kk="1"))

    assert not Member.objects.exists()
