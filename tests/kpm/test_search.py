"""Families are found by everybody on the card, the street, the dusun and the phone number, and the row says why."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from kpm.finding import Asked, phone_asked
from kpm.models import Household
from kpm.models.search import asked_widely, found_in
from tests.factories import HouseholdFactory, MemberFactory, UserFactory

pytestmark = pytest.mark.django_db
BANDUNG = "3273"


@pytest.fixture
def family(pendamping):
    family = HouseholdFactory(
        pendamping=pendamping,
        name="Euis Komariah",
        address="Gang Kenanga No. 12",
        dusun="Cikapundung",
        rt=3,
        rw=7,
        phone="+6280000012345",
    )
    MemberFactory(household=family, name="Asep Sunandar", relation="kepala", sex="L")
    MemberFactory(household=family, name="Neng Wulan Sari", relation="anak")
    MemberFactory(household=family, name="Ujang Kadarusman", relation="anak", left_on=date(2026, 1, 5))
    return family


@pytest.fixture
def others(pendamping):
    return [
        HouseholdFactory(pendamping=pendamping, name=name, address=f"Jalan Mawar {place}", rt=1, rw=1)
        for place, name in enumerate(["Yusuf Maulana", "Tini Hartini", "Dedi Rohendi"])
    ]


@pytest.fixture
def found_by(client):
    """found_by(user, text) → [(name, why), …] as the list shows them."""

    def search(user, text):
        client.force_login(user)
        page = client.get(reverse("kpm:household_list"), {"q": text}).context["page"]
        return [(row["name"], row["why"]) for row in page.rows]

    return search


ASKED = [
    ("asep", "anggota: Asep Sunandar (kepala keluarga)"),
    ("Asep Sunandar", "anggota: Asep Sunandar (kepala keluarga)"),
    ("sunandr", "anggota: Asep Sunandar (kepala keluarga)"),
    ("wulan", "anggota: Neng Wulan Sari (anak)"),
    ("neng wulan", "anggota: Neng Wulan Sari (anak)"),
    ("kenanga", "alamat: Gang Kenanga No. 12"),
    ("gang kenanga no 12", "alamat: Gang Kenanga No. 12"),
    ("kennanga", "alamat: Gang Kenanga No. 12"),
    ("0800-0001-2345", "HP: 0800-0001-2345"),
    ("+62 800 0001 2345", "HP: 0800-0001-2345"),
    ("12345", "HP: 0800-0001-2345"),
    ("cikapundung", ""),
    ("euis", ""),
    ("euis komaria", ""),
    ("RT.03/RW.07", ""),
]


@pytest.mark.parametrize(("text", "why"), ASKED)
@pytest.mark.parametrize("wide", [False, True])
def test_a_family_is_found_by_what_is_known_of_it_and_the_row_says_why(
    family, others, found_by, pendamping, text, why, wide
):
    user = UserFactory(koordinator=True, wilayah_id=BANDUNG) if wide else pendamping
    assert found_by(user, text) == [("Euis Komariah", why)]


@pytest.mark.parametrize("text", ["kadarusman", "melati", "08000099", "dahlia"])
def test_who_left_the_card_and_what_nobody_has_finds_nobody(family, others, found_by, pendamping, text):
    assert found_by(pendamping, text) == []


def test_families_of_others_stay_unseen(family, found_by):
    stranger = UserFactory(wilayah_id=family.wilayah_id)
    far = UserFactory(koordinator=True, wilayah_id="3201")
    for text, _ in ASKED:
        assert found_by(stranger, text) == found_by(far, text) == []


def test_every_member_finds_the_family(pendamping):
    names = ["Asep Saepuloh", "Cecep Hidayat", "Rohmat", "Siti Nurjanah", "Deden Suhendar", "Ai Rosmiati"]
    for place, name in enumerate(names):
        MemberFactory(household=HouseholdFactory(pendamping=pendamping, name=f"Pengurus {place}"), name=name)
    mine = Household.objects.visible_to(pendamping)
    for place, name in enumerate(names):
        for asked in (name, name.lower(), name.split()[0], name[:-1]):
            assert f"Pengurus {place}" in set(mine.searched(asked).values_list("name", flat=True)), asked


def test_the_very_word_comes_first_then_its_beginning_then_a_part_then_somebody_else(pendamping, found_by):
    for name in ("Permatasari", "Sarinah", "Sari Ningsih"):
        HouseholdFactory(pendamping=pendamping, name=name, address="Jalan Mawar 1")
    home = HouseholdFactory(pendamping=pendamping, name="Dadang Hermawan", address="Jalan Mawar 2")
    MemberFactory(household=home, name="Sari Puspita")

    assert [name for name, _ in found_by(pendamping, "sari")] == [
        "Sari Ningsih",
        "Sarinah",
        "Permatasari",
        "Dadang Hermawan",
    ]


def test_without_rt_and_rw(pendamping, found_by):
    HouseholdFactory(pendamping=pendamping, name="Tanpa", rt=None, rw=None)
    HouseholdFactory(pendamping=pendamping, name="Hanya RT", rt=2, rw=None)
    HouseholdFactory(pendamping=pendamping, name="Lengkap", rt=2, rw=5)

    assert [name for name, _ in found_by(pendamping, "000/000")] == ["Tanpa"]
    assert {name for name, _ in found_by(pendamping, "rt 2")} == {"Hanya RT", "Lengkap"}


def test_a_number_is_read_as_part_of_a_phone_number():
    assert phone_asked("0812-3456") == "8123456" and phone_asked("+62 812 3456") == "8123456"
    assert phone_asked("62812") == "62812" and phone_asked("1234") == phone_asked("Asep 081234") == ""


def test_a_wide_area_is_answered_from_indexes(family):
    """With sequential scans off, whatever no index can answer would still be scanned."""
    for text in ("kenanga", "djoeariah", "eius", "0800-0001-2345"):
        asked = Household.objects.order_by().filter(asked_widely(Asked(text), text, [1], [family.pk]))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        assert "household_words_trigram" in asked.explain()
        assert "Seq Scan on kpm_household" not in asked.explain()


def test_who_was_found_and_why_costs_one_query(family, others, django_assert_num_queries):
    with django_assert_num_queries(1):
        ((home, hit),) = found_in(Household.objects.all(), "asep").hits
    assert (home.pk, home.people[hit.person][0]) == (family.pk, "Asep Sunandar")
