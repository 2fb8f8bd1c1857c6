"""Every number of the data quality page opens as many rows as it says, and every row leads to its mend."""

from datetime import timedelta

import pytest
from django.urls import reverse

from kpm.models import Household, Member, MemberComponent
from kpm.quality import RULES
from tests.factories import HouseholdFactory, MemberFactory, UserFactory, component, nik, no_kk
from tests.queries import count_queries
from wilayah.clock import local_today

pytestmark = pytest.mark.django_db
PAGE = "/kpm/mutu-data/"
BANDUNG = "3273"


def numbers_on(client, user, **query):
    client.force_login(user)
    context = client.get(PAGE, query).context
    return {rule.slug: number for rule, number, _ in context["open"]} | {
        rule.slug: 0 for rule in context["done"]
    }


def rows_of(client, user, slug, **query):
    client.force_login(user)
    page = client.get(f"{PAGE}{slug}/", query).context["page"]
    rows = page.rows
    while page.next_url:
        page = client.get(page.next_url).context["page"]
        rows = rows + page.rows
    return rows


@pytest.fixture
def today(pendamping):
    return local_today(pendamping.wilayah_id)


@pytest.fixture
def faulty(pendamping, today):
    """Each rule named by at least one family: {slug: name of such a family}."""
    twins = [
        HouseholdFactory(pendamping=pendamping, name=f"KK kembar {n}", no_kk=no_kk(777)) for n in range(2)
    ]
    same = [HouseholdFactory(pendamping=pendamping, name=f"NIK kembar {n}") for n in range(2)]
    for one in same:
        MemberFactory(household=one, nik=nik(9))
    old = HouseholdFactory(pendamping=pendamping, name="SD 25 tahun")
    pupil = MemberFactory(household=old, name="Dadan", birth_date=today - timedelta(25 * 366))
    MemberComponent.objects.create(
        household=old, member=pupil, component=component("sd"), from_on=today - timedelta(400)
    )
    nowhere = HouseholdFactory(pendamping=pendamping, name="Tanpa tempat", rt=None, rw=None)
    unborn = HouseholdFactory(pendamping=pendamping, name="Tanpa tanggal lahir")
    Member.objects.filter(household=unborn).update(birth_date=None)
    left = UserFactory(wilayah_id=pendamping.wilayah_id, is_active=False)
    held = HouseholdFactory(pendamping=left, name="Pemegang nonaktif")
    return {
        "pemegang-nonaktif": held,
        "no-kk-kembar": twins[0],
        "nik-kembar": same[0],
        "pengurus-tanpa-nik": twins[0],
        "anggota-tanpa-nik": twins[0],
        "anggota-tanpa-tanggal-lahir": unborn,
        "umur-tidak-cocok": old,
        "tanpa-ahli-waris": old,
        "belum-dikunjungi": twins[0],
        "tanpa-kelompok": twins[0],
        "tanpa-hp": twins[0],
        "tanpa-titik": nowhere,
        "tanpa-tempat": nowhere,
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_the_number_is_that_of_the_rows_and_each_row_has_its_mend(
    client, faulty, koordinator, pendamping, rule
):
    for user in (koordinator, pendamping):
        rows = rows_of(client, user, rule.slug)
        assert numbers_on(client, user)[rule.slug] == len(rows)
        for family in rows:
            assert family.faults
            for _, url in family.faults:
                assert client.get(url.split("#")[0]).status_code == 200
                if "#" in url:
                    assert f'id="{url.split("#")[1]}"' in client.get(url.split("#")[0]).content.decode()
    assert faulty[rule.slug] in rows_of(client, koordinator, rule.slug)


def test_every_rule_is_tried(faulty):
    assert faulty.keys() == {rule.slug for rule in RULES}


def test_a_fitting_age_is_not_odd(client, pendamping, today):
    family = HouseholdFactory(pendamping=pendamping)
    for code, years in (("sd", 9), ("anak_usia_dini", 3), ("lansia", 71), ("smp", 13), ("sma", 17)):
        person = MemberFactory(household=family, birth_date=today - timedelta(years * 366))
        MemberComponent.objects.create(
            household=family, member=person, component=component(code), from_on=today - timedelta(9)
        )
    assert numbers_on(client, pendamping)["umur-tidak-cocok"] == 0


@pytest.mark.parametrize(("code", "years"), [("anak_usia_dini", 9), ("lansia", 40), ("sd", 2)])
def test_an_odd_age_is_named(client, pendamping, today, code, years):
    person = MemberFactory(
        household=HouseholdFactory(pendamping=pendamping), birth_date=today - timedelta(years * 366)
    )
    MemberComponent.objects.create(
        household=person.household, member=person, component=component(code), from_on=today - timedelta(9)
    )
    (row,) = rows_of(client, pendamping, "umur-tidak-cocok")
    assert (
        str(years) in row.faults[0][0]
        and reverse("kpm:member_edit", args=[row.case_number, person.pk]) in (row.faults[0][1])
    )


def test_families_of_others_and_of_the_past_are_not_counted(client, faulty):
    stranger = UserFactory(wilayah_id="3273161003")
    HouseholdFactory(pendamping=stranger, status="nonaktif")
    assert not any(numbers_on(client, stranger).values())
    assert rows_of(client, stranger, "tanpa-hp") == []


def test_a_koordinator_narrows_to_an_area_or_a_pendamping(client, faulty, koordinator, pendamping):
    everyone = numbers_on(client, koordinator)["tanpa-hp"]
    assert numbers_on(client, koordinator, pendamping=pendamping.pk)["tanpa-hp"] == everyone - 1
    assert numbers_on(client, koordinator, wilayah=pendamping.wilayah_id)["tanpa-hp"] == everyone
    assert numbers_on(client, koordinator, wilayah="3201")["tanpa-hp"] == 0
    assert len(rows_of(client, koordinator, "tanpa-hp", pendamping=pendamping.pk)) == everyone - 1


def test_numbers_cost_a_statement_a_rule_and_rows_the_same_for_any_number(client, faulty, koordinator):
    client.force_login(koordinator)
    with count_queries() as queries:
        client.get(PAGE)
    about_people = sum(rule.of_people is not None for rule in RULES)
    assert sum("kpm_household" in query for query in queries) == 1 + about_people
    with count_queries() as queries:
        client.get(f"{PAGE}anggota-tanpa-nik/")
    few = len(queries)
    for _ in range(9):
        HouseholdFactory(pendamping=Household.objects.first().pendamping)
    with count_queries() as queries:
        client.get(f"{PAGE}anggota-tanpa-nik/")
    assert len(queries) == few <= 3


def test_another_rule_is_not_there(client, pendamping):
    client.force_login(pendamping)
    assert client.get(f"{PAGE}lain/").status_code == 404
