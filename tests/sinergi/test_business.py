"""Business groups and the budget of a programme, as people fill them in."""

import re

import pytest

from pkh_casework.ids import uuid7
from sinergi.models import BudgetLine, BusinessGroup
from sinergi.operations.programme import close_programme
from tests.factories import HouseholdFactory
from tests.programmes import TODAY, end, join, make_business, said


def test_a_business_group_takes_and_loses_own_families_and_keeps_those_of_colleagues(
    signed_in, pendamping, programme
):
    mine, other = (join(HouseholdFactory(pendamping=pendamping), programme) for _ in range(2))
    theirs = join(HouseholdFactory(name="Punya Rekan"), programme)
    data = {"op_id": str(uuid7()), "name": "Dapur Rasa", "product": "Keripik", "formed_on": TODAY.isoformat()}
    own = programme.get_absolute_url()
    page = signed_in.post(f"{own}usaha/baru/", data | {"members": [str(mine.pk), str(theirs.pk)]})
    assert "tidak ditemukan" in page.content.decode() and not BusinessGroup.objects.exists()

    data |= {"members": [str(mine.pk), str(other.pk)], "chair": str(mine.pk)}
    signed_in.post(f"{own}usaha/baru/", data)
    group = BusinessGroup.objects.get()
    make_member = group.members.create
    make_member(enrolment=theirs, household=theirs.household, joined_on=TODAY)
    data |= {"op_id": str(uuid7()), "members": [str(mine.pk)], "shown": [str(mine.pk), str(other.pk)]}
    signed_in.post(group.get_absolute_url(), data)

    there = set(group.members.filter(left_on=None).values_list("enrolment", flat=True))
    assert there == {mine.pk, theirs.pk}
    page = signed_in.get(f"{own}usaha/").content.decode()
    assert "2 keluarga" in page and "ketua" in page and "Punya Rekan" not in page


def test_two_who_change_a_business_group_at_once_both_have_their_way(signed_in, pendamping, programme):
    first, second, third = (join(HouseholdFactory(pendamping=pendamping), programme) for _ in range(3))
    group = make_business(programme, [first, second])
    page = signed_in.get(group.get_absolute_url()).content.decode()
    shown = re.findall(r'name="shown" value="(.+?)"', page)
    assert set(shown) == {str(first.pk), str(second.pk)}
    group.members.create(enrolment=third, household=third.household, joined_on=TODAY)  # meanwhile
    group.members.filter(enrolment=second).update(left_on=TODAY)
    data = {"op_id": str(uuid7()), "name": "Dapur", "product": "Kue", "formed_on": TODAY.isoformat()}
    signed_in.post(group.get_absolute_url(), data | {"shown": shown, "members": [str(second.pk)]})

    assert [member.enrolment for member in group.members.filter(left_on=None)] == [third]


def test_a_chair_is_one_of_the_members(signed_in, family, programme):
    enrolment = join(family, programme)
    data = {"op_id": str(uuid7()), "name": "Dapur", "product": "Kue", "formed_on": TODAY.isoformat()}
    page = signed_in.post(f"{programme.get_absolute_url()}usaha/baru/", data | {"chair": str(enrolment.pk)})

    assert "Ketua dipilih dari anggota." in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1.500.000", 1_500_000),
        ("Rp 900000", 900_000),
        ("Rp1 500 000", 1_500_000),
        ("1,5 juta", None),
        ("1.5", None),
        ("15.00", None),
        ("-5", None),
        ("²", None),
        ("1" + 20 * "0", None),
        ("9" * 5000, None),
    ],
)
def test_a_budget_is_typed_as_people_write_money(client, koordinator, programme, typed, stored):
    client.force_login(koordinator)
    address = f"{programme.get_absolute_url()}anggaran/baru/"
    data = {"op_id": str(uuid7()), "what": "Bahan", "planned": typed, "spent": "", "source": "", "stage": ""}
    page = client.post(address, data)

    if stored is None:
        words = page.content.decode()
        assert (
            "Tulis angka rupiah" in words or "Paling banyak Rp1.000.000.000.000" in words
        ) and typed in words
        assert not BudgetLine.objects.exists()
    else:
        line = BudgetLine.objects.get()
        assert (line.planned, line.spent) == (stored, 0)
        client.post(line.get_absolute_url(), data | {"op_id": str(uuid7()), "spent": "500.000"})
        page = client.get(f"{programme.get_absolute_url()}anggaran/").content.decode()
        assert "Rp500.000" in page


def test_a_pendamping_reads_the_budget_and_changes_nothing(signed_in, programme):
    line = BudgetLine.objects.create(programme=programme, what="Bahan", planned=900)

    assert "Rp900" in signed_in.get(f"{programme.get_absolute_url()}anggaran/").content.decode()
    assert signed_in.get(line.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("how", ["leaves", "closes", "unticked"])
def test_whose_family_is_gone_leads_nobody(signed_in, family, programme, koordinator, how):
    chair, other = join(family, programme), join(HouseholdFactory(pendamping=family.pendamping), programme)
    group = make_business(programme, [chair, other], chair=chair)
    if how == "leaves":
        end(chair)
    elif how == "closes":
        close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="")
    else:
        data = {"op_id": str(uuid7()), "name": "Dapur", "product": "Kue", "formed_on": TODAY.isoformat()}
        data |= {"shown": [str(chair.pk)], "members": [], "chair": str(chair.pk)}
        signed_in.post(group.get_absolute_url(), data)

    group.refresh_from_db()
    assert group.chair is None
    if how == "leaves":
        assert "Ketuanya keluarga" not in signed_in.get(group.get_absolute_url()).content.decode()


def test_the_chair_of_a_colleague_stays(signed_in, family, programme):
    theirs = join(HouseholdFactory(), programme)
    join(family, programme)
    group = make_business(programme, [theirs], chair=theirs)
    assert "Ketuanya keluarga" in signed_in.get(group.get_absolute_url()).content.decode()
    data = {"op_id": str(uuid7()), "name": "Baru", "product": "Kue", "formed_on": TODAY.isoformat()}
    signed_in.post(group.get_absolute_url(), data)

    group.refresh_from_db()
    assert (group.name, group.chair) == ("Baru", theirs)
